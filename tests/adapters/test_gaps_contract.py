from __future__ import annotations

import asyncio

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.ports import Gap, Work
from tests.adapters.samples import START, Clock, asked


async def ask(work: Work, inbox: int, gap: int | None, asker: str = "anne", text: str = "Badge ?") -> int:
    question = await work.add_question(inbox, asked(text, asker=asker))
    if gap is not None:
        await work.join_gap(question, gap)
    return question


async def the_gap(store: SqlStore, number: int) -> Gap:
    async with store.work() as work:
        found = await work.gap(number)
    assert found is not None
    return found


async def test_a_gap_counts_its_questions_and_who_asked_them(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        await ask(work, 1, gap)
        await ask(work, 2, gap)
    clock.advance(hours=3)
    async with store.work() as work:
        await ask(work, 3, gap, asker="bob")
    found = await the_gap(store, gap)
    assert (found.text, found.language, found.status, found.opened_at) == ("Badge ?", "fr", "open", START)
    assert (found.times, found.people, found.last_at) == (3, 2, clock.now)


async def test_joining_again_changes_no_count(store: SqlStore) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        for _ in range(3):
            await ask(work, 1, gap)
    assert ((await the_gap(store, gap)).times, (await the_gap(store, gap)).people) == (1, 1)


async def test_a_gap_that_nobody_joined_was_last_asked_when_it_opened(store: SqlStore) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
    assert ((await the_gap(store, gap)).times, (await the_gap(store, gap)).last_at) == (0, START)


async def test_open_gaps_come_most_asked_first_and_without_the_closed(store: SqlStore) -> None:
    async with store.work() as work:
        rare, often, closed = [await work.open_gap(text, "fr") for text in ("rare", "often", "closed")]
        for inbox, gap in enumerate((rare, often, often, closed)):
            await ask(work, inbox, gap)
        assert await work.close_gap(closed, "outside", by="disc")
        assert [gap.id for gap in await work.open_gaps()] == [often, rare]
        assert [gap.id for gap in await work.gaps(status="outside")] == [closed]
        assert len(await work.gaps()) == 3


async def test_gaps_can_be_those_asked_since_a_time(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        old, revived = [await work.open_gap(text, "fr") for text in ("old", "revived")]
        await ask(work, 1, old)
        await ask(work, 2, revived)
    clock.advance(days=8)
    async with store.work() as work:
        await ask(work, 3, revived)
        assert [gap.id for gap in await work.gaps(since=clock.now)] == [revived]


async def test_a_gap_is_closed_once(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
    clock.advance(days=1)
    async with store.work() as work:
        assert await work.close_gap(gap, "answered", by="claire", entry="guide/1")
        assert not await work.close_gap(gap, "outside", by="denis")
    found = await the_gap(store, gap)
    assert (found.status, found.closed_by, found.entry, found.closed_at) == ("answered", "claire", "guide/1", clock.now)
    assert found.text == "Badge ?"


async def test_closing_at_once_in_two_replicas_succeeds_in_one(store: SqlStore, replica: SqlStore) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")

    async def close(one: SqlStore) -> bool:
        async with one.work() as work:
            return await work.close_gap(gap, "answered", by="disc")

    assert sorted(await asyncio.gather(close(store), close(replica))) == [False, True]


async def test_a_duplicate_hands_its_questions_to_the_other_gap(store: SqlStore) -> None:
    async with store.work() as work:
        kept, double = [await work.open_gap(text, "fr") for text in ("kept", "double")]
        await ask(work, 1, kept)
        questions = [await ask(work, 2, double), await ask(work, 3, double, asker="bob")]
        assert await work.close_gap(double, "duplicate", by="disc", into=kept)
        assert [question.id for question in await work.gap_questions(kept)][1:] == questions
        assert await work.gap_questions(double) == []
    assert ((await the_gap(store, kept)).times, (await the_gap(store, kept)).people) == (3, 2)
    assert (await the_gap(store, double)).merged_into == kept


async def test_a_merge_follows_earlier_merges_and_refuses_circles(store: SqlStore) -> None:
    async with store.work() as work:
        first, second, third = [await work.open_gap(text, "fr") for text in ("1", "2", "3")]
        question = await ask(work, 1, third)
        assert await work.close_gap(second, "duplicate", by="disc", into=first)
        assert await work.close_gap(third, "duplicate", by="disc", into=second)
        assert [asked.id for asked in await work.gap_questions(first)] == [question]
        assert not await work.close_gap(first, "duplicate", by="disc", into=first)
        assert not await work.close_gap(first, "duplicate", by="disc", into=third)
        assert not await work.close_gap(first, "duplicate", by="disc", into=404)
        assert [gap.id for gap in await work.open_gaps()] == [first]


@pytest.mark.parametrize("merged", [False, True])
async def test_forgetting_people_leaves_the_counts(store: SqlStore, *, merged: bool) -> None:
    async with store.work() as work:
        gap, other = [await work.open_gap(text, "fr") for text in ("Badge ?", "Badges ?")]
        for inbox, asker in enumerate(("anne", "anne", "bob", "claire")):
            await ask(work, inbox, gap, asker)
        before = await work.gap(gap)
        await work.forget("anne")
        await work.forget("bob")
        await work.forget("bob")
        if merged:
            await work.close_gap(gap, "duplicate", by="disc", into=other)
        after = await work.gap(other if merged else gap)
    assert before is not None
    assert after is not None
    assert (after.times, after.people, after.last_at) == (before.times, before.people, before.last_at) == (4, 3, START)


async def test_no_person_is_lost_when_many_are_forgotten_at_once(store: SqlStore, replica: SqlStore) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        for number in range(30):
            await ask(work, number, gap, f"person {number}")

    async def forget(number: int) -> None:
        async with (store, replica)[number % 2].work() as work:
            await work.forget(f"person {number}")

    await asyncio.gather(*(forget(number) for number in range(30)))
    assert ((await the_gap(store, gap)).times, (await the_gap(store, gap)).people) == (30, 30)


async def test_two_hundred_askers_of_one_thing_open_one_gap(store: SqlStore, replica: SqlStore) -> None:
    async def miss(number: int) -> None:
        async with (store, replica)[number % 2].work() as work:
            question = await work.add_question(number, asked(asker=f"person {number}"))
            gap = next((gap.id for gap in await work.open_gaps() if gap.text == "Badge ?"), None)
            await work.join_gap(question, gap if gap is not None else await work.open_gap("Badge ?", "fr"))

    await asyncio.gather(*(miss(number) for number in range(200)))
    async with store.work() as work:
        (gap,) = await work.open_gaps()
    assert (gap.times, gap.people) == (200, 200)
