from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import LONGEST, capitalised, clean, fold, grams, mask, stem, tokens

ANYTHING = st.text(st.characters(exclude_categories=()))


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Réserve", "reserve"),
            ("ŒUVRE", "oeuvre"),
            ("vis-à-vis", "vis-a-vis"),
            ("l’été", "l'ete"),
            ("cœur et læticia", "coeur et laeticia"),
            ("ＦＵＬＬ", "full"),
            ("𝗚𝗿𝗮𝘀", "gras"),  # bold letters, as people paste them from social media
            ("Straße", "strasse"),
            ("", ""),
        ],
    )
    def test_leaves_small_plain_letters(self, text: str, expected: str) -> None:
        assert fold(text) == expected

    @given(ANYTHING)
    def test_of_what_is_folded_changes_nothing(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Qu'est-ce qu’un tweet ?", ["est", "ce", "un", "tweet"]),
            ("l'Inserm, d'abord", ["inserm", "abord"]),
            ("aujourd'hui", ["aujourd", "hui"]),
            ("lorsqu'on publie", ["on", "publie"]),
            ("#Inserm et @presse", ["#", "inserm", "et", "@", "presse"]),
            ("voir https://x.com/a/b?c=1 là", ["voir", "link", "la"]),
            ("WWW.inserm.fr", ["link"]),
            ("280 caractères", ["280", "caracteres"]),
            ("?!… 🙂", []),
            ("don't", ["don", "t"]),
        ],
    )
    def test_are_split_at_signs_and_elisions(self, text: str, expected: list[str]) -> None:
        assert tokens(text) == expected

    @given(ANYTHING)
    def test_of_any_text_are_plain(self, text: str) -> None:
        for word in tokens(clean(text)):
            assert word in {"#", "@"} or (word.isascii() and word.isalnum() and word == word.lower())

    @pytest.mark.parametrize(
        ("one", "other"), [("publiés", "publie"), ("comments", "comment"), ("réseaux", "réseau"), ("posting", "posts")]
    )
    def test_meet_their_inflections_in_one_stem(self, one: str, other: str) -> None:
        assert stem(fold(one)) == stem(fold(other))

    def test_of_three_letters_are_their_own_stem(self) -> None:
        assert [stem(word) for word in ("son", "les", "rss")] == ["son", "les", "rss"]

    def test_have_runs_of_letters_with_marked_ends(self) -> None:
        assert grams("mur") == {"^mu", "mur", "ur$"}
        assert grams("a", size=4) == {"^a$"}


class TestCapitals:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("au CHU d'Angers", {"angers"}),
            ("The lab in Nancy, or Épinal", {"nancy", "epinal"}),
            ("Tours. Nice ! Angers", set()),
            ("QUI EST LE CONTACT À NICE", set()),
            ("iPhone et LinkedIn", set()),
            ("Nancy : qui appeler ?", {"nancy"}),
            ("Nice, thanks", set()),
            ("(Nice) comme «\u202fNice\u202f»", set()),
            ("", set()),
        ],
    )
    def test_are_seen_within_a_sentence_on_words_that_are_not_all_capitals(self, text: str, expected: set[str]) -> None:
        assert capitalised(text) == expected


class TestMasking:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("écris à jean.dupont@inserm.fr vite", "écris à [mail] vite"),
            ("a+b@sub.example.co.uk", "[mail]"),
            ("appelle le 06 12 34 56 78", "appelle le [tél.]"),
            ("appelle le 0612345678.", "appelle le [tél.]."),
            ("+33 (0)1 44 23 60 97", "[tél.]"),
            ("0033 1.44.23.60.97 svp", "[tél.] svp"),
            ("06-12-34-56-78", "[tél.]"),
            ("mon n° est 2 85 05 78 006 084 36", "mon n° est [n° SS]"),
            ("185057800608436", "[n° SS]"),
            ("né en Corse : 1 85 05 2A 006 084 36", "né en Corse : [n° SS]"),
            ("le guide de 2016, p. 18-19", "le guide de 2016, p. 18-19"),
            ("280 caractères et 1 000 abonnés", "280 caractères et 1 000 abonnés"),
            ("@inserm #science", "@inserm #science"),
        ],
    )
    def test_replaces_what_tells_who_somebody_is(self, text: str, expected: str) -> None:
        assert mask(text) == expected

    @given(
        st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{2,8}\.(fr|org)", fullmatch=True),
        st.from_regex(r"0[1-9]( ?[0-9]{2}){4}", fullmatch=True),
    )
    def test_leaves_no_address_or_number(self, mail: str, phone: str) -> None:
        masked = mask(f"Je suis {mail}, au {phone}, merci")
        assert mail not in masked
        assert phone not in masked

    @given(ANYTHING)
    def test_of_what_is_masked_changes_nothing(self, text: str) -> None:
        assert mask(mask(text)) == mask(text)


class TestCleaning:
    @given(ANYTHING)
    def test_leaves_no_control_character_or_surrogate(self, text: str) -> None:
        left = {char for char in clean(text) if unicodedata.category(char) in {"Cc", "Cs"}}
        assert left <= {"\t", "\n"}

    @given(ANYTHING)
    def test_of_what_is_clean_changes_nothing(self, text: str) -> None:
        assert clean(clean(text)) == clean(text)

    @given(st.integers(0, 3), st.integers(LONGEST - 3, LONGEST + 3))
    def test_leaves_no_blank_where_it_cuts(self, blanks: int, length: int) -> None:
        cut = clean(" " * blanks + "a" * (length - 1) + " b")
        assert cut == cut.strip() == clean(cut)

    @pytest.mark.parametrize(
        "mark", ["\u202e", "\u200f", "\u2066", "\ufeff", "\u061c", "\u2028", "\x00", "\x1b", "\x9b"]
    )
    def test_takes_away_what_turns_or_breaks_a_line(self, mark: str) -> None:
        assert clean(f"a{mark}b") == "a b"

    def test_keeps_lines_and_accents(self) -> None:
        assert clean("  Où ?\n\tIci.  ") == "Où ?\n\tIci."

    def test_cuts_what_nobody_reads(self) -> None:
        assert clean("x" * 40_000) == "x" * LONGEST
