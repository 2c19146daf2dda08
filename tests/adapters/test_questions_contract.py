from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import feedback, questions
from bot.core.answers import Outcome
from bot.core.errors import StoreError
from tests.adapters.samples import ANNE, Clock, asked, event


async def test_a_question_is_found_as_it_was_stored(store: SqlStore, clock: Clock) -> None:
    new = asked(number=1, outcome=Outcome.CHOICES, entries=("guide/1", "term/2"), topic="legal")
    async with store.work() as work:
        number = await work.add_question(7, new)
    async with store.work() as work:
        found = await work.question(number)
    assert found is not None
    assert (found.inbox, found.number, found.at, found.address, found.asker) == (7, 1, clock.now, ANNE, "anne")
    assert (found.outcome, found.entries, found.confidence) == (Outcome.CHOICES, ("guide/1", "term/2"), 0.25)
    assert (found.topic, found.text, found.gap, found.chosen) == ("legal", new.text, None, None)


async def test_storing_a_question_again_gives_its_id(store: SqlStore, replica: SqlStore) -> None:
    async def add(one: SqlStore, number: int) -> int:
        async with one.work() as work:
            return await work.add_question(7, asked(number=number))

    first, again, other = await add(store, 0), await add(replica, 0), await add(store, 1)
    assert first == again != other
    several = await asyncio.gather(*(add(one, 2) for one in (store, replica, store, replica)))
    assert len(set(several)) == 1


async def test_nothing_is_half_written_when_the_work_fails(store: SqlStore) -> None:
    (number,) = await store.accept([event()])
    assert number is not None

    async def fail_late() -> None:
        async with store.work() as work:
            question = await work.add_question(number, asked())
            await work.join_gap(question, await work.open_gap("Badge ?", "fr"))
            await work.queue("k", ANNE, "fr", ())
            await work.finish(number)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_late()
    async with store.work() as work:
        assert (await work.kept("anne")).questions == 0
        assert await work.gaps() == []
    counts = await store.counts()
    assert (counts["letters_queued"], counts["gaps_open"], counts["inbox_waiting"]) == (0, 0, 1)


async def test_a_cancelled_work_leaves_nothing_and_the_database_usable(store: SqlStore) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        async with store.work() as work:
            await work.open_gap("Badge ?", "fr")
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with store.work() as work:
        assert await work.gaps() == []


async def test_the_last_question_is_the_persons_own_in_that_place(store: SqlStore) -> None:
    thread = replace(ANNE, thread="17.1")
    async with store.work() as work:
        await work.add_question(1, asked("first"))
        await work.add_question(2, asked("second"))
        await work.add_question(3, asked("in a thread", address=thread))
        await work.add_question(4, asked("elsewhere", address=replace(ANNE, channel="C2")))
        await work.add_question(5, asked("somebody else", asker="bob"))
    async with store.work() as work:
        last = await work.last_question("anne", ANNE)
        in_thread = await work.last_question("anne", thread)
        assert await work.last_question("anne", replace(ANNE, platform="mattermost")) is None
    assert last is not None
    assert last.text == "second"
    assert in_thread is not None
    assert in_thread.text == "in a thread"


@pytest.mark.parametrize("entry", ["guide/1", ""])
async def test_a_choice_is_kept_even_where_it_is_none_of_these(store: SqlStore, entry: str) -> None:
    async with store.work() as work:
        number = await work.add_question(1, asked())
        await work.choose(number, entry)
        found = await work.question(number)
    assert found is not None
    assert found.chosen == entry


async def test_each_person_has_one_opinion_of_an_answer_the_last_one(store: SqlStore, engine: AsyncEngine) -> None:
    async with store.work() as work:
        number = await work.add_question(1, asked())
        for asker, useful in (("anne", True), ("bob", True), ("anne", False)):
            await work.rate(number, asker, useful=useful)
    async with engine.connect() as connection:
        rows = await connection.execute(select(feedback.c.asker, feedback.c.useful).order_by(feedback.c.asker))
        assert [tuple(row) for row in rows] == [("anne", False), ("bob", True)]


async def test_an_opinion_of_nothing_fails_without_quoting_anybody(store: SqlStore) -> None:
    with pytest.raises(StoreError) as caught:
        async with store.work() as work:
            await work.rate(404, "anne-secret", useful=True)
    assert "anne-secret" not in str(caught.value)


@pytest.mark.parametrize("number", [0, -1, 404, 2**31, 2**63, 10**30])
async def test_an_id_that_never_was_finds_nothing(store: SqlStore, number: int) -> None:
    async with store.work() as work:
        assert await work.question(number) is None
        assert await work.gap(number) is None
        assert not await work.close_gap(number, "answered", by="disc")


async def test_topics_are_counted_since_a_time(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        await work.add_question(1, asked(topic="legal"))
    clock.advance(days=1)
    async with store.work() as work:
        await work.add_question(2, asked(topic="legal"))
        await work.add_question(3, asked(topic="logo"))
        await work.add_question(4, asked())
        assert await work.topic_counts(clock.now) == {"legal": 1, "logo": 1}


async def test_the_last_unanswered_question_is_the_last_of_that_outcome(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        assert await work.last_unanswered() is None
        await work.add_question(1, asked())
    when = clock.now
    clock.advance(hours=1)
    async with store.work() as work:
        await work.add_question(2, asked(outcome=Outcome.ANSWER))
        assert await work.last_unanswered() == when


async def test_hostile_text_is_stored_in_questions_too(store: SqlStore) -> None:
    hostile = replace(ANNE, thread="\x00\ud800")
    async with store.work() as work:
        number = await work.add_question(1, asked("a\x00\ud800", address=hostile, entries=("\x00",), topic="\udfff"))
        found = await work.question(number)
        gap = await work.open_gap("\x00", "fr")
        assert await work.close_gap(gap, "answered", by="\x00", entry="\ud800")
    assert found is not None
    assert (found.text, found.entries, found.address.thread) == ("a\ufffd\ufffd", ("\ufffd",), "\ufffd\ufffd")


async def test_a_burst_of_work_is_all_stored(store: SqlStore, replica: SqlStore, engine: AsyncEngine) -> None:
    async def one(number: int) -> None:
        async with (store, replica)[number % 2].work() as work:
            await work.add_question(number, asked())

    await asyncio.gather(*(one(number) for number in range(200)))
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(questions)) == 200


async def test_tasks_cancelled_anywhere_store_all_or_nothing_and_leave_nothing_running(store: SqlStore) -> None:
    async def one(number: int) -> None:
        async with store.work() as work:
            question = await work.add_question(number, asked())
            await work.join_gap(question, await work.open_gap(f"gap {number}", "fr"))

    tasks = []
    for number in range(40):
        tasks.append(asyncio.create_task(one(number)))
        await asyncio.sleep(0.0005 * (number % 10))
        tasks[number // 2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), timeout=10)
    async with store.work() as work:
        assert [gap.times for gap in await work.gaps()] == [1] * (await work.kept("anne")).questions
