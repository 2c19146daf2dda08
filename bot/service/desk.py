"""The desk: takes events in, has each answered once, and sees to it that none ends in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Protocol

from bot.core.answers import Reply
from bot.core.errors import DeliveryError, DeliveryRefused, StoreError
from bot.core.messages import Incoming, Said
from bot.core.ports import Claimed, Mouth, Store
from bot.service.acceptor import Acceptor
from bot.service.digest import Digest
from bot.service.replies import Replies
from bot.service.turns import Turns
from bot.service.uploads import fetched

LOG = logging.getLogger(__name__)

WORKERS = 4
SWEEP_SECONDS = 5.0  # between two looks for events that a crash, or another replica, left behind
MOST_ATTEMPTS = 40  # with these pauses, half an hour: as long as Slack lets a command be answered
LONGEST_PAUSE = 60.0  # seconds


class Watcher(Protocol):
    """Counts what happens; never sees a text."""

    def accepted(self, platform: str, kind: str) -> None: ...
    def accept_failed(self, platform: str) -> None: ...
    def answered(self, outcome: str) -> None: ...
    def replied(self, seconds: float) -> None: ...


class Desk:
    """Events come in by `accept`, are decided on by `Replies`, and answered through the mouth of their platform."""

    def __init__(
        self,
        store: Store,
        mouths: Mapping[str, Mouth],
        replies: Replies,
        digest: Digest | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._store = store
        self._mouths = mouths
        self._replies = replies
        self._digest = digest
        self._watcher = watcher
        self._acceptor = Acceptor(store)
        self._arrived = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._turns = Turns()
        self._busy = 0
        self._idle = asyncio.Condition()

    async def accept(self, incoming: Incoming) -> bool:
        """Store an event; False where it was stored before. What returns is durable, what raises StoreError is not."""
        try:
            inbox = await self._acceptor.accept(incoming)
        except StoreError:
            if self._watcher:
                self._watcher.accept_failed(incoming.address.platform)
            raise
        if inbox is not None:
            self._arrived.set()
            if self._watcher:
                self._watcher.accepted(incoming.address.platform, incoming.kind.value)
        return inbox is not None

    async def drain(self) -> None:
        """Answer everything that waits, now, and see what is in hand to its end."""
        while await self._next():
            pass
        async with self._idle:
            await self._idle.wait_for(lambda: not self._busy)

    async def run(self) -> None:
        """Answer what comes, until cancelled."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(self._work())

    async def digest(self, due: datetime) -> None:
        """Queue the weekly digest that was due at that moment; a second call for the same moment does nothing."""
        if self._digest:
            await self._digest.queue(self._store, self._replies.assistant, due)

    async def _work(self) -> None:
        while True:
            try:
                found = await self._next()
            except StoreError:
                LOG.exception("the inbox can't be read")
                found = False
            if not found:
                await self._wait()

    async def _next(self) -> bool:
        """Answer the oldest event that nobody holds; False where there is none."""
        self._busy += 1
        try:
            async with self._claiming:  # so that turns are queued in the order of the events
                claimed = await self._store.claim(platforms=tuple(self._mouths))
                turn = self._turns.queue(claimed.incoming.address) if claimed else None
            if claimed and turn:
                async with self._turns.take(claimed.incoming.address, turn):
                    await self._answer(claimed)
        finally:
            self._busy -= 1
            async with self._idle:
                self._idle.notify_all()
        return claimed is not None

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._arrived.wait()
        self._arrived.clear()

    async def _answer(self, claimed: Claimed) -> None:
        """Decide, store and reply; whatever fails is tried again later, or put aside after the person was told."""
        started = monotonic()
        try:
            reply = await self._reply(claimed)
        except DeliveryRefused as error:
            LOG.warning("a reply was refused for good: %s", error)
            await self._finish(claimed)
        except DeliveryError as error:
            LOG.warning("a reply was not delivered yet: %s", error)
            await self._release(claimed, error.after)
        except StoreError:
            LOG.exception("an event could not be answered yet")
            await self._release(claimed, None)
        except Exception:
            LOG.exception("an event could not be answered")
            await self._apologise(claimed)
        else:
            self._count(reply, monotonic() - started)

    async def _reply(self, claimed: Claimed) -> Reply | None:
        incoming = claimed.incoming
        mouth = self._mouths[incoming.address.platform]  # what it can't speak to isn't claimed
        visitor = await mouth.visitor(incoming.address)
        await self._replies.prepare(incoming)
        async with self._store.work() as work:
            form = await self._replies.completed(work, claimed)
        files = await fetched(mouth, form)
        async with self._store.work() as work:
            reply = await self._replies.decide(work, claimed, visitor, files)
        said = await mouth.reply(incoming, reply) if reply else None
        await self._finish(claimed, reply.about if reply else 0, said)
        return reply

    async def _finish(self, claimed: Claimed, about: int = 0, said: Said | None = None) -> None:
        try:
            async with self._store.work() as work:
                if about and said:
                    await work.keep_shown(about, said)
                await work.finish(claimed.id)
        except StoreError:  # the reply was sent: at worst it is repeated when the lease is over
            LOG.exception("an answered event could not be put away")

    async def _release(self, claimed: Claimed, after: float | None) -> None:
        failed = claimed.attempts >= MOST_ATTEMPTS
        with suppress(StoreError):
            pause = after if after is not None else min(LONGEST_PAUSE, 2.0**claimed.attempts)
            await self._store.release(claimed.id, after=pause, failed=failed)
        if failed:
            LOG.error("an event was put aside after %d attempts", claimed.attempts)

    async def _apologise(self, claimed: Claimed) -> None:
        """Tell the person and put the event aside; an apology that can't be delivered yet is tried again with it."""
        mouth = self._mouths[claimed.incoming.address.platform]
        try:
            await mouth.reply(claimed.incoming, self._replies.failure())
        except DeliveryRefused as error:
            LOG.warning("an apology was refused for good: %s", error)
        except DeliveryError as error:
            await self._release(claimed, error.after)
            return
        except Exception:
            LOG.exception("an apology failed, too")
        with suppress(StoreError):
            await self._store.release(claimed.id, after=0, failed=True)

    def _count(self, reply: Reply | None, seconds: float) -> None:
        if self._watcher and reply:
            self._watcher.replied(seconds)
            for answer in reply.answers:
                self._watcher.answered(answer.outcome.value)
