"""What SQLAlchemy names apart for the two databases, and the limits that they share."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

GREATEST_ID = 2**31 - 1


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgresql(connection) else sqlite.insert(table)


def is_postgresql(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


def possible(number: int) -> bool:
    """Whether a number that people may have typed can be an id; a greater one is an error on PostgreSQL."""
    return 0 < number <= GREATEST_ID
