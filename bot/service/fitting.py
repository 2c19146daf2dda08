"""Fits the matcher's few weights, so that its probabilities hold on questions that it has not seen.

Phrasings are asked back of an index that doesn't hold them: folds leave out clusters of alike phrasings, and whole
outside topics, since what people ask outside the guide is mostly new. Fresh questions that were measured once join.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.core.deciding import decide
from bot.core.index import Found as Proposed
from bot.core.index import Index, Phrasing
from bot.core.knowledge import Knowledge
from bot.core.matching import (
    OUTSIDE,
    SMALLTALK,
    WEIGHTS,
    Fit,
    Match,
    Matcher,
    design,
    is_topic,
    kind_of,
    meant,
    phrasings,
)
from bot.core.reading import Reader
from bot.service.evaluation import Labelled, judge

FOLDS = 8
_SEED = 2016
_SAME_CLUSTER = 0.5  # the share of words that two phrasings have in common
_SHARES = {"known": 0.6, "outside": 0.25, "new topic": 0.15}  # of the weight of all phrasings together
_FRESH = 4.0  # a fresh question counts as so many phrasings: it was written by somebody who knew none
_STIFFNESS = 1.0  # ridge on the standardised weights
_COSTS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_MOST_WRONG = 0.045  # of all questions: the cost is the lowest that keeps wrong answers below
_HEATS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0)

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as the fit sees it: the values of its options, which of them are right, and what it weighs."""

    rows: Rows
    right: Rows
    share: str


def fit(
    knowledge: Knowledge, fresh: Sequence[Labelled], progress: Callable[[str], None] = lambda _: None
) -> tuple[Fit, dict[str, float]]:
    """The weights, temperature and cost for a knowledge base, with the figures reached on the fresh questions."""
    reader = Reader(knowledge)
    asked = list(phrasings(knowledge, reader))
    samples = []
    for number, fold in enumerate(folds(asked), 1):
        progress(f"fold {number} of {2 * FOLDS}")
        samples += list(_held_out(asked, fold))
    index = Index(asked)
    samples += [sample for question in fresh if (sample := _fresh_sample(reader, index, question))]
    progress(f"fitting {len(WEIGHTS)} weights to {len(samples)} questions")
    weights = dict(zip(WEIGHTS, (round(float(w), 4) for w in fit_weights(samples)), strict=True))
    return _calibrated(reader, index, weights, fresh)


def folds(asked: Sequence[Phrasing]) -> Iterator[set[int]]:
    """What is left out together: clusters of alike phrasings first, then whole outside topics."""
    chance = random.Random(_SEED)  # noqa: S311 - folds must be the same each time
    by_bearer: dict[str, list[int]] = defaultdict(list)
    for number, phrasing in enumerate(asked):
        by_bearer[phrasing.bearer].append(number)
    clusters = [cluster for numbers in by_bearer.values() for cluster in _clusters(asked, numbers)]
    topics = [numbers for bearer, numbers in by_bearer.items() if is_topic(bearer)]
    for groups in (clusters, topics):
        chance.shuffle(groups)
        for fold in range(FOLDS):
            yield {number for group in groups[fold::FOLDS] for number in group}


def fit_weights(samples: Sequence[Sample]) -> Rows:
    """The weights of a conditional logit, by maximum likelihood with a ridge (L-BFGS)."""
    rows, right = np.concatenate([s.rows for s in samples]), np.concatenate([s.right for s in samples])
    lengths = np.array([len(s.rows) for s in samples])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    scale = rows.std(axis=0) + 1e-9
    rows = rows / scale
    worth = _worth(samples)

    def loss(weights: Rows) -> tuple[float, Rows]:
        scores = rows @ weights
        likely = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths))
        total, hit = np.add.reduceat(likely, starts), np.add.reduceat(likely * right, starts)
        pull = likely / np.repeat(total, lengths) - likely * right / np.repeat(hit, lengths)
        gradient = rows.T @ (pull * np.repeat(worth, lengths)) + _STIFFNESS * weights
        return float(-(worth * np.log(hit / total)).sum() + _STIFFNESS * weights @ weights / 2), gradient

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x / scale, dtype=np.float64)


