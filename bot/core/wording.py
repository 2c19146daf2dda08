"""Answers in words: the parts of which each kind of answer is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.core.actions import Look
from bot.core.answers import (
    Bullets,
    Choice,
    ContactCard,
    Definition,
    Language,
    Note,
    Paragraph,
    Part,
    Pick,
    SourceLine,
    Title,
)
from bot.core.knowledge import E_REPUTATION, PRESS_OFFICE, REGIONAL_LIST, REPORT, Entry, Knowledge, Texts, Topic
from bot.core.places import Found as Place

_BULLET = "- "


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings say about answers: where the guide can be read, and how to reach the DISC."""

    guide_url: str = ""
    disc_contact: str = ""


class Wording:
    """Makes the parts of answers out of the knowledge base."""

    def __init__(self, knowledge: Knowledge, options: Options) -> None:
        self._knowledge = knowledge
        self._options = options

    def say(self, key: str, language: Language, **values: object) -> str:
        """The bot's own sentence; `{contact}` in it is how to reach the DISC."""
        contact = f" ({self._options.disc_contact})" if self._options.disc_contact else ""
        return self._knowledge.say(key, language, **{"contact": contact, **values})

    def entry(self, entry: Entry, language: Language, places: Sequence[Place] = ()) -> tuple[Part, ...]:
        """The whole answer that an entry gives. `places` are those by which the question came to a contact."""
        if entry.kind == "contact":
            return self._contact(entry, language, places)
        return (*self._head(entry, language), *self._aged(entry, language), *self._closing(entry, language))

    def contacts(self, entries: Sequence[Entry], language: Language, places: Sequence[Place]) -> tuple[Part, ...]:
        """The contacts of several places, or of one that belongs to several delegations."""
        split = next((place for place in places if len(place.contacts) > 1), None)
        intro = (Paragraph(self.say("contact_two", language, place=split.name)),) if split else ()
        cards = [card for entry in entries for card in self._cards(entry, language)]
        follows = [self._follows(place, language) for place in places if not place.seat]
        return (*intro, *cards, *follows, self._source(entries[0], language))

    def choices(self, ids: Sequence[str], language: Language) -> tuple[Part, ...]:
        """Up to three entries to pick from."""
        numbered = [Choice(n, choice, self.title(choice, language)) for n, choice in enumerate(ids, 1)]
        return (Paragraph(self.say("choices", language)), *numbered)

    def unanswered(self, language: Language, places: Sequence[Place]) -> tuple[Part, ...]:
        """The guide doesn't answer: said plainly, with somebody to ask."""
        said = Paragraph(self.say("not_in_guide", language))
        near = [entry for place in places for c in place.contacts if (entry := self._knowledge.entries.get(c))]
        if near:
            return (said, Paragraph(self.say("ask_region", language)), *self._cards(near[0], language))
        return (said, Paragraph(self.say("ask_disc", language)), self._list(language))

    def outside(self, topic: Topic, language: Language, places: Sequence[Place]) -> tuple[Part, ...]:
        """A topic that the guide doesn't treat, with whom to turn to."""
        said = Paragraph(self.say("outside_topic", language, title=topic.title[language]))
        asked: list[Part] = []
        if topic.service:
            asked.append(Paragraph(self.say("outside_service", language, service=topic.service[language].rstrip("."))))
        regional = next((c for place in places for c in place.contacts), "") if topic.contact == REGIONAL_LIST else ""
        contact = self._knowledge.entries.get(regional or topic.contact)
        if contact and contact.people:
            asked += [Paragraph(self.say("outside_contact", language)), *self._cards(contact, language)]
        elif contact:
            asked.append(self._list(language))
        elif topic.gap and not asked:  # near the guide's own subject: the DISC may know
            asked += [Paragraph(self.say("ask_disc", language)), self._list(language)]
        return (said, *(asked or [Paragraph(self.say("outside_nobody", language))]))

    def elsewhere(self, language: Language, place: Place) -> tuple[Part, ...]:
        """A place for which the guide has no contact, with the list of those that it has."""
        return (Paragraph(self.say("contact_nowhere", language, place=place.name)), *self.delegations(language))

    def report(self, language: Language) -> tuple[Part, ...]:
        """How to reach the press office at once."""
        press, how = self._knowledge.entries[PRESS_OFFICE], self._knowledge.entries[E_REPUTATION]
        return (*self._introduced(press, self._knowledge.report.text, language), self._source(how, language))

    def delegations(self, language: Language) -> tuple[Part, ...]:
        """The delegations to pick from, by the names of their seats."""
        seats = {contact: place.name[language] for place in self._knowledge.seats for contact in place.contacts}
        contacts = self._knowledge.delegations
        return tuple(Pick(seats.get(one.id, one.title[language]), Look(one.id)) for one in contacts)

    def picks(self, ids: Iterable[str], language: Language) -> tuple[Part, ...]:
        return tuple(Pick(self.title(one, language), Look(one)) for one in ids)

    def title(self, wanted: str, language: Language) -> str:
        """The human title of an entry, of an outside topic or of a report."""
        if wanted == REPORT:
            return self.say("report_title", language)
        bearer = self._knowledge.entries.get(wanted) or self._knowledge.topics.get(wanted)
        return bearer.title[language] if bearer else wanted

    def text(self, text: str) -> tuple[Part, ...]:
        return _parts(text)

    def _head(self, entry: Entry, language: Language) -> tuple[Part, ...]:
        if entry.kind == "glossary":
            return (Definition(" / ".join(entry.terms[language]), entry.text[language].strip()),)
        return (Title(entry.title[language]), *_parts(entry.text[language]))

    def _aged(self, entry: Entry, language: Language) -> tuple[Part, ...]:
        return (Note(entry.note[language]),) if entry.note else ()

    def _closing(self, entry: Entry, language: Language) -> tuple[Part, ...]:
        offer = (Note(self.say("report_offer", language)),) if entry.id == E_REPUTATION else ()
        also = ", ".join(self.title(other, language) for other in entry.see_also)
        see_also = (Note(self.say("see_also", language, titles=also)),) if also else ()
        return (*offer, self._source(entry, language), *see_also)

    def _contact(self, entry: Entry, language: Language, places: Sequence[Place]) -> tuple[Part, ...]:
        if entry.id == REGIONAL_LIST:
            shown = (Paragraph(self.say("contact_pick", language)), *self.delegations(language))
            return (*_parts(entry.text[language]), *shown, self._source(entry, language))
        served = [place for place in places if entry.id in place.contacts and not place.seat]
        follows = (self._follows(served[0], language),) if served else ()
        return (*self._introduced(entry, entry.text, language), *follows, self._source(entry, language))

    def _introduced(self, entry: Entry, text: Texts, language: Language) -> tuple[Part, ...]:
        """A contact's card under a text that says whose it is, and so without a heading."""
        return (*_parts(text[language]), *(replace(card, place="") for card in self._cards(entry, language)))

    def _follows(self, place: Place, language: Language) -> Part:
        return Note(self.say("contact_follows", language, place=place.name))

    def _cards(self, entry: Entry, language: Language) -> tuple[ContactCard, ...]:
        serves = self.say("contact_serves", language, territory=entry.serves[language]) if entry.serves else ""
        if entry.verified_on:
            age = self.say("contact_verified", language, date=entry.verified_on)
        else:
            age = self.say("contact_unconfirmed", language, edition=self._knowledge.edition)
        return (ContactCard(entry.title[language], entry.people, serves, age),)

    def _list(self, language: Language) -> Part:
        return Pick(self.title(REGIONAL_LIST, language), Look(REGIONAL_LIST))

    def _source(self, entry: Entry, language: Language) -> Part:
        values = {"edition": self._knowledge.edition, "section": entry.section[language], "page": entry.page}
        return SourceLine(self.say("source", language, **values), self._options.guide_url)


def _parts(text: str) -> tuple[Part, ...]:
    """The paragraphs and lists of a text of the knowledge base: a line that begins with "- " is an item."""
    parts: list[Part] = []
    lines = [line.strip() for line in text.strip().splitlines()]
    for bulleted, group in groupby(lines, key=lambda line: line.startswith(_BULLET)):
        if bulleted:
            parts.append(Bullets(tuple(line.removeprefix(_BULLET) for line in group)))
        else:
            paragraphs = "\n".join(group).split("\n\n")
            parts += [Paragraph(paragraph.strip()) for paragraph in paragraphs if paragraph.strip()]
    return tuple(parts)
