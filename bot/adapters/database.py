"""Engines for the two databases, set up so that neither loses an update."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, NullPool, event, make_url
from sqlalchemy import create_engine as create_blocking_engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from bot.adapters.sqlite_link import Link
from bot.core.errors import SettingsError

BUSY_SECONDS = 30
POOL_SECONDS = 60


def create_engine(url: str | URL, *, patience: float = BUSY_SECONDS) -> AsyncEngine:
    """An engine for "sqlite:///…" or "postgresql://…"; "sqlite://" is a database of its own in memory.

    On SQLite every transaction writes, so one connection serves them in turn: tasks wait in a fair queue, not in
    SQLite's polling. A transaction must therefore never wait for another one of its own process. `patience` is for how
    many seconds it waits for another process's lock.
    """
    place = locate(url)
    if not _is_sqlite(place):
        return create_async_engine(
            place, hide_parameters=True, pool_pre_ping=True, pool_size=10, pool_timeout=POOL_SECONDS
        )
    engine = create_async_engine(
        place.set(drivername="sqlite+aiosqlite"),
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={**_SQLITE_ARGUMENTS, "timeout": patience, "async_creator_fn": Link},
    )
    _prepare_sqlite(engine.sync_engine, foreign_keys=True, patience=patience)
    _keep_memory(engine.sync_engine)
    return engine


def create_migration_engine(url: str | URL) -> Engine:
    """A blocking engine that holds on to nothing.

    On SQLite foreign keys aren't enforced: a migration that rebuilds a table drops the old one, and its rows' children
    must survive that.
    """
    place = locate(url)
    if not _is_sqlite(place):
        return create_blocking_engine(place, hide_parameters=True, poolclass=NullPool)
    engine = create_blocking_engine(
        place.set(drivername="sqlite"), hide_parameters=True, poolclass=NullPool, connect_args=_SQLITE_ARGUMENTS
    )
    _prepare_sqlite(engine, foreign_keys=False)
    return engine


def driver_words(error: SQLAlchemyError) -> str:
    """What the driver says of a connection that failed, without the statement that SQLAlchemy adds."""
    return str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]


def locate(url: str | URL) -> URL:
    """The address of the database, with the driver that we use, whichever the setting names."""
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise SettingsError('DATABASE_URL is no address of a database: try "sqlite:///var/guidebot.db"') from error
    match place.get_backend_name():
        case "sqlite":
            return _in_memory(place) if place.database in {None, "", ":memory:"} else _on_disk(place)
        case "postgresql" | "postgres":
            return place.set(drivername="postgresql+psycopg")
        case other:
            raise SettingsError(f"DATABASE_URL names {other}: only sqlite and postgresql are known")


_SQLITE_ARGUMENTS: Mapping[str, Any] = {"isolation_level": None, "timeout": BUSY_SECONDS}


def _is_sqlite(place: URL) -> bool:
    return place.get_backend_name() == "sqlite"


def _in_memory(place: URL) -> URL:
    """Memory that several connections of this process share under a name, with locks like a file's."""
    return place.set(database=f"file:/guidebot-{uuid4().hex}", query={"vfs": "memdb", "uri": "true"})


def _on_disk(place: URL) -> URL:
    if place.database and not place.database.startswith("file:"):
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
    return place


def _prepare_sqlite(engine: Engine, *, foreign_keys: bool, patience: float = BUSY_SECONDS) -> None:
    """Write-ahead log; transactions that take the write lock at once, since a late upgrade loses updates."""

    def connected(connection: Any, _: ConnectionPoolEntry) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
            with suppress(sqlite3.OperationalError):  # locked, without waiting: another process makes the same change
                cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _keep_memory(engine: Engine) -> None:
    """Keep an in-memory database until the engine is disposed of, even when a cancelled task drops its connection."""
    if engine.url.query.get("vfs") != "memdb":
        return
    keeper = sqlite3.connect(f"{engine.url.database}?vfs=memdb", uri=True, check_same_thread=False)
    event.listen(engine, "engine_disposed", lambda _: keeper.close())
