"""Processes that are killed in the middle of a delivery: nothing is lost, and what comes twice is the same mail."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.database import create_engine
from bot.adapters.sql_store import SqlStore
from bot.core.alert_ports import LetterKind
from bot.core.mail import Mail
from tests.adapters.samples import Clock
from tests.core.alert_samples import PRESS
from tests.fakes.mail_server import MailServer
from tests.mail.kit import letters_of, mouth, outbox, reported

ROOT = Path(__file__).parents[2]
MANY, LEASE_SECONDS = 1_500, 3


@dataclass
class Worker:
    process: asyncio.subprocess.Process

    def kill(self) -> None:
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)


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


async def start(url: str, port: int | Path, *, stage: str = "", lease: float = 120) -> Worker:
    words = ("-m", "tests.fakes.outbox_worker", url, str(port), str(lease), stage)
    return Worker(
        await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    )


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
    ledger = tmp_path / "ledger"
    ledger.touch()
    async with opened(url, lambda: datetime.now(UTC)) as store:
        async with store.work() as work:
            for number in range(MANY):
                mail = Mail(f"n° {number}", "texte\n", f"<{number}@guidebot.example>")
                await work.queue_mail(f"k{number}", PRESS, mail, kind=LetterKind.PRESS)
        workers = [await start(url, ledger, lease=LEASE_SECONDS) for _ in range(4)]
        try:
            async with asyncio.timeout(240):
                await kill_at(ledger, 300, workers[0])
                await kill_at(ledger, 700, workers[1])
                while (await store.counts())["letters_queued"]:  # noqa: ASYNC110 - other processes empty it
                    await asyncio.sleep(0.3)
        finally:
            for worker in workers:
                worker.kill()
                await worker.process.wait()
    ids = Counter(ledger.read_text(encoding="utf-8").split())
    assert set(ids) == {f"<{number}@guidebot.example>" for number in range(MANY)}
    assert sum(ids.values()) - MANY <= 2


async def kill_at(ledger: Path, lines: int, worker: Worker) -> None:
    while ledger.read_bytes().count(b"\n") < lines:  # noqa: ASYNC110, ASYNC240 - other processes write it
        await asyncio.sleep(0.02)
    worker.kill()
