from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.answers import Answer, Outcome
from bot.core.assistant import Assistant, Options
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.messages import Address
from bot.service import desk as desks
from bot.service.desk import MOST_ATTEMPTS, Desk
from bot.service.replies import Replies
from tests.adapters.samples import Clock
from tests.fakes.mouth import Crash, RecordingMouth, asks, words
from tests.fakes.shipped import prepared_knowledge, told

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

TWEET = "définition d'un tweet"
ADS = "Combien coûte une campagne de pub sur Facebook ?"


async def stored_questions(store: SqlStore) -> int:
    """How many questions there are, by asking for them one after the other."""
    async with store.work() as work:
        number = 0
        while await work.question(number + 1):
            number += 1
        return number


class TestOnce:
    async def test_the_same_event_four_times_is_answered_once(self, desk: Desk, mouth: RecordingMouth) -> None:
        news = [await desk.accept(asks(TWEET, key="Ev-same")) for _ in range(4)]
        await desk.drain()
        assert await desk.accept(asks(TWEET, key="Ev-same")) is False
        await desk.drain()
        assert news == [True, False, False, False]
        assert mouth.keys == ["Ev-same"]

    async def test_two_events_of_one_message_are_answered_once(self, desk: Desk, mouth: RecordingMouth) -> None:
        for key in ("Ev-mention", "Ev-message"):
            await desk.accept(asks(TWEET, key=key, second="slack:T1:C1:17.1"))
        await desk.drain()
        assert mouth.keys == ["Ev-mention"]

    async def test_a_burst_is_answered_once_each(self, desk: Desk, mouth: RecordingMouth) -> None:
        events = [asks("merci", key=f"Burst{number % 40}") for number in range(160)]
        await asyncio.gather(*(desk.accept(event) for event in events))
        await desk.drain()
        assert sorted(mouth.keys) == sorted({event.key for event in events})

    async def test_what_is_answered_is_stored_no_longer(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth
    ) -> None:
        await desk.accept(asks(TWEET))
        await desk.drain()
        assert (await store.counts())["inbox_waiting"] == 0
        assert len(mouth.said) == 1


