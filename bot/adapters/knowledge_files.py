"""The knowledge base, read from the files of `knowledge/`; every problem is told with its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.adapters import knowledge_values as values
from bot.adapters import yaml_lines
from bot.adapters.knowledge_marks import FIT, TOWNS, fingerprint
from bot.adapters.knowledge_schema import (
    FILES,
    ContactsFile,
    CourtesyForm,
    EntryForm,
    GlossaryFile,
    GuideFile,
    OutsideFile,
    PlacesFile,
    RepliesFile,
    TopicForm,
)
from bot.core import text
from bot.core.errors import KnowledgeError
from bot.core.knowledge import Gazetteer, Knowledge, Town

Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def load(folder: Path) -> Knowledge:
    """Read the knowledge base; raise KnowledgeError with every problem if there is one."""
    if not folder.is_dir():
        raise KnowledgeError([f"KNOWLEDGE_DIR: there is no folder {folder}"])
    loaded = _Loaded(folder)
    if loaded.problems:
        raise KnowledgeError([str(problem) for problem in sorted(loaded.problems)])
    return loaded.knowledge()


def check(folder: Path, *, ids: Iterable[str] = (), today: date) -> tuple[list[Problem], list[Problem]]:
    """Everything that is wrong, and what deserves a look (overdue reviews, a stale fit), sorted by file and line."""
    loaded = _Loaded(folder)
    problems = [*loaded.problems, *loaded.missing(ids)]
    return sorted(problems), sorted([*loaded.overdue(today), *loaded.stale()])


class _Loaded:
    """The files as read, with their problems; a file that is broken leaves the others checked all the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self._documents: dict[str, yaml_lines.Document] = {}
        self._forms: dict[str, BaseModel] = {name: form for name in FILES if (form := self._read(name))}
        self._known = frozenset(form.id for _, form in self._entries())
        self._towns = tuple(self._read_towns())
        self._fit = self._read_fit()
        self._check_ids()
        self._check_references()
        self._check_phrasings()
        self._check_messages()

    def knowledge(self) -> Knowledge:
        guide, contacts = self._form("guide.yaml", GuideFile), self._form("contacts.yaml", ContactsFile)
        outside, replies = self._form("outside.yaml", OutsideFile), self._form("replies.yaml", RepliesFile)
        places = self._form("places.yaml", PlacesFile)
        return Knowledge(
            edition=guide.edition,
            entries={form.id: values.entry(form) for _, form in self._entries()},
            topics={form.id: values.topic(form) for form in outside.topics},
            courtesies={form.id: values.courtesy(form) for form in replies.smalltalk},
            report=values.courtesy(replies.report),
            ways=values.phrasings(contacts.ways),
            gazetteer=Gazetteer(
                tuple(values.place(form) for form in places.places), self._towns, frozenset(places.word_towns)
            ),
            messages={key: values.texts(both) for key, both in replies.messages.items()},
            bodies=outside.bodies,
            wrapping=values.wrapping(replies.wrapping),
            fit=self._fit,
        )

    def missing(self, ids: Iterable[str]) -> Iterator[Problem]:
        for wanted in self._dead(ids):
            yield Problem(_home(wanted), 1, f"the entry {wanted} is missing")

    def overdue(self, today: date) -> Iterator[Problem]:
        for path, form in self._entries():
            if form.review_by and form.review_by < today.isoformat():
                line = self._line(path, "review_by")
                yield Problem(str(path[0]), line, f"{form.id} was to be reviewed by {form.review_by}")

    def stale(self) -> Iterator[Problem]:
        if self._fit and self._fit.get("data") != fingerprint(self.folder):
            yield Problem(FIT, 1, "stale: the files changed since; `guidebot knowledge fit` fits the weights anew")

    def _read(self, name: str) -> BaseModel | None:
        path = self.folder / name
        try:
            document = yaml_lines.read(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            self._problem(name, 1, f"can't be read: {error}")
            return None
        self._documents[name] = document
        for line, problem in document.problems:
            self._problem(name, line, problem)
        try:
            return FILES[name].model_validate(document.value) if document.whole else None
        except ValidationError as error:
            for found in error.errors():
                where = ".".join(str(step) for step in found["loc"])
                self._problem(name, document.line(found["loc"]), f"{where}: {found['msg']}")
            return None

    def _read_towns(self) -> Iterator[Town]:
        try:
            lines = (self.folder / TOWNS).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self._problem(TOWNS, 1, f"can't be read: {error}")
            return
        places = self._forms.get("places.yaml")
        numbers = {place.number for place in places.places} if isinstance(places, PlacesFile) else None
        for number, line in enumerate(lines, 1):
            if line and not line.startswith("#"):
                columns = line.split("\t")
                if len(columns) != 3 or not columns[2].isdigit():  # noqa: PLR2004 - name, département, population
                    self._problem(TOWNS, number, "a town is: name, tab, département, tab, population")
                elif numbers is not None and columns[1] not in numbers:
                    self._problem(TOWNS, number, f"no place of places.yaml has the number {columns[1]}")
                else:
                    yield Town(columns[0], columns[1], int(columns[2]))

    def _read_fit(self) -> dict[str, object]:
        path = self.folder / FIT
        try:
            fit = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            self._problem(FIT, 1, f"can't be read: {error}")
            return {}
        return fit if isinstance(fit, dict) else {}

    def _entries(self) -> Iterator[tuple[tuple[str | int, ...], EntryForm]]:
        for name in ("guide.yaml", "glossary.yaml", "contacts.yaml"):
            form = self._forms.get(name)
            if isinstance(form, GuideFile | GlossaryFile | ContactsFile):
                yield from (((name, "entries", n), entry) for n, entry in enumerate(form.entries))

    def _bearers(self) -> Iterator[tuple[tuple[str | int, ...], EntryForm | TopicForm | CourtesyForm]]:
        """Everything that has phrasings of its own, with the path to it: file first."""
        yield from self._entries()
        if isinstance(outside := self._forms.get("outside.yaml"), OutsideFile):
            yield from ((("outside.yaml", "topics", n), topic) for n, topic in enumerate(outside.topics))
        if isinstance(replies := self._forms.get("replies.yaml"), RepliesFile):
            yield from ((("replies.yaml", "smalltalk", n), reply) for n, reply in enumerate(replies.smalltalk))
            yield ("replies.yaml", "report"), replies.report

    def _check_ids(self) -> None:
        seen: dict[str, str] = {}
        for path, form in self._bearers():
            here = f"{path[0]}:{self._line(path, 'id')}"
            if form.id in seen:
                self._at(path, "id", f"the id {form.id} is taken at {seen[form.id]}")
            seen.setdefault(form.id, here)

    def _check_references(self) -> None:
        for path, form in self._bearers():
            for wanted in self._dead(getattr(form, "see_also", ())):
                self._at(path, "see_also", f"see_also names {wanted}, which does not exist")
            for wanted in self._dead([form.contact] if isinstance(form, TopicForm) and form.contact else []):
                self._at(path, "contact", f"contact names {wanted}, which does not exist")
        if isinstance(places := self._forms.get("places.yaml"), PlacesFile):
            for n, place in enumerate(places.places):
                for wanted in self._dead(place.contacts):
                    self._at(("places.yaml", "places", n), "contacts", f"contacts names {wanted}, which does not exist")

    def _dead(self, wanted: Iterable[str]) -> list[str]:
        """Those ids that nothing bears; where the file that should hold one is broken, that is told already."""
        return [entry for entry in wanted if entry not in self._known and _home(entry) in self._forms]

    def _check_messages(self) -> None:
        """A brace too many, or a {field} in one language only, would fail when the message is said."""
        replies = self._forms.get("replies.yaml")
        for key, both in replies.messages.items() if isinstance(replies, RepliesFile) else ():
            fields = [_fields(both.fr), _fields(both.en)]
            if None in fields or fields[0] != fields[1]:
                self._at(("replies.yaml", "messages"), key, "fr and en must have the same {fields}, each brace closed")

    def _check_phrasings(self) -> None:
        seen: dict[tuple[str, ...], tuple[str, str]] = {}
        for path, form in self._bearers():
            for language, texts in (("fr", form.phrasings.fr), ("en", form.phrasings.en)):
                for n, phrasing in enumerate(texts):
                    where = f"{path[0]}:{self._line(path, 'phrasings', language, n)}"
                    key = tuple(text.tokens(phrasing)) or (phrasing,)
                    bearer, first = seen.setdefault(key, (form.id, where))
                    if first != where and bearer != form.id:
                        self._at(path, "phrasings", language, n, f"{phrasing!r} asks for {bearer} too ({first})")

    def _form(self, name: str, kind: type[Form]) -> Form:
        form = self._forms.get(name)
        if not isinstance(form, kind):
            raise KnowledgeError([f"{name}:1: can't be used"])
        return form

    def _line(self, path: tuple[str | int, ...], *steps: str | int) -> int:
        return self._documents[str(path[0])].line((*path[1:], *steps))

    def _at(self, path: tuple[str | int, ...], *steps_and_text: str | int) -> None:
        *steps, problem = steps_and_text
        self._problem(str(path[0]), self._line(path, *steps), str(problem))

    def _problem(self, file: str, line: int, problem: str) -> None:
        self.problems.append(Problem(file, line, problem))


def _fields(message: str) -> set[str] | None:
    """The {fields} of a message, None where its braces don't match."""
    try:
        return {name for _, name, _, _ in Formatter().parse(message) if name is not None}
    except ValueError:
        return None


def _home(entry: str) -> str:
    return {"glossary": "glossary.yaml", "contact": "contacts.yaml"}.get(entry.partition("/")[0], "guide.yaml")
