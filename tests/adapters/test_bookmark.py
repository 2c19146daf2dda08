from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.sql_bookmark import SqlBookmark


async def test_nothing_is_known_at_first(engine: AsyncEngine) -> None:
    assert await SqlBookmark(engine, "here").load() is None


async def test_the_latest_moment_is_kept_by_name(engine: AsyncEngine) -> None:
    here, there = SqlBookmark(engine, "here"), SqlBookmark(engine, "there")
    for at in (1_795_000_000_000, 1_795_000_000_500, 1_795_000_000_100):
        await here.save(at)
    assert await SqlBookmark(engine, "here").load() == 1_795_000_000_500
    assert await there.load() is None