class TestDelivery:
    async def test_refused_for_good_is_put_away(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        mouth.failures = [DeliveryRefused("the channel is archived")]
        await desk.accept(asks(TWEET))
        await desk.drain()
        clock.advance(days=1)
        await desk.drain()
        assert mouth.said == []
        counts = await store.counts()
        assert (counts["inbox_waiting"], counts["inbox_failed"]) == (0, 0)

    async def test_that_failed_is_tried_again_after_the_pause_that_was_asked_for(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        mouth.failures = [DeliveryError("slow down", after=30)]
        await desk.accept(asks(TWEET))
        await desk.drain()
        clock.advance(seconds=29)
        await desk.drain()
        assert mouth.said == []
        clock.advance(seconds=2)
        await desk.drain()
        assert len(mouth.said) == 1
        assert await stored_questions(store) == 1

    async def test_that_goes_on_failing_waits_longer_each_time_and_is_put_aside_at_last(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        mouth.failures = [DeliveryError("away") for _ in range(100)]
        await desk.accept(asks(TWEET))
        pauses = []
        while (await store.counts())["inbox_waiting"]:
            before, tried = clock.now, len(mouth.failures)
            while len(mouth.failures) == tried:
                await desk.drain()
                clock.advance(seconds=1)
            pauses.append((clock.now - before).total_seconds())
        assert pauses == sorted(pauses)
        assert len(pauses) == MOST_ATTEMPTS
        assert (await store.counts())["inbox_failed"] == 1

    async def test_to_a_platform_that_nothing_speaks_to_waits_for_one_that_does(
        self, desk: Desk, store: SqlStore
    ) -> None:
        await desk.accept(asks(TWEET, Address("mattermost", "t", "c", user="u")))
        await desk.drain()
        assert (await store.counts())["inbox_waiting"] == 1

    async def test_of_one_does_not_hold_up_another(self, desk: Desk, mouth: RecordingMouth) -> None:
        mouth.failures = [DeliveryError("away", after=30)]
        for key in ("Ev-first", "Ev-second"):
            await desk.accept(asks(TWEET, key=key))
        await desk.drain()
        assert mouth.keys == ["Ev-second"]


class TestACrash:
    async def test_before_the_reply_loses_nothing(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        mouth.failures = [Crash()]
        await desk.accept(asks(ADS))
        with pytest.raises(Crash):
            await desk.drain()
        await desk.drain()
        assert mouth.said == []  # somebody else may be answering, for all that is known
        clock.advance(minutes=3)
        await desk.drain()
        await desk.drain()
        assert len(mouth.said) == 1
        assert await stored_questions(store) == 1
        assert (await store.counts())["gaps_open"] == 1

    async def test_after_the_reply_repeats_it_once_and_doubles_nothing_else(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        mouth.late = [Crash()]
        await desk.accept(asks(ADS))
        with pytest.raises(Crash):
            await desk.drain()
        for _ in range(3):
            clock.advance(minutes=3)
            await desk.drain()
        first, second = (reply for _, reply in mouth.said)
        assert first == second
        assert await stored_questions(store) == 1
        async with store.work() as work:
            assert [gap.times for gap in await work.open_gaps()] == [1]

    async def test_of_one_desk_is_made_good_by_another(
        self, desk: Desk, store: SqlStore, clock: Clock, mouth: RecordingMouth, assistant: Assistant
    ) -> None:
        mouth.failures = [Crash()]
        await desk.accept(asks(TWEET))
        with pytest.raises(Crash):
            await desk.drain()
        clock.advance(minutes=3)
        other = RecordingMouth()
        await Desk(store, {"slack": other}, Replies(lambda: assistant, key=b"k" * 16)).drain()
        assert len(other.said) == 1


class BrokenAssistant(Assistant):
    def answer(self, text: str, **_hints: object) -> tuple[Answer, ...]:
        raise ZeroDivisionError(f"a bug met {text}")


class TestABug:
    async def test_in_deciding_ends_in_an_apology_and_not_in_silence(
        self, store: SqlStore, mouth: RecordingMouth, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.CRITICAL)
        broken = BrokenAssistant(prepared_knowledge(), Options())
        desk = Desk(store, {"slack": mouth}, Replies(lambda: broken, key=b"k" * 16))
        await desk.accept(asks(TWEET))
        await desk.drain()
        (apology,) = mouth.last.answers
        assert apology.outcome is Outcome.NOTICE
        assert told("error") in words([apology])
        counts = await store.counts()
        assert (counts["inbox_waiting"], counts["inbox_failed"]) == (0, 1)

    async def test_whose_apology_is_not_delivered_yet_is_apologised_for_later(
        self, store: SqlStore, mouth: RecordingMouth, clock: Clock
    ) -> None:
        broken = BrokenAssistant(prepared_knowledge(), Options())
        desk = Desk(store, {"slack": mouth}, Replies(lambda: broken, key=b"k" * 16))
        mouth.failures = [DeliveryError("away", after=5)]
        await desk.accept(asks(TWEET))
        await desk.drain()
        clock.advance(seconds=6)
        await desk.drain()
        assert len(mouth.said) == 1

    async def test_in_a_mouth_stops_neither_the_desk_nor_the_next_event(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth
    ) -> None:
        mouth.failures = [ZeroDivisionError("a bug"), ZeroDivisionError("the same, apologising")]
        for key in ("Ev-first", "Ev-second"):
            await desk.accept(asks(TWEET, key=key))
        await desk.drain()
        assert mouth.keys == ["Ev-second"]
        assert (await store.counts())["inbox_failed"] == 1


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(desk.run())
    yield task
    task.cancel()
    await asyncio.wait([task])


class TestRunning:
    async def test_answers_what_comes(self, desk: Desk, mouth: RecordingMouth) -> None:
        async with running(desk):
            for number in range(5):
                await desk.accept(asks("merci", key=f"Run{number}"))
            await _until(lambda: len(mouth.said) == 5)
        assert sorted(mouth.keys) == [f"Run{number}" for number in range(5)]

    async def test_sweeps_up_what_a_crash_left(
        self, desk: Desk, store: SqlStore, mouth: RecordingMouth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desks, "SWEEP_SECONDS", 0.05)
        async with running(desk):
            await asyncio.sleep(0.1)
            await store.accept([asks("merci", key="Left")])  # by another process: this one isn't told
            await _until(lambda: mouth.keys == ["Left"])

    async def test_outlives_whatever_a_mouth_does(self, desk: Desk, mouth: RecordingMouth) -> None:
        mouth.failures = [ZeroDivisionError("a bug") for _ in range(2)]
        async with running(desk) as task:
            await desk.accept(asks("merci", key="First"))
            await _until(lambda: not mouth.failures)
            await desk.accept(asks("merci", key="Second"))
            await _until(lambda: mouth.keys == ["Second"])
            assert not task.done()


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - whatever may happen, nothing tells of it
            await asyncio.sleep(0.01)
