"""What operators and probes are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.core.errors import SettingsError
from bot.web.app import health_routes, web_app
from bot.web.metrics import Metrics
from bot.web.server import HttpServer

Get = Callable[[str], Awaitable[tuple[int, str]]]


async def fine() -> str:
    return ""


async def away() -> str:
    return "the schema is at 0001, 0002 is needed"


async def broken() -> str:
    raise RuntimeError("password=hunter2")


async def stuck() -> str:
    await asyncio.sleep(60)
    return ""


@asynccontextmanager
async def serving(metrics: Metrics | None = None, **checks: Callable[[], Awaitable[str]]) -> AsyncIterator[Get]:
    server = HttpServer(web_app(*health_routes(checks, metrics or Metrics())), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:

        async def get(path: str) -> tuple[int, str]:
            async with session.get(path) as answer:
                return answer.status, await answer.text()

        yield get
    await server.stop()


async def test_a_process_that_answers_is_alive_whatever_is_broken() -> None:
    async with serving(database=away) as get:
        assert await get("/livez") == (200, "ok\n")


async def test_it_is_ready_when_every_part_is() -> None:
    async with serving(database=fine, slack=fine) as get:
        assert await get("/readyz") == (200, '{"database":"ok","slack":"ok"}')


async def test_it_is_not_ready_when_one_part_is_not_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.app.CHECK_SECONDS", 0.05)
    async with serving(database=away, slack=broken, mail=stuck, knowledge=fine) as get:
        status, told = await get("/readyz")
    assert status == 503
    assert '"database":"the schema is at 0001, 0002 is needed"' in told
    assert '"slack":"RuntimeError"' in told
    assert '"mail":"no answer in time"' in told
    assert "hunter2" not in told


async def test_figures_are_told_by_outcome() -> None:
    metrics = Metrics()
    metrics.accepted("slack", "question")
    metrics.accept_failed("slack")
    metrics.answered("answer")
    metrics.replied(0.2)
    metrics.letter("sent")
    metrics.stored({"gaps_open": 3})
    async with serving(metrics) as get:
        _, page = await get("/metrics")
    for line in (
        'guidebot_accepted_total{kind="question",platform="slack"} 1.0',
        'guidebot_accept_failures_total{platform="slack"} 1.0',
        'guidebot_answers_total{outcome="answer"} 1.0',
        'guidebot_reply_seconds_bucket{le="0.25"} 1.0',
        'guidebot_letters_total{result="sent"} 1.0',
        'guidebot_stored{what="gaps_open"} 3.0',
    ):
        assert line in page


async def test_figures_are_refreshed_when_they_are_asked_for_and_told_even_if_that_fails() -> None:
    metrics, tries = Metrics(), []

    async def refresh() -> None:
        tries.append(1)
        metrics.stored({"gaps_open": len(tries)})
        if len(tries) > 1:
            raise RuntimeError

    server = HttpServer(web_app(*health_routes({}, metrics, refresh)), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        for number in (1, 2):
            async with session.get("/metrics") as answer:
                assert f'guidebot_stored{{what="gaps_open"}} {number}.0' in await answer.text()
    await server.stop()


async def test_an_address_that_is_taken_is_said_plainly() -> None:
    first = HttpServer(web_app(), "127.0.0.1", 0)
    await first.start()
    with pytest.raises(SettingsError, match="cannot listen"):
        await HttpServer(web_app(), "127.0.0.1", first.port).start()
    await first.stop()
    await HttpServer(web_app(), "127.0.0.1", 0).stop()
