"""The form of the files in `knowledge/`, as pydantic models; editors read it as JSON Schema."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
EntryId = Annotated[str, StringConstraints(pattern=r"^(guide|glossary|contact)/[a-z0-9-]+$")]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(_Form):
    """A text in French, the reference, and in English."""

    fr: Line
    en: Line


class Ways(_Form):
    """Ways of asking, in French and in English."""

    fr: Annotated[tuple[Line, ...], Field(min_length=1)]
    en: Annotated[tuple[Line, ...], Field(min_length=1)]


class Names(_Form):
    fr: Annotated[tuple[Line, ...], Field(min_length=1)]
    en: Annotated[tuple[Line, ...], Field(min_length=1)]


class PersonForm(_Form):
    name: Line
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    phone: Annotated[str, StringConstraints(pattern=r"^[+(]?\d[\d ()]+$")]


class EntryForm(_Form):
    """What is answered: a section, a term or a contact."""

    id: EntryId
    title: Both
    section: Both
    page: Line
    text: Both
    phrasings: Ways
    note: Both | None = Field(None, description="what has aged since the edition, with its date, apart from the text")
    see_also: tuple[EntryId, ...] = ()
    owner: str = ""
    verified_on: Date | Literal[""] = ""
    verified_by: str = ""
    review_by: Date | Literal[""] = Field("", description="the day from which `knowledge check` asks for a review")


class SectionForm(EntryForm):
    pass


class TermForm(EntryForm):
    terms: Names
    aliases: tuple[Line, ...] = Field((), description="other spellings of the term's name")


class ContactForm(EntryForm):
    people: tuple[PersonForm, ...] = ()
    serves: Both | None = Field(None, description="the territory, for a regional contact")
    aliases: tuple[Line, ...] = Field(
        (), description="what people call it: the names of an office, not those of people"
    )


class GuideFile(_Form):
    edition: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    entries: tuple[SectionForm, ...]


class GlossaryFile(_Form):
    entries: tuple[TermForm, ...]


class ContactsFile(_Form):
    ways: Ways = Field(description="ways of asking for the contact of a {place}")
    entries: tuple[ContactForm, ...]


class TopicForm(_Form):
    """What people ask and the guide does not answer."""

    id: Annotated[str, StringConstraints(pattern=r"^(outside|not-report)/[a-z0-9-]+$")]
    title: Both
    phrasings: Ways
    gap: Literal["true", "false"] = Field("false", description="true: the DISC hears of each such question")
    contact: EntryId | Literal[""] = Field("", description="the one of the guide's contacts who is right to ask")
    service: Both | None = Field(None, description="another service to turn to")


class OutsideFile(_Form):
    bodies: tuple[Line, ...] = Field(
        (), description="names of other institutes, agencies and companies: each counts as the same one word"
    )
    topics: tuple[TopicForm, ...]


class PlaceForm(_Form):
    id: Annotated[str, StringConstraints(pattern=r"^place/[a-z0-9-]+$")]
    kind: Literal[
        "seat",
        "region",
        "former-region",
        "departement",
        "island",
        "nickname",
        "metropolis",
        "overseas",
        "abroad",
    ]
    name: Both
    contacts: tuple[EntryId, ...]
    spellings: tuple[Line, ...] = ()
    cues: tuple[Line, ...] = Field((), description="spellings that are words as well: they need a preposition beside")
    number: str = ""


class PlacesFile(_Form):
    places: tuple[PlaceForm, ...]
    word_towns: tuple[Line, ...] = ()


class CourtesyForm(_Form):
    id: Annotated[str, StringConstraints(pattern=r"^(smalltalk/[a-z-]+|report)$")]
    text: Both
    phrasings: Ways


class WrappingForm(_Form):
    """Set phrases around a question, in both languages; what is asked is looked for between them."""

    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    signing: tuple[Line, ...] = Field((), description="what a signature follows, which is not read")


class RepliesFile(_Form):
    smalltalk: tuple[CourtesyForm, ...]
    wrapping: WrappingForm = WrappingForm()
    report: CourtesyForm
    messages: dict[str, Both] = Field(description="the bot's own sentences and labels, by name")


FILES: dict[str, type[BaseModel]] = {
    "guide.yaml": GuideFile,
    "glossary.yaml": GlossaryFile,
    "contacts.yaml": ContactsFile,
    "outside.yaml": OutsideFile,
    "places.yaml": PlacesFile,
    "replies.yaml": RepliesFile,
}
