"""From a question to what it asks for, with one calibrated probability for each possibility.

The index proposes candidates with their signals (bot.core.index). A conditional logit (McFadden 1974) over them and
over "nothing that is known" turns the signals into probabilities; its few weights are fitted by cross-validation over
the phrasings (bot.service.fitting) and stand in `knowledge/fit.json`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.core.asked import FEWEST, OUTSIDE, SMALLTALK, is_topic, kind_of, meant, names, phrasings
from bot.core.design import WEIGHTS, design
from bot.core.errors import KnowledgeError
from bot.core.index import Candidate, Index
from bot.core.index import Found as Proposed
from bot.core.knowledge import REPORT, Knowledge
from bot.core.reading import Reader, Reading
from bot.core.splitting import last_asking

_DOUBTFUL = 0.5  # the probability up to which something is no likelier than all the rest
_SURE = 0.95  # the probability from which a text need not be read a second time
_MOSTLY = 0.7  # of a question: what explains less of it may be named after another question's words


@dataclass(frozen=True)
class Fit:
    """What was fitted: a weight for each signal, the temperature of the probabilities, the cost of a wrong answer.

    `cost` is in units of a right answer: at 2, a wrong answer takes away as much as two right ones give.
    """

    weights: Mapping[str, float]
    temperature: float = 1.0
    cost: float = 2.0

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Fit:
        """The fit that `knowledge/fit.json` holds; raise KnowledgeError if this version can't use it."""
        weights, values = stored.get("weights"), (stored.get("temperature"), stored.get("cost"))
        if not isinstance(weights, Mapping) or set(weights) != set(WEIGHTS):
            raise KnowledgeError(["fit.json:1: missing, or made by another version: run `guidebot knowledge fit`"])
        temperature, cost = (float(value) if isinstance(value, int | float) else 1.0 for value in values)
        return cls({str(name): float(weight) for name, weight in weights.items()}, temperature, cost)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Something that may be asked for: an entry's id, "report", a courtesy's id, or an outside topic's.

    `explained` is the share of the question's words, by rarity, that its phrasings have.
    """

    id: str
    probability: float
    phrasing: str
    explained: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """What a question may ask for, the likeliest first; `outside` is the probability that nothing here answers it."""

    ranked: tuple[Ranked, ...]
    topics: tuple[Ranked, ...]
    outside: float
    reading: Reading
    words: tuple[str, ...] = field(default=())
    unknown: float = 0.0

    @property
    def topic(self) -> str:
        """The outside topic that is likelier than all else together and explains most of the question, or none."""
        best = self.topics[0] if self.topics else None
        return best.id if best and best.probability > _DOUBTFUL and best.explained >= _MOSTLY else ""

    @property
    def sureness(self) -> float:
        """The probability of the likeliest possibility, that nothing here answers among them."""
        return max(self.outside, self.ranked[0].probability if self.ranked else 0.0)

    @property
    def reports(self) -> bool:
        """Whether a report is likelier than everything else together."""
        return self._is_likely(REPORT)

    @property
    def greets(self) -> bool:
        """Whether a courtesy is likelier than everything else together."""
        return self._is_likely(SMALLTALK)

    def _is_likely(self, kind: str) -> bool:
        return bool(self.ranked) and kind_of(self.ranked[0].id) == kind and self.ranked[0].probability > _DOUBTFUL


class Matcher:
    """Matches questions against the phrasings of a knowledge base."""

    def __init__(self, reader: Reader, index: Index, fit: Fit) -> None:
        self.reader, self.index, self.fit = reader, index, fit
        self._weights = np.array([fit.weights[name] for name in WEIGHTS])

    @classmethod
    def over(cls, knowledge: Knowledge) -> Matcher:
        """The matcher of a knowledge base, with the fit that is stored beside it."""
        fit, reader = Fit.read(knowledge.fit), Reader(knowledge)
        return cls(reader, Index(phrasings(knowledge, reader), names(knowledge)), fit)

    def match(self, text: str) -> Match:
        """What the text may ask for."""
        return self.surest(proposed(self.reader, self.index, text))

    def surest(self, proposals: Iterable[tuple[Reading, Proposed]]) -> Match:
        """What a text may ask for: as the first of its readings that is sure has it, else as the whole, the first.

        A sentence that is only surer of it than the whole may say that nothing answers, but no more than that. A report
        is told in more than one sentence, so none is given up for the last of them; a greeting is, for a question.
        """
        matches: list[Match] = []
        for reading, found in proposals:
            matches.append(self.matched(reading, found))
            if (matches[-1].sureness >= _SURE and not matches[-1].greets) or matches[0].reports:
                return matches[-1]
        whole, sentence = matches[0], matches[-1]
        if whole.greets:
            return sentence if sentence.outside < _DOUBTFUL else whole
        return sentence if sentence.outside > whole.sureness else whole

    def matched(self, reading: Reading, found: Proposed) -> Match:
        """What a text that was read so may ask for, given what the index found for its words."""
        ranked, topics, outside = [], [], 1.0
        # A topic's phrasing about one place says little of another (Institut Curie is no town): probability decides.
        exact = "" if reading.places and is_topic(found.exact) else found.exact
        certain = [candidate for candidate in found.candidates if candidate.bearer == exact]
        likely = [(candidate, 1.0) for candidate in certain] or self._probabilities(found)
        for option in _merged(likely, reading):
            if is_topic(option.id):
                topics.append(option)
            elif option.id != OUTSIDE:
                ranked.append(option)
                outside -= option.probability
        key = _by_probability
        return Match(
            tuple(sorted(ranked, key=key)), tuple(sorted(topics, key=key)), outside, reading, found.words, found.unknown
        )

    def _probabilities(self, found: Proposed) -> list[tuple[Candidate | None, float]]:
        """The probability of each candidate and, last, of none of them."""
        scores = design(found) @ self._weights / self.fit.temperature
        likelihoods = np.exp(scores - scores.max())
        return list(zip([*found.candidates, None], (likelihoods / likelihoods.sum()).tolist(), strict=True))


def proposed(reader: Reader, index: Index, text: str) -> Iterator[tuple[Reading, Proposed]]:
    """The readings of a text, each with what the index finds for it: the whole, then the sentence in which it asks.

    What is told before a question often says little of what is asked; but a place or a person does.
    """
    text = text.replace("{", " ")  # only phrasings leave a place open
    whole = reader.read(text)
    yield whole, index.find(_asking(whole, index))
    sentence = reader.read(last_asking(text))
    names_all = len(sentence.places) == len(whole.places) and sentence.people == whole.people
    if names_all and len(sentence.asking) >= FEWEST:
        yield sentence, index.find(sentence.asking)


def _asking(reading: Reading, index: Index) -> tuple[str, ...]:
    """The words without courtesies; with them where the few that are left may be one more: "got it, thanks"."""
    asking = reading.asking
    if asking == reading.words or index.has(reading.words):
        return reading.words
    if len(asking) >= FEWEST or reading.places or reading.people:
        return asking
    return asking if index.names(asking) or index.has(asking) else reading.words


def _merged(likely: Sequence[tuple[Candidate | None, float]], reading: Reading) -> list[Ranked]:
    """One option for each thing that can be answered: a place's contact and that place's person are the same."""
    probabilities: dict[str, float] = defaultdict(float)
    nearest: dict[str, str] = {}
    explained: dict[str, float] = {}
    for candidate, probability in likely:
        option = meant(candidate.bearer, reading) if candidate else OUTSIDE
        probabilities[option] += probability
        if candidate and candidate.phrasing:
            nearest.setdefault(option, candidate.phrasing)
        if candidate:
            explained.setdefault(option, candidate.explained)
    return [
        Ranked(option, probability, nearest.get(option, ""), explained.get(option, 0.0))
        for option, probability in probabilities.items()
    ]


def _by_probability(ranked: Ranked) -> float:
    return -ranked.probability
