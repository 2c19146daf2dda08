"""Sure, close or not at all: the outcome of a question, from the probabilities of what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.answers import Outcome
from bot.core.asked import SMALLTALK, kind_of
from bot.core.knowledge import REPORT
from bot.core.matching import Match, Ranked

MOST_CHOICES = 3
_LIKELY = 0.5
_WORTH_OF_CHOICES = 0.5  # of a right answer: the person has to look and to press once more
_WORTH_LISTING = 0.04  # the probability below which a choice only takes up room


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with what it is about, best first; `confidence` is that of the outcome, from 0 to 1."""

    outcome: Outcome
    options: tuple[Ranked, ...]
    confidence: float


def decide(match: Match, cost: float) -> Decision:
    """The outcome of the highest expected worth.

    A right answer, and silence where nothing answers, are worth 1; a wrong answer takes away `cost`; choices that hold
    the right one are worth a half. So a question is answered where its best option is likely enough to bear the risk,
    becomes choices where one of three is likelier than nothing at all, and else stays unanswered. A courtesy that is
    likelier than not takes nothing away where it was not called for.
    """
    best = match.ranked[0] if match.ranked else None
    options = tuple(
        option
        for option in match.ranked[:MOST_CHOICES]
        if kind_of(option.id) != SMALLTALK and option.probability >= _WORTH_LISTING
    )
    worths = {Outcome.UNANSWERED: match.outside}
    if options:
        worths[Outcome.CHOICES] = _WORTH_OF_CHOICES * sum(option.probability for option in options)
    if best:
        likely_courtesy = kind_of(best.id) == SMALLTALK and best.probability >= _LIKELY
        risk = 0.0 if likely_courtesy else cost
        worths[_outcome(best)] = best.probability - risk * (1 - best.probability)
    outcome = max(worths, key=lambda name: worths[name])
    if outcome is Outcome.UNANSWERED:
        return Decision(outcome, (), match.outside)
    if outcome is Outcome.CHOICES:
        return Decision(outcome, options, sum(option.probability for option in options))
    return Decision(outcome, match.ranked[:MOST_CHOICES], match.ranked[0].probability)


def _outcome(option: Ranked) -> Outcome:
    if option.id == REPORT:
        return Outcome.REPORT
    return Outcome.SMALLTALK if kind_of(option.id) == SMALLTALK else Outcome.ANSWER
