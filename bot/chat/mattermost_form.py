"""The form of a report as a Mattermost dialog: drawn from a `Form`, and read back from what a client submits.

Mattermost counts bytes, not characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.mattermost_text import read
from bot.chat.words import Say, clean
from bot.core.answers import FormPart, Language
from bot.core.forms import Form

CALLBACK = "report-form"
TITLE, LABEL, HELP, TEXT, TEXTAREA = 24, 24, 150, 150, 3000  # bytes
LONGEST = 3000  # characters that a client takes into a large field

Element = dict[str, Any]


def draw_form(
    part: FormPart, language: Language, say: Say, contacts: Sequence[tuple[str, str]], *, with_copy: bool
) -> dict[str, Any] | None:
    """The dialog, filled in as far as the form is; None where the form holds more than a dialog can be opened with.

    `with_copy` tells that the author's mail address is known.
    """
    form = part.form
    if _bytes(form.said) > TEXTAREA or _bytes(form.link) > TEXTAREA or _bytes(form.seen) > TEXT:
        return None

    def element(field: str, kind: str, default: str, *, required: bool = False, **more: Any) -> Element:
        label, hint = say(f"mattermost_form_{field}", language), say(f"form_{field}", language)
        base = {"display_name": _cut(label, LABEL), "name": field, "type": kind, "default": default}
        return {**base, "help_text": _cut(hint, HELP), "optional": not required, **more}

    def tick(field: str, *, ticked: bool) -> Element:
        words = say(f"form_tick_{field}", language)
        return element(field, "bool", "true" if ticked else "false", placeholder=words, help_text="")

    regional: Element = {"help_text": "", "options": [{"text": clean(name), "value": mail} for name, mail in contacts]}
    known = form.copy_regional if form.copy_regional in {mail for _, mail in contacts} else ""
    return {
        "callback_id": CALLBACK,
        "title": _cut(say("form_title", language), TITLE),
        "introduction_text": say("form_private", language),
        "submit_label": say("form_submit", language),
        "notify_on_cancel": False,
        "elements": [
            element("said", "textarea", form.said, required=True, max_length=LONGEST),
            element("link", "textarea", form.link, max_length=LONGEST),  # a field for text holds but 150
            element("seen", "text", form.seen, max_length=TEXT),
            tick("urgent", ticked=form.urgent),
            *([tick("copy_me", ticked=form.copy_me)] if with_copy else []),
            *([element("copy_regional", "select", known, **regional)] if contacts else []),
        ],
    }


def read_form(submission: Mapping[str, Any]) -> Form:
    """What was submitted; what is no text or tick counts as nothing."""
    return Form(
        link=_text(submission, "link"),
        said=_text(submission, "said"),
        seen=_text(submission, "seen"),
        urgent=submission.get("urgent") is True,
        copy_me=submission.get("copy_me") is True,
        copy_regional=_text(submission, "copy_regional"),
    )


def _text(submission: Mapping[str, Any], field: str) -> str:
    value = submission.get(field)
    return read(value) if isinstance(value, str) else ""


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _cut(text: str, size: int) -> str:
    return text.encode(errors="replace")[:size].decode(errors="ignore")
