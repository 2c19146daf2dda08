from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import create_engine, create_migration_engine, locate
from bot.adapters.sql_store import SqlStore
from bot.core.errors import SettingsError, StoreError
from tests.adapters.samples import LEASE, Clock, event


@pytest.mark.parametrize(
    "url",
    ["postgresql://a:p@h/d", "postgres://a:p@h/d", "postgresql+psycopg://a:p@h/d", "postgresql+asyncpg://a:p@h/d"],
)
def test_postgresql_is_reached_by_our_driver_whichever_is_named(url: str) -> None:
    assert locate(url).render_as_string(hide_password=False) == "postgresql+psycopg://a:p@h/d"


@pytest.mark.parametrize("url", ["mysql://a:secret@h/d", "nonsense secret", ""])
def test_another_database_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as caught:
        locate(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"])
async def test_a_file_is_made_with_its_folder_and_a_write_ahead_log(tmp_path: Path, driver: str) -> None:
    engine = create_engine(f"{driver}:///{tmp_path}/var/new/guidebot.db")
    async with engine.connect() as connection:
        pragmas = [await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")]
    await engine.dispose()
    assert pragmas == ["wal", 1]


def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    for attempt in range(20):
        url, together = f"sqlite:///{tmp_path}/{attempt}.db", Barrier(6)

        def open_together(url: str = url, together: Barrier = together) -> str:
            together.wait()
            with create_migration_engine(url).begin() as connection:
                connection.execute(text("CREATE TABLE IF NOT EXISTS mine (n INTEGER)"))
            with create_migration_engine(url).begin() as connection:
                return str(connection.scalar(text("PRAGMA journal_mode")))

        with ThreadPoolExecutor(6) as pool:
            assert {done.result() for done in [pool.submit(open_together) for _ in range(6)]} == {"wal"}


@pytest.mark.parametrize("replicas", [1, 3])
async def test_two_hundred_concurrent_increments_end_at_two_hundred(tmp_path: Path, replicas: int) -> None:
    engines = [create_engine(f"sqlite:///{tmp_path}/a.db") for _ in range(replicas)]
    await increment_often(engines)


async def test_increments_in_memory_are_not_lost_either() -> None:
    engine = create_engine("sqlite://")
    await increment_often([engine, create_engine(engine.url)])


async def increment_often(engines: list[AsyncEngine]) -> None:
    async with engines[0].begin() as connection:
        await connection.execute(text("CREATE TABLE tally (n INTEGER)"))
        await connection.execute(text("INSERT INTO tally VALUES (0)"))

    async def increment(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            value = await connection.scalar(text("SELECT n FROM tally"))
            await asyncio.sleep(0)
            await connection.execute(text("UPDATE tally SET n = :n"), {"n": value + 1})

    await asyncio.gather(*(increment(engines[number % len(engines)]) for number in range(200)))
    async with engines[0].connect() as connection:
        assert await connection.scalar(text("SELECT n FROM tally")) == 200
    for engine in engines:
        await engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://"])
async def test_each_engine_in_memory_has_a_database_of_its_own(url: str) -> None:
    one, other = create_engine(url), create_engine(url)
    async with one.begin() as connection:
        await connection.execute(text("CREATE TABLE mine (n INTEGER)"))
    async with other.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    await one.dispose()
    await other.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///{folder}/a.db"])
async def test_a_task_cancelled_in_a_statement_takes_its_lock_along_and_not_the_database(
    tmp_path: Path, url: str
) -> None:
    engine = create_engine(url.format(folder=tmp_path))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE mine (n INTEGER)"))

    async def count_for_long() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO mine VALUES (1)"))
            endless = (
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 2000000) SELECT max(n) FROM c"
            )
            await connection.scalar(text(endless))

    task = asyncio.create_task(count_for_long())
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10), engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM mine")) == 0
    assert task.cancelled()
    await engine.dispose()


@pytest.mark.parametrize("impatient", [False, True])
async def test_a_connection_told_to_stop_while_it_closes_ends(tmp_path: Path, *, impatient: bool) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/a.db")
    async with engine.connect() as connection:
        link = (await connection.get_raw_connection()).driver_connection
        assert link is not None
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        link.stop()  # what SQLAlchemy does once the task that waits for the closing is cancelled
        if impatient:
            closing.cancel()
        ended, _ = await asyncio.wait([closing], timeout=10)
    await engine.dispose()
    await asyncio.to_thread(link._thread.join, 10)  # before the loop closes, to which it answers
    assert ended
    assert not link._thread.is_alive()


async def test_a_database_without_tables_is_an_error_of_the_store(clock: Clock) -> None:
    store = SqlStore(create_engine("sqlite://"), clock=clock, lease=LEASE)
    with pytest.raises(StoreError, match="no such table") as caught:
        await store.accept([event(text="très secret")])
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
    await store.close()


async def test_a_server_that_is_away_is_an_error_of_the_store(clock: Clock, tmp_path: Path) -> None:
    store = SqlStore(create_engine(f"postgresql://u:hush@/d?host={tmp_path}"), clock=clock, lease=LEASE)
    with pytest.raises(StoreError) as caught:
        await store.claim()
    assert "hush" not in str(caught.value)
    await store.close()
