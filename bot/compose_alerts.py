"""Alerts and mail, put together; `compose` takes them from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.core.errors import DeliveryMisconfigured, SettingsError
from bot.settings import Settings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from datetime import datetime

    from bot.adapters.mail_files import MailFiles
    from bot.adapters.smtp import MailServer, SmtpMouth
    from bot.core.assistant import Assistant
    from bot.core.mail_text import Letterhead
    from bot.core.ports import Letter, Store, Work
    from bot.service.alerts import Alerts
    from bot.service.outbox import Outbox, Speaker
    from bot.service.reporting import Reporting
    from bot.service.team import Directory

NOBODY = "guidebot@guidebot.invalid"  # the sender where none is set, and nothing is sent
_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def alerts(settings: Settings) -> Alerts:
    """What the conversation about a report calls."""
    from bot.adapters.calendar import is_public_holiday
    from bot.core.office import OfficeHours, parse_hours
    from bot.service.alerts import Alerts

    hours = OfficeHours(*parse_hours(settings.office_hours), ZoneInfo(settings.timezone), is_public_holiday)
    return Alerts(settings.press_address, letterhead(settings), hours)


def reporting(
    settings: Settings,
    assistant: Callable[[], Assistant],
    clock: Callable[[], datetime],
    directories: Mapping[str, Directory] | None = None,
) -> Reporting:
    """The conversation about a report."""
    from bot.core.alerts import Retention
    from bot.core.messages import Address
    from bot.service.reporting import Reporting
    from bot.service.team import Team

    platform, _, name = settings.alerts_channel.partition(":")
    channel = Address(platform, channel=name) if name else None
    team = Team(settings.press_team, directories, clock)
    zone, kept = ZoneInfo(settings.timezone), Retention(settings.alert_days, settings.attachment_days)
    return Reporting(alerts(settings), assistant, clock, zone, team=team, channel=channel, kept=kept)


def letterhead(settings: Settings) -> Letterhead:
    from bot.core.mail_text import Letterhead

    return Letterhead(settings.mail_from or NOBODY, settings.mail_reply_to, ZoneInfo(settings.timezone))


def mail_mouth(settings: Settings, store: Store, tls: ssl.SSLContext | None = None) -> SmtpMouth | None:
    """The way to the mail server; None where the settings name none."""
    from bot.adapters.smtp import SmtpMouth

    server = mail_server(settings, tls)
    return SmtpMouth(server, store) if server else None


def mail_server(settings: Settings, tls: ssl.SSLContext | None = None) -> MailServer | None:
    """The mail server as the settings have it; None where they name none."""
    from bot.adapters.smtp import MailServer

    if not settings.smtp_host:
        return None
    if not settings.mail_from:
        raise SettingsError("MAIL_FROM: it is needed with SMTP_HOST, the address that mails come from")
    return MailServer(
        settings.smtp_host,
        settings.smtp_port or _PORTS[settings.smtp_security],
        settings.mail_from,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else "",
        reply_to=settings.mail_reply_to,
        tls=tls,
    )


def mail_files(settings: Settings, store: Store) -> MailFiles:
    """Copies of mails for whoever tries the bot without a mail server."""
    from bot.adapters.mail_files import MailFiles

    return MailFiles(
        settings.mail_copies_dir, store, sender=settings.mail_from or NOBODY, reply_to=settings.mail_reply_to
    )


def outbox(
    settings: Settings,
    store: Store,
    mouths: Mapping[str, Speaker],
    clock: Callable[[], datetime],
    *,
    tls: ssl.SSLContext | None = None,
    reporting: Reporting | None = None,
    copied: Callable[[Path], None] | None = None,
) -> Outbox:
    """The worker that delivers letters through these mouths, and mails where a server is set.

    Where none is and `copied` is given, mails are copied into files, which it is told of; the letters stay queued.
    """
    from bot.service.outbox import Outbox, tell_the_log

    mail: Speaker | None = mail_mouth(settings, store, tls)
    if mail is None and copied:
        mail = _Copies(mail_files(settings, store), copied)
    everybody = {**mouths, **({"mail": mail} if mail else {})}
    office = alerts(settings)

    async def gather(work: Work) -> None:
        await office.gather(work, clock())

    rounds = [gather, *([reporting.cases.remind] if reporting else [])]
    return Outbox(store, everybody, clock, tell=reporting.alarms.tell if reporting else tell_the_log, rounds=rounds)


class _Copies:
    """Stands in for a mail server: copies a mail once into a file, and leaves the letter in the queue."""

    def __init__(self, files: MailFiles, copied: Callable[[Path], None]) -> None:
        self._files = files
        self._copied = copied

    async def send(self, letter: Letter) -> None:
        path = await self._files.copy(letter)
        if letter.attempts == 1:
            self._copied(path)
        raise DeliveryMisconfigured("SMTP_HOST is not set", doubtful=True)  # somebody may have forwarded the copy


def purge_times(settings: Settings, now: datetime) -> Mapping[str, datetime]:
    """From when on alerts and their files are too old, for `Store.purge`."""
    return {
        "alerts_before": now - timedelta(days=settings.alert_days),
        "files_before": now - timedelta(days=settings.attachment_days),
    }
