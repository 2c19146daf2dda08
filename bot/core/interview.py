"""The form of a report, field by field, for those who type: which is asked next, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.core.answers import FormPart
from bot.core.forms import Form, Upload
from bot.core.text import fold

FILES = "files"
FIELDS = ("link", "said", "seen", "urgent", "copy_me", "copy_regional", FILES)
EMPTY = frozenset({"-", "–", "vide", "aucun", "aucune", "none", "nothing"})
STOP = frozenset({"annuler", "cancel", "stop", "abandonner"})

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
        """All the fields of a form, or those alone that something is wrong with."""
        problems = {field.name: field.problem for field in part.problems}
        left = tuple(name for name in FIELDS if not problems or name in problems)
        return cls(part.form, part.report, left, tuple(problems.items()))

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

        An empty answer leaves what is there; a dash empties it. Files are no words: they come by `given`.
        """
        words = " ".join(fold(text).strip(" .!").split())
        if not words:
            return self._with(self.value)
        if self.field in _TICKS:
            return self._with(words in _YES) if words in _YES or words in _NO else None
        if self.field == FILES:
            return self._with(()) if words in EMPTY else None
        return self._with("" if words in EMPTY else text.strip())

    def given(self, files: tuple[Upload, ...]) -> Interview:
        """With these files in place of those that were there."""
        return self._with(files)

    def _with(self, value: object) -> Interview:
        changed: dict[str, Any] = {self.field: value}
        form = replace(self.form, **changed)
        return replace(self, form=form, left=self.left[1:])


def stops(text: str) -> bool:
    """Whether the words end the interview."""
    return " ".join(fold(text).strip(" .!").split()) in STOP
