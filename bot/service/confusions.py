"""Which phrasings ask for something else than they should, as an index sees them that doesn't hold them.

Each phrasing is asked back with its cluster of alike phrasings left out, in the folds of the fit: so the index knows
what a person would meet who asks in these words and in no others that were written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice

from bot.core.answers import Outcome
from bot.core.asked import ANY_PLACE, is_topic, meant, names, phrasings
from bot.core.deciding import decide
from bot.core.index import Index, Name, Phrasing
from bot.core.knowledge import Knowledge
from bot.core.matching import Fit, Match, Matcher
from bot.core.reading import Reader, Reading
from bot.service.folds import FOLDS, folds


@dataclass(frozen=True, slots=True)
class Confusion:
    """A phrasing for which something else, `taker`, is likelier than `bearer`, under which it stands.

    `outcome` is what a person gets who asks so: an answer or a report of the taker's is a wrong one.
    """

    bearer: str
    text: str
    taker: str
    likely: float
    own: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that phrasings mix up: how many of the first ask rather for the second, and the other way round."""

    first: str
    second: str
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A phrasing with what it stands under in the files; the index has one bearer for all that name a person."""

    bearer: str
    phrasing: Phrasing
    reading: Reading


def confusions(
    knowledge: Knowledge, progress: Callable[[str], None] = lambda _: None, *, processes: int = 1
) -> list[Confusion]:
    """Every phrasing that is taken for something else, the likeliest first.

    A topic's that stays unanswered, or is taken for another topic's, counts for none: the guide answers neither.
    """
    reader, fit = Reader(knowledge), Fit.read(knowledge.fit)
    asked = _asked(knowledge, reader)
    clusters = islice(folds([one.phrasing for one in asked]), FOLDS)
    found: list[Confusion] = []
    with ProcessPoolExecutor(processes) as pool:
        for number, taken in enumerate(pool.map(partial(_taken, asked, names(knowledge), reader, fit), clusters), 1):
            progress(f"fold {number} of {FOLDS}")
            found += taken
    return sorted(found, key=lambda one: (-one.likely, one.bearer, one.text))


def pairs(found: Iterable[Confusion]) -> list[Pair]:
    """The pairs that the phrasings mix up, those with most of them first; who loses more stands first."""
    lost = Counter((one.bearer, one.taker) for one in found)
    both = {(a, b) if (lost[a, b], b) >= (lost[b, a], a) else (b, a) for a, b in lost}
    listed = [Pair(a, b, lost[a, b], lost[b, a]) for a, b in both]
    return sorted(listed, key=lambda pair: (-(pair.lost + pair.gained), pair.first, pair.second))


def _asked(knowledge: Knowledge, reader: Reader) -> list[_Asked]:
    written = {text: bearer for bearer, _, text in knowledge.asked()}
    return [
        _Asked(written.get(phrasing.text, ANY_PLACE), phrasing, reader.read(phrasing.text))
        for phrasing in phrasings(knowledge, reader)
    ]


def _taken(
    asked: Sequence[_Asked], called: Sequence[Name], reader: Reader, fit: Fit, fold: Collection[int]
) -> list[Confusion]:
    """The phrasings of a fold that something else takes, asked of an index without them."""
    index = Index((one.phrasing for number, one in enumerate(asked) if number not in fold), called)
    matcher = Matcher(reader, index, fit)
    matched = (
        (one, matcher.matched(one.reading, index.find(one.phrasing.words))) for one in map(asked.__getitem__, fold)
    )
    return [found for one, match in matched if (found := _confusion(one, match, fit.cost))]


def _confusion(one: _Asked, match: Match, cost: float) -> Confusion | None:
    own = meant(ANY_PLACE, one.reading) if one.bearer == ANY_PLACE else one.bearer
    likely = {option.id: option.probability for option in (*match.ranked, *match.topics)}
    mine = likely.pop(own, 0.0)
    taker = max(likely, key=likely.__getitem__, default="")
    outcome = decide(match, cost).outcome
    if not taker or likely[taker] <= mine or (is_topic(own) and (is_topic(taker) or outcome is Outcome.UNANSWERED)):
        return None
    return Confusion(one.bearer, one.phrasing.text, taker, likely[taker], mine, outcome)
