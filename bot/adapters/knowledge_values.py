"""From the forms of the knowledge's files to the values that the core knows."""

from __future__ import annotations

from bot.adapters.knowledge_schema import (
    Both,
    ContactForm,
    CourtesyForm,
    EntryForm,
    PlaceForm,
    TermForm,
    TopicForm,
    Ways,
    WrappingForm,
)
from bot.core.answers import Person
from bot.core.knowledge import Courtesy, Entry, Phrasings, Place, Texts, Topic, Wrapping


def entry(form: EntryForm) -> Entry:
    contact = form if isinstance(form, ContactForm) else None
    term = form if isinstance(form, TermForm) else None
    return Entry(
        id=form.id,
        title=texts(form.title),
        section=texts(form.section),
        page=form.page,
        text=texts(form.text),
        phrasings=phrasings(form.phrasings),
        note=texts(form.note) if form.note else None,
        see_also=form.see_also,
        terms={"fr": term.terms.fr, "en": term.terms.en} if term else {},
        aliases=term.aliases if term else contact.aliases if contact else (),
        people=tuple(Person(p.name, p.email, p.phone) for p in contact.people) if contact else (),
        serves=texts(contact.serves) if contact and contact.serves else None,
        owner=form.owner,
        verified_on=form.verified_on,
        verified_by=form.verified_by,
        review_by=form.review_by,
    )


def topic(form: TopicForm) -> Topic:
    service = texts(form.service) if form.service else None
    return Topic(form.id, texts(form.title), phrasings(form.phrasings), form.gap == "true", form.contact, service)


def courtesy(form: CourtesyForm) -> Courtesy:
    return Courtesy(form.id, texts(form.text), phrasings(form.phrasings))


def wrapping(form: WrappingForm) -> Wrapping:
    return Wrapping(form.before, form.after, form.signing)


def place(form: PlaceForm) -> Place:
    return Place(form.id, form.kind, texts(form.name), form.contacts, form.spellings, form.cues, form.number)


def texts(both: Both) -> Texts:
    return {"fr": both.fr, "en": both.en}


def phrasings(ways: Ways) -> Phrasings:
    return {"fr": ways.fr, "en": ways.en}
