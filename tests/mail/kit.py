from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import trustme

from bot.adapters.calendar import is_public_holiday
from bot.adapters.smtp import MailServer, Security, SmtpMouth
from bot.adapters.sql_store import SqlStore
from bot.core.alert_ports import LetterState, Trouble
from bot.core.alerts import Account, Author
from bot.core.answers import Paragraph
from bot.core.office import OfficeHours, parse_hours
from bot.core.ports import Letter, Work
from bot.service.alerts import Alerts, Preview, Receipt
from bot.service.outbox import Outbox
from tests.adapters.samples import Clock
from tests.core.alert_samples import ACCOUNT, ANNE, HEAD, PRESS

AUTHORITY = trustme.CA()
ALERTS = Alerts(
    PRESS, HEAD, OfficeHours(*parse_hours("monday-friday 9-18"), ZoneInfo("Europe/Paris"), is_public_holiday)
)


def server_tls(*names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


def client_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def mouth(
    store: SqlStore, port: int, security: Security = "none", *, password: str = "", step: float = 5.0
) -> SmtpMouth:
    user = "bot" if password else ""
    return SmtpMouth(
        MailServer(
            "127.0.0.1",
            port,
            HEAD.sender,
            security,
            user,
            password,
            reply_to=HEAD.reply_to,
            tls=client_tls(),
            step_seconds=step,
            whole_seconds=step * 2,
        ),
        store,
    )


class Told:
    """What people were told of: remembers it, and queues a notice for each in the same transaction."""

    def __init__(self) -> None:
        self.of: list[Trouble] = []

    async def __call__(self, work: Work, trouble: Trouble) -> None:
        self.of.append(trouble)
        await work.queue(f"told {trouble.letter} {trouble.what}", ANNE.address, "fr", (Paragraph(trouble.what),))


def outbox(store: SqlStore, clock: Clock, speaker: SmtpMouth, told: Told | None = None) -> Outbox:
    return Outbox(store, {"mail": speaker}, clock, tell=told or Told(), chance=lambda: 0.0)


async def previewed(
    store: SqlStore, clock: Clock, key: str = "v1", *, account: Account = ACCOUNT, author: Author = ANNE
) -> Preview:
    async with store.work() as work:
        drafted = await ALERTS.draft(work, key, author, account)
        preview = await ALERTS.preview(work, drafted.report, clock.now)
    assert preview is not None
    return preview


async def send(store: SqlStore, clock: Clock, preview: Preview) -> Receipt | None:
    async with store.work() as work:
        return await ALERTS.send(work, preview.report, preview.version, clock.now)


async def reported(store: SqlStore, clock: Clock, key: str = "v1", **given: Account | Author) -> Preview:
    preview = await previewed(store, clock, key, **given)  # type: ignore[arg-type]
    assert await send(store, clock, preview)
    return preview


async def letters_of(store: SqlStore, number: str = "2026-001") -> Sequence[LetterState]:
    async with store.work() as work:
        return await work.case_letters(number)


def hours_later(clock: Clock, hours: float) -> None:
    clock.now += timedelta(hours=hours)


class Deaf:
    """A mouth that keeps what it is given to say."""

    def __init__(self) -> None:
        self.said: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.said.append(letter)
