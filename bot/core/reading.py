"""A question as the matching reads it: its words, with one in the stead of each place, person and other institute."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.core.bodies import BodyFinder
from bot.core.knowledge import Knowledge
from bot.core.people import PERSON, Named, PeopleFinder
from bot.core.places import PLACE, Found, PlaceFinder, replaced
from bot.core.text import capitalised, tokens
from bot.core.wrapping import Unwrapper


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is matched.

    `words` are folded, and `asking` those of them that are left without the courtesies around. `places` and `people`
    (ids of contacts) are in the order in which they were named, but a place that one leaves comes last, and one that
    is excepted ("all of them, except Paris") isn't among them.
    """

    words: tuple[str, ...]
    asking: tuple[str, ...]
    places: tuple[Found, ...] = ()
    people: tuple[str, ...] = ()


_LEAVING = frozenset({"quitte", "quittons", "quitter", "left", "leaving", "leave"})
_FROM = frozenset({"de", "from"})
_EXCEPT = frozenset({"hors", "sauf", "excepte", "except", "excluding"})
_JOINTS = frozenset({"et", "ou", "ni", "and", "or"})
_TO = frozenset({"a", "vers", "pour", "to", "for", "at", "in"})


class Reader:
    """Reads questions and phrasings alike, so that both meet in the same words."""

    def __init__(self, knowledge: Knowledge) -> None:
        contacts = [entry for entry in knowledge.entries.values() if entry.people]
        asked = [tokens(text) for bearer, _, text in knowledge.asked() if not bearer.startswith("contact/")]
        names = {word for entry in contacts for person in entry.people for word in tokens(person.name)}
        whole = PeopleFinder(contacts, names)  # where each name may be a word, only a whole one counts
        bare = (words if names.isdisjoint(words) else _marked(words, whole.find(words)) for words in asked)
        self._vocabulary = {word for words in bare for word in words}
        self._people = PeopleFinder(contacts, self._vocabulary)
        self._places = PlaceFinder(knowledge.gazetteer)
        self._bodies = BodyFinder(knowledge.bodies)
        self._unwrapper = Unwrapper(knowledge.wrapping)

    def read(self, text: str) -> Reading:
        """Read a text; `{place}` in it counts as a place without a name."""
        marked, people = self._people.mark(text.replace("{place}", f" {PLACE} "))
        words, capitals = tokens(marked), capitalised(text)
        named = self._named(words, capitals)
        words = _marked(words, named)
        places = self._places.find(words, self._vocabulary, capitals)
        known = dict.fromkeys([*people, *(name.contact for name in named)])
        read = self._bodies.replaced(replaced(words, places))
        return Reading(tuple(read), self._unwrapper.asking(read, capitals), tuple(_meant(words, places)), tuple(known))

    def _named(self, words: Sequence[str], capitals: Collection[str]) -> list[Named]:
        """The people whom the words name; a name inside a place's longer one (Clermont-Ferrand) names nobody."""
        named = self._people.find(words, capitals)
        towns = self._places.find(words, self._vocabulary) if named else []
        return [name for name in named if not any(_within(name, town) for town in towns)]


def _meant(words: Sequence[str], places: Sequence[Found]) -> list[Found]:
    """The places that are not excepted; from one to another, the one that is left comes after the one that is meant."""
    places = _not_excepted(words, places)
    before = [words[place.start - 1] if place.start else "" for place in places]
    left = _LEAVING if not _LEAVING.isdisjoint(before) else frozenset() if _TO.isdisjoint(before) else _FROM
    return [place for _, place in sorted(zip(before, places, strict=True), key=lambda pair: pair[0] in left)]


def _not_excepted(words: Sequence[str], places: Sequence[Found]) -> list[Found]:
    """The places but for those behind "except", and those that are joined to one of them."""
    kept: list[Found] = []
    excepted = -1  # where the last of those ends
    for place in places:
        before = place.start - 1
        if before >= 0 and (words[before] in _EXCEPT or (words[before] in _JOINTS and excepted == before)):
            excepted = place.end
        else:
            kept.append(place)
    return kept


def _within(name: Named, town: Found) -> bool:
    return town.start <= name.start and name.end <= town.end and name.end - name.start < town.end - town.start


def _marked(words: Sequence[str], named: Sequence[Named]) -> list[str]:
    """The words with one PERSON in the stead of each name."""
    result, at = [], 0
    for name in named:
        if name.start >= at:
            result += [*words[at : name.start], PERSON]
            at = name.end
    return [*result, *words[at:]]
