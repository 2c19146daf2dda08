from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import letters
from bot.core.actions import CloseGap, Look, Share
from bot.core.answers import (
    Bullets,
    Choice,
    ContactCard,
    Definition,
    GapLine,
    Note,
    Paragraph,
    Part,
    Person,
    Pick,
    SourceLine,
    Title,
)
from tests.adapters.samples import ANNE, LEASE, Clock

EVERY_PART: tuple[Part, ...] = (
    Title("Points à traiter"),
    Paragraph("Bonjour 🙂"),
    Bullets(("un", "deux")),
    Definition("tweet", "un message court"),
    ContactCard("Lyon", (Person("A. B.", "a.b@inserm.fr", "04 00"),), serves="Auvergne", age="guide de 2016"),
    Choice(1, "guide/1", "Qui peut parler ?"),
    Pick("Voir", Look("guide/1")),
    Pick("Hors du guide", CloseGap(7, "outside")),
    Pick("Partager", Share(3)),
    SourceLine("Guide, p. 4", url="https://guide.example"),
    Note("a vieilli"),
    GapLine(7, "Badge ?", 12, 9, "2026-03-02"),
)


async def queue(store: SqlStore, key: str = "digest 2026-10", parts: tuple[Part, ...] = EVERY_PART) -> bool:
    async with store.work() as work:
        return await work.queue(key, ANNE, "fr", parts)


async def test_a_letter_is_claimed_as_it_was_queued(store: SqlStore, clock: Clock) -> None:
    assert await queue(store)
    letter = await store.claim_letter()
    assert letter is not None
    assert (letter.key, letter.address, letter.language, letter.parts) == ("digest 2026-10", ANNE, "fr", EVERY_PART)
    assert (letter.attempts, letter.created_at) == (1, clock.now)


async def test_the_same_cause_never_queues_a_letter_twice(store: SqlStore, replica: SqlStore) -> None:
    queued = await asyncio.gather(*(queue(one) for one in (store, replica, store, replica)))
    assert sorted(queued) == [False, False, False, True]
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_sent(letter.id)
    assert not await queue(store)


async def test_replicas_claim_each_letter_once(store: SqlStore, replica: SqlStore) -> None:
    for number in range(20):
        await queue(store, f"letter {number}", ())

    async def drain(one: SqlStore) -> list[str]:
        taken = []
        while letter := await one.claim_letter():
            taken.append(letter.key)
        return taken

    shares = await asyncio.gather(drain(store), drain(replica), drain(store))
    assert sorted(key for share in shares for key in share) == sorted(f"letter {number}" for number in range(20))


async def test_a_letter_in_a_dead_process_is_sent_by_another(store: SqlStore, replica: SqlStore, clock: Clock) -> None:
    await queue(store)
    assert await store.claim_letter()
    assert await replica.claim_letter() is None
    clock.advance(seconds=LEASE.total_seconds())
    letter = await replica.claim_letter()
    assert letter is not None
    assert letter.attempts == 2


async def test_a_failed_letter_waits_until_its_time(store: SqlStore, clock: Clock) -> None:
    await queue(store)
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_failed(letter.id, error="503", retry_at=clock.now + timedelta(seconds=90))
    clock.advance(seconds=89)
    assert await store.claim_letter() is None
    clock.advance(seconds=1)
    assert await store.claim_letter() is not None


async def test_a_dead_letter_is_counted_and_never_claimed(store: SqlStore, engine: AsyncEngine, clock: Clock) -> None:
    await queue(store)
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_failed(letter.id, error="no such channel \x00" + "x" * 5000, retry_at=None)
    clock.advance(days=5)
    assert await store.claim_letter() is None
    counts = await store.counts()
    assert (counts["letters_dead"], counts["letters_queued"]) == (1, 0)
    async with engine.connect() as connection:
        error = await connection.scalar(select(letters.c.last_error))
    assert error is not None
    assert error.startswith("no such channel \ufffdx")
    assert len(error) == 500


async def test_a_sent_letter_keeps_neither_words_nor_address(
    store: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    await queue(store)
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_sent(letter.id)
    async with engine.connect() as connection:
        row = (await connection.execute(select(letters))).one()
    assert (row.state, row.sent_at, row.parts, row.address) == ("sent", clock.now, None, None)


async def test_a_letter_once_sent_does_not_die_of_a_late_failure(store: SqlStore) -> None:
    await queue(store)
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_sent(letter.id)
    await store.letter_failed(letter.id, error="too late", retry_at=None)
    assert (await store.counts())["letters_dead"] == 0


@pytest.mark.parametrize("parts", [[{"part": "Poem"}], [{}], [{"part": "Pick", "label": "x", "action": "fly|1"}]])
async def test_a_letter_that_cannot_be_read_is_dead_and_holds_up_no_other(
    store: SqlStore, engine: AsyncEngine, parts: list[dict[str, str]]
) -> None:
    await queue(store, "old")
    async with engine.begin() as connection:
        await connection.execute(update(letters).values(parts=parts))
    await queue(store, "new")
    letter = await store.claim_letter()
    assert letter is not None
    assert letter.key == "new"
    assert (await store.counts())["letters_dead"] == 1


async def test_hostile_text_can_be_sent(store: SqlStore) -> None:
    async with store.work() as work:
        assert await work.queue("k\x00", replace(ANNE, channel="\ud800"), "fr", (Paragraph("\x00\udfff"),))
    letter = await store.claim_letter()
    assert letter is not None
    assert letter.parts == (Paragraph("\ufffd\ufffd"),)
