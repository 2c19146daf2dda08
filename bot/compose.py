"""The only place where the parts are put together."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot import compose_alerts
from bot.core.errors import SettingsError, StoreError
from bot.secret_key import secret_key
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine
    from starlette.routing import BaseRoute

    from bot.chat.mattermost import Mattermost
    from bot.chat.slack import Slack
    from bot.core.messages import Incoming
    from bot.core.ports import Mouth, Store
    from bot.service.desk import Desk, Watcher
    from bot.service.form_desk import FormDesk
    from bot.service.outbox import Outbox
    from bot.service.replies import Replies
    from bot.service.shelf import KnowledgeShelf
    from bot.web.metrics import Metrics
    from bot.web.server import HttpServer

LOG = logging.getLogger(__name__)

PURGE_HOUR = 3
GRACE_SECONDS = 5  # to answer what was heard: whoever sends SIGTERM mostly waits for ten seconds before SIGKILL
LEASE = timedelta(minutes=2)  # longer than the calls to a platform for one message may last together


def now() -> datetime:
    return datetime.now(UTC)


def shelf(settings: Settings) -> KnowledgeShelf:
    """The knowledge and the assistant, as the settings have them."""
    from bot.core.assistant import Options
    from bot.service.shelf import KnowledgeShelf

    options = Options(guide_url=settings.guide_url, disc_contact=settings.disc_contact)
    return KnowledgeShelf(settings.knowledge_dir, options, settings.cache_dir)


def migrate(settings: Settings) -> None:
    """Bring the database up to date."""
    from bot.adapters.schema import upgrade

    with _words_for_the_database():
        upgrade(settings.database)


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The store over a database whose schema is up to date."""
    async with _opened_engine(settings) as engine:
        yield _store(engine)


def _store(engine: AsyncEngine) -> Store:
    from bot.adapters.sql_store import SqlStore

    return SqlStore(engine, clock=now, lease=LEASE)


@asynccontextmanager
async def _opened_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database, its schema up to date: brought there on SQLite, found so on PostgreSQL, or SchemaError."""
    from bot.adapters.database import create_engine
    from bot.adapters.schema import check_schema, upgrade_engine

    with _words_for_the_database():
        engine = create_engine(settings.database)
        await (upgrade_engine(engine) if settings.on_sqlite else check_schema(engine))
    try:
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def _words_for_the_database() -> Iterator[None]:
    """Errors of opening a database as one of ours, in the driver's own words: SQLAlchemy adds the statement to them."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, CommandError, OSError) as error:
        raise StoreError(f"the database can't be opened: {getattr(error, 'orig', None) or error}") from error


async def purge(store: Store, settings: Settings) -> Mapping[str, int]:
    """Erase what is past its time; how many rows of each kind."""
    return await store.purge(
        texts_before=now() - timedelta(days=settings.question_text_days),
        gaps_before=now() - timedelta(days=settings.gap_days),
        **compose_alerts.purge_times(settings, now()),
    )


@asynccontextmanager
async def opened_desk(
    settings: Settings,
    knowledge: KnowledgeShelf,
    mouths: Mapping[str, Mouth],
    copied: Callable[[Path], None] | None = None,
) -> AsyncIterator[tuple[Desk, Outbox]]:
    """A desk over a store of its own, which speaks through these mouths, and what delivers its letters.

    `copied` is told of the file where a mail is copied to, if there is no mail server.
    """
    async with opened_store(settings) as store:
        reporting = compose_alerts.reporting(settings, lambda: knowledge.assistant, now)
        posting = compose_alerts.outbox(settings, store, mouths, now, reporting=reporting, copied=copied)
        yield desk(settings, knowledge, store, mouths), posting


def desk(
    settings: Settings,
    knowledge: KnowledgeShelf,
    store: Store,
    mouths: Mapping[str, Mouth],
    watcher: Watcher | None = None,
) -> Desk:
    from bot.core.messages import Address
    from bot.service.desk import Desk
    from bot.service.digest import Digest

    platform, _, channel = settings.disc_channel.partition(":")
    digest = Digest(Address(platform, channel=channel)) if channel else None
    return Desk(store, mouths, replies(settings, knowledge), digest, watcher)


