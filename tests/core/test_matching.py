from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answers import Language, Person
from bot.core.asked import ANY_PLACE, OUTSIDE, kind_of
from bot.core.bodies import BODY
from bot.core.design import WEIGHTS, design
from bot.core.errors import KnowledgeError
from bot.core.index import SIGNALS, Found, Index, Name, Phrasing
from bot.core.knowledge import Courtesy, Entry, Gazetteer, Knowledge, Phrasings, Place, Topic, Town
from bot.core.matching import Fit, Match, Matcher, Ranked, proposed
from bot.core.reading import Reading
from bot.core.text import LONGEST, tokens
from tests.fakes.shipped import shipped_knowledge

BOTH: Mapping[Language, str] = {"fr": "…", "en": "…"}
LEFORT = Person("Patricia Lefort", "patricia.lefort@inserm.fr", "04 72 13 88 04")


def entry(name: str, french: tuple[str, ...], english: tuple[str, ...] = (), **more: object) -> Entry:
    made = Entry(name, BOTH, BOTH, "1", BOTH, {"fr": french, "en": english})
    return replace(made, **more)  # type: ignore[arg-type]


ENTRIES = (
    entry(
        "guide/language",
        ("dans quelle langue écrire", "faut-il traduire ses messages", "français ou anglais pour mes publications"),
        ("which language should I write in", "do I have to translate my posts", "English or French for my posts"),
    ),
    entry(
        "guide/comments",
        ("comment répondre aux critiques", "on m'insulte sous ma publication", "que faire des remarques agressives"),
        ("how to reply to criticism", "people insult me under my post", "what to do about nasty remarks"),
    ),
    entry(
        "glossary/hashtag",
        ("c'est quoi un mot-dièse", "définition de hashtag", "à quoi sert le dièse"),
        ("what is a hashtag", "meaning of the pound sign", "define hashtag"),
    ),
    entry("contact/regional-list", ("tous les contacts en région",), ("all the regional contacts",)),
    entry("contact/lyon", ("le numéro de Patricia Lefort",), ("Lefort's email",), people=(LEFORT,), serves=BOTH),
)
TOPIC = Topic("outside/printer", BOTH, {"fr": ("mon imprimante est en panne",), "en": ("the printer is broken",)})
HELLO = Courtesy("smalltalk/hello", BOTH, {"fr": ("bonjour", "salut"), "en": ("hello", "hi there")})
REPORT = Courtesy("report", BOTH, {"fr": ("je viens de voir un tweet qui nous salit",), "en": ("a tweet smears us",)})
WAYS: Phrasings = {"fr": ("qui contacter à {place}", "contact {place}"), "en": ("who is the contact in {place}",)}
PLACES = (
    Place("place/lyon", "seat", {"fr": "Lyon", "en": "Lyons"}, ("contact/lyon",), ()),
    Place("place/isere", "département", {"fr": "Isère", "en": "Isère"}, ("contact/lyon",), (), number="38"),
    Place("place/tokyo", "abroad", {"fr": "Tokyo", "en": "Tokyo"}, (), ()),
)


def small(*entries: Entry) -> Knowledge:
    return Knowledge(
        edition="2016",
        entries={one.id: one for one in entries or ENTRIES},
        topics={TOPIC.id: TOPIC},
        courtesies={HELLO.id: HELLO},
        report=REPORT,
        ways=WAYS,
        gazetteer=Gazetteer(PLACES, (Town("Grenoble", "38", 158_000),)),
        messages={},
        fit=shipped_knowledge().fit,
    )


@cache
def small_matcher() -> Matcher:
    return Matcher.over(small())


@pytest.fixture
def matcher() -> Matcher:
    return small_matcher()


def best(match: Match) -> str:
    """What is likeliest: an id, or nothing that the guide answers."""
    return match.ranked[0].id if match.ranked and match.ranked[0].probability >= match.outside else OUTSIDE


def total(match: Match) -> float:
    return sum(option.probability for option in match.ranked) + match.outside


