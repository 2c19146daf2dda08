"""How Alembic reaches the database, from the command line as from `guidebot migrate`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, func, select

from bot.adapters.database import create_migration_engine
from bot.adapters.tables import metadata

LOCK = 7_215_001  # any number that nothing else in this database uses


def database_url() -> str:
    """That of the settings, for Alembic's own command line."""
    from bot.settings import load  # noqa: PLC0415 - from code the URL is given

    return load().database


def migrate(connection: Connection) -> None:
    """One transaction, alone: on SQLite it takes the write lock as it begins, on PostgreSQL a lock of its own."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: --sql is not supported.")
with create_migration_engine(context.config.attributes.get("url") or database_url()).connect() as connection:
    migrate(connection)
