from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack_text import escape, mentioned, read
from bot.chat.words import clean, shorten


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("<@U0GUIDE> bonjour", "bonjour"),
        ("<@U0GUIDE|guidebot>  qui ?", "qui ?"),
        ("dis <@U0GUIDE> qui ?", "dis qui ?"),
        ("<@U0PAUL|paul> et <@U0LEA>", "@paul et @U0LEA"),
        ("dans <#C0LAB|labo>", "dans #labo"),
        ("<!channel> <!here|@here> <!subteam^S1|@com>", "@channel @here @com"),
        ("<!date^1392734382^{date}|18 février>", "18 février"),
        ("voir <https://x.com/a/status/1?b=1&amp;c=2>", "voir https://x.com/a/status/1?b=1&c=2"),
        ("voir <http://inserm.fr|inserm.fr>", "voir inserm.fr"),
        ("<https://x.com/a|ce tweet>", "ce tweet (https://x.com/a)"),
        ("<mailto:a@inserm.fr|a@inserm.fr> <tel:0472138804|04 72 13 88 04>", "a@inserm.fr 04 72 13 88 04 (0472138804)"),
        ("R&amp;D &lt;b&gt; &amp;lt;", "R&D <b> &lt;"),
        ("a < b > c", "a < b > c"),
        ("", ""),
    ],
)
def test_what_slack_made_of_a_text_is_undone(sent: str, typed: str) -> None:
    assert read(sent, "U0GUIDE") == typed


@given(st.text())
def test_nothing_escaped_can_mention_or_link(text: str) -> None:
    assert "<" not in escape(text)
    assert ">" not in escape(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp"])))
def test_reading_undoes_escaping(text: str) -> None:
    assert read(escape(text)) == text


@given(st.text())
def test_cleaning_leaves_text_that_can_be_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_shortening_keeps_within_the_length(text: str, length: int) -> None:
    assert len(shorten(text, length)) <= length


def test_marks_that_turn_the_direction_are_dropped() -> None:
    assert clean("abc\u202edcba\u2066x") == "abcdcbax"


def test_people_mentioned_are_found() -> None:
    assert mentioned("<@U0PAUL|paul> et <@W0LEA>, pas @U0X") == {"U0PAUL", "W0LEA"}
