"""The bot's HTTP side: Slack's endpoint, health, metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.guard import SlackGuard
from bot.web.metrics import Metrics

LOG = logging.getLogger(__name__)

# What is wrong with one of the bot's parts, empty if nothing is.
Check = Callable[[], Awaitable[str]]
BeforeScrape = Callable[[], Awaitable[None]]

CHECK_SECONDS = 3.0


def slack_routes(app: AsyncApp, signing_secret: str) -> list[BaseRoute]:
    """Slack's endpoint, for HTTP mode; nothing reaches Bolt that the guard hasn't let pass."""
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        try:
            return await handler.handle(request)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # What listeners raise is answered by Bolt itself: this is Bolt stumbling over values of odd types.
            LOG.warning("a signed request could not be read: %s", type(error).__name__)
            return PlainTextResponse("unexpected body\n", HTTPStatus.BAD_REQUEST)

    guard = Middleware(SlackGuard, signing_secret)
    return [Route("/slack/events", events, methods=["POST"], middleware=[guard])]


def health_routes(
    checks: Mapping[str, Check], metrics: Metrics, before_scrape: BeforeScrape | None = None
) -> list[BaseRoute]:
    """`/livez`, `/readyz` and `/metrics`; `before_scrape` brings gauges up to date."""

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        troubles = dict(zip(checks, await asyncio.gather(*map(_trouble, checks.values())), strict=True))
        status = HTTPStatus.SERVICE_UNAVAILABLE if any(troubles.values()) else HTTPStatus.OK
        return JSONResponse({name: trouble or "ok" for name, trouble in troubles.items()}, status)

    async def scrape(_request: Request) -> Response:
        if before_scrape:
            await _quietly(before_scrape)
        return Response(metrics.page(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", scrape)]


def web_app(*routes: BaseRoute) -> Starlette:
    """One ASGI app out of the routes that are to share a port."""
    return Starlette(routes=list(routes))


async def _trouble(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # noqa: BLE001 - whatever a check stumbles over is a trouble to tell, not a reason to fail
        return type(error).__name__


async def _quietly(refresh: BeforeScrape) -> None:
    """Metrics are needed most when something is broken: old figures are better than none."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await refresh()
    except Exception as error:  # noqa: BLE001
        LOG.warning("figures could not be refreshed: %s", type(error).__name__)
