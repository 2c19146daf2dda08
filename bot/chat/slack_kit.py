"""The blocks and elements of Slack's Block Kit that answers are made of, each within its own limit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bot.chat.slack_text import escape
from bot.chat.words import clean, shorten
from bot.core.answers import ContactCard, Person

Block = dict[str, Any]

SECTION, HEADER, BUTTON, NOTE, LINE = 3000, 150, 75, 2000, 600
FIELDS, ITEMS = 10, 60

_LINK = re.compile(r"https?://[^\s<>«»]*[^\s<>«».,;:!?)\]'’\"]|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def header(text: str) -> list[Block]:
    title = shorten(" ".join(clean(text).split()), HEADER)
    return [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}] if title else []


def bullets(items: Iterable[str]) -> list[Block]:
    sections = [section(linked(shorten(item, SECTION))) for item in map(clean, items) if item]
    return [rich({"type": "rich_text_list", "style": "bullet", "elements": sections[:ITEMS]})] if sections else []


def preformatted(text: str) -> Block:
    """A text whose lines stay as they are, in which nothing is a link."""
    return rich({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]})


def card(contact: ContactCard) -> list[Block]:
    place = bold(shorten(clean(contact.place), LINE))
    about = "\n".join(text for text in map(clean, (contact.serves, contact.age)) if text)
    fields = [{"type": "mrkdwn", "text": _person(person), "verbatim": True} for person in contact.people[:FIELDS]]
    blocks = [rich(section(place))] if place else []
    blocks += [{"type": "section", "fields": fields}] if fields else []
    return blocks + ([aside(about)] if about else [])


def _person(person: Person) -> str:
    name, mail, phone = (shorten(clean(value), BUTTON) for value in (person.name, person.mail, person.phone))
    number = re.sub(r"[^\d+]", "", phone)
    lines = [
        escape(name),
        f"<mailto:{_target(mail)}|{_label(mail)}>" if mail else "",
        f"<tel:{number}|{_label(phone)}>" if number else escape(phone),
    ]
    return "\n".join(line for line in lines if line) or "…"


def source(text: str, url: str) -> list[Block]:
    if not clean(text):
        return []
    if not re.match(r"https?://", url):
        return [aside(text)]
    return [context(f"<{_target(url)}|{_label(shorten(clean(text), LINE))}>")]


def _target(url: str) -> str:
    return re.sub(r"[\s<>|]", lambda found: f"%{ord(found[0]):02X}", clean(url)).replace("&", "&amp;")


def _label(text: str) -> str:
    return escape(text.replace("|", "¦").replace("\n", " "))


def context(markup: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": markup, "verbatim": True}]}


def aside(text: str) -> Block:
    shown = shorten(clean(text), NOTE)
    return {"type": "context", "elements": [{"type": "plain_text", "text": shown, "emoji": False}]}


def rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def section(elements: list[Block]) -> Block:
    return {"type": "rich_text_section", "elements": elements}


def words(text: str) -> list[Block]:
    return [{"type": "text", "text": text}] if text.strip() else []


def bold(text: str) -> list[Block]:
    return [{"type": "text", "text": text, "style": {"bold": True}}] if text.strip() else []


def linked(text: str) -> list[Block]:
    """The text with its web and mail addresses as links: `rich_text` recognises none by itself."""
    elements, end = [], 0
    for found in _LINK.finditer(text):
        elements += _kept(text[end : found.start()])
        url = found[0] if found[0].startswith("http") else f"mailto:{found[0]}"
        elements.append({"type": "link", "url": url, "text": found[0]})
        end = found.end()
    return elements + _kept(text[end:])


def _kept(text: str) -> list[Block]:
    return [{"type": "text", "text": text}] if text else []


def pieces(text: str) -> list[str]:
    """The text in pieces that fit into a block each, cut at the end of a line or of a word where there is one."""
    rest, cuts = clean(text), []
    while len(rest) > SECTION:
        cut = max(rest.rfind("\n", 0, SECTION), rest.rfind(" ", 0, SECTION))
        cut = cut if cut > SECTION // 2 else SECTION
        cuts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*cuts, rest] if rest else cuts
