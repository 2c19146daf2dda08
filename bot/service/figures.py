"""The figures of an evaluation: shares with their intervals, by groups, and how well confidence is calibrated."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.answers import Outcome
from bot.service.evaluation import Judged

NAMES = ("right", "found", "wrong", "points", "kept")
BINS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # where each bin of confidence begins

_RESAMPLES = 500
_SEED = 2016

# One question in the figures: right, found, wrong, unanswerable, kept.
_Case = tuple[bool, bool, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Figure:
    """A percentage with its 95 % interval (percentile bootstrap); `of` is the number of questions that it is about."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes of about the same confidence: how many, how sure they were on average, how many of them held.

    An outcome holds where it is right; choices, where they have the right one.
    """

    least: float
    number: int
    confidence: float
    held: float


def figures(rows: Sequence[Judged]) -> dict[str, Figure]:
    """The figures by name; `kept` only where a question is that the guide doesn't answer."""
    cases = Counter(_case(row) for row in rows)
    values = _values(cases)
    chance = random.Random(_SEED)  # noqa: S311 - the same data have the same intervals
    kinds, counts = list(cases), list(cases.values())
    drawn = [_values(Counter(chance.choices(kinds, counts, k=len(rows)))) for _ in range(_RESAMPLES)]
    unanswerable = sum(row.unanswerable for row in rows)
    return {
        name: Figure(value, *_interval([one[name] for one in drawn if name in one]), _of(name, rows, unanswerable))
        for name, value in values.items()
    }


def groups(rows: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The rows by file, kind, language and trait; a row stands under each of its traits."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        question = row.question
        names = [f"file {question.file}", f"kind {question.kind}", f"lang {question.language}"]
        for name in [*names, *(f"trait {trait}" for trait in question.traits)]:
            found[name].append(row)
    order = ("file", "kind", "lang", "trait")
    return dict(sorted(found.items(), key=lambda group: (order.index(group[0].partition(" ")[0]), group[0])))


def calibration(rows: Iterable[Judged]) -> Iterator[Bin]:
    """The rows by confidence, from the least to the most; bins that nothing falls into are left out."""
    binned: dict[float, list[Judged]] = defaultdict(list)
    for row in rows:
        binned[max(least for least in BINS if least <= max(0.0, row.given.confidence))].append(row)
    for least, inside in sorted(binned.items()):
        number = len(inside)
        mean = sum(row.given.confidence for row in inside) / number
        yield Bin(least, number, mean, sum(_held(row) for row in inside) / number)


def _held(row: Judged) -> bool:
    return row.verdict.found if row.given.outcome is Outcome.CHOICES else row.verdict.right


def _case(row: Judged) -> _Case:
    return row.verdict.right, row.verdict.found, row.verdict.wrong, row.unanswerable, row.kept


def _values(cases: Mapping[_Case, int]) -> dict[str, float]:
    """The figures as percentages, from how often there is each case."""
    total = max(1, sum(cases.values()))
    right, found, wrong, unanswerable, kept = (sum(n for case, n in cases.items() if case[i]) for i in range(5))
    values = {name: 100 * n / total for name, n in (("right", right), ("found", found), ("wrong", wrong))}
    values["points"] = values["right"] + (values["found"] - values["right"]) / 2 - values["wrong"]
    return values | ({"kept": 100 * kept / unanswerable} if unanswerable else {})


def _interval(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[round(0.025 * (len(ordered) - 1))], ordered[round(0.975 * (len(ordered) - 1))]


def _of(name: str, rows: Sequence[Judged], unanswerable: int) -> int:
    return unanswerable if name == "kept" else len(rows)
