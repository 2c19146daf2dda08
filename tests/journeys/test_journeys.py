from __future__ import annotations

import pytest

from bot.core.answers import Language
from tests.fakes.shipped import told
from tests.journeys.dialogues import JOURNEYS, Journey
from tests.journeys.ways import DIRECT, IN_CHANNELS, NewWay

TRIPS = [
    pytest.param(journey, way, id=f"{journey.name}, {way.__name__}")
    for journey in JOURNEYS
    for way in (DIRECT if journey.direct else (*DIRECT, *IN_CHANNELS))
]


@pytest.mark.parametrize(("journey", "way"), TRIPS)
async def test_a_journey_ends_the_same_by_every_way(journey: Journey, way: NewWay) -> None:
    async with way(journey.locale) as bot:
        for turn in journey.turns:
            seen = await bot.say(turn.says)
            assert {answer.outcome.value for answer in seen.answers} == {turn.outcome}, turn.says
            if turn.entries:
                assert tuple(answer.entries[0] for answer in seen.answers) == turn.entries, turn.says
            language = seen.answers[0].language
            for words in turn.seen:
                assert meant(words, language) in seen.text, turn.says
            for words in turn.unseen:
                assert meant(words, language) not in seen.text, turn.says


def meant(words: str, language: Language) -> str:
    return told(words[1:], language) if words.startswith("@") else words


def test_there_are_journeys_in_both_languages() -> None:
    assert len(JOURNEYS) >= 25
    assert {journey.locale[:2] for journey in JOURNEYS} >= {"fr", "en"}
    assert len({journey.name for journey in JOURNEYS}) == len(JOURNEYS)
