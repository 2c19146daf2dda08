"""Is the database there, in the right version, and can it be written to?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database import create_engine, driver_words
from bot.adapters.folders import unwritable
from bot.adapters.schema import Standing, standing
from bot.adapters.tables import bookmarks
from bot.core.findings import Finding, ok, warning, wrong

LOCK_SECONDS = 5.0  # a running bot holds SQLite's lock for milliseconds
Counts = Callable[[AsyncEngine], Awaitable[Mapping[str, int]]]
_TRIAL = "guidebot doctor"  # a row that is taken back at once


async def examine_database(url: str, counts: Counts) -> Sequence[Finding]:
    """Look at it and change nothing: no file is made, no version brought up to date. `counts` are `Store.counts`."""
    path = file_of(url)
    if path and not path.exists():
        return [_not_yet(path)]
    engine = create_engine(url, patience=LOCK_SECONDS)
    try:
        found = await standing(engine)
        said = await _schema(engine, found)
        if found is not Standing.CURRENT:
            return [said]
        return [said, await _writing(engine), *_left_behind(await counts(engine))]
    except SQLAlchemyError as error:
        return [_unreachable(url, error)]
    finally:
        await engine.dispose()


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for others."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or place.database in {None, "", ":memory:"}:
        return None
    return Path(str(place.database).removeprefix("file:"))


def _left_behind(counts: Mapping[str, int]) -> Sequence[Finding]:
    """What somebody should look at."""
    found = []
    if failed := counts["inbox_failed"]:
        found.append(warning(f"{failed} events could not be answered, and were put aside", "the log says why"))
    if dead := counts["letters_dead"]:
        mend = "`guidebot alerts list` names the alerts whose mail is dead; `guidebot alerts resend NUMBER`"
        found.append(warning(f"{dead} letters will not be tried again", mend))
    return found


async def _schema(engine: AsyncEngine, found: Standing) -> Finding:
    match found:
        case Standing.CURRENT:
            return ok(f"{await _name(engine)}, at the version that this guidebot needs")
        case Standing.NEWER:
            return wrong("it was made by a newer guidebot", "deploy that version again, or restore a backup")
        case Standing.OLDER if engine.dialect.name == "sqlite":
            return ok(f"{await _name(engine)}, to be brought up to date at the next start")
        case Standing.OLDER:
            return wrong("it is not up to date, and guidebot doesn't start with it", "run `guidebot migrate`")


async def _writing(engine: AsyncEngine) -> Finding:
    """Write a row and take it back; and whether SQLite keeps its log of changes beside the file."""
    async with engine.connect() as connection:
        journal = await _journal(connection)
        try:
            await connection.execute(insert(bookmarks).values(name=_TRIAL, at=0))
        except SQLAlchemyError as error:
            return wrong(f"it can't be written to: {driver_words(error)}", "give the bot's user the right to write")
        finally:
            await connection.rollback()
    if journal not in {"", "wal", "memory"}:
        said = "SQLite keeps no write-ahead log: commands beside the running bot will make each other wait"
        return warning(said, "put the file on a local disk that the bot may write to")
    return ok("it can be written to" + (", with a write-ahead log" if journal == "wal" else ""))


async def _name(engine: AsyncEngine) -> str:
    if engine.dialect.name == "sqlite":
        return f"SQLite, {engine.url.database}"
    async with engine.connect() as connection:
        version = await connection.scalar(text("SHOW server_version"))
    return f"PostgreSQL {version} at {engine.url.host or 'its socket'}, {engine.url.database}"


async def _journal(connection: AsyncConnection) -> str:
    if connection.dialect.name != "sqlite":
        return ""
    return str(await connection.scalar(text("PRAGMA journal_mode")))


def _not_yet(path: Path) -> Finding:
    if why := unwritable(path.parent):
        return wrong(f"there is none yet, and none can be made: {why}", "set DATABASE_URL, or let the bot write there")
    return ok(f"there is none yet; the first start makes {path}")


def _unreachable(url: str, error: SQLAlchemyError) -> Finding:
    shown = make_url(url).render_as_string(hide_password=True)
    on_sqlite = shown.startswith("sqlite")
    mend = "may the bot's user write there? is the disk full?" if on_sqlite else "look at host, name, user and password"
    return wrong(f"{shown} can't be used: {driver_words(error)}", f"DATABASE_URL: {mend}")
