"""The schema's version: asked at start, brought up to date by `guidebot migrate`."""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import driver_words
from bot.core.errors import SchemaError

MIGRATIONS = Path(__file__).parents[2] / "migrations"

_one_at_a_time = Lock()  # Alembic keeps what it works on in globals


class Standing(Enum):
    """How the database's version stands to the one that this code needs."""

    CURRENT = auto()
    OLDER = auto()
    NEWER = auto()


async def check_schema(engine: AsyncEngine) -> None:
    """Raise SchemaError unless the database is at the version that this code needs."""
    try:
        found = await standing(engine)
    except SQLAlchemyError as error:
        raise SchemaError(f"the database can't be asked for its version: {driver_words(error)}") from error
    if found is Standing.OLDER:
        raise SchemaError("the database is not up to date: run `guidebot migrate`")
    if found is Standing.NEWER:
        raise SchemaError("the database was made by a newer guidebot: deploy that one, or restore a backup")


async def standing(engine: AsyncEngine) -> Standing:
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda blocking: MigrationContext.configure(blocking).get_current_heads())
    scripts = ScriptDirectory.from_config(configuration())
    if found == tuple(scripts.get_heads()):
        return Standing.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Standing.OLDER if set(found) <= known else Standing.NEWER


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Bring the database up to date; several processes may do so at once. Blocks: not for an event loop's thread."""
    with _one_at_a_time:
        command.upgrade(configuration(url), revision)


def downgrade(url: str | URL, revision: str = "base") -> None:
    """Take the database back to an earlier version, and lose what that can't hold."""
    with _one_at_a_time:
        command.downgrade(configuration(url), revision)


async def upgrade_engine(engine: AsyncEngine) -> None:
    """Bring this engine's database up to date; the only way for one in memory."""
    await asyncio.to_thread(upgrade, engine.url)


def configuration(url: str | URL | None = None) -> Config:
    """Alembic's settings from code; without a URL `migrations/env.py` takes that of the environment."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    return config