def replies(settings: Settings, knowledge: KnowledgeShelf) -> Replies:
    from bot.service.replies import Replies, Team

    return Replies(
        lambda: knowledge.assistant,
        key=secret_key(settings).encode(),
        team=Team(frozenset(settings.disc_team)),
        reporting=compose_alerts.reporting(settings, lambda: knowledge.assistant, now),
        clock=now,
    )


def _form_desk(settings: Settings, knowledge: KnowledgeShelf, store: Store) -> FormDesk:
    from bot.service.form_desk import FormDesk

    reporting = compose_alerts.reporting(settings, lambda: knowledge.assistant, now)
    return FormDesk(store, reporting, lambda: knowledge.assistant, replies(settings, knowledge).asker)


async def serve(settings: Settings) -> None:
    """Run what the settings allow, until SIGTERM or Ctrl-C; what isn't answered by then waits in the inbox."""
    from bot.chat.network import tls_context
    from bot.web.metrics import Metrics

    _check_served(settings)
    stopping = _asked_to_stop()
    knowledge = shelf(settings)
    async with AsyncExitStack() as parts:
        engine = await parts.enter_async_context(_opened_engine(settings))
        store = _store(engine)
        mouths: dict[str, Mouth] = {}
        metrics = Metrics()
        answering = desk(settings, knowledge, store, mouths, metrics)
        slack = mattermost = None
        if settings.slack_bot_token:
            slack = _slack(settings, knowledge, answering, _form_desk(settings, knowledge, store))
            parts.push_async_callback(slack.close)
            mouths["slack"] = slack.mouth
        if settings.mattermost_url:
            mattermost = _mattermost(settings, knowledge, answering, engine)
            parts.push_async_callback(mattermost.close)
            mouths["mattermost"] = mattermost.mouth
        servers = list(_servers(settings, slack, mattermost, store, metrics))
        for server in servers:
            await server.start()
            parts.push_async_callback(server.stop)
            LOG.info("listening", extra={"port": server.port})
        reporting = compose_alerts.reporting(settings, lambda: knowledge.assistant, now)
        tls = tls_context(str(settings.ca_file or ""))
        posting = compose_alerts.outbox(settings, store, mouths, now, tls=tls, reporting=reporting)
        parts.callback(posting.stop)
        jobs = [answering.run(), posting.run(), knowledge.watch(), *_timed(settings, store, answering)]
        deafen = [servers[0].stop]
        if slack:
            jobs.append(slack.start())
            deafen.append(slack.stop_listening)
        if mattermost:
            jobs.append(_heard(mattermost, engine))
            deafen.append(mattermost.stop_listening)
        await _until(stopping, *jobs, finish=partial(_finish, answering, *deafen))


async def _heard(mattermost: Mattermost, engine: AsyncEngine) -> None:
    """Speak and take callbacks in every replica; listen in one of them."""
    from bot.adapters.leadership import lead

    await mattermost.start()
    await lead(engine, "mattermost", mattermost.hear)


def _check_served(settings: Settings) -> None:
    if not settings.slack_bot_token and not settings.mattermost_url:
        raise SettingsError(
            "SLACK_BOT_TOKEN or MATTERMOST_URL: without either there is nothing to serve; "
            "`guidebot chat` needs no account"
        )
    if settings.mattermost_url and not settings.mattermost_token:
        raise SettingsError("MATTERMOST_TOKEN: it is needed with MATTERMOST_URL, the token of the bot's account")
    if settings.slack_bot_token and not settings.slack_app_token and not settings.slack_signing_secret:
        raise SettingsError("SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is needed to hear Slack")