def _clusters(asked: Sequence[Phrasing], numbers: Iterable[int]) -> list[list[int]]:
    clusters: list[tuple[list[int], list[set[str]]]] = []
    for number in numbers:
        words = set(asked[number].words)
        for members, bags in clusters:
            if any(len(words & bag) >= _SAME_CLUSTER * len(words | bag) for bag in bags):
                members.append(number)
                bags.append(words)
                break
        else:
            clusters.append(([number], [words]))
    return [members for members, _ in clusters]


def _held_out(asked: Sequence[Phrasing], fold: Collection[int]) -> Iterator[Sample]:
    index = Index(phrasing for number, phrasing in enumerate(asked) if number not in fold)
    known = {phrasing.bearer for number, phrasing in enumerate(asked) if number not in fold}
    for number in sorted(fold):
        bearer = asked[number].bearer
        share = "known" if not is_topic(bearer) else "outside" if bearer in known else "new topic"
        if sample := _sample(index.find(asked[number].words), {OUTSIDE if is_topic(bearer) else bearer}, share):
            yield sample


def _fresh_sample(reader: Reader, index: Index, question: Labelled) -> Sample | None:
    reading = reader.read(question.text)
    return _sample(index.find(reading.words), question.gold, "fresh", lambda bearer: meant(bearer, reading))


def _sample(
    found: Proposed, gold: Collection[str], share: str, meant: Callable[[str], str] = lambda bearer: bearer
) -> Sample | None:
    labels = [_label(meant(candidate.bearer)) for candidate in found.candidates] + [OUTSIDE]
    right = np.array([label in gold for label in labels], dtype=np.float64)
    return Sample(np.array(design(found)), right, share) if right.any() else None


def _label(bearer: str) -> str:
    """What questions are labelled with, for that bearer."""
    if is_topic(bearer):
        return OUTSIDE
    return SMALLTALK if kind_of(bearer) == SMALLTALK else bearer


def _worth(samples: Sequence[Sample]) -> Rows:
    """What each sample weighs, so that each share of the phrasings gets its part whatever its number."""
    counts: dict[str, int] = defaultdict(int)
    for sample in samples:
        counts[sample.share] += 1
    phrased = sum(number for share, number in counts.items() if share in _SHARES)
    each = {share: part * phrased / counts[share] for share, part in _SHARES.items() if counts[share]}
    return np.array([each.get(sample.share, _FRESH) for sample in samples])


def _calibrated(
    reader: Reader, index: Index, weights: dict[str, float], fresh: Sequence[Labelled]
) -> tuple[Fit, dict[str, float]]:
    """The temperature that makes the fresh questions' labels likeliest, then the lowest cost with few wrong answers."""

    def matches(heat: float) -> list[Match]:
        matcher = Matcher(reader, index, Fit(weights, heat))
        return [matcher.match(question.text) for question in fresh]

    heat = max(_HEATS, key=lambda heat: _likelihood(matches(heat), fresh))
    matched = matches(heat)
    for cost in _COSTS:
        figures = _figures(matched, fresh, cost)
        if figures["wrong"] <= _MOST_WRONG:
            break
    return Fit(weights, heat, cost), figures


def _likelihood(matched: Sequence[Match], fresh: Sequence[Labelled]) -> float:
    total = 0.0
    for match, question in zip(matched, fresh, strict=True):
        hit = sum(option.probability for option in match.ranked if _label(option.id) in question.gold)
        total += math.log(max(1e-4, hit + (match.outside if OUTSIDE in question.gold else 0.0)))
    return total


def _figures(matched: Sequence[Match], fresh: Sequence[Labelled], cost: float) -> dict[str, float]:
    verdicts = []
    for match, question in zip(matched, fresh, strict=True):
        decision = decide(match, cost)
        verdicts.append(judge(question.gold, decision.outcome, [option.id for option in decision.options]))
    number = max(1, len(verdicts))
    return {
        "questions": len(verdicts),
        "right": round(sum(v.right for v in verdicts) / number, 4),
        "found": round(sum(v.found for v in verdicts) / number, 4),
        "wrong": round(sum(v.wrong for v in verdicts) / number, 4),
    }
