from __future__ import annotations

import pytest

from tests.fakes.shipped import told
from tests.journeys.report_dialogues import REPORTS, ReportJourney
from tests.journeys.report_ways import WAYS, Came, NewReporter, came_of

TRIPS = [pytest.param(one, way, id=f"{one.name}, {way.__name__}") for one in REPORTS for way in WAYS]


@pytest.mark.parametrize(("journey", "way"), TRIPS)
async def test_a_report_comes_to_the_same_by_every_way(journey: ReportJourney, way: NewReporter) -> None:
    async with way(journey.locale) as reporter:
        read = ""
        for step in journey.steps:
            read = await reporter.take(step)
        for key in journey.seen:
            assert told(key, "en" if journey.locale.startswith("en") else "fr") in read
        assert await came_of(reporter.store) == Came(journey.cases, journey.mails)
