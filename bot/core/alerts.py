"""Alerts: a report of a harmful post opens a case, which is followed to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.core.answers import Language
from bot.core.attachments import AttachmentInfo
from bot.core.mail import Mail
from bot.core.messages import Address, Said

SAME_LINK_FOR = timedelta(days=7)
DRAFTS_KEPT = timedelta(days=7)
FLOOD_SPAN = timedelta(hours=1)
FLOOD_PERSON, FLOOD_ALL = 10, 200  # reports in that span that still travel one by one
GATHER_EVERY = timedelta(minutes=10)
GATHERED_AT_MOST, GATHERED_BYTES = 100, 15_000_000  # in one letter


class CaseState(StrEnum):
    DRAFT = "draft"  # has its number, and was sent to nobody
    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CaseEnd(StrEnum):
    """How the press office closed a case."""

    HANDLED = "handled"
    KNOWN = "known"
    NO_ACTION = "no action"
    MISTAKE = "mistake"


class ReportState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Author:
    """Who reports: a keyed hash, where they are told of what follows, how the mail names them, their mail address."""

    asker: str
    address: Address
    name: str
    mail: str = ""
    language: Language = "fr"


@dataclass(frozen=True, slots=True)
class Account:
    """What one person tells of a post, checked. `link` is normalised, or empty; `seen_at` is an hour, or empty."""

    said: str
    seen_on: date
    link: str = ""
    platform: str = ""
    seen_at: str = ""
    urgent: bool = False
    copy_me: bool = False
    copy_regional: str = ""  # the mail address of the regional contact


@dataclass(frozen=True, slots=True)
class Report:
    """One person's account on its way: `case` is empty until its preview gives it a number.

    `version` grows with each change: what is sent is the version that its author saw, kept in `mail`. `ordinal` is
    its place among the case's reports, from 1; `gathered` tells that it travels with others in one letter, `in_letter`
    that this letter is queued. `shown` is the message in which its author sees it, where that can be changed;
    `forgetting` that its author is to be forgotten once the case has ended.
    """

    id: int
    author: Author
    account: Account
    state: ReportState
    version: int
    at: datetime
    case: str = ""
    ordinal: int = 1
    mail: Mail | None = None
    sent_at: datetime | None = None
    gathered: bool = False
    in_letter: bool = False
    attachments: tuple[AttachmentInfo, ...] = ()
    shown: Said | None = None
    forgetting: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`last_report_at` is when the last report of it was sent; `linked` is the number of an earlier case, or empty.

    `card` is where its card stands in the alerts channel: an address, and the message's id as `card_message`.
    """

    number: str
    state: CaseState
    link: str
    platform: str
    urgent: bool
    opened_at: datetime
    last_report_at: datetime | None = None
    reports: int = 0  # sent ones
    linked: str = ""
    taken_at: datetime | None = None
    taken_by: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    end: CaseEnd | None = None
    words: str = ""
    reminded_at: datetime | None = None
    card: Address | None = None
    card_message: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Who did what, when. `what` is one of drafted, joined, changed, sent, taken, closed, cancelled, reminded,
    withdrawn, delivered, late, dead, resent.
    """  # noqa: D205 - a list of words breaks no better

    at: datetime
    who: str
    what: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days ended cases, and files, are kept."""

    cases: int = 365
    files: int = 90


def case_number(year: int, serial: int) -> str:
    return f"{year}-{serial:03}"


def still_same(case: Case, now: datetime) -> bool:
    """Whether a report of the same link may join this case."""
    return (
        case.state in {CaseState.OPEN, CaseState.TAKEN}
        and case.last_report_at is not None
        and now - case.last_report_at <= SAME_LINK_FOR
    )


def floods(*, by_author: int, by_all: int) -> bool:
    """Whether one more report makes a flood: so many were sent within the last hour before it."""
    return by_author >= FLOOD_PERSON or by_all >= FLOOD_ALL


def together(reports: Sequence[Report]) -> Sequence[Report]:
    """As many of the waiting reports, from the first on, as one letter may hold; at least one."""
    size, count = 0, 0
    for report in reports[:GATHERED_AT_MOST]:
        size += sum(attachment.size for attachment in report.attachments)
        if count and size > GATHERED_BYTES:
            break
        count += 1
    return reports[:count]


def gathered_key(reports: Sequence[Report], address: str) -> str:
    """The key of the letter in which these reports, in the order of their ids, travel together."""
    return f"gathered {reports[0].id}-{reports[-1].id} to {address}"


def gathered_span(key: str) -> tuple[int, int] | None:
    """The ids of the first and the last report in the letter of that key; None where none travel together in it."""
    found = re.match(r"gathered (\d+)-(\d+) to ", key)
    return (int(found[1]), int(found[2])) if found else None


def gathers(key: str, report: int) -> bool:
    """Whether the letter of that key may hold the report."""
    span = gathered_span(key)
    return span is not None and span[0] <= report <= span[1]


def recipients(account: Account, author: Author, press: str) -> tuple[str, ...]:
    """Whom a report goes to, the press office first; each has a letter of its own."""
    copies = (author.mail if account.copy_me else "", account.copy_regional)
    return tuple(dict.fromkeys(address for address in (press, *copies) if address))
