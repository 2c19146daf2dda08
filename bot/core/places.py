"""Places in a question, and the regional contacts that serve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.knowledge import Gazetteer, Place, Town
from bot.core.spelling import Speller
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
        "inserm",
        "delegation",
    ]
)
_ROLES = frozenset(["contact", "contacts", "com", "comm", "comms", "communication"])
_TOWN_CUES = _CUES - {"en", "dans", "sur", "chez"}
_SPELLING_CUES = _CUES | {"pour", "pr", "for"}
_DEPARTEMENT_CUES = _SPELLING_CUES - {"a", "at"}
_CITY_CUES = _TOWN_CUES | {"de", "to", "for", "pour", "pr", "campus"}
_ARTICLES = frozenset(["a", "for"])  # cues that in an English sentence stand before any word: "a nice day"
_ENGLISH = frozenset(
    [
        *(
            "the",
            "to",
            "of",
            "and",
            "is",
            "are",
            "how",
            "what",
            "who",
            "that",
            "this",
            "with",
            "it",
            "can",
            "do",
            "did",
        ),
        *("i", "we", "you", "my", "our", "your", "have", "has", "should", "thank", "thanks", "was", "such", "write"),
    ]
)
_BEFORE_NUMBER = frozenset(["le", "dans", "du", "departement", "dept", "dep", "department", "dpt", "contact", "com"])
_BEFORE_DEPARTEMENT = _SPELLING_CUES | {"couvre", "dessert", "gere"}  # "le 14" behind anything else is a day
_DAYS = 31  # of a month
_AFTER_FIGURES = frozenset(  # a number before one of these is a date or counts something
    [
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "abonnes",
        "followers",
        "vues",
        "views",
        "likes",
        "euros",
        "personnes",
        "people",
        "signes",
        "caracteres",
        "characters",
        "mots",
        "words",
        "tweets",
    ]
)
_POST_CODE = 5  # digits
_SMALL_TOWN = 2_000  # people: below, a town of one word needs a cue, as a word that happens to be a town would
_BIG_TOWN = 10_000  # people: below, a town whose name is a word is never understood: the word is far likelier
_CITY = 100_000  # people: above, a town whose name is a word (Nice, Tours) needs less of a cue
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
class _Manner:
    """What the names of one territory have in common: whom they belong to, and the cues that they need, if any."""

    contacts: tuple[str, ...]
    seat: bool
    cues: frozenset[str] = frozenset()


class PlaceFinder:
    """Finds places by their spellings, the longest first; a name that is a word as well needs a cue beside it."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._contacts_of = {p.number: p.contacts for p in gazetteer.places if p.number}
        self._numbers = {p.number.lower(): p for p in gazetteer.places if p.number}
        self._manners: dict[_Manner, _Manner] = {}  # each once: thousands of towns share a few
        self._names: dict[str, tuple[str, _Manner]] = {}  # 35,000 of them: how it is written, its manner
        self._add_places(gazetteer.places)
        self._add_towns(gazetteer.towns, {_key(word) for word in gazetteer.word_towns})
        self._longest: dict[str, int] = {}  # words of the longest name that begins with that word
        for name in self._names:
            first, length = name.partition(" ")[0], name.count(" ") + 1
            self._longest[first] = max(length, self._longest.get(first, 0))
        # Nice, Tours, Nancy, Angers: so large that a capital tells them from the words
        large = {_key(town.name) for town in gazetteer.towns if town.population >= _CITY}
        self._word_cities = large & {_key(word) for word in gazetteer.word_towns}
        self._speller = Speller(self._misspellable(gazetteer), alike=_ALIKE, shortest=_SHORTEST_MISSPELLED)

    def find(
        self, words: Sequence[str], known_words: Collection[str] = (), capitalised: Collection[str] = ()
    ) -> list[Found]:
        """The places that the words name, in order. What is among `known_words` is never taken for a misspelling.

        `capitalised` are those words that bear a capital as names do: the name of a large city among them needs no cue.
        """
        cities = self._word_cities.intersection(capitalised)
        found: list[Found] = []
        at = 0
        while at < len(words):
            word = words[at]
            begins = word in self._longest or word[0].isdigit()
            place = self._at(words, at, cities) if begins else self._misspelled(words, at, known_words)
            if place:
                found.append(place)
            at = place.end if place else at + 1
        return found

    def _at(self, words: Sequence[str], at: int, cities: Collection[str]) -> Found | None:
        word = words[at]
        if word[0].isdigit():
            return self._number(words, at)
        for end in range(min(len(words), at + self._longest.get(word, 0)), at, -1):
            called = " ".join(words[at:end])
            if (known := self._names.get(called)) is None:
                continue
            name, manner = known
            if not manner.cues or called in cities or _has_cue(words, at, end, manner.cues):
                return Found(name, manner.contacts, manner.seat, at, end)
        return None

    def _number(self, words: Sequence[str], at: int) -> Found | None:
        word, after = words[at], words[at + 1 : at + 2]
        if after and after[0] in _AFTER_FIGURES:
            return None
        if place := self._of_post_code(word):
            return _numbered(place, at)
        alone = not after or not after[0][0].isdigit()
        if word in self._numbers and alone and at and words[at - 1] in _BEFORE_NUMBER and not _is_day(words, at):
            return _numbered(self._numbers[word], at)
        return None

    def _of_post_code(self, code: str) -> Place | None:
        """The département or overseas territory whose number a post code begins with; Corsica's two share 20."""
        if len(code) != _POST_CODE or not code.isdigit():
            return None
        two = ("2a" if code < "20200" else "2b") if code.startswith("20") else code[:2]
        return self._numbers.get(code[:3]) or self._numbers.get(two)

    def _misspelled(self, words: Sequence[str], at: int, known_words: Collection[str]) -> Found | None:
        near = None if words[at] in known_words else self._speller.nearest(words[at])
        if near is None:
            return None
        name, manner = self._names[near]
        return Found(name, manner.contacts, manner.seat, at, at + 1)

    def _add_places(self, places: Iterable[Place]) -> None:
        for place in places:
            cues = {_key(spelling) for spelling in place.cues}
            beside = _DEPARTEMENT_CUES if place.kind == "departement" else _SPELLING_CUES
            for spelling in (*place.name.values(), *place.spellings, *place.cues):
                needed = beside if _key(spelling) in cues else frozenset()
                self._add(spelling, place.name["fr"], _Manner(place.contacts, place.kind == "seat", needed))

    def _add_towns(self, towns: Iterable[Town], word_towns: set[str]) -> None:
        namesakes: dict[str, list[Town]] = defaultdict(list)
        for town in towns:
            namesakes[_key(town.name)].append(town)
        for name, same in namesakes.items():
            same.sort(key=lambda town: -town.population)
            population = same[0].population
            if name in word_towns and population < _BIG_TOWN:
                continue
            alone = len(same) == 1 or population >= _DOMINANT * same[1].population
            contacts = dict.fromkeys(c for t in same[: 1 if alone else None] for c in self._contacts_of[t.departement])
            doubtful = name in word_towns or (" " not in name and population < _SMALL_TOWN)
            cues = (_CITY_CUES if population >= _CITY else _TOWN_CUES) if doubtful else frozenset()
            self._add(name, same[0].name, _Manner(tuple(contacts), seat=False, cues=cues))

    def _add(self, spelling: str, written: str, manner: _Manner) -> None:
        if key := _key(spelling):
            self._names.setdefault(key, (written, self._manners.setdefault(manner, manner)))

    def _misspellable(self, gazetteer: Gazetteer) -> Iterator[str]:
        """The names of one word that people may misspell: those of larger towns, and of regions and départements."""
        large = {_key(town.name) for town in gazetteer.towns if town.population >= _KNOWN_TOWN}
        spelt = {word for place in gazetteer.places for spelling in place.spellings for word in tokens(spelling)}
        for name, (_, manner) in self._names.items():
            if " " not in name and not manner.cues and (name in large or name in spelt):
                yield name


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
    if len(words) == end - start or any(word in _ROLES for word in after):
        return True
    if after and _ARTICLES.intersection(before) and not _ENGLISH.isdisjoint(words):
        return False
    return any(word in cues for word in before)


def _is_day(words: Sequence[str], at: int) -> bool:
    """Whether a number is a day of the month: one up to 31, if nothing before its article leads to a place."""
    before = words[max(0, at - 2) : at]
    leads = len(before) == 1 or before[0] in _BEFORE_DEPARTEMENT
    return before[-1] == "le" and words[at].isdigit() and int(words[at]) <= _DAYS and not leads


def _numbered(place: Place, at: int) -> Found:
    return Found(place.name["fr"], place.contacts, seat=False, start=at, end=at + 1)


def _key(name: str) -> str:
    return " ".join(tokens(name))
