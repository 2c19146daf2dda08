from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.answers import Outcome
from bot.core.assistant import Assistant
from bot.core.knowledge import Wrapping
from bot.core.text import capitalised, tokens
from bot.core.wrapping import Unwrapper

UNWRAPPER = Unwrapper(
    Wrapping(("Bonjour", "Bonjour à tous", "dear all"), ("merci", "bonne journée", "thank you"), ("cordialement",))
)


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("Bonjour, c'est quoi un fil", "est quoi un fil"),
        ("Bonjour à tous ! Qui modère la page ? Merci, et bonne journée !", "qui modere la page"),
        ("dear all and bonjour, who moderates it? thank you", "who moderates it"),
        ("qui modère la page ? merci merci", "qui modere la page"),
        ("merci de me dire qui modère", "merci de me dire qui modere"),
        ("qui dit bonjour à tous en premier", "qui dit bonjour a tous en premier"),
        ("bonjour le bot, merci", "le bot"),
        ("qui modère la page ? Cordialement, Jo Martin, unité 1234", "qui modere la page"),
        ("qui modère la page ? Merci et cordialement", "qui modere la page"),
        ("qui modère la page ? Merci, Claire", "qui modere la page"),
        ("dis-moi merci Claire Lambert", "dis moi"),
        ("bonjour et merci", "et"),
        ("bonjour et qui modère", "et qui modere"),
        ("", ""),
    ],
)
def test_set_phrases_and_signatures_come_off_while_anything_is_left(text: str, asking: str) -> None:
    assert " ".join(UNWRAPPER.asking(tokens(text), capitalised(text))) == asking


def test_without_set_phrases_all_words_ask() -> None:
    assert Unwrapper(Wrapping()).asking(["bonjour", "qui", "es", "tu"]) == ("bonjour", "qui", "es", "tu")


@given(st.lists(st.sampled_from(["bonjour", "a", "tous", "et", "merci", "bonne", "journee", "qui", "modere"])))
def test_what_asks_is_a_run_of_the_words(words: list[str]) -> None:
    asking = UNWRAPPER.asking(words)
    runs = {tuple(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
    assert asking in runs | {()}
    assert bool(asking) == bool(words)


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        ("contact Lyon ?", "Bonjour, ", " Merci"),
        ("community manager ?", "Bonjour à tous, ", " Merci d'avance"),
        ("Lyon contact?", "Hello, ", " Thanks"),
        ("le mur", "bonjour ", ""),
        ("Patricia Lefort ?", "Bonsoir, ", " merci"),
        ("qui contacter à Lyon", "Bonjour, ", "\nBien cordialement\nPaul Durand, unité 1234, Bordeaux"),
        ("contact communication de Strasbourg", "", " svp. Merci beaucoup, Claire"),
    ],
)
def test_courtesy_changes_no_answer_to_a_few_words_either(
    assistant: Assistant, question: str, before: str, after: str
) -> None:
    (plain,) = assistant.answer(question)
    (wrapped,) = assistant.answer(before + question + after)
    assert plain.outcome is Outcome.ANSWER
    assert (wrapped.outcome, wrapped.entries[:1]) == (plain.outcome, plain.entries[:1])


def test_a_greeting_is_given_up_for_the_question_behind_it(assistant: Assistant) -> None:
    (answer,) = assistant.answer("Hello everyone, I'm a new PhD student. Who is the Lyon comm contact?")
    assert answer.entries[:1] == ("contact/lyon",)


FRENCH = [
    "c'est quoi un hashtag ?",
    "qui est le contact com à Lille ?",
    "peut-on rester anonyme sur les réseaux ?",
    "combien de caractères pour un post LinkedIn ?",
    "je viens de voir un tweet qui accuse l'Inserm de fraude",
]
ENGLISH = [
    "who is the Lyon comm contact?",
    "what is a hashtag?",
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
        ("My boss asked me this morning.", ENGLISH),
    ],
)
def test_what_is_told_before_changes_no_answer(assistant: Assistant, told: str, questions: list[str]) -> None:
    for question in questions:
        (plain,) = assistant.answer(question)
        (after,) = assistant.answer(f"{told} {question}")
        assert (after.outcome, after.entries[:1]) == (plain.outcome, plain.entries[:1]), question
