"""The form of a report as a Slack modal: drawn from a `Form`, and read back from what Slack submits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.slack_kit import Block
from bot.chat.words import Say, clean, shorten
from bot.core.answers import FormPart, Language
from bot.core.attachments import KINDS, MOST
from bot.core.forms import Form, Upload

CALLBACK = "report-form"
SHORTCUT = "report-message"
TITLE, LABEL, ERROR, OPTION = 24, 2000, 150, 75
LONGEST = 3000
CONTACTS = 100  # options of one menu

_TICKED = ("urgent", "copy_me")

# The regional contacts that may get a copy: what is shown, and the mail address.
Contacts = Sequence[tuple[str, str]]


def draw_form(
    part: FormPart, language: Language, say: Say, contacts: Contacts, *, with_copy: bool, with_files: bool = False
) -> Block:
    """The modal, filled in as far as the form is.

    `with_copy` tells that the author's mail address is known, `with_files` that the bot may read files.
    """
    form = part.form
    ticks = [name for name in _TICKED if with_copy or name != "copy_me"]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps({"report": part.report, "language": language}),
        "title": _plain(say("form_title", language), TITLE),
        "submit": _plain(say("form_submit", language), TITLE),
        "close": _plain(say("report_drop", language), TITLE),
        "blocks": [
            {"type": "context", "elements": [_plain(say("form_private", language), LABEL)]},
            _input("said", say("form_said", language), _text(form.said, lines=True)),
            _input("link", say("form_link", language), _text(form.link), optional=True),
            _input("seen", say("form_seen", language), _text(form.seen), optional=True),
            _input("ticks", say("form_ticks", language), _ticks(form, ticks, language, say), optional=True),
            *_copies(form, contacts, language, say),
            *(_files(form, language, say) if with_files else ()),
        ],
    }


def read_form(view: Mapping[str, Any]) -> tuple[FormPart, Language]:
    """What was submitted, with the draft that it changes and the language of the form."""
    about = json.loads(view.get("private_metadata") or "{}")
    values = (view.get("state") or {}).get("values") or {}
    ticked = {option["value"] for option in _value(values, "ticks").get("selected_options") or ()}
    copy = (_value(values, "copy_regional").get("selected_option") or {}).get("value", "")
    form = Form(
        link=_value(values, "link").get("value") or "",
        said=_value(values, "said").get("value") or "",
        seen=_value(values, "seen").get("value") or "",
        urgent="urgent" in ticked,
        copy_me="copy_me" in ticked,
        copy_regional=copy,
        files=(*_kept(values), *_given(values)),
    )
    return FormPart(form, int(about.get("report", 0))), "en" if about.get("language") == "en" else "fr"


def errors(problems: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by the block that shows it."""
    return {field: shorten(words, ERROR) for field, words in problems.items()}


def _value(values: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (values.get(field) or {}).get(field) or {}
    return found


def _input(field: str, label: str, element: Block, *, optional: bool = False) -> Block:
    element = {**element, "action_id": field}
    return {
        "type": "input",
        "block_id": field,
        "label": _plain(label, LABEL),
        "element": element,
        "optional": optional,
    }


def _text(value: str, *, lines: bool = False) -> Block:
    kept = shorten(clean(value), LONGEST)
    return {
        "type": "plain_text_input",
        "multiline": lines,
        "max_length": LONGEST,
        **({"initial_value": kept} if kept else {}),
    }


def _ticks(form: Form, names: Sequence[str], language: Language, say: Say) -> Block:
    offered = {name: {"text": _plain(say(f"form_tick_{name}", language), OPTION), "value": name} for name in names}
    ticked = [offered[name] for name in names if getattr(form, name)]
    return {
        "type": "checkboxes",
        "options": list(offered.values()),
        **({"initial_options": ticked} if ticked else {}),
    }


def _copies(form: Form, contacts: Contacts, language: Language, say: Say) -> list[Block]:
    options = [{"text": _plain(name, OPTION), "value": mail} for name, mail in contacts[:CONTACTS]]
    if not options:
        return []
    chosen = next((option for option in options if option["value"] == form.copy_regional), None)
    menu: Block = {
        "type": "static_select",
        "placeholder": _plain(say("menu", language), OPTION),
        "options": options,
        **({"initial_option": chosen} if chosen else {}),
    }
    return [_input("copy_regional", say("form_copy_regional_menu", language), menu, optional=True)]


def _files(form: Form, language: Language, say: Say) -> list[Block]:
    """A field for new files and, as Slack can't fill it in beforehand, ticks for those that the draft has."""
    options = [
        {"text": _plain(upload.name, OPTION), "value": f"{upload.kept}:{upload.size}"}
        for upload in form.files
        if upload.kept
    ]
    kept: Block = {"type": "checkboxes", "options": options, "initial_options": options}
    new: Block = {"type": "file_input", "filetypes": list(KINDS), "max_files": MOST}
    field = _input("files", say("form_files_slack", language), new, optional=True)
    return [*([_input("kept", say("form_files_kept", language), kept, optional=True)] if options else []), field]


def _kept(values: Mapping[str, Any]) -> list[Upload]:
    ticked = _value(values, "kept").get("selected_options") or ()
    numbers = [option["value"].partition(":")[::2] for option in ticked]
    return [Upload("", kept=int(number), size=int(size)) for number, size in numbers]


def _given(values: Mapping[str, Any]) -> list[Upload]:
    files = _value(values, "files").get("files") or ()
    return [Upload(str(file.get("name") or ""), str(file["id"]), int(file.get("size") or 0)) for file in files]


def _plain(text: str, longest: int) -> Block:
    return {"type": "plain_text", "text": shorten(clean(text), longest) or "…", "emoji": False}
