"""Contacts in Mattermost's Markdown: a few lines for one person, a table for several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.chat.mattermost_text import one_line
from bot.chat.words import Say
from bot.core.answers import ContactCard, Language, Person


def cards(contacts: Sequence[ContactCard], language: Language, say: Say) -> Iterator[str]:
    """Contacts that follow one another; how old they are is said once where it is the same for all."""
    if sum(len(contact.people) for contact in contacts) > 1:
        yield _table(contacts, language, say)
    else:
        yield from (_lines(contact) for contact in contacts)
    about = [(contact.place, contact.serves) for contact in contacts if one_line(contact.serves)]
    named = len(contacts) > 1
    yield "\n".join((f"{one_line(place)} – " if named else "") + one_line(serves) for place, serves in about)
    yield from (f"> {age}" for age in dict.fromkeys(one_line(contact.age) for contact in contacts) if age)


def _table(contacts: Sequence[ContactCard], language: Language, say: Say) -> str:
    heads = (
        say("mattermost_place", language),
        say("mattermost_name", language),
        say("mattermost_mail", language),
        say("mattermost_phone", language),
    )
    rows = [_row(contact.place, person) for contact in contacts for person in contact.people]
    return "\n".join([_cells(heads), _cells(["---"] * len(heads)), *map(_cells, rows)])


def _row(place: str, person: Person) -> list[str]:
    return [f"**{one_line(place)}**" if one_line(place) else "", *map(one_line, _values(person))]


def _cells(values: Sequence[str]) -> str:
    return "| " + " | ".join(values) + " |"


def _lines(contact: ContactCard) -> str:
    place = one_line(contact.place)
    people = [" · ".join(value for value in map(one_line, _values(person)) if value) for person in contact.people]
    return "\n".join(line for line in (f"**{place}**" if place else "", *people) if line)


def _values(person: Person) -> tuple[str, str, str]:
    return person.name, person.mail, person.phone
