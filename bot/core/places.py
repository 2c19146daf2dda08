"""Places in a question, and the regional contacts that serve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.core.knowledge import Gazetteer, Place, Town
from bot.core.text import fold, tokens

PLACE = "placename"  # stands for any place among the words of a question

_PREPOSITIONS = frozenset(
    "a au aux en in at near from of de du des d vers pres sur depuis around based ville city town labo lab unite unit"
    " region region site centre center campus hopital chu universite university".split()
)
_BEFORE_NUMBER = frozenset("le dans du departement dept dep department dpt".split())
_LONGEST_NAME = 7  # words
_SMALL_TOWN = 2_000  # people: below, a town of one word needs a cue, as a word that happens to be a town would
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
    name: Mapping[str, str] | str
    contacts: tuple[str, ...]
    seat: bool
    needs_cue: bool


class PlaceFinder:
    """Finds places by their spellings, the longest first; a name that is a word as well needs a cue beside it."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._contacts_of = {p.number: p.contacts for p in gazetteer.places if p.number}
        self._numbers = {p.number.lower(): p for p in gazetteer.places if p.number}
        self._names: dict[tuple[str, ...], _Known] = {}
        self._add_places(gazetteer.places)
        misspellable = [" ".join(name) for name in self._names if self._is_long(name)]
        self._add_towns(gazetteer.towns, {fold(word) for word in gazetteer.word_towns})
        misspellable += [" ".join(tokens(t.name)) for t in gazetteer.towns if t.population >= _KNOWN_TOWN]
        self._misspellable = [name for name in dict.fromkeys(misspellable) if len(name) >= _SHORTEST_MISSPELLED]
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
            if known and (not known.needs_cue or self._has_cue(words, at, end)):
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
        if len(word) < _SHORTEST_MISSPELLED or word in known_words or word[0].isdigit():
            return None
        near = process.extractOne(word, self._misspellable, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        known = self._names.get(tuple(near[0].split())) if near else None
        return _found(known, at, at + 1) if known and near and near[0][0] == word[0] else None

    def _add_places(self, places: Iterable[Place]) -> None:
        for place in places:
            cues = {tuple(tokens(spelling)) for spelling in place.cues}
            for spelling in (*place.name.values(), *place.spellings, *place.cues):
                name = tuple(tokens(spelling))
                if name:
                    self._names.setdefault(name, _known(place, needs_cue=name in cues))

    def _add_towns(self, towns: Iterable[Town], word_towns: set[str]) -> None:
        namesakes: dict[tuple[str, ...], list[Town]] = defaultdict(list)
        for town in towns:
            namesakes[tuple(tokens(town.name))].append(town)
        for name, same in namesakes.items():
            if name in self._names:
                continue
            same.sort(key=lambda town: -town.population)
            meant = same[:1] if len(same) == 1 or same[0].population >= _DOMINANT * same[1].population else same
            contacts = dict.fromkeys(c for town in meant for c in self._contacts_of.get(town.departement, ()))
            small = len(name) == 1 and same[0].population < _SMALL_TOWN
            needs_cue = small or " ".join(name) in word_towns
            self._names[name] = _Known(same[0].name, tuple(contacts), seat=False, needs_cue=needs_cue)

    @staticmethod
    def _has_cue(words: Sequence[str], start: int, end: int) -> bool:
        return start > 0 and words[start - 1] in _PREPOSITIONS and (end == len(words) or words[end] not in {"de", "d"})

    @staticmethod
    def _is_long(name: tuple[str, ...]) -> bool:
        return len(" ".join(name)) >= _SHORTEST_MISSPELLED


def replaced(words: Sequence[str], found: Iterable[Found]) -> list[str]:
    """The words with one PLACE in the stead of each place."""
    result, at = [], 0
    for place in found:
        result += [*words[at : place.start], PLACE]
        at = place.end
    return [*result, *words[at:]]


def _known(place: Place, *, needs_cue: bool = False) -> _Known:
    return _Known(place.name, place.contacts, place.kind == "seat", needs_cue)


def _found(known: _Known, start: int, end: int) -> Found:
    name = known.name if isinstance(known.name, str) else known.name["fr"]
    return Found(name, known.contacts, known.seat, start, end)
