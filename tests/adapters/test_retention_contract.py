from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import feedback, inbox, letters
from bot.core.answers import Paragraph
from bot.core.messages import Address
from bot.core.ports import Asked, Kept
from bot.core.typed import Talk
from tests.adapters.samples import ANNE, START, Clock, asked, event

ERASED = Address(platform="")


async def purge(store: SqlStore, now: datetime) -> Mapping[str, int]:
    return await store.purge(texts_before=now - timedelta(days=7), gaps_before=now - timedelta(days=365))


async def the_question(store: SqlStore, number: int) -> Asked:
    async with store.work() as work:
        found = await work.question(number)
    assert found is not None
    return found


async def test_what_is_kept_about_a_person_is_theirs_alone(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        assert await work.kept("anne") == Kept(0, 0, (), None)
        number = await work.add_question(1, asked("first"))
        await work.add_question(2, asked(""))
        await work.add_question(3, asked("bob's", asker="bob"))
        await work.rate(number, "anne", useful=True)
        await work.rate(number, "bob", useful=True)
    clock.advance(days=1)
    async with store.work() as work:
        await work.add_question(4, asked("second"))
        assert await work.kept("anne") == Kept(3, 1, ("first", "second"), START)


async def test_a_forgotten_person_leaves_neither_words_nor_traces(store: SqlStore, engine: AsyncEngine) -> None:
    async with store.work() as work:
        number = await work.add_question(1, asked("first"))
        others = await work.add_question(2, asked("bob's", asker="bob"))
        await work.rate(others, "anne", useful=False)
        await work.forget("anne")
        assert await work.kept("anne") == Kept(0, 0, (), None)
        assert await work.last_question("anne", ANNE) is None
    found = await the_question(store, number)
    assert (found.asker, found.text, found.address) == ("", "", ERASED)
    assert (await the_question(store, others)).text == "bob's"
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(feedback)) == 0


async def test_a_gap_gives_up_the_words_of_who_is_forgotten(store: SqlStore) -> None:
    async with store.work() as work:
        shared, alone, others = [await work.open_gap(text, "fr") for text in ("anne's", "anne's", "bob's")]
        for inbox_id, (gap, asker) in enumerate(((shared, "anne"), (shared, "bob"), (alone, "anne"), (others, "bob"))):
            await work.join_gap(await work.add_question(inbox_id, asked(f"{asker}'s", asker=asker)), gap)
        await work.forget("anne")
        texts = {gap.id: (gap.text, gap.times, gap.people) for gap in await work.open_gaps()}
    assert texts == {shared: ("bob's", 2, 2), alone: ("", 1, 1), others: ("bob's", 1, 1)}


