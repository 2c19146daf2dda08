from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import inbox
from bot.core.actions import Choose, CloseGap, Forget, Look, Rate, Share
from bot.core.messages import Address, Kind
from tests.adapters.samples import LEASE, Clock, event


async def test_an_accepted_event_is_claimed_as_it_came(store: SqlStore, clock: Clock) -> None:
    sent = replace(event(), command="contact", reply_url="https://hooks.example/1", second_key="T1 C1 17.1")
    (number,) = await store.accept([sent])
    claimed = await store.claim()
    assert claimed is not None
    assert (claimed.id, claimed.incoming, claimed.attempts) == (number, sent, 1)
    assert claimed.lease_until == clock.now + LEASE


@pytest.mark.parametrize(
    "action",
    [Choose(3, "guide/1"), Rate(3, useful=False), Share(3), Look("term/tweet"), CloseGap(2, "outside"), Forget()],
)
async def test_a_pressed_button_keeps_what_it_asks_for(store: SqlStore, action: Choose) -> None:
    await store.accept([replace(event(), kind=Kind.PRESS, action=action)])
    claimed = await store.claim()
    assert claimed is not None
    assert claimed.incoming.action == action


async def test_each_event_of_a_batch_learns_whether_it_is_new(store: SqlStore) -> None:
    (first,) = await store.accept([event("a")])
    numbers = await store.accept([event("c"), event("a"), event("b"), event("c"), event("d", second_key="")])
    assert [number is None for number in numbers] == [False, True, False, True, False]
    assert len({first, *numbers} - {None}) == 4


async def test_two_events_for_one_message_are_one(store: SqlStore) -> None:
    numbers = await store.accept([event("mention", second_key="C1 17.1"), event("message", second_key="C1 17.1")])
    assert [number is None for number in numbers] == [False, True]
    assert await store.accept([event("again", second_key="C1 17.1")]) == [None]


async def test_accepting_nothing_is_nothing(store: SqlStore) -> None:
    assert await store.accept([]) == []


async def test_the_same_event_accepted_four_times_at_once_gives_one_id(store: SqlStore, replica: SqlStore) -> None:
    answers = await asyncio.gather(*(one.accept([event()]) for one in (store, replica, store, replica)))
    assert sum(number is not None for (number,) in answers) == 1


async def test_replicas_that_accept_the_same_burst_crosswise_share_it(store: SqlStore, replica: SqlStore) -> None:
    burst = [event(f"Ev{number}") for number in range(300)]
    halves = await asyncio.gather(store.accept(burst), replica.accept(burst[::-1]), store.accept(burst[::-1]))
    assert sum(number is not None for half in halves for number in half) == 300


async def test_two_replicas_claim_each_event_once(store: SqlStore, replica: SqlStore) -> None:
    numbers = await store.accept([event(f"Ev{number}") for number in range(40)])

    async def drain(one: SqlStore) -> list[int]:
        taken = []
        while claimed := await one.claim():
            taken.append(claimed.id)
        return taken

    shares = await asyncio.gather(*(drain(one) for one in (store, replica, store, replica)))
    assert sorted(number for share in shares for number in share) == sorted(number for number in numbers if number)


async def test_the_oldest_event_is_claimed_first_and_a_named_one_when_asked(store: SqlStore) -> None:
    await store.accept([event("a")])
    (second,) = await store.accept([event("b")])
    await store.accept([event("c")])
    named = await store.claim(second)
    assert named is not None
    assert named.incoming.key == "b"
    assert await store.claim(second) is None
    oldest = await store.claim()
    assert oldest is not None
    assert oldest.incoming.key == "a"


async def test_a_process_claims_events_of_the_platforms_that_it_speaks_alone(store: SqlStore) -> None:
    await store.accept([replace(event("typed"), address=Address("terminal"))])
    await store.accept([replace(event("posted"), address=Address("mattermost"))])
    posted = await store.claim(platforms=("slack", "mattermost"))
    assert posted is not None
    assert posted.incoming.key == "posted"
    assert await store.claim(platforms=("slack", "mattermost")) is None
    assert await store.claim(platforms=()) is None
    typed = await store.claim(platforms=("terminal",))
    assert typed is not None
    assert typed.incoming.key == "typed"


