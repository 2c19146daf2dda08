"""The form of a report: what was typed, checked field by field; nothing typed is lost by an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from bot.core.alerts import Account
from bot.core.attachments import AttachmentInfo, too_much
from bot.core.forms import Form, Upload
from bot.core.links import LinkError, first_link, normalise, platform_of
from bot.core.mail import is_mail_address, several_lines
from bot.core.text import fold

T = TypeVar("T")

LONGEST_SAID = 3_000  # as long as a field of Slack's and Mattermost's forms

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FRENCH = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?")
_HOUR = re.compile(r"\b([01]?\d|2[0-3])\s?(?:[:h]\s?([0-5]\d)|h\b)")
_DAYS_AGO = {
    0: ("", "maintenant", "aujourd'hui", "ce matin", "cet apres-midi", "ce soir", "today", "now", "this morning"),
    1: ("hier", "hier soir", "hier matin", "yesterday", "last night"),
    2: ("avant-hier", "avant hier"),
}
_CUT = "\n[…]"


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is the form's; `words` is the key of the sentence that says what to do."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A form with what is wrong with it, or with the account that it makes."""

    form: Form
    problems: tuple[Problem, ...] = ()
    account: Account | None = None


def check(form: Form, now: datetime) -> Checked:
    """Every problem at once. `now` is in the zone in which people tell days and hours.

    A report needs words; a post in a closed group may have no link that others can open.
    """
    problems: list[Problem] = []
    link = _checked(problems, "link", lambda: normalise(form.link) if form.link.strip() else "")
    seen = _checked(problems, "seen", lambda: read_seen(form.seen, now))
    said = _checked(problems, "said", lambda: _said(form.said))
    if excess := too_much(form.files):
        problems.append(Problem("files", excess))
    if form.copy_regional and not is_mail_address(form.copy_regional):
        problems.append(Problem("copy_regional", "copy_unknown"))
    if problems or link is None or seen is None or said is None:
        return Checked(form, tuple(problems))
    account = Account(
        said=said,
        seen_on=seen[0],
        seen_at=seen[1],
        link=link,
        platform=platform_of(link),
        urgent=form.urgent,
        copy_me=form.copy_me,
        copy_regional=form.copy_regional,
    )
    return Checked(form, account=account)


def typed(account: Account, files: Sequence[AttachmentInfo] = ()) -> Form:
    """An account as it would be typed, to be changed, with the files that it has."""
    return Form(
        account.link,
        account.said,
        f"{account.seen_on.isoformat()} {account.seen_at}".strip(),
        urgent=account.urgent,
        copy_me=account.copy_me,
        copy_regional=account.copy_regional,
        files=tuple(Upload(file.name, size=file.size, kept=file.id) for file in files),
    )


def prefilled(text: str, link: str = "") -> Form:
    """A form that begins with a message: its words, as far as the field holds them, its first link or the one given."""
    words = several_lines(text, LONGEST_SAID - len(_CUT)).replace(" […]", _CUT)
    return Form(link=first_link(text) or link, said=words)


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    pass


def read_seen(typed: str, now: datetime) -> tuple[date, str]:
    """The day, and the hour where one is told ("10:30"); raise for a day to come or no day at all."""
    words = " ".join(fold(typed[:100]).split())
    hour = _HOUR.search(words)
    at = f"{int(hour[1]):02}:{hour[2] or '00'}" if hour else ""
    rest = " ".join(re.sub(r"\b(a|at|vers|le|on)\b", " ", _HOUR.sub(" ", words)).split()).strip(" ,")
    day = _day(rest, now.date())
    if (day, at or "00:00") > (now.date(), f"{now:%H:%M}"):
        raise _Unreadable("seen_future")
    return day, at


def _day(words: str, today: date) -> date:
    for days, names in _DAYS_AGO.items():
        if words in names:
            return today - timedelta(days=days)
    try:
        if found := _ISO.fullmatch(words):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _FRENCH.fullmatch(words):
            return _french(found, today)
    except ValueError:
        pass
    raise _Unreadable("seen_unreadable")


def _french(found: re.Match[str], today: date) -> date:
    """Without a year it is the last such day."""
    year = int(found[3] or today.year)
    day = date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))  # noqa: PLR2004 - two digits
    return day.replace(year=day.year - 1) if not found[3] and day > today else day


def _said(typed: str) -> str:
    said = several_lines(typed, 4 * LONGEST_SAID)
    if not said:
        raise _Unreadable("said_missing")
    if len(said) > LONGEST_SAID:
        raise _Unreadable("said_too_long")
    return said


def _checked(problems: list[Problem], field: str, reading: Callable[[], T]) -> T | None:
    try:
        return reading()
    except LinkError as error:
        problems.append(Problem(field, error.problem))
    except _Unreadable as error:
        problems.append(Problem(field, str(error)))
    return None
