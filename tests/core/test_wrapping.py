from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answers import Outcome
from bot.core.assistant import Assistant
from bot.core.knowledge import Wrapping
from bot.core.text import tokens
from bot.core.wrapping import Unwrapper

UNWRAPPER = Unwrapper(Wrapping(("Bonjour", "Bonjour à tous", "dear all"), ("merci", "bonne journée", "thank you")))


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("Bonjour, c'est quoi un fil", "est quoi un fil"),
        ("Bonjour à tous ! Qui modère la page ? Merci, et bonne journée !", "qui modere la page"),
        ("dear all and bonjour, who moderates it? thank you", "who moderates it"),
        ("qui modère la page ? merci merci", "qui modere la page"),
        ("merci de me dire qui modère", "merci de me dire qui modere"),
        ("qui dit bonjour à tous en premier", "qui dit bonjour a tous en premier"),
        ("bonjour le bot, merci", "bonjour le bot merci"),
        ("bonjour et merci", "bonjour et merci"),
        ("bonjour et qui modère", "et qui modere"),
        ("", ""),
    ],
)
def test_set_phrases_come_off_both_ends_while_three_words_are_left(text: str, asking: str) -> None:
    assert " ".join(UNWRAPPER.asking(tokens(text))) == asking


def test_without_set_phrases_all_words_ask() -> None:
    assert Unwrapper(Wrapping()).asking(["bonjour", "qui", "es", "tu"]) == ("bonjour", "qui", "es", "tu")


@given(st.lists(st.sampled_from(["bonjour", "a", "tous", "et", "merci", "bonne", "journee", "qui", "modere"])))
def test_what_asks_is_a_run_of_the_words(words: list[str]) -> None:
    asking = UNWRAPPER.asking(words)
    runs = {tuple(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
    assert asking in runs | {()}
    assert bool(asking) == bool(words)


FRENCH = [
    "c'est quoi un hashtag ?",
    "qui est le contact com à Lille ?",
    "peut-on rester anonyme sur les réseaux ?",
    "combien de caractères pour un post LinkedIn ?",
    "je viens de voir un tweet qui accuse l'Inserm de fraude",
]
ENGLISH = [
    "who is the Lyon comm contact?",
    "do I have to post in French?",
    "who is the HR contact in Lyon?",
]


@pytest.mark.parametrize("question", [*FRENCH, *ENGLISH])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Bonjour, ", " Merci"),
        ("bonjour à toutes et à tous, ", " merci beaucoup et bonne journée !"),
        ("Désolée de vous déranger. Petite question : ", " Bien cordialement"),
        ("slt ", " stp"),
        ("Merci d'avance : ", ""),
        ("Dear all, hope you're well. ", " Many thanks and best regards"),
        ("Hi there! ", " Thanks in advance, have a nice day"),
    ],
)
def test_courtesy_changes_no_answer(assistant: Assistant, question: str, before: str, after: str) -> None:
    (plain,) = assistant.answer(question)
    (wrapped,) = assistant.answer(before + question + after)
    assert (wrapped.outcome, wrapped.entries) == (plain.outcome, plain.entries)


@pytest.mark.parametrize(
    "text",
    ["Bonjour à tous", "merci beaucoup et bonne journée", "Parfait, merci !", "got it, thanks", "Hi there, thanks"],
)
def test_courtesies_alone_are_answered_as_such(assistant: Assistant, text: str) -> None:
    (answer,) = assistant.answer(text)
    assert answer.outcome is Outcome.SMALLTALK


@pytest.mark.parametrize(
    ("told", "questions"),
    [
        ("Je suis doctorante dans une unité.", FRENCH),
        ("Ma cheffe m'a posé la question ce matin.", FRENCH),
        ("I'm an engineer and quite new to all this.", ENGLISH),
        ("We had a long argument over lunch.", ENGLISH),
    ],
)
def test_what_is_told_before_changes_no_answer(assistant: Assistant, told: str, questions: list[str]) -> None:
    for question in questions:
        (plain,) = assistant.answer(question)
        (after,) = assistant.answer(f"{told} {question}")
        assert (after.outcome, after.entries[:1]) == (plain.outcome, plain.entries[:1]), question
