from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.errors import StoreError
from bot.core.messages import Incoming
from bot.service.acceptor import MOST_AT_ONCE, Acceptor
from tests.fakes.mouth import asks


class CountingStore:
    """The store's `accept` alone, with its commits counted; fails as often as it is told to."""

    def __init__(
        self, store: SqlStore | None = None, *, failures: int = 0, failing: type[Exception] = StoreError
    ) -> None:
        self.commits: list[int] = []
        self._store = store
        self._failures = failures
        self._failing = failing

    async def accept(self, events: Sequence[Incoming]) -> Sequence[int | None]:
        self.commits.append(len(events))
        await asyncio.sleep(0)
        if self._failures:
            self._failures -= 1
            raise self._failing("the disk is full")
        return await self._store.accept(events) if self._store else list(range(len(events)))


def acceptor(store: CountingStore) -> Acceptor:
    return Acceptor(store)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["memory", "file"], indirect=True)
async def test_events_that_wait_together_share_a_commit(store: SqlStore) -> None:
    counting = CountingStore(store)
    accepting = acceptor(counting)
    ids = await asyncio.gather(*(accepting.accept(asks("?")) for _ in range(100)))
    assert len(set(ids)) == 100
    assert None not in ids
    assert len(counting.commits) <= 2


@pytest.mark.parametrize("engine", ["memory"], indirect=True)
async def test_each_hears_of_its_own_event(store: SqlStore) -> None:
    accepting = acceptor(CountingStore(store))
    first = await accepting.accept(asks("?", key="Ev-a"))
    again, other, twice = await asyncio.gather(
        *(accepting.accept(asks("?", key=key)) for key in ("Ev-a", "Ev-b", "Ev-b"))
    )
    assert first is not None
    assert again is None
    assert {other is None, twice is None} == {True, False}


async def test_a_commit_holds_a_bounded_number() -> None:
    counting = CountingStore()
    accepting = acceptor(counting)
    await asyncio.gather(*(accepting.accept(asks("?")) for _ in range(2 * MOST_AT_ONCE + 1)))
    assert max(counting.commits) == MOST_AT_ONCE
    assert sum(counting.commits) == 2 * MOST_AT_ONCE + 1


@pytest.mark.parametrize("failing", [StoreError, RuntimeError])
async def test_a_failing_store_fails_all_who_wait_and_the_next_succeed(failing: type[Exception]) -> None:
    accepting = acceptor(CountingStore(failures=1, failing=failing))
    waiting = await asyncio.gather(*(accepting.accept(asks("?")) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in waiting] == [failing] * 5
    assert await accepting.accept(asks("?")) == 0


async def test_those_who_came_after_a_failing_commit_are_not_failed_with_it() -> None:
    counting = CountingStore(failures=1)
    accepting = acceptor(counting)
    early = asyncio.create_task(accepting.accept(asks("?")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.create_task(accepting.accept(asks("?")))
    with pytest.raises(StoreError):
        await early
    assert await late == 0
    assert counting.commits == [1, 1]


async def test_one_who_gives_up_doesn_t_hold_up_the_others() -> None:
    counting = CountingStore()
    accepting = acceptor(counting)
    impatient, patient = (asyncio.create_task(accepting.accept(asks("?"))) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 1
    assert counting.commits == [2]
