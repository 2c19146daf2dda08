"""Processes that are killed in the middle of a delivery: nothing is lost, and what comes twice is the same mail."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.database import create_engine
from bot.adapters.sql_store import SqlStore
from tests.adapters.samples import Clock
from tests.fakes.mail_server import MailServer
from tests.fakes.outbox_crowd import deliver, message_id, queue, start
from tests.mail.kit import letters_of, mouth, outbox, reported

MANY, LEASE_SECONDS = 300, 3  # bench/letters.py has five times as many


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), tmp_path / 'guidebot.db')}"
    made: str = request.getfixturevalue("new_postgres")(request.getfixturevalue("migrated_postgres"))
    return made


@asynccontextmanager
async def opened(url: str, clock: Callable[[], datetime]) -> AsyncIterator[SqlStore]:
    store = SqlStore(create_engine(url), clock=clock, lease=timedelta(minutes=2))
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("stage", "copies"),
    [("before the claim", 1), ("after the claim", 1), ("in DATA", 1), ("after the 250", 2), ("in the mark", 2)],
)
async def test_a_worker_killed_anywhere_loses_nothing(url: str, stage: str, copies: int) -> None:
    server, clock = MailServer(), Clock(datetime.now(UTC))
    async with opened(url, clock) as store, server.running():
        preview = await reported(store, clock)
        worker = await start(url, server.port, stage=stage)
        if stage == "in DATA":
            server.on_data = worker.kill
        async with asyncio.timeout(30):
            assert await worker.process.wait() == -signal.SIGKILL
        await asyncio.sleep(0.1)  # the server notices a line that was cut
        server.on_data = lambda: None
        clock.advance(minutes=5)
        await outbox(store, clock, mouth(store, server.port)).deliver_due()
        (letter,) = await letters_of(store)
        counts = await store.counts()
    assert letter.state == "sent"
    assert counts["letters_queued"] == 0
    assert [mail["Message-ID"] for mail in server.mails] == [preview.mail.message_id] * copies
    assert len({mail.as_bytes() for mail in server.mails}) == 1


async def test_four_workers_of_which_two_are_killed_deliver_all(url: str, tmp_path: Path) -> None:
    async with opened(url, lambda: datetime.now(UTC)) as store:
        await queue(store, MANY)
        sent = await deliver(
            store, url, tmp_path / "ledger", workers=4, kill_after=(60, 140), lease=LEASE_SECONDS, patience=240
        )
    assert set(sent) == {message_id(number) for number in range(MANY)}
    assert sum(sent.values()) - MANY <= 2
