from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.core.gaps import resembling


@dataclass(frozen=True)
class Gap:
    text: str


ADS = Gap("Combien coûte une publicité sur LinkedIn ?")
SCHEDULE = Gap("how do I schedule a post for Monday?")
BADGE = Gap("Puis-je prêter mon badge ?")
OPEN = [ADS, SCHEDULE, BADGE]


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("combien coute une publicité sur linkedin", ADS),
        ("Une publicité sur LinkedIn, combien ça coûte ?", ADS),
        ("combien coûtent les publicités sur LinkedIn", ADS),
        ("How do I schedule posts for monday", SCHEDULE),
        ("puis je preter mon bagde", BADGE),
    ],
)
def test_the_same_thing_in_other_words_joins(text: str, gap: Gap) -> None:
    assert resembling(text, OPEN) is gap


@pytest.mark.parametrize(
    "text",
    [
        "Combien coûte un microscope ?",
        "how do I delete a post?",
        "Puis-je emporter mon ordinateur ?",
        "publicité",
        "",
        "??",
        "à y il",
    ],
)
def test_something_else_does_not(text: str) -> None:
    assert resembling(text, OPEN) is None


def test_the_most_alike_is_taken() -> None:
    close, same = Gap("puis-je prêter un badge"), Gap("puis-je prêter mon badge à Paul")
    assert resembling("puis-je prêter mon badge à Paul ?", [close, same]) is same


def test_a_gap_without_words_resembles_nothing() -> None:
    assert resembling("", [Gap("")]) is None
    assert resembling("mon badge", [Gap(""), Gap("?")]) is None


def test_the_first_question_of_all_resembles_nothing() -> None:
    assert resembling("puis-je prêter mon badge", []) is None
