"""Turns: what one person says in one place is answered in the order in which it was said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.core.messages import Address


class Turns:
    """One turn after the other for each person and place; other people and places wait for nobody."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, ...], deque[asyncio.Event]] = {}

    def queue(self, address: Address) -> asyncio.Event:
        """Stand in line; `take` waits until it is one's turn."""
        queue = self._queues.setdefault(_key(address), deque())
        queue.append(turn := asyncio.Event())
        if len(queue) == 1:
            turn.set()
        return turn

    @asynccontextmanager
    async def take(self, address: Address, turn: asyncio.Event) -> AsyncIterator[None]:
        try:
            await turn.wait()
            yield
        finally:
            queue = self._queues[_key(address)]
            queue.remove(turn)
            if queue:
                queue[0].set()
            else:
                del self._queues[_key(address)]


def _key(address: Address) -> tuple[str, ...]:
    return address.platform, address.team, address.channel, address.thread, address.user