def _slack(settings: Settings, knowledge: KnowledgeShelf, answering: Desk, forms: FormDesk) -> Slack:
    from bot.chat.network import tls_context
    from bot.chat.slack import Slack

    async def accept(incoming: Incoming) -> None:
        await answering.accept(incoming)

    return Slack(
        bot_token=_value(settings.slack_bot_token),
        accept=accept,
        say=knowledge.say,
        app_token=_value(settings.slack_app_token),
        signing_secret="" if settings.slack_app_token else _value(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
        follow_threads=settings.slack_follow_threads,
        allow_guests=settings.allow_guests,
        forms=forms,
        tls=tls_context(str(settings.ca_file or "")),
    )


def _mattermost(settings: Settings, knowledge: KnowledgeShelf, answering: Desk, engine: AsyncEngine) -> Mattermost:
    from bot.adapters.sql_bookmark import SqlBookmark
    from bot.chat.mattermost import Mattermost
    from bot.chat.network import tls_context

    return Mattermost(
        url=settings.mattermost_url,
        token=_value(settings.mattermost_token),
        accept=answering.accept,
        say=knowledge.say,
        key=secret_key(settings).encode(),
        callback_url=settings.mattermost_callback_url,
        teams=settings.mattermost_teams,
        bookmark=SqlBookmark(engine, "mattermost"),
        allow_guests=settings.allow_guests,
        tls=tls_context(str(settings.ca_file or "")),
    )


def _servers(
    settings: Settings, slack: Slack | None, mattermost: Mattermost | None, store: Store, metrics: Metrics
) -> Iterator[HttpServer]:
    """A server for the platforms' requests and one for health, or one for both; none for what has no route.

    The first is the one to stop when nothing more is to be heard.
    """
    from bot.web.app import health_routes, slack_routes, web_app
    from bot.web.mattermost import mattermost_routes
    from bot.web.server import HttpServer

    async def count() -> None:
        metrics.stored(await store.counts())

    async def database() -> str:
        await store.counts()
        return ""

    parts = {"slack": slack, "mattermost": mattermost}
    troubles = {name: part.trouble for name, part in parts.items() if part}
    health = health_routes({**troubles, "database": database}, metrics, count)
    heard: list[BaseRoute] = []
    if slack and not settings.slack_app_token:
        heard += slack_routes(slack.app, _value(settings.slack_signing_secret))
    if mattermost and settings.mattermost_callback_url:
        heard += mattermost_routes(mattermost.on_command, mattermost.on_action)
    apart = settings.admin_port not in {None, settings.http_port}
    if routes := [*heard, *([] if apart else health)]:
        yield HttpServer(web_app(*routes), settings.http_host, settings.http_port)
    if apart and settings.admin_port:
        yield HttpServer(web_app(*health), settings.http_host, settings.admin_port)


def _timed(settings: Settings, store: Store, answering: Desk) -> Iterator[Coroutine[Any, Any, None]]:
    from bot.service.schedule import keep, last_due

    async def erase(_due: datetime) -> None:
        LOG.info("purged", extra=dict(await purge(store, settings)))

    zone = ZoneInfo(settings.timezone)
    yield keep(erase, lambda at: last_due(at, zone, hour=PURGE_HOUR), now)
    if settings.disc_channel:
        weekly = partial(last_due, zone=zone, hour=settings.digest_hour, day=settings.digest_day)
        yield keep(answering.digest, weekly, now)


def _asked_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    return stopping


async def _finish(answering: Desk, *deafen: Callable[[], Awaitable[None]]) -> None:
    """Hear nothing more, and answer what was heard, as far as that takes no longer than people wait for a stop."""
    LOG.info("stopping")
    await asyncio.gather(*(stop() for stop in deafen))
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            await answering.drain()


async def _until(
    stopping: asyncio.Event, *jobs: Coroutine[Any, Any, None], finish: Callable[[], Awaitable[None]]
) -> None:
    """Run the jobs until it is time to stop; raise what one of them failed of. One that ends well is just done."""
    waiting = asyncio.create_task(stopping.wait())
    tasks: set[asyncio.Task[Any]] = {waiting, *(asyncio.create_task(job) for job in jobs)}
    pending = tasks
    try:
        while not waiting.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        await finish()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
