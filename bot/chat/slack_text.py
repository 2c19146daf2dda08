"""Slack's escaping, done and undone."""

from __future__ import annotations

import re

from bot.chat.words import clean

LONGEST_READ = 4000  # what Slack lets people type in one go; a question is cut far below

_TOKEN = re.compile(r"<([@#!]|https?://|mailto:|tel:)([^<>|]*)(?:\|([^<>]*))?>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


def escape(text: str) -> str:
    """The text as it must stand where Slack reads markup: neither mention, broadcast nor link survives."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(text: str) -> frozenset[str]:
    """The people whom a message as Slack sends it addresses."""
    return frozenset(_USER.findall(text))


def read(text: str, bot_user: str = "") -> str:
    """What was typed, from what Slack made of it: without the bot's own mention, without markup, fit to be stored."""
    bare = re.sub(rf"<@{re.escape(bot_user)}(\|[^<>]*)?>", " ", text) if bot_user else text
    words = _TOKEN.sub(_typed, bare)
    unescaped = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return re.sub(r"[ \t]+", " ", clean(unescaped))[:LONGEST_READ]


def _typed(found: re.Match[str]) -> str:
    sort, rest, label = found[1], found[2], found[3] or ""
    match sort:
        case "@" | "#":
            return sort + (label.removeprefix(sort) or rest)
        case "!":
            return label or "@" + rest.partition("^")[0]
    target = rest if sort in {"mailto:", "tel:"} else sort + rest
    # What Slack recognised by itself is labelled with the very words typed: only another label hides its target.
    return (label or target) if label in target else f"{label} ({target})"
