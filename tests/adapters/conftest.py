from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import create_engine
from bot.adapters.schema import upgrade
from bot.adapters.sql_store import SqlStore
from tests.adapters.samples import LEASE, Clock
from tests.fakes.migrated import memory_engine


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(new_postgres: Callable[..., str]) -> str:
    url = new_postgres()
    upgrade(url)
    return str(make_url(url).database)


@pytest.fixture(params=["memory", "file", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A database of its own for each test, up to date."""
    match request.param:
        case "memory":
            engine = memory_engine()
        case "file":
            path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "guidebot.db")
            engine = create_engine(f"sqlite:///{path}")
        case _:
            template = request.getfixturevalue("migrated_postgres")
            engine = create_engine(request.getfixturevalue("new_postgres")(template))
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(engine: AsyncEngine, clock: Clock) -> SqlStore:
    return SqlStore(engine, clock=clock, lease=LEASE)


@pytest.fixture
async def replica(engine: AsyncEngine, clock: Clock) -> AsyncIterator[SqlStore]:
    """A second process's store on the same database: connections of its own."""
    other = create_engine(engine.url)
    yield SqlStore(other, clock=clock, lease=LEASE)
    await other.dispose()
