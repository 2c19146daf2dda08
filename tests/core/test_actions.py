from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.actions import Action, AnswerGap, Choose, CloseGap, Forget, Look, MergeGap, Rate, Share, decode, encode
from bot.core.errors import ActionError

NUMBERS = st.integers(0, 2**53)
ENTRIES = st.from_regex(r"[a-z]{1,10}/[a-z-]{1,30}", fullmatch=True)
ACTIONS = st.one_of(
    st.builds(Choose, NUMBERS, ENTRIES | st.just("")),
    st.builds(Rate, NUMBERS, st.booleans()),
    st.builds(Share, NUMBERS),
    st.builds(Look, ENTRIES),
    st.builds(CloseGap, NUMBERS, st.sampled_from(["answered", "duplicate", "outside"])),
    st.builds(AnswerGap, NUMBERS, ENTRIES | st.just("")),
    st.builds(MergeGap, NUMBERS, NUMBERS),
    st.builds(Forget),
)


@given(ACTIONS)
def test_an_action_comes_back_as_it_was(action: Action) -> None:
    assert decode(encode(action)) == action


@given(ACTIONS)
def test_an_action_fits_into_the_smallest_of_the_platforms_values(action: Action) -> None:
    assert len(encode(action)) <= 100  # of Slack's 2,000 and Mattermost's context


def test_the_words_that_messages_bear_already_never_change() -> None:
    assert [
        encode(action)
        for action in (
            Choose(7, "guide/language"),
            Choose(7),
            Rate(7, useful=True),
            Rate(7, useful=False),
            Share(7),
            Look("contact/lyon"),
            CloseGap(3, "answered"),
            AnswerGap(3, "guide/language"),
            MergeGap(3, 7),
            Forget(),
        )
    ] == [
        "choose|7|guide/language",
        "choose|7|",
        "rate|7|1",
        "rate|7|0",
        "share|7",
        "look|contact/lyon",
        "close-gap|3|answered",
        "answer-gap|3|guide/language",
        "merge-gap|3|7",
        "forget",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|",
        "unknown",
        "choose",
        "choose|7",
        "choose|seven|guide/language",
        "choose|7|a|b",
        "rate|7|yes",
        "rate|7|",
        "share|",
        "share|7|8",
        "forget|",
        "close-gap|3",
        "Choose|7|",
        "\x00|\ud800",
    ],
)
def test_what_this_bot_never_wrote_is_refused(text: str) -> None:
    with pytest.raises(ActionError, match="not an action of this bot"):
        decode(text)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_an_action_or_refused(text: str) -> None:
    try:
        action = decode(text)
    except ActionError as error:
        assert len(str(error)) < 900  # noqa: PT017 - most texts are refused, and none breaks the message
    else:
        assert decode(encode(action)) == action
