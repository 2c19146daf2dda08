"""Delivers letters: each claimed with a lease, spoken through its platform's mouth, and marked."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.alert_ports import Trouble
from bot.core.errors import DeliveryError, DeliveryMisconfigured, StoreError
from bot.core.messages import Said
from bot.core.outbox import LATE_AFTER, retry_at
from bot.core.ports import Letter, Store, Work

LOG = logging.getLogger(__name__)

LOOK_EVERY = 3.0  # seconds: letters that another process queued, or whose time has come; for this one's, `wake`
SWEEP_EVERY = 15.0  # seconds: what people have to be told of
STORE_AWAY = 5.0  # seconds to wait for a database that fails
CALL_SECONDS = 100.0  # for any mouth: shorter than a letter's lease

# Tells people of a letter that is late or dead, by queueing letters in the same transaction.
Teller = Callable[[Work, Trouble], Awaitable[None]]
# Queues what has become due (a flood's letter, a reminder), in a transaction of its own, at each sweep.
Round = Callable[[Work], Awaitable[object]]


class Speaker(Protocol):
    """The part of a Mouth that letters need; what sends mail has no more."""

    async def send(self, letter: Letter) -> Said | None: ...


async def tell_the_log(work: Work, trouble: Trouble) -> None:
    """The least that is done about a letter that is late or dead."""
    del work
    LOG.error("a letter is %s", trouble.what, extra={"letter": trouble.letter, "kind": trouble.kind.value})


class Outbox:
    """One lane for mail and one for each chat platform, so that a server that hangs holds up no other.

    Only letters to platforms with a mouth are claimed: those of others wait.
    """

    def __init__(
        self,
        store: Store,
        mouths: Mapping[str, Speaker],
        clock: Callable[[], datetime],
        *,
        tell: Teller = tell_the_log,
        rounds: Sequence[Round] = (),
        chance: Callable[[], float] = random.random,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._store = store
        self._mouths = mouths
        self._clock = clock
        self._tell = tell
        self._rounds = rounds
        self._chance = chance
        self._call_seconds = call_seconds
        self._stopping = asyncio.Event()
        self._stirred = {platform: asyncio.Event() for platform in mouths}
        store.when_queued(self.wake)

    def wake(self, platforms: Collection[str]) -> None:
        """Something was queued for these: look at once."""
        for platform in self._stirred.keys() & platforms:
            self._stirred[platform].set()

    def stop(self) -> None:
        """Claim nothing more; `run` ends after the letters that are under way."""
        self._stopping.set()
        self.wake(self._stirred)

    async def run(self) -> None:
        """Deliver until stopped. Cancelling is safe, too: a letter under way is sent again after its lease."""
        lanes = [self._lane(platform) for platform in self._mouths]
        async with asyncio.TaskGroup() as group:
            for lane in (*lanes, self._sweeps()):
                group.create_task(lane)

    async def deliver_due(self, platforms: Collection[str] | None = None) -> int:
        """Deliver what is due now, and return how many letters were tried."""
        tried = 0
        wanted = tuple(self._mouths if platforms is None else platforms)
        while not self._stopping.is_set() and (letter := await self._store.claim_letter(wanted)):
            await self._deliver(letter)
            tried += 1
        return tried

    async def sweep(self) -> int:
        """Have people told of letters that died or are late (how many there were), and do the rounds."""
        for go_round in self._rounds:
            async with self._store.work() as work:
                await go_round(work)
        async with self._store.work() as work:
            troubles = await work.troubles(late_before=self._clock() - LATE_AFTER)
            for trouble in troubles:
                await self._tell(work, trouble)
        return len(troubles)

    async def _lane(self, platform: str) -> None:
        stirred = self._stirred[platform]
        while not self._stopping.is_set():
            stirred.clear()
            try:
                await self.deliver_due([platform])
            except StoreError:
                LOG.exception("letters can't be claimed or marked")
                await self._pause(STORE_AWAY)
            await _at_most(stirred.wait(), LOOK_EVERY)

    async def _sweeps(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.sweep()
            except StoreError:
                LOG.exception("troubles can't be told")
            await self._pause(SWEEP_EVERY)

    async def _pause(self, seconds: float) -> None:
        await _at_most(self._stopping.wait(), seconds)

    async def _deliver(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(self._call_seconds):
                said = await self._mouths[letter.address.platform].send(letter)
        except DeliveryError as error:
            await self._failed(letter, error)
        except TimeoutError:
            await self._failed(letter, DeliveryError("no answer in time", doubtful=True))
        except StoreError:
            raise
        except Exception as error:
            LOG.exception("a mouth failed in a way that nobody foresaw")
            await self._failed(letter, DeliveryError(type(error).__name__, doubtful=True))
        else:
            await self._store.letter_sent(letter.id, said)

    async def _failed(self, letter: Letter, error: DeliveryError) -> None:
        now = self._clock()
        again = retry_at(
            error, attempts=letter.attempts, created_at=letter.created_at or now, now=now, chance=self._chance()
        )
        known = {"letter": letter.id, "attempts": letter.attempts, "reason": str(error)}
        if again is None or isinstance(error, DeliveryMisconfigured):
            LOG.error("a letter is dead" if again is None else "the settings keep letters from leaving", extra=known)
        else:
            LOG.warning("a letter will be tried again", extra=known)
        await self._store.letter_failed(
            letter.id, error=str(error), retry_at=again, attempt=letter.attempts, doubtful=error.doubtful
        )
        if again is None:
            await self.sweep()


async def _at_most(waiting: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        pass
