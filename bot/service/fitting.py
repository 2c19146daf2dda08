"""Fits the matcher's few weights, so that its probabilities hold on questions that it has not seen.

Phrasings are asked back of an index that doesn't hold them: folds leave out clusters of alike phrasings, and whole
outside topics, since what people ask outside the guide is mostly new. Fresh questions that were measured once join.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.core.asked import OUTSIDE, SMALLTALK, is_topic, kind_of, meant, names, phrasings
from bot.core.deciding import decide
from bot.core.design import WEIGHTS, design
from bot.core.index import Found as Proposed
from bot.core.index import Index, Name, Phrasing
from bot.core.knowledge import Knowledge
from bot.core.matching import Fit, Match, Matcher, proposed
from bot.core.reading import Reader, Reading
from bot.service.evaluation import Given, Judged, Labelled, judged
from bot.service.folds import FOLDS, folds

_SHARES = {"known": 0.6, "outside": 0.25, "new topic": 0.15}  # of the weight of all phrasings together
_FRESH = 60.0  # a fresh question counts as so many phrasings: it was written by somebody who knew none
_FRESH_SHARES = {"answerable": 0.74, "unanswerable": 0.26}  # sets of traps hold more that is outside than people ask
_STIFFNESS = 1.0  # ridge on the standardised weights
_COSTS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_MOST_WRONG = 0.045  # of all questions: the cost is the lowest that keeps wrong answers below
_LEAST = 1e-4  # a label's probability that is taken for no less: one odd label must not decide
_HEATS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0)

Rows = NDArray[np.float64]
Progress = Callable[[str], None]
Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as the fit sees it: the values of its options, which of them are right, and what it weighs."""

    rows: Rows
    right: Rows
    share: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit, with the shares that it reaches: on the questions of the fit, and on each when it was left out."""

    fit: Fit
    in_sample: Shares
    crossed: Mapping[str, Shares]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A fresh question with what the index proposes for it: for the whole first."""

    question: Labelled
    readings: tuple[tuple[Reading, Proposed], ...]


class Fitter:
    """Fits the weights to one knowledge base; its phrasings are asked back once, whatever is fitted then."""

    def __init__(self, knowledge: Knowledge, progress: Progress = lambda _: None, *, processes: int = 1) -> None:
        self._progress = progress
        self._reader = Reader(knowledge)
        asked = list(phrasings(knowledge, self._reader))
        self.phrasings = len(asked)
        called = names(knowledge)
        self._index = Index(asked, called)
        self._samples = self._asked_back(asked, called, processes)

    def fit(self, fresh: Sequence[Labelled], *, cross: bool = False) -> Fitted:
        """The fit to all the fresh questions; with `cross` each file of them is left out once, to see what it's worth.

        `crossed` holds the shares of each file, and of all of them together.
        """
        proposals = [self._proposal(question) for question in fresh]
        fit = self._fit(proposals)
        crossed = self._crossed(proposals) if cross else {}
        return Fitted(fit, _shares(self._judged(fit, proposals)), crossed)

    def _asked_back(self, asked: Sequence[Phrasing], called: Sequence[Name], processes: int) -> list[Sample]:
        samples: list[Sample] = []
        with ProcessPoolExecutor(processes) as pool:
            for number, fold in enumerate(pool.map(partial(held_out, asked, called), folds(asked)), 1):
                self._progress(f"fold {number} of {2 * FOLDS}")
                samples += fold
        return samples

    def _proposal(self, question: Labelled) -> _Proposal:
        return _Proposal(question, tuple(proposed(self._reader, self._index, question.text)))

    def _crossed(self, proposals: Sequence[_Proposal]) -> dict[str, Shares]:
        rows: dict[str, list[Judged]] = {}
        for file in dict.fromkeys(proposal.question.file for proposal in proposals):
            self._progress(f"without {file}")
            fit = self._fit([one for one in proposals if one.question.file != file])
            rows[file] = self._judged(fit, [one for one in proposals if one.question.file == file])
        together = [row for of_file in rows.values() for row in of_file]
        return {"all": _shares(together), **{file: _shares(of_file) for file, of_file in rows.items()}}

    def _fit(self, proposals: Sequence[_Proposal]) -> Fit:
        """The weights, then the temperature that makes the labels likeliest, then the lowest cost with few wrong."""
        samples = [*self._samples, *(sample for one in proposals if (sample := _fresh_sample(one)))]
        self._progress(f"fitting {len(WEIGHTS)} weights to {len(samples)} questions")
        weights = dict(zip(WEIGHTS, (round(float(w), 4) for w in fit_weights(samples)), strict=True))
        heat = max(_HEATS, key=lambda heat: self._likelihood(Fit(weights, heat), proposals))
        fits = [Fit(weights, heat, cost) for cost in _COSTS]
        few_wrong = (fit for fit in fits if _shares(self._judged(fit, proposals))["wrong"] <= _MOST_WRONG)
        return next(few_wrong, fits[-1])

    def _likelihood(self, fit: Fit, proposals: Iterable[_Proposal]) -> float:
        total = 0.0
        for match, gold in self._matched(fit, proposals):
            hit = sum(option.probability for option in match.ranked if _label(option.id) in gold.gold)
            total += math.log(max(_LEAST, hit + (match.outside if OUTSIDE in gold.gold else 0.0)))
        return total

    def _judged(self, fit: Fit, proposals: Iterable[_Proposal]) -> list[Judged]:
        return [judged(question, _given(match, fit.cost)) for match, question in self._matched(fit, proposals)]

    def _matched(self, fit: Fit, proposals: Iterable[_Proposal]) -> Iterator[tuple[Match, Labelled]]:
        matcher = Matcher(self._reader, self._index, fit)
        return ((matcher.surest(one.readings), one.question) for one in proposals)


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


