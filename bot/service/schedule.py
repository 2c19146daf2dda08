"""Jobs with a time of their own: once a day, once a week."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta, tzinfo

from bot.core.errors import GuidebotError

LOG = logging.getLogger(__name__)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOK_EVERY = 60.0  # seconds; the time is asked anew, so that a machine that slept is not long behind

# Does what was due at that moment. It may be called again for the same moment, by this process or another.
Job = Callable[[datetime], Awaitable[object]]


def last_due(now: datetime, zone: tzinfo, *, hour: int, day: str = "") -> datetime:
    """The last moment, not after `now`, at which it was that hour (of that day of the week) in that zone."""
    here = now.astimezone(zone)
    due = datetime.combine(here.date(), time(hour), zone)
    if day:
        due -= timedelta(days=(here.weekday() - DAYS.index(day)) % 7)
    return due if due <= now else due - timedelta(days=7 if day else 1)


async def keep(job: Job, due: Callable[[datetime], datetime], clock: Callable[[], datetime]) -> None:
    """Do the job for the last due moment, also one that was missed, and for each that follows, until cancelled."""
    done: datetime | None = None
    while True:
        moment = due(clock())
        if moment != done and await _tried(job, moment):
            done = moment
        await asyncio.sleep(LOOK_EVERY)


async def _tried(job: Job, moment: datetime) -> bool:
    try:
        await job(moment)
    except GuidebotError:
        LOG.exception("a job failed, and will be tried again")
        return False
    return True
