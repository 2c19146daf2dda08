"""What the core needs from a store about alerts; `ports` makes them part of Work and Store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.alerts import Account, Author, Case, CaseEnd, CaseState, HistoryLine, Report
from bot.core.answers import Part
from bot.core.attachments import Attachment
from bot.core.mail import Mail
from bot.core.messages import Address, Said


class LetterKind(StrEnum):
    NOTICE = "notice"  # anything but a report to be delivered
    PRESS = "press"  # to the press office: whoever reports is told when it is late
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A letter that is late or dead, told of once for each. `report` and `case` are None and empty for others' letters.

    `what` is "late" or "dead"; `error` is the last one, for operators.
    """

    letter: int
    key: str
    kind: LetterKind
    what: str
    address: Address
    error: str
    case: str = ""
    report: int | None = None


@dataclass(frozen=True, slots=True)
class LetterState:
    """A letter of a case: `state` is queued, sent, dead or withdrawn."""

    id: int
    key: str
    kind: LetterKind
    address: Address
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    last_error: str
    mail: Mail | None
    report: int | None


class AlertWork(Protocol):
    """The part of Work about alerts. People appear as `who`: a platform's id with its platform in front."""

    async def add_report(self, key: str, author: Author, account: Account) -> int:
        """Store a draft and return its id; the id it already has where that key is stored."""
        ...

    async def report(self, report: int) -> Report | None: ...
    async def change_report(self, report: int, account: Account) -> int:
        """Replace a draft's account; its new version, or 0 where it is no draft any more. The number stays."""
        ...

    async def attach(self, report: int, files: Sequence[Attachment], *, keep: Collection[int] | None = None) -> bool:
        """Let a draft hold these files besides those of its own that it keeps; False where it is no draft any more.

        Without `keep` it keeps all. A file takes the place, and the id, of the one that bears its name.
        """
        ...

    async def same_link(self, link: str) -> Case | None:
        """The open or taken case with the latest report of that post within seven days."""
        ...

    async def open_case(self, report: int, *, year: int, linked: str = "") -> str:
        """Give a draft a case and number of its own; the number it already has. Numbers are never given again."""
        ...

    async def join_case(self, report: int, number: str) -> str:
        """Let a draft be one more account of an open or taken case; the number it already has, "" if impossible."""
        ...

    async def keep_mail(self, report: int, mail: Mail) -> None:
        """Keep what the author is shown, which is what will be sent."""
        ...

    async def send_report(self, report: int, version: int, *, who: str, gathered: bool = False) -> bool:
        """Mark a draft as sent, and its case as open; False unless it is a draft of that version with a mail."""
        ...

    async def cancel_report(self, report: int, *, who: str) -> bool:
        """Cancel a report, and its case where no other report of it was sent; False where that was done before."""
        ...

    async def recent_reports(self, asker: str, since: datetime) -> tuple[int, int]:
        """How many reports that person, and everybody, sent since then."""
        ...

    async def case(self, number: str) -> Case | None: ...
    async def cases(self, state: CaseState | None = None) -> Sequence[Case]:
        """Latest first, drafts only when asked for."""
        ...

    async def case_reports(self, number: str) -> Sequence[Report]: ...
    async def history(self, number: str) -> Sequence[HistoryLine]: ...
    async def take_case(self, number: str, *, who: str) -> bool:
        """An open case becomes taken; False where it wasn't open."""
        ...

    async def close_case(self, number: str, end: CaseEnd, *, who: str, words: str = "") -> bool:
        """An open or taken case is closed; False where it was neither."""
        ...

    async def remind_case(self, number: str) -> bool:
        """Note that the press office was reminded; False where the case isn't open or that was done before."""
        ...

    async def keep_shown(self, report: int, said: Said) -> None:
        """Keep where the author sees a report, so that it can be changed there."""
        ...

    async def drafts(self, before: datetime) -> Sequence[Report]:
        """Those that were begun before then and never sent."""
        ...

    async def reports_of(self, asker: str) -> Sequence[Report]:
        """A person's reports, oldest first."""
        ...

    async def queue_card(self, key: str, number: str, channel: Address, parts: tuple[Part, ...]) -> bool:
        """Queue a case's card as it is now; False where one of that key was queued before.

        Cards of a case are sent in their order, the first as a new message, each other in its place.
        """
        ...

    async def queue_mail(
        self, key: str, to: str, mail: Mail, *, kind: LetterKind, case: str = "", report: int | None = None
    ) -> bool:
        """Queue a mail to one recipient; False where one of that key was queued before."""
        ...

    async def withdraw(self, report: int) -> Sequence[str]:
        """Withdraw the report's letters that still wait; the addresses that have its mail, or may have it."""
        ...

    async def resend(self, number: str, *, who: str, letter: int | None = None) -> Sequence[str]:
        """Queue a case's dead letters anew, or that one of its mails, dead or sent; the addresses they go to."""
        ...

    async def waiting_to_gather(self) -> Sequence[Report]:
        """The gathered reports that no letter holds yet, oldest first; whoever asks is alone until the work ends."""
        ...

    async def gathered_in(self, key: str) -> Sequence[Report]:
        """The reports that travel together in the letter of that key, oldest first, without those taken back."""
        ...

    async def gather(self, reports: Sequence[int]) -> None:
        """Note that a letter holds these reports."""
        ...

    async def case_letters(self, number: str) -> Sequence[LetterState]:
        """Its own, and those in which a report of it travels with others; of these nothing is kept once sent."""
        ...

    async def troubles(self, *, late_before: datetime) -> Sequence[Trouble]:
        """Letters that died, and press letters queued before then and still not accepted, each once."""
        ...


class AttachmentStore(Protocol):
    async def attachments(self, ids: Sequence[int]) -> Sequence[Attachment]:
        """The files, without those whose time is over."""
        ...
