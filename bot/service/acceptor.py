"""Events into the inbox, those that wait together in one commit: an acknowledgement waits for the disk alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.core.messages import Incoming
from bot.core.ports import Store

MOST_AT_ONCE = 500


class Acceptor:
    """Stores each event once. Whoever comes first writes for all who came meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Incoming, asyncio.Future[int | None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def accept(self, incoming: Incoming) -> int | None:
        """The event's inbox id, or None where it was there already; StoreError if it could not be stored."""
        stored: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                ids = await self._store.accept([incoming for incoming, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                _fail([stored for _, stored in batch], error)
                continue
            for (_, stored), inbox in zip(batch, ids, strict=True):
                if not stored.done():
                    stored.set_result(inbox)


def _fail(waiting: Sequence[asyncio.Future[int | None]], error: Exception) -> None:
    for stored in waiting:
        if not stored.done():
            stored.set_exception(error)
