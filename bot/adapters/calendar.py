"""The public holidays of France, where the press office is."""

from __future__ import annotations

from datetime import date
from functools import cache


@cache
def _of_year(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - takes a while, and few commands ask

    return frozenset(country_holidays("FR", years=year))


def is_public_holiday(day: date) -> bool:
    """Whether a day is a public holiday in mainland France."""
    return day in _of_year(day.year)