async def test_a_held_event_is_free_again_once_its_lease_ends(store: SqlStore, replica: SqlStore, clock: Clock) -> None:
    await store.accept([event()])
    assert await store.claim()
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert await replica.claim() is None
    clock.advance(seconds=1)
    again = await replica.claim()
    assert again is not None
    assert again.attempts == 2


async def test_a_released_event_waits_as_long_as_it_was_told(store: SqlStore, clock: Clock) -> None:
    (number,) = await store.accept([event()])
    assert number is not None
    await store.claim()
    await store.release(number, after=30)
    assert await store.claim() is None
    clock.advance(seconds=30)
    assert await store.claim() is not None


async def test_a_failed_event_is_put_aside_for_good(store: SqlStore, clock: Clock) -> None:
    (number,) = await store.accept([event()])
    assert number is not None
    await store.claim()
    await store.release(number, after=0, failed=True)
    clock.advance(days=1)
    assert await store.claim() is None
    assert (await store.counts())["inbox_failed"] == 1


async def test_a_finished_event_keeps_its_key_and_loses_its_content(store: SqlStore, engine: AsyncEngine) -> None:
    (number,) = await store.accept([event(second_key="C1 17.1")])
    assert number is not None
    async with store.work() as work:
        await work.finish(number)
    async with engine.connect() as connection:
        row = (await connection.execute(select(inbox))).one()
    assert (row.payload, row.state, row.lease_until) == (None, "done", None)
    assert await store.accept([event(), event("other", second_key="C1 17.1")]) == [None, None]
    assert await store.claim() is None


async def test_an_event_finished_by_another_process_stays_finished(store: SqlStore, replica: SqlStore) -> None:
    (number,) = await store.accept([event()])
    assert number is not None
    async with replica.work() as work:
        await work.finish(number)
    await store.release(number, after=0)
    await store.release(number, after=0, failed=True)
    assert await store.claim() is None
    assert (await store.counts())["inbox_failed"] == 0


@pytest.mark.parametrize("payload", [{}, {"key": 1}, {"action": "launch|missiles"}, {"kind": "poem"}])
async def test_an_event_that_cannot_be_read_holds_up_no_other(
    store: SqlStore, engine: AsyncEngine, payload: dict[str, object]
) -> None:
    await store.accept([event("old")])
    await store.accept([event("new")])
    async with engine.begin() as connection:
        await connection.execute(update(inbox).where(inbox.c.key == "old").values(payload=payload))
    claimed = await store.claim(platforms=(event().address.platform,))
    assert claimed is not None
    assert claimed.incoming.key == "new"
    assert (await store.counts())["inbox_failed"] == 1


@pytest.mark.parametrize(
    "text", ["a\x00b", "\ud800", "\udfff\ud83d", "🙂 ’ œ \u2028", "'; DROP TABLE inbox; --", "%s ? :a", "x" * 10_000]
)
async def test_hostile_text_neither_fails_nor_changes_more_than_it_must(store: SqlStore, text: str) -> None:
    (number,) = await store.accept([event(f"key {text}", second_key=text, text=text)])
    assert number is not None
    claimed = await store.claim()
    assert claimed is not None
    expected = "".join("\ufffd" if sign == "\x00" or "\ud800" <= sign <= "\udfff" else sign for sign in text)
    assert claimed.incoming.text == expected
    assert await store.accept([event(f"key {text}")]) == [None]


async def test_ids_are_never_used_again(store: SqlStore, engine: AsyncEngine) -> None:
    (first,) = await store.accept([event("a")])
    async with engine.begin() as connection:
        await connection.execute(inbox.delete())
    (second,) = await store.accept([event("b")])
    assert first is not None
    assert second is not None
    assert second > first


async def test_a_time_without_a_zone_is_refused(engine: AsyncEngine, clock: Clock) -> None:
    row = {"key": "k", "state": "waiting", "attempts": 0, "accepted_at": clock.now.replace(tzinfo=None)}
    with pytest.raises(Exception, match="without a zone"):
        async with engine.begin() as connection:
            await connection.execute(insert(inbox).values(row))
