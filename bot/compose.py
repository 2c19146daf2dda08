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

from bot import compose_alerts
from bot.core.errors import StoreError
from bot.secret_key import secret_key
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.core.ports import Mouth, Store
    from bot.service.desk import Desk, Watcher
    from bot.service.digest import Digest
    from bot.service.outbox import Outbox
    from bot.service.replies import Replies
    from bot.service.reporting import Reporting
    from bot.service.shelf import KnowledgeShelf
    from bot.service.team import Directory

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


def manifest(settings: Settings) -> Mapping[str, Any]:
    """The manifest of the Slack app that the settings need."""
    from bot.chat import slack_manifest

    return slack_manifest.manifest(
        socket_mode=bool(settings.slack_app_token) or not settings.public_url,
        public_url=settings.public_url,
        follow_threads=settings.slack_follow_threads,
        files=settings.slack_files,
        groups=settings.slack_groups,
    )


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

    from bot.adapters.database import driver_words

    try:
        yield
    except (SQLAlchemyError, CommandError, OSError) as error:
        words = driver_words(error) if isinstance(error, SQLAlchemyError) else error
        raise StoreError(f"the database can't be opened: {words}") from error


async def purge(store: Store, settings: Settings, reporting: Reporting) -> Mapping[str, int]:
    """Erase what is past its time; how many rows of each kind. Those who see a draft that goes are told."""
    async with store.work() as work:
        await reporting.expire(work)
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
        yield _desk(settings, store, mouths, _replies(settings, knowledge, reporting)), posting


async def serve(settings: Settings) -> None:
    """Run what the settings allow, until SIGTERM or Ctrl-C; what isn't answered by then waits in the inbox."""
    from bot import compose_platforms
    from bot.chat.network import tls_context
    from bot.service.form_desk import FormDesk
    from bot.web.metrics import Metrics

    compose_platforms.check(settings)
    stopping = _asked_to_stop()
    knowledge = shelf(settings)
    async with AsyncExitStack() as parts:
        engine = await parts.enter_async_context(_opened_engine(settings))
        store, metrics = _store(engine), Metrics()
        mouths: dict[str, Mouth] = {}
        directories: dict[str, Directory] = {}
        reporting = compose_alerts.reporting(settings, lambda: knowledge.assistant, now, directories)
        replies = _replies(settings, knowledge, reporting, directories)
        answering = _desk(settings, store, mouths, replies, metrics)
        forms = FormDesk(store, reporting, replies.asker)
        served = list(compose_platforms.platforms(settings, knowledge, answering.accept, forms, engine))
        for platform in served:
            parts.push_async_callback(platform.close)
            mouths[platform.name] = platform.mouth
            if platform.directory:
                directories[platform.name] = platform.directory
        servers = list(compose_platforms.servers(settings, served, store, metrics))
        for server in servers:
            await server.start()
            parts.push_async_callback(server.stop)
            LOG.info("listening", extra={"port": server.port})
        tls = tls_context(str(settings.ca_file or ""))
        posting = compose_alerts.outbox(settings, store, mouths, now, tls=tls, reporting=reporting)
        parts.callback(posting.stop)
        jobs = [answering.run(), posting.run(), knowledge.watch(), *(platform.run() for platform in served)]
        deafen = [servers[0].stop, *(platform.stop_listening for platform in served)]
        finish = partial(_finish, answering, *deafen)
        await _until(stopping, *jobs, *_timed(settings, store, answering, reporting), finish=finish)


def _desk(
    settings: Settings,
    store: Store,
    mouths: Mapping[str, Mouth],
    replies: Replies,
    watcher: Watcher | None = None,
) -> Desk:
    from bot.service.desk import Desk

    return Desk(store, mouths, replies, _digest(settings), watcher)


def _digest(settings: Settings) -> Digest:
    from bot.core.messages import Address
    from bot.service.digest import Digest

    platform, _, name = settings.disc_channel.partition(":")
    channel = Address(platform, channel=name) if name else None
    return Digest(compose_alerts.letterhead(settings), channel=channel, mail_to=settings.disc_address)


def _replies(
    settings: Settings,
    knowledge: KnowledgeShelf,
    reporting: Reporting,
    directories: Mapping[str, Directory] | None = None,
) -> Replies:
    from bot.chat.mattermost_events import PLATFORM
    from bot.service.replies import Replies
    from bot.service.team import Team

    return Replies(
        lambda: knowledge.assistant,
        key=secret_key(settings).encode(),
        team=Team(settings.disc_team, directories, now),
        reporting=reporting,
        clock=now,
        by_typing=(PLATFORM,),
    )


def _timed(
    settings: Settings, store: Store, answering: Desk, reporting: Reporting
) -> Iterator[Coroutine[Any, Any, None]]:
    from bot.service.schedule import keep, last_due

    async def erase(_due: datetime) -> None:
        LOG.info("purged", extra=dict(await purge(store, settings, reporting)))

    zone = ZoneInfo(settings.timezone)
    yield keep(erase, lambda at: last_due(at, zone, hour=PURGE_HOUR), now)
    if settings.disc_channel or settings.disc_address:
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
