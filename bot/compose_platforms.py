"""The platforms that the settings name, put together; `compose` loads this where it serves them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import BaseRoute

from bot import setting_checks
from bot.adapters.leadership import lead
from bot.adapters.sql_bookmark import SqlBookmark
from bot.chat.forms import FormDesk
from bot.chat.mattermost import Mattermost
from bot.chat.network import tls_context
from bot.chat.slack import Slack
from bot.core.errors import SettingsError
from bot.core.findings import Level
from bot.core.messages import Incoming
from bot.core.ports import Mouth, Store
from bot.secret_key import secret_key
from bot.service.shelf import KnowledgeShelf
from bot.service.team import Directory
from bot.settings import Settings
from bot.web.app import health_routes, slack_routes, web_app
from bot.web.mattermost import mattermost_routes
from bot.web.metrics import Metrics
from bot.web.server import HttpServer

Accept = Callable[[Incoming], Awaitable[object]]


@dataclass(frozen=True)
class Platform:
    """One platform: how it is spoken to, run, deafened and left, why it isn't ready, and the requests it makes."""

    name: str
    mouth: Mouth
    run: Callable[[], Coroutine[Any, Any, None]]
    stop_listening: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    trouble: Callable[[], Awaitable[str]]
    routes: Sequence[BaseRoute] = ()
    directory: Directory | None = None


def check(settings: Settings) -> None:
    """Raise SettingsError where no platform can be served as the settings have it."""
    if not settings.slack_bot_token and not settings.mattermost_url:
        raise SettingsError(
            "SLACK_BOT_TOKEN or MATTERMOST_URL: without either there is nothing to serve; "
            "`guidebot chat` needs no account"
        )
    for found in setting_checks.platforms(settings):
        if found.level is Level.WRONG:
            raise SettingsError(f"{found.said}: {found.mend}")


def platforms(
    settings: Settings, knowledge: KnowledgeShelf, accept: Accept, forms: FormDesk, engine: AsyncEngine
) -> Iterator[Platform]:
    """Those that the settings name."""
    if settings.slack_bot_token:
        yield _slack(settings, knowledge, accept, forms)
    if settings.mattermost_url:
        yield _mattermost(settings, knowledge, accept, forms, engine)


def servers(settings: Settings, served: Sequence[Platform], store: Store, metrics: Metrics) -> Iterator[HttpServer]:
    """A server for the platforms' requests and one for health, or one for both; none for what has no route.

    The first is the one to stop when nothing more is to be heard.
    """

    async def count() -> None:
        metrics.stored(await store.counts())

    async def database() -> str:
        await store.counts()
        return ""

    health = health_routes({**{one.name: one.trouble for one in served}, "database": database}, metrics, count)
    apart = settings.admin_port not in {None, settings.http_port}
    if routes := [*(route for one in served for route in one.routes), *([] if apart else health)]:
        yield HttpServer(web_app(*routes), settings.http_host, settings.http_port)
    if apart and settings.admin_port:
        yield HttpServer(web_app(*health), settings.http_host, settings.admin_port)


def _slack(settings: Settings, knowledge: KnowledgeShelf, accept: Accept, forms: FormDesk) -> Platform:

    signing_secret = "" if settings.slack_app_token else _value(settings.slack_signing_secret)
    slack = Slack(
        bot_token=_value(settings.slack_bot_token),
        accept=accept,
        say=knowledge.say,
        app_token=_value(settings.slack_app_token),
        signing_secret=signing_secret,
        api_url=settings.slack_api_url,
        follow_threads=settings.slack_follow_threads,
        allow_guests=settings.allow_guests,
        forms=forms,
        files=settings.slack_files,
        tls=tls_context(str(settings.ca_file or "")),
    )
    routes = slack_routes(slack.app, signing_secret) if signing_secret else []
    return Platform(
        "slack", slack.mouth, slack.start, slack.stop_listening, slack.close, slack.trouble, routes, slack.groups
    )


def _mattermost(
    settings: Settings, knowledge: KnowledgeShelf, accept: Accept, forms: FormDesk, engine: AsyncEngine
) -> Platform:
    bot = Mattermost(
        url=settings.mattermost_url,
        token=_value(settings.mattermost_token),
        accept=accept,
        say=knowledge.say,
        key=secret_key(settings).encode(),
        callback_url=settings.mattermost_callback_url,
        teams=settings.mattermost_teams,
        bookmark=SqlBookmark(engine, "mattermost"),
        forms=forms,
        allow_guests=settings.allow_guests,
        tls=tls_context(str(settings.ca_file or "")),
    )

    async def run() -> None:
        """Speak and take callbacks in every replica; listen in one of them."""
        await bot.start()
        await lead(engine, "mattermost", bot.hear)

    routes = mattermost_routes(bot.on_command, bot.on_action, bot.on_dialog) if settings.mattermost_callback_url else []
    return Platform("mattermost", bot.mouth, run, bot.stop_listening, bot.close, bot.trouble, routes)


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
