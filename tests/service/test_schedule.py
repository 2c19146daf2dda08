from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import StoreError
from bot.service import schedule
from bot.service.schedule import DAYS, keep, last_due

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T08:59+01:00", "2026-02-23T09:00+01:00"),
        ("2026-03-02T09:00+01:00", "2026-03-02T09:00+01:00"),
        ("2026-03-08T23:00+01:00", "2026-03-02T09:00+01:00"),
        ("2026-03-30T06:59+00:00", "2026-03-23T09:00+01:00"),  # summer time began the day before
        ("2026-03-30T07:00+00:00", "2026-03-30T09:00+02:00"),
    ],
)
def test_monday_at_nine_is_nine_where_people_are(now: str, expected: str) -> None:
    due = last_due(datetime.fromisoformat(now), PARIS, hour=9, day="monday")
    assert due == datetime.fromisoformat(expected)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 23),
    st.sampled_from([*DAYS, ""]),
)
def test_what_is_due_is_past_but_not_long(now: datetime, hour: int, day: str) -> None:
    due = last_due(now, PARIS, hour=hour, day=day)
    assert timedelta(0) <= now - due < timedelta(days=7 if day else 1, hours=2)
    assert due.hour == hour
    assert not day or DAYS[due.weekday()] == day


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_a_job_is_done_once_for_each_moment_and_again_if_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LOOK_EVERY", 0)
    clock, done, failing = Clock(), [], [True]

    async def job(due: datetime) -> None:
        done.append(due.day)
        if failing and failing.pop():
            raise StoreError("away")

    task = asyncio.create_task(keep(job, lambda now: last_due(now, UTC, hour=3), clock))
    await _turns(20)
    clock.now += timedelta(days=1)
    await _turns(20)
    task.cancel()
    assert done == [2, 2, 3]


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)