def held_out(asked: Sequence[Phrasing], called: Sequence[Name], fold: Collection[int]) -> list[Sample]:
    """The phrasings of a fold, asked of an index without them."""
    index = Index((phrasing for number, phrasing in enumerate(asked) if number not in fold), called)
    known = {phrasing.bearer for number, phrasing in enumerate(asked) if number not in fold}
    samples = []
    for number in sorted(fold):
        bearer = asked[number].bearer
        share = "known" if not is_topic(bearer) else "outside" if bearer in known else "new topic"
        if sample := _sample(index.find(asked[number].words), {OUTSIDE if is_topic(bearer) else bearer}, share):
            samples.append(sample)
    return samples


def _fresh_sample(one: _Proposal) -> Sample | None:
    share = "unanswerable" if OUTSIDE in one.question.gold else "answerable"
    reading, found = one.readings[0]
    return _sample(found, one.question.gold, share, lambda bearer: meant(bearer, reading))


def _sample(
    found: Proposed, gold: Collection[str], share: str, meant: Callable[[str], str] = lambda bearer: bearer
) -> Sample | None:
    labels = [_label(meant(candidate.bearer)) for candidate in found.candidates] + [OUTSIDE]
    right = np.array([label in gold for label in labels], dtype=np.float64)
    return Sample(design(found), right, share) if right.any() else None


def _label(bearer: str) -> str:
    """What questions are labelled with, for that bearer."""
    if is_topic(bearer):
        return OUTSIDE
    return SMALLTALK if kind_of(bearer) == SMALLTALK else bearer


def _worth(samples: Sequence[Sample]) -> Rows:
    """What each sample weighs, so that each share gets its part whatever its number."""
    counts: dict[str, int] = defaultdict(int)
    for sample in samples:
        counts[sample.share] += 1
    phrased = sum(number for share, number in counts.items() if share in _SHARES)
    each = {share: part * phrased / counts[share] for share, part in _SHARES.items() if counts[share]}
    fresh = sum(counts[share] for share in _FRESH_SHARES)
    each |= {share: _FRESH * part * fresh / counts[share] for share, part in _FRESH_SHARES.items() if counts[share]}
    return np.array([each[sample.share] for sample in samples])


def _given(match: Match, cost: float) -> Given:
    decision = decide(match, cost)
    return Given(decision.outcome, tuple(option.id for option in decision.options), decision.confidence)


def _shares(rows: Sequence[Judged]) -> dict[str, float]:
    number, unanswerable = max(1, len(rows)), max(1, sum(row.unanswerable for row in rows))
    counts = {name: sum(getattr(row.verdict, name) for row in rows) for name in ("right", "found", "wrong")}
    shares = {name: round(count / number, 4) for name, count in counts.items()}
    return {"questions": len(rows), **shares, "kept": round(sum(row.kept for row in rows) / unanswerable, 4)}
