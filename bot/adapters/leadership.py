"""One process among several replicas that does what only one may: it holds a lock of the database's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LOG = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds: between two tries for the lock, and between two looks whether it is still held


async def lead(engine: AsyncEngine, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work while this process leads, again after each loss of the lock; return where the work ends by itself.

    On PostgreSQL the lock is an advisory one of a session (pg_try_advisory_lock), which ends with its process. On
    SQLite there is one process, which leads.
    """
    if engine.dialect.name != "postgresql":
        await work()
        return
    while True:
        try:
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                if await _locked(connection, name) and await _done(connection, work):
                    return
        except (SQLAlchemyError, OSError) as error:
            LOG.warning("the leader's lock was lost: %s", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY)


async def _locked(connection: AsyncConnection, name: str) -> bool:
    found = await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": crc32(name.encode())})
    return bool(found.scalar())


async def _done(connection: AsyncConnection, work: Callable[[], Awaitable[None]]) -> bool:
    """Whether the work ended by itself; it is cut off when the session with the lock is gone."""
    LOG.info("leading")
    task = asyncio.ensure_future(work())
    try:
        while not (await asyncio.wait([task], timeout=LOOK_EVERY))[0]:
            await connection.execute(text("SELECT 1"))
        task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.invalidate()  # the lock is the session's: it must not go back to the pool with it
    return True