class TestAMatch:
    def test_finds_every_phrasing_itself_first(self, matcher: Matcher) -> None:
        for bearer, _, text in small().asked():
            match = matcher.match(text)
            if bearer == TOPIC.id:
                assert best(match) == OUTSIDE, text
                assert match.topic == bearer
            else:
                assert match.ranked[0].id == bearer, text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("dans qelle langue ecrire", "guide/language"),
            ("WHICH LANGAUGE SHOULD I WRITE IN???", "guide/language"),
            ("c koi un hashtga", "glossary/hashtag"),
            ("définitions des hashtags", "glossary/hashtag"),
            ("how to reply to critisism", "guide/comments"),
            ("des remarques agressives, que faire", "guide/comments"),
        ],
    )
    def test_survives_misspellings_inflections_and_another_order(
        self, matcher: Matcher, text: str, expected: str
    ) -> None:
        assert matcher.match(text).ranked[0].id == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("qui contacter à Lyon", "contact/lyon"),
            ("contact Grenoble", "contact/lyon"),
            ("who is the contact in Isère", "contact/lyon"),
            ("qui contacter à Tokyo", OUTSIDE),
            ("le mail de Mme Lefort", "contact/lyon"),
            ("le numéro de patricia.lefort@inserm.fr", "contact/lyon"),
        ],
    )
    def test_takes_a_place_or_a_person_for_the_contact(self, matcher: Matcher, text: str, expected: str) -> None:
        assert best(matcher.match(text)) == expected

    def test_of_a_place_without_a_contact_knows_that_it_is_elsewhere(self, matcher: Matcher) -> None:
        assert matcher.match("qui contacter à Tokyo").topic == "outside/elsewhere"

    @pytest.mark.parametrize("text", ["xylophone zébré", "???", "", "42"])
    def test_of_unknown_words_is_nothing(self, matcher: Matcher, text: str) -> None:
        match = matcher.match(text)
        assert best(match) == OUTSIDE
        assert match.topic == ""

    def test_of_a_contact_s_phrasing_without_name_or_place_is_that_contact(self) -> None:
        lyon = entry("contact/lyon", ("la dame des kakémonos", "mail Lefort"), people=(LEFORT,), serves=BOTH)
        matcher = Matcher.over(small(*(one for one in ENTRIES if one.id != lyon.id), lyon))
        assert best(matcher.match("la dame des kakémonos")) == lyon.id
        assert lyon.id in {option.id for option in matcher.match("la dame aux kakémonos, qui est-ce ?").ranked}

    def test_rests_on_phrasings_alone(self) -> None:
        question = "do I have to translate my posts"
        language, *others = ENTRIES
        poorer = replace(language, phrasings={"fr": ("dans quelle langue écrire",), "en": ()})
        before = Matcher.over(small(language, *others)).match(question)
        after = Matcher.over(small(poorer, *others)).match(question)
        assert best(before) == "guide/language"
        assert best(after) != "guide/language"
        assert after.outside > before.outside

    def test_tells_which_phrasing_came_nearest(self, matcher: Matcher) -> None:
        assert matcher.match("what's a hashtag?").ranked[0].phrasing == "what is a hashtag"

    def test_is_the_same_each_time(self, matcher: Matcher) -> None:
        assert matcher.match("une remarque sur ma langue") == matcher.match("une remarque sur ma langue")

    @pytest.mark.parametrize(
        "text",
        [
            "\x00" * 50,
            "\ud800 lone \udfff",
            "\u202eobnoc elbisiver\u202c",
            "<!channel> <script>alert(1)</script> [x](javascript:1)",
            "=HYPERLINK('x')",
            "{place} {place} {0} %s {__class__}",
            "a" * LONGEST,
            "qui " * (LONGEST // 4),
            "& * [anchor] !!python/object:os.system",
            "12345 " * 100,
            "\n\t\r",
            "🙂" * 300,
            "ﷺ" * 300,
        ],
    )
    def test_of_something_hostile_is_a_match_like_any_other(self, matcher: Matcher, text: str) -> None:
        assert total(matcher.match(text)) == pytest.approx(1)

    @given(text=st.text(st.characters(exclude_categories=()), max_size=200))
    def test_shares_out_a_probability_of_one(self, text: str) -> None:
        match = small_matcher().match(text)
        assert total(match) == pytest.approx(1)
        assert all(0 <= option.probability <= 1 for option in (*match.ranked, *match.topics))
        assert match.outside >= -1e-9

    @given(st.lists(st.sampled_from([word for _, _, text in small().asked() for word in text.split()]), max_size=12))
    def test_of_any_mixture_of_known_words_is_sorted_and_without_doubles(self, words: list[str]) -> None:
        match = small_matcher().match(" ".join(words))
        likely = [option.probability for option in match.ranked]
        assert likely == sorted(likely, reverse=True)
        assert len({option.id for option in match.ranked}) == len(match.ranked)
        assert total(match) == pytest.approx(1)


class TestTheDesign:
    @pytest.mark.parametrize(("named", "beside"), [("cnrs", 0.0), (BODY, 1.0)])
    def test_marks_each_kind_of_candidate_where_another_body_is_named(self, named: str, beside: float) -> None:
        words = {"guide/a": "page", "report": "page", ANY_PLACE: "page", "outside/b": "page"}
        rows = design(index(**words).find(["page", named]))
        marked = dict.fromkeys(("guide", "contact", "report", "glossary"), 0.0)
        for kind in marked:
            marked[kind] = float(rows[:, WEIGHTS.index(f"{kind} beside another body")].sum())
        assert marked == {"guide": beside, "contact": beside, "report": beside, "glossary": 0.0}
        assert rows[-1, WEIGHTS.index("names another body")] == beside

    @pytest.mark.parametrize(("named", "ours"), [("cnrs", 0.0), ("inserm", 1.0)])
    def test_marks_each_kind_of_candidate_where_the_institute_is_named(self, named: str, ours: float) -> None:
        rows = design(index(**{"guide/a": "page", "report": "page", "not-report/b": "page"}).find(["page", named]))
        kinds = ("guide", "report", "outside")
        assert [rows[:, WEIGHTS.index(f"{kind} about us")].sum() for kind in kinds] == [ours] * 3
        assert rows[-1, WEIGHTS.index("names us")] == ours


class TestTheFit:
    def test_of_another_version_is_refused(self) -> None:
        with pytest.raises(KnowledgeError, match="guidebot knowledge fit"):
            Fit.read({"weights": {"odds": 1.0}})
        with pytest.raises(KnowledgeError, match="guidebot knowledge fit"):
            Fit.read({})

    def test_that_is_shipped_can_be_read(self) -> None:
        fit = Fit.read(shipped_knowledge().fit)
        assert fit.cost >= 1  # a wrong answer never costs less than a right one gives
        assert fit.temperature > 0


def index(**phrasings: str) -> Index:
    return Index(
        Phrasing(bearer, text, tuple(tokens(text))) for bearer, texts in phrasings.items() for text in texts.split("|")
    )


def signal(found: Found, name: str) -> list[float]:
    values: list[float] = found.signals[:, SIGNALS.index(name)].tolist()
    return values


class TestTheIndex:
    def test_proposes_only_what_shares_a_word(self) -> None:
        found = index(a="blue sky|grey cloud", b="green grass", c="deep sea").find(["blue", "grass"])
        assert {candidate.bearer for candidate in found.candidates} == {"a", "b"}

    def test_knows_a_misspelt_word(self) -> None:
        found = index(a="translate messages", b="delete account").find(["mesages"])
        assert found.words == ("messages",)
        assert {candidate.bearer for candidate in found.candidates} == {"a"}
        assert found.unknown == 0

    def test_tells_how_much_of_a_question_it_doesn_t_know(self) -> None:
        shelf = index(a="blue sky", b="green grass")
        assert shelf.find(["blue", "sky"]).unknown == 0
        assert 0 < shelf.find(["blue", "xylophone"]).unknown < 1
        assert shelf.find(["xylophone"]).unknown == 1

    def test_proposes_nothing_for_nothing(self) -> None:
        assert index(a="blue sky").find([]).candidates == ()
        assert index().find(["blue"]).candidates == ()

    def test_says_which_phrasing_came_nearest(self) -> None:
        (candidate,) = index(a="a blue sky|a grey cloud").find(["grey", "clouds"]).candidates
        assert candidate.phrasing == "a grey cloud"

    def test_gives_the_words_that_decided(self) -> None:
        shelf = index(a="the blue sky", b="the green grass", c="the deep sea")
        assert shelf.deciding(["the", "blue", "thing"], "a")[0].startswith("blu")  # a stem
        assert shelf.deciding(["thing"], "a") == []

    def test_lets_rare_words_speak_louder(self) -> None:
        shelf = index(a="the blue sky|the blue wall", b="the green sky|the green wall|the green roof")
        found = shelf.find(["the", "blue", "roof"])
        odds = dict(zip([one.bearer for one in found.candidates], signal(found, "odds"), strict=True))
        assert odds["a"] > odds["b"]

    @pytest.mark.parametrize(
        ("words", "called"),
        [(["a", "tag", "seen"], {"a"}), (["the", "tags", "today"], {"a"}), (["tag", "blue"], {"b"})],
    )
    def test_sees_a_bearer_called_by_name_and_of_two_names_in_one_the_longer(
        self, words: list[str], called: set[str]
    ) -> None:
        phrasings = [Phrasing("a", "", ("a", "tag", "seen")), Phrasing("b", "", ("tag", "blue", "today"))]
        found = Index(phrasings, [Name("a", ("tag",)), Name("b", ("tag", "blue")), Name("c", ("seen",))]).find(words)
        named = dict(zip([one.bearer for one in found.candidates], signal(found, "named"), strict=True))
        assert {bearer for bearer, value in named.items() if value} == called

    def test_gives_the_rarest_word_to_whom_it_belongs_however_many_phrasings_others_have(self) -> None:
        shelf = index(a="rain today", b="|".join(["the rain of words", *(f"words {n}" for n in range(19))]))
        found = shelf.find(["words", "rain"])
        owned = dict(zip([one.bearer for one in found.candidates], signal(found, "owned"), strict=True))
        assert owned["a"] == pytest.approx(20 / 21)
        assert owned["b"] == pytest.approx(1 / 21)

    def test_looks_closely_at_eight_however_many_share_a_word(self) -> None:
        many = Index(Phrasing(f"b{n % 50}", "", ("same", f"w{n}")) for n in range(8_000))
        found = many.find(["same", "w7"])
        assert len(found.candidates) == 8
        assert "b7" in {candidate.bearer for candidate in found.candidates}


class TestATextOfSeveralSentences:
    def test_is_read_by_the_one_that_asks_where_the_whole_leaves_a_doubt(self, matcher: Matcher) -> None:
        told = "My critical posts are in English."
        whole = matcher.matched(
            reading := matcher.reader.read(f"{told} What is a hashtag?"), matcher.index.find(reading.asking)
        )
        match = matcher.match(f"{told} What is a hashtag?")
        assert best(whole) == OUTSIDE
        assert best(match) == "glossary/hashtag"
        assert match.sureness > whole.sureness

    def test_is_read_as_a_whole_where_its_place_stands_in_another_one(self, matcher: Matcher) -> None:
        readings = [
            reading for reading, _ in proposed(matcher.reader, matcher.index, "I work in Lyon. Who is the contact?")
        ]
        assert [[place.name for place in reading.places] for reading in readings] == [["Lyon"]]
        assert best(matcher.match("I work in Lyon. Who is the contact?")) == "contact/lyon"

    def test_is_not_read_again_by_a_few_words(self, matcher: Matcher) -> None:
        assert len(list(proposed(matcher.reader, matcher.index, "I work in Lyon. Really?"))) == 1

    def test_stays_a_report_whatever_its_last_sentence_says(self, matcher: Matcher) -> None:
        def never() -> Iterator[tuple[Reading, Found]]:
            yield (told := matcher.reader.read("a tweet smears us")), matcher.index.find(told.asking)
            raise AssertionError("a report was read again")

        assert matcher.surest(never()).reports


def test_a_person_s_braces_leave_no_place_open(matcher: Matcher) -> None:
    assert matcher.match("qui contacter à {place}").words == ("qui", "contacter", "a", "place")


def test_a_bearer_s_kind_is_what_stands_before_the_bar() -> None:
    assert [kind_of(name) for name in ("guide/language", "report", "contact/{place}")] == ["guide", "report", "contact"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Salut !", "smalltalk/hello"),
        ("define hashtag", "glossary/hashtag"),
        ("define the hashtag", "glossary/hashtag"),
        ("contact Lyon", "contact/lyon"),
    ],
)
def test_what_somebody_wrote_down_word_for_word_but_for_articles_is_certain(
    matcher: Matcher, text: str, expected: str
) -> None:
    (only,) = matcher.match(text).ranked
    assert (only.id, only.probability) == (expected, 1.0)


def test_what_is_only_near_to_it_is_not(matcher: Matcher) -> None:
    assert all(option.probability < 1 for option in matcher.match("define hashtags now").ranked)


def test_a_topic_s_phrasing_about_one_place_is_not_certain_of_another() -> None:
    museum = replace(TOPIC, id="outside/museum", phrasings={"fr": ("horaires du musée de Lyon",), "en": ()})
    (topic,) = Matcher.over(replace(small(), topics={museum.id: museum})).match("horaires du musée de Grenoble").topics
    assert topic.id == museum.id
    assert topic.probability < 1


@pytest.mark.parametrize(("outside", "named"), [(0.9, "outside/printer"), (0.44, "")])
def test_a_topic_is_named_only_where_nothing_inside_is_as_likely(outside: float, named: str) -> None:
    inside = Ranked("guide/language", 1 - outside, "dans quelle langue écrire", 0.6)
    topic = Ranked("outside/printer", outside, "mon imprimante est en panne", 0.9)
    assert Match((inside,), (topic,), outside, Reading((), ())).topic == named
