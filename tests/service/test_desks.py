"""Several desks on one database."""

from __future__ import annotations

import asyncio

import pytest

from bot.adapters.sql_store import SqlStore
from tests.fakes.mouth import RecordingMouth, asks
from tests.service.conftest import NewDesk

pytestmark = pytest.mark.parametrize("engine", ["file", "postgresql"], indirect=True)


async def test_two_desks_answer_each_event_once(new_desk: NewDesk, store: SqlStore, replica: SqlStore) -> None:
    mouth = RecordingMouth()
    one, other = new_desk(store, mouth), new_desk(replica, mouth)
    events = [asks("merci", key=f"Both{number}") for number in range(20)]
    news = await asyncio.gather(*(desk.accept(event) for event in events for desk in (one, other)))
    await asyncio.gather(one.drain(), other.drain(), one.drain(), other.drain())
    assert sum(news) == 20
    assert sorted(mouth.keys) == sorted(event.key for event in events)


async def test_what_two_people_ask_at_once_is_one_gap(new_desk: NewDesk, store: SqlStore, replica: SqlStore) -> None:
    mouth = RecordingMouth()
    one, other = new_desk(store, mouth), new_desk(replica, mouth)
    for number in range(6):
        await one.accept(asks("Combien coûte une campagne de pub sur Facebook ?", key=f"Gap{number}"))
    await asyncio.gather(*(desk.drain() for desk in (one, other, one, other)))
    async with store.work() as work:
        assert [gap.times for gap in await work.open_gaps()] == [6]


async def test_a_desk_answers_what_another_accepted(new_desk: NewDesk, store: SqlStore, replica: SqlStore) -> None:
    mouth = RecordingMouth()
    await new_desk(store, RecordingMouth()).accept(asks("merci", key="Elsewhere"))
    await new_desk(replica, mouth).drain()
    assert mouth.keys == ["Elsewhere"]
