from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import inspect, text

from bot.adapters.database import create_engine, create_migration_engine
from bot.adapters.schema import check_schema, configuration, downgrade, upgrade
from bot.adapters.tables import metadata
from bot.core.errors import SchemaError

ROOT = Path(__file__).parents[2]
UPGRADE = "import sys; from bot.adapters.schema import upgrade; upgrade(sys.argv[1])"


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"sqlite:///{tmp_path}/empty.db"
    new: Callable[[], str] = request.getfixturevalue("new_postgres")
    return new()


def tables(url: str) -> set[str]:
    with create_migration_engine(url).connect() as connection:
        return set(inspect(connection).get_table_names())


def test_an_upgrade_from_nothing_makes_every_table(url: str) -> None:
    upgrade(url)
    upgrade(url)
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_models_and_migrations_agree(url: str) -> None:
    upgrade(url)
    command.check(configuration(url))


def test_a_difference_between_models_and_migrations_is_found(url: str) -> None:
    upgrade(url)
    with create_migration_engine(url).begin() as connection:
        connection.execute(text("DROP INDEX ix_gaps_status"))
    with pytest.raises(Exception, match="New upgrade operations"):
        command.check(configuration(url))


def test_a_downgrade_undoes_the_upgrade(url: str) -> None:
    upgrade(url)
    downgrade(url)
    assert tables(url) == {"alembic_version"}
    upgrade(url)
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_three_processes_that_upgrade_at_once_all_succeed(url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, url], cwd=ROOT, stderr=subprocess.PIPE)  # noqa: S603 - our own words
        for _ in range(3)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_alembics_own_command_line_finds_the_database_of_the_environment(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    for words in (["upgrade", "head"], ["check"]):
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", "alembic", *words], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
    assert tables(url) == {*metadata.tables, "alembic_version"}


def test_a_failed_upgrade_leaves_nothing(url: str) -> None:
    with create_migration_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE letters (id INTEGER)"))
    with pytest.raises(Exception, match="letters"):
        upgrade(url)
    assert tables(url) == {"letters"}


def test_an_unknown_version_is_refused(url: str) -> None:
    with pytest.raises(CommandError):
        upgrade(url, "9999")


async def test_the_schema_is_checked_before_work_begins(url: str) -> None:
    engine = create_engine(url)
    with pytest.raises(SchemaError, match="guidebot migrate"):
        await check_schema(engine)
    upgrade(url)
    await check_schema(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="newer guidebot"):
        await check_schema(engine)
    await engine.dispose()


async def test_a_database_that_cannot_be_reached_has_no_schema(tmp_path: Path) -> None:
    engine = create_engine(f"postgresql://u:hush@/d?host={tmp_path}")
    with pytest.raises(SchemaError) as caught:
        await check_schema(engine)
    assert "hush" not in str(caught.value)
    await engine.dispose()
