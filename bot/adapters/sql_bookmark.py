"""A bookmark in the database: up to when everything was heard, whatever happens to the process."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_dialect import insert_into
from bot.adapters.tables import bookmarks
from bot.core.errors import StoreError


class SqlBookmark:
    """One named moment, in a server's milliseconds; it never moves back."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._name = name

    async def load(self) -> int | None:
        """The moment that was saved last, None where none was; raise StoreError where the database fails."""
        try:
            async with self._engine.connect() as connection:
                found = await connection.execute(select(bookmarks.c.at).where(bookmarks.c.name == self._name))
                return found.scalar_one_or_none()
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from None

    async def save(self, at: int) -> None:
        """Keep a later moment; raise StoreError where the database fails."""
        try:
            async with self._engine.begin() as connection:
                adding = insert_into(connection, bookmarks).values(name=self._name, at=at)
                later = bookmarks.c.at < adding.excluded.at
                await connection.execute(
                    adding.on_conflict_do_update(index_elements=["name"], set_={"at": adding.excluded.at}, where=later)
                )
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from None
