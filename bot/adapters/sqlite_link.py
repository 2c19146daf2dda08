"""SQLite's connections, made to end whenever they are told to, as often as they are told to."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any
from weakref import WeakSet

import aiosqlite


class Connection(sqlite3.Connection):
    """A connection that takes its cursors along as it closes.

    SQLite closes a connection only after its last statement, and a cancelled task's traceback may hold on to one: the
    transaction, and its lock, would outlive the task.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any, **settings: Any) -> Any:
        cursor = super().cursor(*args, **settings)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        while self._cursors:
            self._cursors.pop().close()
        super().close()


class Link(aiosqlite.Connection):
    """The thread that serves a connection, which is told to stop once.

    SQLAlchemy closes the connection of a cancelled task in a task of its own, and stops the thread as well if that is
    cancelled too. aiosqlite then asks it to stop again, and waits for the answer of a thread that has ended: for ever.
    """

    def __init__(self, database: str, **settings: Any) -> None:
        super().__init__(lambda: sqlite3.connect(database, factory=Connection, **settings), iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closed holds up no exit
        self._told = False

    def stop(self) -> asyncio.Future[Any] | None:
        if self._told:
            return None
        self._told = True
        return super().stop()
