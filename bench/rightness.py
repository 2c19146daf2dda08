"""How often each technique is right. A score says little of itself: each gets a threshold of its own, chosen alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from worker import Timed

from bot.core.asked import OUTSIDE, SMALLTALK, is_topic, kind_of, meant
from bot.core.reading import Reader
from bot.service.evaluation import Labelled


class Case(NamedTuple):
    """A question's set and labels, with the label of what was found for it and its score."""

    file: str
    gold: frozenset[str]
    label: str
    score: float


def rights(times: Mapping[str, Sequence[Timed]], questions: Sequence[Labelled], reader: Reader) -> dict[str, float]:
    """The percentage of each technique that is right, over the questions that it was asked.

    Below a threshold nothing is answered. For each gold set the threshold is the one that is best on all the others.
    Guidebot's first answer is taken as it decides; where it offers choices it is not right.
    """
    return {
        name: _share(_cases(name, taken, questions, reader), own=name == "guidebot") for name, taken in times.items()
    }


def _cases(name: str, times: Sequence[Timed], questions: Sequence[Labelled], reader: Reader) -> list[Case]:
    cases = []
    for question, timed in zip(questions, times, strict=False):
        found = timed.found
        label = found.bearer if name == "guidebot" else _label(found.bearer, question.text, reader)
        cases.append(Case(question.file, question.gold, label, found.score))
    return cases


def _label(bearer: str, text: str, reader: Reader) -> str:
    """What questions are labelled with for that bearer; everybody is given a place's contact and a named person."""
    bearer = meant(bearer, reader.read(text)) if bearer else OUTSIDE
    return OUTSIDE if is_topic(bearer) else SMALLTALK if kind_of(bearer) == SMALLTALK else bearer


def _share(cases: Sequence[Case], *, own: bool) -> float:
    hits = 0
    for file in {case.file for case in cases}:
        inside = [case for case in cases if case.file == file]
        threshold = 0.0 if own else _best([case for case in cases if case.file != file])
        hits += sum(_right(case, threshold, own=own) for case in inside)
    return 100 * hits / len(cases)


def _best(cases: Sequence[Case]) -> float:
    """The threshold with which most are right: going up through the scores, an answer less each time."""
    right = sum(case.label in case.gold for case in cases)
    most, best = right, 0.0
    for case in sorted(cases, key=lambda case: case.score):
        right += (OUTSIDE in case.gold) - (case.label in case.gold)
        if right > most:
            most, best = right, case.score
    return best


def _right(case: Case, threshold: float, *, own: bool) -> bool:
    if own:
        return {"unanswered": OUTSIDE}.get(case.label, case.label) in case.gold
    return (case.label if case.score > threshold else OUTSIDE) in case.gold
