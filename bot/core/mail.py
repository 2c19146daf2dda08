"""A mail, as it is previewed, kept and sent; and what must be cleaned before text becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_SUBJECT = 120
LONGEST_TEXT = 10_000  # of one person's words: forms refuse far less, this is the net

# Control characters, separators that act as line ends, direction marks, zero-width characters, lone surrogates.
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Mail:
    """What doesn't depend on who gets it. `attachments` are ids in the store."""

    subject: str
    text: str
    message_id: str
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[int, ...] = ()


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """The text as one harmless line, cut at so many characters."""
    line = " ".join(_HARMFUL.sub("", _LINE_ENDS.sub(" ", text[: 20 * longest])).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def several_lines(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text without what harms, its lines kept; where it is too long, it says that it was cut."""
    lines = _HARMFUL.sub("", _LINE_ENDS.sub("\n", text[: 4 * longest])).replace("\t", " ").strip()
    return lines if len(lines) <= longest else f"{lines[:longest].rstrip()} […]"


def is_mail_address(text: str) -> bool:
    """Whether a mail can be addressed to it; only plain ASCII ones, which every server takes."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None  # noqa: PLR2004 - the standard's limit


def mail_domain(address: str) -> str:
    """The part behind the @, for a Message-ID; one that belongs to nobody where there is none."""
    name = address.strip("<>").rpartition("@")[2]
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "guidebot.invalid"
