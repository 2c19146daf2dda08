"""Places in a question, and the regional contacts that serve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.core.knowledge import Gazetteer, Place, Town
from bot.core.text import tokens

PLACE = "placename"  # stands for any place among the words of a question

_CUES = frozenset(
    [
        "a",
        "at",
        "in",
        "en",
        "dans",
        "near",
        "from",
        "vers",
        "sur",
        "chez",
        "pres",
        "contact",
        "contacts",
        "com",
        "comm",
        "comms",
        "communication",
        "correspondant",
        "referent",
        "ville",
        "region",
        "departement",
    ]
)
_ROLES = frozenset(["contact", "contacts", "com", "comm", "comms", "communication"])
_TOWN_CUES = _CUES - {"en", "dans", "sur", "chez"}
_BEFORE_NUMBER = frozenset(["le", "dans", "du", "departement", "dept", "dep", "department", "dpt", "contact", "com"])
_LONGEST_NAME = 7  # words
_SMALL_TOWN = 2_000  # people: below, a town of one word needs a cue, as a word that happens to be a town would
_BIG_TOWN = 10_000  # people: below, a town whose name is a word is never understood: the word is far likelier
_KNOWN_TOWN = 20_000  # people: above, a misspelling is recognised
_DOMINANT = 5  # a town so many times larger than its namesakes is the one that is meant
_ALIKE = 86  # of 100: how near a misspelling must be (one letter of seven)
_SHORTEST_MISSPELLED = 6


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a question: its name as one writes it, whom it belongs to, and the words [start, end) that name it."""

    name: str
    contacts: tuple[str, ...]
    seat: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    contacts: tuple[str, ...]
    seat: bool
    cues: frozenset[str] = frozenset()  # the words of which one must stand beside, if any


class PlaceFinder:
    """Finds places by their spellings, the longest first; a name that is a word as well needs a cue beside it."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._contacts_of = {p.number: p.contacts for p in gazetteer.places if p.number}
        self._numbers = {p.number.lower(): p for p in gazetteer.places if p.number}
        self._names: dict[tuple[str, ...], _Known] = {}
        self._add_places(gazetteer.places)
        self._add_towns(gazetteer.towns, {tuple(tokens(word)) for word in gazetteer.word_towns})
        known = {name[0]: place for name, place in self._names.items() if len(name) == 1 and not place.cues}
        large = {next(iter(tokens(town.name))) for town in gazetteer.towns if town.population >= _KNOWN_TOWN}
        spelt = {word for place in gazetteer.places for s in place.spellings for word in tokens(s)}
        self._misspellable = [w for w in known if len(w) >= _SHORTEST_MISSPELLED and (w in large or w in spelt)]
        self._first_words = {name[0] for name in self._names}

    def find(self, words: Sequence[str], known_words: frozenset[str] | set[str] = frozenset()) -> list[Found]:
        """The places that the words name, in order. What is among `known_words` is never taken for a misspelling."""
        found: list[Found] = []
        at = 0
        while at < len(words):
            place = self._at(words, at) or self._misspelled(words, at, known_words)
            if place:
                found.append(place)
            at = place.end if place else at + 1
        return found

    def _at(self, words: Sequence[str], at: int) -> Found | None:
        word = words[at]
        if word[0].isdigit():
            return self._number(words, at)
        if word not in self._first_words:
            return None
        for end in range(min(len(words), at + _LONGEST_NAME), at, -1):
            known = self._names.get(tuple(words[at:end]))
            if known and (not known.cues or _has_cue(words, at, end, known.cues)):
                return _found(known, at, end)
        return None

    def _number(self, words: Sequence[str], at: int) -> Found | None:
        word = words[at]
        if len(word) == 5 and word[:2] in self._numbers:  # noqa: PLR2004 - a post code
            return _found(_known(self._numbers[word[:2]]), at, at + 1)
        alone = at + 1 == len(words) or not words[at + 1][0].isdigit()
        if word in self._numbers and alone and at and words[at - 1] in _BEFORE_NUMBER:
            return _found(_known(self._numbers[word]), at, at + 1)
        return None

    def _misspelled(self, words: Sequence[str], at: int, known_words: frozenset[str] | set[str]) -> Found | None:
        word = words[at]
        if len(word) < _SHORTEST_MISSPELLED or word in known_words or word in self._first_words or word[0].isdigit():
            return None
        near = process.extractOne(word, self._misspellable, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return _found(self._names[(near[0],)], at, at + 1) if near and near[0][0] == word[0] else None

    def _add_places(self, places: Iterable[Place]) -> None:
        for place in places:
            cues = {tuple(tokens(spelling)) for spelling in place.cues}
            for spelling in (*place.name.values(), *place.spellings, *place.cues):
                name = tuple(tokens(spelling))
                if name:
                    self._names.setdefault(name, _known(place, _CUES if name in cues else frozenset()))

    def _add_towns(self, towns: Iterable[Town], word_towns: set[tuple[str, ...]]) -> None:
        namesakes: dict[tuple[str, ...], list[Town]] = defaultdict(list)
        for town in towns:
            namesakes[tuple(tokens(town.name))].append(town)
        for name, same in namesakes.items():
            if name in self._names:
                continue
            same.sort(key=lambda town: -town.population)
            meant = same[:1] if len(same) == 1 or same[0].population >= _DOMINANT * same[1].population else same
            contacts = dict.fromkeys(c for town in meant for c in self._contacts_of.get(town.departement, ()))
            word = name in word_towns
            if word and same[0].population < _BIG_TOWN:
                continue
            small = len(name) == 1 and same[0].population < _SMALL_TOWN
            self._names[name] = _Known(
                same[0].name, tuple(contacts), seat=False, cues=_TOWN_CUES if small or word else frozenset()
            )


def replaced(words: Sequence[str], found: Iterable[Found]) -> list[str]:
    """The words with one PLACE in the stead of each place."""
    result, at = [], 0
    for place in found:
        result += [*words[at : place.start], PLACE]
        at = place.end
    return [*result, *words[at:]]


def _has_cue(words: Sequence[str], start: int, end: int, cues: frozenset[str]) -> bool:
    """Whether a cue stands beside the name, or nothing but the name was said."""
    before, after = words[max(0, start - 1) : start], words[end : end + 1]
    return len(words) == end - start or any(word in cues for word in before) or any(word in _ROLES for word in after)


def _known(place: Place, cues: frozenset[str] = frozenset()) -> _Known:
    return _Known(place.name["fr"], place.contacts, place.kind == "seat", cues)


def _found(known: _Known, start: int, end: int) -> Found:
    return Found(known.name, known.contacts, known.seat, start, end)