async def test_old_texts_go_where_nobody_has_to_read_them(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        plain, in_gap, in_closed, refused, chosen, useless, useful = [
            await work.add_question(inbox_id, asked()) for inbox_id in range(7)
        ]
        await work.join_gap(in_gap, await work.open_gap("open", "fr"))
        closed = await work.open_gap("closed", "fr")
        await work.join_gap(in_closed, closed)
        await work.close_gap(closed, "outside", by="disc")
        await work.choose(refused, "")
        await work.choose(chosen, "guide/1")
        await work.rate(useless, "anne", useful=False)
        await work.rate(useful, "anne", useful=True)
    assert not any((await purge(store, clock.now)).values())
    clock.advance(days=8)
    assert (await purge(store, clock.now))["texts"] == 4
    kept = {number: await the_question(store, number) for number in range(plain, useful + 1)}
    assert {number for number, question in kept.items() if question.text} == {in_gap, refused, useless}
    assert {number for number, question in kept.items() if question.address != ERASED} == {in_gap}
    assert {question.asker for question in kept.values()} == {"anne"}


async def test_people_are_forgotten_after_the_longest_time_and_gaps_keep_counting(
    store: SqlStore, clock: Clock
) -> None:
    async with store.work() as work:
        gap, still_open = [await work.open_gap(text, "fr") for text in ("closed", "open")]
        numbers = [await work.add_question(inbox_id, asked(asker=f"p{inbox_id}")) for inbox_id in range(4)]
        await work.join_gap(numbers[0], gap)
        await work.join_gap(numbers[1], gap)
        await work.join_gap(numbers[2], still_open)
        await work.choose(numbers[0], "")
        await work.choose(numbers[3], "")
        await work.rate(numbers[0], "p0", useful=False)
        await work.close_gap(gap, "answered", by="disc")
    clock.advance(days=366)
    figures = await purge(store, clock.now)
    assert (figures["gaps"], figures["questions"], figures["feedback"]) == (1, 1, 1)
    assert not any((await purge(store, clock.now)).values())
    assert [(await the_question(store, number)).asker for number in numbers] == ["", "", "p2", ""]
    assert [bool((await the_question(store, number)).text) for number in numbers] == [False, False, True, False]
    async with store.work() as work:
        closed, kept = await work.gap(gap), await work.gap(still_open)
    assert closed is not None
    assert (closed.text, closed.times, closed.people) == ("", 2, 2)
    assert kept is not None
    assert (kept.text, kept.people) == ("open", 1)


async def test_a_gap_closed_lately_keeps_its_words_however_old(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        gap = await work.open_gap("Badge ?", "fr")
        await work.join_gap(await work.add_question(1, asked()), gap)
    clock.advance(days=400)
    async with store.work() as work:
        await work.close_gap(gap, "answered", by="disc")
    await purge(store, clock.now)
    async with store.work() as work:
        found = await work.gap(gap)
    assert found is not None
    assert (found.text, found.people) == ("Badge ?", 1)


async def test_events_go_a_week_after_their_end_and_waiting_ones_stay(
    store: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    done, failed, _ = await store.accept([event("done"), event("failed"), event("waiting")])
    assert done is not None
    assert failed is not None
    async with store.work() as work:
        await work.finish(done)
    await store.release(failed, after=0, failed=True)
    clock.advance(days=7)
    assert (await purge(store, clock.now))["inbox"] == 0
    clock.advance(seconds=1)
    assert (await purge(store, clock.now))["inbox"] == 2
    async with engine.connect() as connection:
        assert list(await connection.scalars(select(inbox.c.key))) == ["waiting"]


async def test_a_talk_goes_a_day_after_its_last_word_and_a_newer_one_stays(store: SqlStore, clock: Clock) -> None:
    async with store.work() as work:
        await work.keep_talk("anne", "slack C1", Talk("fr", rated=(1,)), inbox=1)
    clock.advance(seconds=1)
    async with store.work() as work:
        await work.keep_talk("anne", "slack C2", Talk("fr", rated=(2,)), inbox=2)
    clock.advance(days=1, seconds=-1)
    assert (await purge(store, clock.now))["talks"] == 0
    clock.advance(seconds=1)
    assert (await purge(store, clock.now))["talks"] == 1
    async with store.work() as work:
        assert await work.talk("anne", "slack C1", inbox=3) is None
        assert await work.talk("anne", "slack C2", inbox=3) == (START + timedelta(seconds=1), Talk("fr", rated=(2,)))


async def test_the_talks_of_a_forgotten_person_go_with_them(store: SqlStore) -> None:
    async with store.work() as work:
        for asker in ("anne", "bob"):
            await work.keep_talk(asker, "slack C1", Talk("fr", rated=(1,)), inbox=1)
        await work.forget("anne")
        assert await work.talk("anne", "slack C1", inbox=2) is None
        assert await work.talk("bob", "slack C1", inbox=2) == (START, Talk("fr", rated=(1,)))


async def test_letters_go_ninety_days_after_they_went_and_queued_ones_stay(
    store: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    async with store.work() as work:
        for key in ("sent", "dead", "queued"):
            await work.queue(key, ANNE, "fr", (Paragraph("…"),))
    for key in ("sent", "dead"):
        letter = await store.claim_letter()
        assert letter is not None
        assert letter.key == key
        await (
            store.letter_sent(letter.id)
            if key == "sent"
            else store.letter_failed(letter.id, error="gone", retry_at=None)
        )
    clock.advance(days=90)
    assert (await purge(store, clock.now))["letters"] == 0
    clock.advance(seconds=1)
    assert (await purge(store, clock.now))["letters"] == 2
    async with engine.connect() as connection:
        assert list(await connection.scalars(select(letters.c.key))) == ["queued"]


async def test_counts_tell_what_waits(store: SqlStore) -> None:
    expected = dict.fromkeys(("inbox_waiting", "inbox_failed", "letters_queued", "letters_dead", "gaps_open"), 0)
    assert await store.counts() == expected
    await store.accept([event("a"), event("b")])
    async with store.work() as work:
        await work.open_gap("Badge ?", "fr")
        await work.queue("k", ANNE, "fr", ())
    assert await store.counts() == expected | {"inbox_waiting": 2, "letters_queued": 1, "gaps_open": 1}
