"""Office hours: when the press office is likely to answer, and when it is to be reminded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

REMIND_AFTER = timedelta(hours=2)  # of working time
DEFAULT_HOURS = "monday-friday 9-18"

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_DAY = "|".join((*_DAYS, *_FRENCH_DAYS, *(day[:3] for day in _DAYS), *(day[:3] for day in _FRENCH_DAYS)))
_TIME = r"(\d{1,2})(?:[:h](\d{2})?)?"
_HOURS = re.compile(rf"({_DAY})(?:\s*-\s*({_DAY}))?\s+{_TIME}\s*-\s*{_TIME}", re.IGNORECASE)
_LOOK_AHEAD = 30  # days; no office stays closed longer, whatever the calendar

# Whether a day is a public holiday.
Holidays = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The same hours on each of these days of the week (0 is Monday), but not on public holidays."""

    days: frozenset[int]
    opens: time
    closes: time
    zone: tzinfo
    holiday: Holidays

    def is_open(self, now: datetime) -> bool:
        return any(start <= now < end for start, end in self._spans(now, days=1))

    def next_opening(self, now: datetime) -> datetime:
        """When somebody is there: now, or the next opening, in the office's zone."""
        for start, end in self._spans(now, days=_LOOK_AHEAD):
            if now < end:
                return max(start, now.astimezone(self.zone))
        return now.astimezone(self.zone)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """The working time between two moments."""
        days = min((until - since).days + 2, _LOOK_AHEAD)
        overlaps = (min(end, until) - max(start, since) for start, end in self._spans(since, days=days))
        return sum((overlap for overlap in overlaps if overlap > timedelta()), timedelta())

    def _spans(self, moment: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
        first = moment.astimezone(self.zone).date()
        for day in (first + timedelta(days=number) for number in range(days)):
            if day.weekday() in self.days and not self.holiday(day):
                yield datetime.combine(day, self.opens, self.zone), datetime.combine(day, self.closes, self.zone)


def parse_hours(text: str) -> tuple[frozenset[int], time, time]:
    """Days, opening and closing of "monday-friday 9-18"; raise ValueError for anything else."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise ValueError('days and hours are expected, such as "monday-friday 9-18" or "lundi-jeudi 8:30-17:30"')
    first, last = _weekday(found[1]), _weekday(found[2] or found[1])
    days = frozenset(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    opens, closes = _hour(found[3], found[4]), _hour(found[5], found[6])
    if opens >= closes:
        raise ValueError("the office must close after it opens, on the same day")
    return days, opens, closes


def reminder_due(sent_at: datetime, now: datetime, hours: OfficeHours) -> bool:
    """Whether a case that nobody took has waited for two working hours."""
    return hours.worked(sent_at, now) >= REMIND_AFTER


def _weekday(name: str) -> int:
    short = name.lower()[:3]
    return next(number for number in range(7) if short in {_DAYS[number][:3], _FRENCH_DAYS[number][:3]})


def _hour(hours: str, minutes: str | None) -> time:
    if hours == "24" and not int(minutes or 0):
        return time.max
    try:
        return time(int(hours), int(minutes or 0))
    except ValueError as error:
        raise ValueError("days and hours are expected: an hour runs from 0 to 24") from error
