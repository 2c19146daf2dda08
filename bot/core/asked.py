"""What can be asked for, by which phrasings; and what is meant by it, given the places and people of a question."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

from bot.core.index import Name, Phrasing
from bot.core.knowledge import REGIONAL_LIST, Knowledge
from bot.core.reading import Reader, Reading
from bot.core.text import tokens

OUTSIDE = "none"  # stands for everything that the guide does not answer
ELSEWHERE = "outside/elsewhere"  # the contact of a place for which the guide has none
SMALLTALK = "smalltalk"
ANY_PLACE = "contact/{place}"  # bears the ways of asking for a place's contact
ANY_PERSON = "contact/{person}"  # bears the phrasings that name one of the guide's people
FEWEST = 3  # words that ask for something by themselves, whatever they are


def phrasings(knowledge: Knowledge, reader: Reader) -> Iterator[Phrasing]:
    """Everything by which something can be asked for, read as questions are."""
    regional = {entry.id for entry in knowledge.delegations}
    for bearer, _, text in knowledge.asked():
        reading = reader.read(text)
        words = reading.asking if len(reading.asking) >= FEWEST else reading.words
        yield Phrasing(_shared(bearer, reading, regional), text, words)
        if kind_of(bearer) == SMALLTALK and words != reading.words:
            yield Phrasing(bearer, text, reading.words)  # courtesies are what it is made of
    for texts in knowledge.ways.values():
        yield from (Phrasing(ANY_PLACE, text, reader.read(text).asking) for text in texts)


def names(knowledge: Knowledge) -> list[Name]:
    """What terms and offices are called, in either language and in the spellings that people use.

    Not by a sign alone: "@" and "#" stand in questions about anybody and anything.
    """
    called = [(entry.id, tokens(name)) for entry in knowledge.entries.values() for name in entry.names]
    return [Name(bearer, tuple(words)) for bearer, words in called if any(word.isalnum() for word in words)]


def meant(bearer: str, reading: Reading) -> str:
    """What a bearer of phrasings stands for, given the places and people of the question."""
    if bearer == ANY_PERSON:
        return reading.people[0] if reading.people else OUTSIDE
    if bearer in {ANY_PLACE, REGIONAL_LIST}:  # the list is for those who name no place
        contacts = [contact for place in reading.places for contact in place.contacts]
        return contacts[0] if contacts else ELSEWHERE if reading.places else REGIONAL_LIST
    return bearer


@cache
def is_topic(bearer: str) -> bool:
    return bearer.startswith(("outside/", "not-report/"))


@cache
def kind_of(bearer: str) -> str:
    return bearer.partition("/")[0]


def _shared(bearer: str, reading: Reading, regional: Collection[str]) -> str:
    """What bears a phrasing: the contacts share those from which their person's name, or their place's, is read."""
    if reading.people and bearer.startswith("contact/"):
        return ANY_PERSON
    return ANY_PLACE if reading.places and bearer in regional else bearer
