"""The form of a report, field by field, for those who type: which is asked next, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.core.answers import Field, FormPart
from bot.core.forms import Form, Upload
from bot.core.text import fold

FILES = "files"
FIELDS = ("link", "said", "seen", "urgent", "copy_me", "copy_regional", FILES)
EMPTY = frozenset({"-", "–", "—", "vide", "aucun", "aucune", "none", "nothing", "passer", "skip"})
KEEP = frozenset({"", "=", "garder", "idem", "keep", "same"})  # what is in brackets
STOP = frozenset({"annuler", "cancel", "stop", "abandonner"})

_OK = frozenset({"ok", "oui", "yes"})  # keep, too, where it is no yes
_NOT = frozenset({"non", "no", "rien", "pas de lien", "no link"})  # empty, where it is no "no"
_TICKS = frozenset({"urgent", "copy_me"})
_YES = frozenset({"oui", "o", "yes", "y", "ok", "urgent", "vrai"})
_NO = frozenset({"non", "n", "no", "pas urgent", "not urgent", "faux"}) | EMPTY


@dataclass(frozen=True, slots=True)
class Interview:
    """A form that is being filled in: `left` are the fields to be asked yet, `problems` what is wrong with them."""

    form: Form
    report: int
    left: tuple[str, ...]
    problems: tuple[tuple[str, str], ...] = ()

    @classmethod
    def over(cls, part: FormPart) -> Interview:
        """All the fields of a form, or those alone that are left, or that something is wrong with."""
        problems = {field.name: field.problem for field in part.problems}
        left = part.left or tuple(name for name in FIELDS if not problems or name in problems)
        return cls(part.form, part.report, left, tuple(problems.items()))

    def part(self) -> FormPart:
        """The form as far as it is filled in, with what is left of it."""
        problems = tuple(Field(name, words) for name, words in self.problems if name in self.left)
        return FormPart(self.form, self.report, problems, self.left)

    @property
    def field(self) -> str:
        """The field that is asked now, empty when all are answered."""
        return self.left[0] if self.left else ""

    @property
    def value(self) -> str | bool | tuple[Upload, ...]:
        """What the field holds already."""
        value: str | bool | tuple[Upload, ...] = getattr(self.form, self.field)
        return value

    @property
    def problem(self) -> str:
        return dict(self.problems).get(self.field, "")

    def answered(self, text: str) -> Interview | None:
        """With the field answered, the next one's turn; None where the words are no answer to it.

        An empty answer, or a word for it, leaves what is there; a dash empties it. Files are no words: they come by
        `given`.
        """
        words = _words(text)
        if words in KEEP:
            return self._with(self.value)
        if self.field in _TICKS:
            return self._with(words in _YES) if words in _YES or words in _NO else None
        if self.field == FILES:
            return self._with(()) if words in EMPTY | _NOT else None
        if words in _OK and self.value:
            return self._with(self.value)
        return self._with("" if words in EMPTY | _NOT else text.strip())

    def given(self, files: tuple[Upload, ...]) -> Interview:
        """With these files in place of those that were there."""
        return self._with(files)

    def heard(self, text: str, files: tuple[Upload, ...] = ()) -> Interview:
        """With what a message says and bears: files are taken whenever they come; what is no answer is asked again."""
        interview = replace(self, form=replace(self.form, files=(*self.form.files, *files))) if files else self
        if files and (self.field == FILES or not text.strip()):
            return replace(interview, left=self.left[1:]) if self.field == FILES else interview
        return interview.answered(text) or interview

    def _with(self, value: object) -> Interview:
        changed: dict[str, Any] = {self.field: value}
        form = replace(self.form, **changed)
        return replace(self, form=form, left=self.left[1:])


def stops(text: str) -> bool:
    """Whether the words end the interview."""
    return _words(text) in STOP


def _words(text: str) -> str:
    return " ".join(fold(text).strip(" .!").split())
