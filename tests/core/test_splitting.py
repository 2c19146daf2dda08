from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.splitting import cuts, last_asking


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Qui contacter à Lyon ? C'est quoi un tweet ?", ["Qui contacter à Lyon ?", "C'est quoi un tweet ?"]),
        ("what is a DM?\nwhat is a wall?", ["what is a DM?", "what is a wall?"]),
        ("Bonjour. C'est quoi un mur ? Qui appeler à Caen ?", ["C'est quoi un mur ?", "Qui appeler à Caen ?"]),
        ("c'est quoi un tweet et qui contacter à Lyon", ["c'est quoi un tweet", "qui contacter à Lyon"]),
        ("define a hashtag and also tell me about walls", ["define a hashtag", "tell me about walls"]),
        ("who is the contact, and what is a DM", ["who is the contact", "what is a DM"]),
    ],
)
def test_a_message_may_be_cut_between_two_questions(text: str, questions: list[str]) -> None:
    assert questions in [pieces for pieces, _ in cuts(text)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "? ! …",
        "et",
        "tweet et hashtag",
        "Andorre ?",
        "qui contacter à Lyon",
        "écrire à presse@inserm.fr ?",
        "que dit le guide p. 18 ?",
        "Je publie souvent. Mon chef aussi. Cela me plaît.",
        "mes collègues et moi publions beaucoup",
    ],
)
def test_what_asks_one_thing_is_not_cut(text: str) -> None:
    assert list(cuts(text)) == []


def test_a_long_story_is_not_cut() -> None:
    assert list(cuts("Que dit le guide ? " * 50)) == []


def test_ways_of_cutting_are_few_however_many_joints_there_are() -> None:
    assert len(list(cuts("qui est là et " * 25))) <= 5


@given(st.text(max_size=400) | st.lists(st.sampled_from(["qui", "est", "et", "?", "and", "a", "\n"])).map(" ".join))
def test_no_cut_invents_a_word_or_changes_their_order(text: str) -> None:
    for pieces, _ in cuts(text):
        assert len(pieces) > 1
        at = 0
        for piece in pieces:
            assert piece.strip()
            at = text.index(piece, at) + len(piece)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Je débute. C'est quoi un fil ?", "C'est quoi un fil ?"),
        ("C'est quoi un fil ? Je débute.", "C'est quoi un fil ?"),
        ("What is a wall? And a tweet? I'm new.", "And a tweet?"),
        ("I'm new here. Tell me what a wall is.", "Tell me what a wall is."),
        ("I'm new here\nwhat is a wall", "what is a wall"),
        ("c'est quoi un fil ?", ""),
        ("", ""),
    ],
)
def test_the_sentence_that_asks_is_the_last_with_a_question_mark_or_the_last(text: str, sentence: str) -> None:
    assert last_asking(text) == sentence
