"""What is typed instead of pressed, in both languages, under the last answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters import knowledge_files
from bot.core.actions import Action, AnswerGap, Choose, CloseGap, Forget, Look, MergeGap, Rate, Share
from bot.core.answers import LANGUAGES, Outcome
from bot.core.messages import Address
from bot.core.ports import Asked
from bot.core.typed import OPEN_FOR, still_open, understood
from bot.settings import ROOT

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANSWERED = Asked(7, 1, 0, AT, Address("mattermost"), "x", "fr", Outcome.ANSWER, ("guide/language",), 0.9)
CHOOSING = replace(ANSWERED, outcome=Outcome.CHOICES, entries=("a", "b", "c"))
UNANSWERED = replace(ANSWERED, outcome=Outcome.UNANSWERED, entries=())


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("1", Choose(7, "a")),
        (" 3. ", Choose(7, "c")),
        ("#2)", Choose(7, "b")),
        ("Aucun", Choose(7)),
        ("aucun de ces sujets", Choose(7)),
        ("none", Choose(7)),
        ("0", Choose(7)),
        ("4", None),
        ("utile", None),
        ("partager", None),
        ("1 tweet par jour ?", None),
        ("", None),
    ],
)
def test_a_choice_is_made_by_its_number(text: str, action: Action | None) -> None:
    assert understood(text, CHOOSING) == action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("utile", Rate(7, useful=True)),
        ("Utile !", Rate(7, useful=True)),
        ("useful", Rate(7, useful=True)),
        ("pas utile", Rate(7, useful=False)),
        ("PAS  UTILE.", Rate(7, useful=False)),
        ("not useful", Rate(7, useful=False)),
        ("partager", Share(7)),
        ("share", Share(7)),
        ("1", None),
        ("aucun", None),
        ("est-ce utile ?", None),
    ],
)
def test_an_answer_is_rated_and_shared_by_a_word(text: str, action: Action | None) -> None:
    assert understood(text, ANSWERED) == action


def test_what_was_chosen_can_be_rated_and_shared_and_chosen_otherwise() -> None:
    chosen = replace(CHOOSING, chosen="a")
    assert understood("pas utile", chosen) == Rate(7, useful=False)
    assert understood("partager", chosen) == Share(7)
    assert understood("2", chosen) == Choose(7, "b")
    assert understood("utile", replace(CHOOSING, chosen="")) == Rate(7, useful=True)
    assert understood("partager", replace(CHOOSING, chosen="")) is None


def test_what_is_not_answered_can_be_rated_and_not_shared() -> None:
    assert understood("utile", UNANSWERED) == Rate(7, useful=True)
    assert understood("partager", UNANSWERED) is None


def test_entries_that_an_answer_lists_are_looked_at_by_number() -> None:
    offered = [f"contact/{n}" for n in range(1, 10)]
    assert understood("9", ANSWERED, offered) == Look("contact/9")
    assert understood("10", ANSWERED, offered) is None
    assert understood("1", CHOOSING, offered) == Choose(7, "a")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("clore 12 répondue", CloseGap(12, "answered")),
        ("Clore #12 en double", CloseGap(12, "duplicate")),
        ("clore 12 hors sujet", CloseGap(12, "outside")),
        ("close gap 12 answered", CloseGap(12, "answered")),
        ("close 12 outside the guide", CloseGap(12, "outside")),
        ("clore 12 répondue guide/comments", AnswerGap(12, "guide/comments")),
        ("close 12 answered by contact/ile-de-france", AnswerGap(12, "contact/ile-de-france")),
        ("clore 12 répondue autrement", AnswerGap(12, "")),
        ("clore 12 en double de 7", MergeGap(12, 7)),
        ("close #12 duplicate of #7", MergeGap(12, 7)),
        ("clore 12 en double de guide/comments", None),
        ("clore 12 répondue demain", None),
        ("clore 12 demain", None),
        ("clore mon compte", None),
        ("effacer mes données", Forget()),
        ("Erase my data", Forget()),
        ("utile", None),
        ("1", None),
    ],
)
def test_some_words_need_no_question_before_them(text: str, action: Action | None) -> None:
    assert understood(text, None) == action


def test_a_short_word_is_about_the_question_for_ten_minutes() -> None:
    assert still_open(ANSWERED, AT + timedelta(minutes=9))
    assert not still_open(ANSWERED, AT + OPEN_FOR + timedelta(seconds=1))
    assert not still_open(ANSWERED, AT - timedelta(seconds=1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_labels_of_the_buttons_are_understood(language: str) -> None:
    says = {key: texts[language] for key, texts in knowledge_files.load(ROOT / "knowledge").messages.items()}
    assert understood(says["none_of_these"], CHOOSING) == Choose(7)
    assert understood(says["useful"], ANSWERED) == Rate(7, useful=True)
    assert understood(says["not_useful"], ANSWERED) == Rate(7, useful=False)
    assert understood(says["share"], ANSWERED) == Share(7)
    assert understood(says["data_erase"], None) == Forget()
    for how in ("answered", "duplicate", "outside"):
        assert understood(f"clore 3 {says[f'gap_{how}']}", None) == CloseGap(3, how)
    typed, merged = says["mattermost_type_answer"], says["mattermost_type_merge"]
    assert understood(typed.format(gap=3, entry="guide/a-b"), None) == AnswerGap(3, "guide/a-b")
    assert understood(typed.format(gap=3, entry=says["gap_word_otherwise"]), None) == AnswerGap(3, "")
    assert understood(merged.format(gap=3, into=0), None) == MergeGap(3, 0)


@given(st.text())
def test_any_words_are_an_action_or_none(text: str) -> None:
    for asked in (ANSWERED, CHOOSING, UNANSWERED, None):
        understood(text, asked)
