"""Several worker processes on one database, of which some are killed in the middle of their work."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sql_store import SqlStore
from bot.core.alert_ports import LetterKind
from bot.core.mail import Mail

ROOT = Path(__file__).parents[2]
TO = "presse@inserm.fr"


@dataclass
class Worker:
    process: asyncio.subprocess.Process

    def kill(self) -> None:
        if self.process.returncode is None:
            os.kill(self.process.pid, signal.SIGKILL)


async def start(url: str, port: int | Path, *, stage: str = "", lease: float = 120) -> Worker:
    words = ("-m", "tests.fakes.outbox_worker", url, str(port), str(lease), stage)
    return Worker(
        await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    )


def message_id(number: int) -> str:
    return f"<{number}@guidebot.example>"


async def queue(store: SqlStore, letters: int) -> None:
    async with store.work() as work:
        for number in range(letters):
            mail = Mail(f"n° {number}", "texte\n", message_id(number))
            await work.queue_mail(f"k{number}", TO, mail, kind=LetterKind.PRESS)


async def deliver(
    store: SqlStore, url: str, ledger: Path, *, workers: int, kill_after: Sequence[int], lease: float, patience: float
) -> Counter[str]:
    """Have so many workers deliver what is queued, one killed after each of these counts; how often each id left."""
    _begin(ledger)
    crowd = [await start(url, ledger, lease=lease) for _ in range(workers)]
    try:
        async with asyncio.timeout(patience):
            for worker, count in zip(crowd, kill_after, strict=False):
                await _delivered(ledger, count)
                worker.kill()
            while (await store.counts())["letters_queued"]:  # noqa: ASYNC110 - other processes empty it
                await asyncio.sleep(0.3)
    finally:
        for worker in crowd:
            worker.kill()
            await worker.process.wait()
    return Counter(_ids(ledger))


async def _delivered(ledger: Path, count: int) -> None:
    while len(_ids(ledger)) < count:  # noqa: ASYNC110 - other processes write it
        await asyncio.sleep(0.02)


def _begin(ledger: Path) -> None:
    ledger.touch()


def _ids(ledger: Path) -> list[str]:
    return ledger.read_text(encoding="utf-8").split()
