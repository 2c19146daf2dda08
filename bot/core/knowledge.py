"""The knowledge base as values: what people wrote in `knowledge/`, checked and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.core.answers import Language, Person

Texts = Mapping[Language, str]
Phrasings = Mapping[Language, tuple[str, ...]]

REGIONAL_LIST = "contact/regional-list"
PRESS_OFFICE = "contact/press-office"
E_REPUTATION = "guide/e-reputation"
REPORT = "report"


@dataclass(frozen=True, slots=True)
class Entry:
    """A guide section, a term or a contact: the unit that is answered.

    `note` tells, apart from the text, what has aged since the edition; `terms` are a term's names, and `aliases`
    others of a term or an office; `people` and `serves` are a contact's.
    """

    id: str
    title: Texts
    section: Texts
    page: str
    text: Texts
    phrasings: Phrasings
    note: Texts | None = None
    see_also: tuple[str, ...] = ()
    terms: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    serves: Texts | None = None
    owner: str = ""
    verified_on: str = ""
    verified_by: str = ""
    review_by: str = ""

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """What a term or an office is called, in either language and in the spellings that people use."""
        return (*(name for names in self.terms.values() for name in names), *self.aliases)


@dataclass(frozen=True, slots=True)
class Topic:
    """What people ask and the guide doesn't answer, with whom to turn to: one of the guide's people, or a service.

    `gap` tells that the DISC should hear of each such question.
    """

    id: str
    title: Texts
    phrasings: Phrasings
    gap: bool = False
    contact: str = ""
    service: Texts | None = None


@dataclass(frozen=True, slots=True)
class Courtesy:
    """A greeting, thanks, a call for help: what is said back, without a source."""

    id: str
    text: Texts
    phrasings: Phrasings


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What people say for courtesy's sake before a question and after it, and above their name."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    signing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A seat, region, département or nickname. `contacts` is empty overseas and abroad.

    `cues` are those spellings that are words as well: they count only beside a preposition or a contact word.
    """

    id: str
    kind: str
    name: Texts
    contacts: tuple[str, ...]
    spellings: tuple[str, ...]
    cues: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    departement: str
    population: int


@dataclass(frozen=True)
class Gazetteer:
    """Everything that is known of places. `word_towns` are towns whose names are words, too."""

    places: tuple[Place, ...] = ()
    towns: tuple[Town, ...] = ()
    word_towns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Knowledge:
    """Everything that the bot knows.

    `edition` is the guide's year; `ways` ask for a {place}'s contact; `bodies` are the names of other institutes.
    """

    edition: str
    entries: Mapping[str, Entry]
    topics: Mapping[str, Topic]
    courtesies: Mapping[str, Courtesy]
    report: Courtesy
    ways: Phrasings
    gazetteer: Gazetteer
    messages: Mapping[str, Texts]
    bodies: tuple[str, ...] = ()
    wrapping: Wrapping = Wrapping()
    fit: Mapping[str, object] = field(default_factory=dict)

    def say(self, key: str, language: Language, **values: object) -> str:
        """The bot's own sentence or label of that name, with its {values} filled in."""
        return self.messages[key][language].format(**values)

    @cached_property
    def terms(self) -> tuple[Entry, ...]:
        return self._of("glossary")

    @cached_property
    def sections(self) -> tuple[Entry, ...]:
        return self._of("guide")

    @cached_property
    def delegations(self) -> tuple[Entry, ...]:
        """The contacts that serve a territory."""
        return tuple(entry for entry in self._of("contact") if entry.serves)

    @cached_property
    def seats(self) -> tuple[Place, ...]:
        """The places after which delegations are called."""
        return tuple(place for place in self.gazetteer.places if place.kind == "seat")

    def bare(self) -> Knowledge:
        """The same without phrasings and most places: all that answers are made of, once a matcher was."""
        return replace(
            self,
            entries={key: replace(entry, phrasings={}) for key, entry in self.entries.items()},
            topics={key: replace(topic, phrasings={}) for key, topic in self.topics.items()},
            courtesies={key: replace(courtesy, phrasings={}) for key, courtesy in self.courtesies.items()},
            report=replace(self.report, phrasings={}),
            ways={},
            bodies=(),
            wrapping=Wrapping(),
            gazetteer=Gazetteer(places=self.seats),
        )

    def asked(self) -> Iterator[tuple[str, Language, str]]:
        """Every phrasing, as (id it asks for, language, text); those of places are left to `ways`."""
        bearers: list[Entry | Topic | Courtesy] = [*self.entries.values(), *self.topics.values()]
        for bearer in (*bearers, *self.courtesies.values(), self.report):
            for language, texts in bearer.phrasings.items():
                yield from ((bearer.id, language, text) for text in texts)

    def _of(self, kind: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries.values() if entry.kind == kind)
