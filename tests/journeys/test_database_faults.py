"""A database that is locked, full or gone for a while: Slack hears of it and comes again, and nothing is half done."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import create_engine
from bot.adapters.schema import upgrade
from bot.adapters.sql_store import SqlStore
from bot.core.errors import StoreError
from bot.service.desk import Desk
from bot.service.replies import Replies
from tests.adapters.samples import LEASE, Clock
from tests.core.alert_samples import ACCOUNT
from tests.fakes import slack_payloads as payloads
from tests.fakes.mouth import RecordingMouth
from tests.fakes.shipped import shipped_assistant
from tests.fakes.slack_rig import Rig, Stored, over_http, over_socket
from tests.mail.kit import letters_of, previewed, send

LONG = "c'est quoi un hashtag ? " + "xyzzy " * 6_000  # too long for what is left of a page


@dataclass
class Ill:
    """A store over a database that fails for as long as one is in its `failing`."""

    engine: AsyncEngine
    failing: Callable[[], AbstractAsyncContextManager[None]]
    clock: Clock = field(default_factory=Clock)

    @property
    def store(self) -> SqlStore:
        return SqlStore(self.engine, clock=self.clock, lease=LEASE)


@pytest.fixture(params=["locked", "full", "gone"])
async def ill(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ill]:
    url = request.getfixturevalue("new_postgres")() if request.param == "gone" else f"sqlite:///{tmp_path}/guidebot.db"
    upgrade(url)
    engine = create_engine(url, patience=0)

    @asynccontextmanager
    async def locked() -> AsyncIterator[None]:
        with closing(sqlite3.connect(tmp_path / "guidebot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    @asynccontextmanager
    async def full() -> AsyncIterator[None]:
        await _limit(engine, 1)
        yield
        await _limit(engine, 2**30)

    @asynccontextmanager
    async def gone() -> AsyncIterator[None]:
        name = make_url(url).database
        with closing(psycopg.connect(request.getfixturevalue("postgres"), autocommit=True)) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())

    yield Ill(engine, {"locked": locked, "full": full, "gone": gone}[request.param])
    await engine.dispose()


async def _limit(engine: AsyncEngine, pages: int) -> None:
    """Let the file grow no more, or again: a disk that is full."""
    async with engine.connect() as connection:
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))


@pytest.mark.parametrize("over", [over_http, over_socket], ids=["HTTP", "Socket Mode"])
async def test_slack_is_told_and_what_it_sends_again_is_answered_once(
    ill: Ill, over: Callable[..., AbstractAsyncContextManager[Rig]]
) -> None:
    store, mouth = ill.store, RecordingMouth()
    desk = Desk(store, {"slack": mouth}, Replies(shipped_assistant, key=b"k" * 16))
    async with over(accepted=Stored(desk=desk)) as rig:
        asked, commanded = payloads.mention(LONG), payloads.command("/guide", LONG)
        async with ill.failing():
            rig.fake.patience = 1.0  # seconds: in Socket Mode what isn't acknowledged is silence
            assert await rig.fake.deliver(asked) != 200
            assert await rig.fake.deliver(commanded) != 200
        rig.fake.patience = 20.0
        assert (await store.counts())["inbox_waiting"] == 0
        for payload in (asked, asked, commanded):
            assert await rig.fake.deliver(payload) == 200
    async with ill.failing():
        with pytest.raises(StoreError):
            await desk.drain()
    assert mouth.said == []
    ill.clock.advance(minutes=5)  # what was claimed is free again
    await desk.drain()
    assert len(mouth.said) == 2
    assert (await store.counts())["inbox_waiting"] == 0


async def test_a_report_is_sent_whole_or_not_at_all(ill: Ill) -> None:
    preview = await previewed(ill.store, ill.clock, account=replace(ACCOUNT, said=LONG))
    async with ill.failing():
        with pytest.raises(StoreError):
            await send(ill.store, ill.clock, preview)
    assert await letters_of(ill.store) == []
    receipt = await send(ill.store, ill.clock, preview)
    assert receipt is not None
    assert (receipt.fresh, receipt.case.number) == (True, preview.case.number)
    assert len(await letters_of(ill.store)) == 1
