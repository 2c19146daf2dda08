"""Databases in memory that are up to date, without a migration for each."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import create_engine
from bot.adapters.schema import upgrade


def memory_engine() -> AsyncEngine:
    """A database of its own in memory, with the tables that the migrations make."""
    engine = create_engine("sqlite://")
    with closing(_connected(engine.url)) as connection:
        connection.executescript(_migrated())
    return engine


@cache
def _migrated() -> str:
    """What the migrations make, as SQL: they run once in a process."""
    engine = create_engine("sqlite://")
    upgrade(engine.url)
    with closing(_connected(engine.url)) as connection:
        made = "\n".join(connection.iterdump())
    engine.sync_engine.dispose()
    return made


def _connected(url: URL) -> sqlite3.Connection:
    return sqlite3.connect(f"{url.database}?vfs=memdb", uri=True)
