from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from bot.adapters.database import create_engine
from bot.adapters.leadership import lead
from bot.settings import ROOT

TAKEN_OVER = 15  # seconds, at the most
LEADER = """
import asyncio, sys
from bot.adapters.database import create_engine
from bot.adapters.leadership import lead
async def work():
    print("leading", flush=True)
    await asyncio.sleep(600)
asyncio.run(lead(create_engine(sys.argv[1]), "test", work))
"""


@pytest.fixture
async def leader(new_postgres: Callable[..., str]) -> AsyncIterator[tuple[str, Process]]:
    """A database, and a process that leads on it."""
    url = new_postgres()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LEADER, url, cwd=ROOT, stdout=PIPE)
    assert process.stdout
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"leading\n"
    yield url, process
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def test_one_leads_and_another_takes_over_when_it_is_killed(leader: tuple[str, Process]) -> None:
    url, process = leader
    leading = asyncio.Event()

    async def work() -> None:
        leading.set()

    engine = create_engine(url)
    follower = asyncio.create_task(lead(engine, "test", work))
    await asyncio.sleep(1)
    assert not leading.is_set()
    process.kill()
    await asyncio.wait_for(leading.wait(), TAKEN_OVER)
    await asyncio.wait_for(follower, 5)
    await engine.dispose()


async def test_the_lock_ends_with_the_work(new_postgres: Callable[..., str]) -> None:
    url, times = new_postgres(), []

    async def work() -> None:
        times.append(1)

    first, second = create_engine(url), create_engine(url)
    for engine in (first, second):
        await asyncio.wait_for(lead(engine, "test", work), 5)
    assert len(times) == 2
    for engine in (first, second):
        await engine.dispose()


async def test_on_sqlite_the_only_process_leads() -> None:
    led = asyncio.Event()

    async def work() -> None:
        led.set()

    engine = create_engine("sqlite://")
    await lead(engine, "test", work)
    assert led.is_set()
    await engine.dispose()
