"""Mattermost's Markdown: people's words made harmless for it, and read out of it."""

from __future__ import annotations

import re

from bot.chat.words import clean

LONGEST_READ = 4000  # a question is cut far below

_ZERO_WIDTH = "\u200b"
_BACKSLASH = "\ue000"  # stands for one that is not to be escaped itself
_LINK = re.compile(r"https?://[^\s<>«»|]*[^\s<>«»|.,;:!?)\]'’\"]")
_MAIL = re.compile(
    r"(?<![\w.+@-])[A-Za-z0-9](?:[A-Za-z0-9.+_-]*[A-Za-z0-9])?@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?![\w@])"
)
_KEPT = re.compile(f"{_LINK.pattern}|{_MAIL.pattern}")
_MARKUP = re.compile(r"[\\`*_~\[\]|]")
_LINE_START = re.compile(r"^[ \t]*(?=\S)(?:([#>+=-])|(\d+)([.)]))?", re.MULTILINE)
_UNSAFE_IN_URL = re.compile(r"[\s<>()\[\]\\`|@\"'^{}]")

_FENCED = re.compile(r"^[ ]{0,3}(```|~~~).*?(?:^[ ]{0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_INDENTED = re.compile(r"(?:\A|(?<=\n\n))(?:(?: {4}|\t)[^\n]*(?:\n|\Z))+")
_MENTION = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)


def escape(text: str) -> str:
    """Words that stay words: no markup and no mention of anybody comes of them; addresses remain to be clicked."""
    shown, end = [], 0
    lines = _LINE_START.sub(_line_start, clean(text).replace(_BACKSLASH, ""))
    for found in _KEPT.finditer(lines):
        shown += [_plain(lines[end : found.start()]), target(found[0]) if "://" in found[0] else found[0]]
        end = found.end()
    return "".join([*shown, _plain(lines[end:])]).replace(_BACKSLASH, "\\")


def one_line(text: str) -> str:
    return " ".join(escape(text).split())


def target(url: str) -> str:
    """An address in which nothing ends a link, marks words up, or mentions anybody."""
    return _UNSAFE_IN_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), clean(url))


def mentions(text: str, user_name: str) -> bool:
    """Whether the words address that person: as a whole word, and outside of code."""
    return user_name.lower() in addressed(text)


def addressed(text: str) -> frozenset[str]:
    """The names that a message addresses, in lower case. A full stop or a dash behind a name is not part of it."""
    return frozenset(name.lower().rstrip("._-") for name in _MENTION.findall(_without_code(text)))


def read(text: str, user_name: str = "") -> str:
    """What was typed, without the bot's own mention, fit to be stored."""
    bare = clean(text)
    if user_name:
        own = rf"(?<![\w@])@{re.escape(user_name)}(?![._-]*[a-z0-9])[:,]?"
        bare = re.sub(own, " ", bare, flags=re.IGNORECASE)
    return re.sub(r"[ \t]+", " ", bare).strip()[:LONGEST_READ]


def _without_code(text: str) -> str:
    return _INLINE.sub(" ", _INDENTED.sub("\n", _FENCED.sub("\n", text.replace("\r\n", "\n"))))


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text).replace("@", "@" + _ZERO_WIDTH)


def _line_start(found: re.Match[str]) -> str:
    """A line without its indent, and without what would make it a heading, a quotation or an item."""
    mark, number, stop = found[1], found[2], found[3]
    if mark:  # an underline of = can't be escaped, but it must begin its line
        return f"{_BACKSLASH}{mark}" if mark != "=" else f"{_ZERO_WIDTH}="
    return f"{number}{_BACKSLASH}{stop}" if number else ""
