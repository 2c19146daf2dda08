"""The checks of `guidebot doctor`, put together for the settings."""

from __future__ import annotations

import os
import ssl
import stat
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.request import getproxies

import httpx
from dotenv import dotenv_values

from bot import compose, compose_alerts, setting_checks
from bot.adapters.database_doctor import examine_database
from bot.adapters.folders import unwritable
from bot.adapters.knowledge_doctor import examine_knowledge
from bot.adapters.smtp_doctor import examine_mail_server
from bot.adapters.sql_store import SqlStore
from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_doctor import Doctor, Surroundings
from bot.chat.network import tls_context
from bot.chat.network_doctor import examine_network
from bot.chat.slack_doctor import SlackApp, examine_slack
from bot.core.errors import SettingsError
from bot.core.findings import Check, Finding, off, ok, warning, wrong
from bot.secret_key import kept_in
from bot.settings import ROOT, Settings

ENV_FILE = ROOT / ".env"
TEAMS = ("disc_team", "press_team")
UNHURRIED = ("Knowledge",)  # it reads files, on a slow machine for some seconds
CHANNELS = ("disc_channel", "alerts_channel")


def checks(settings: Settings, complaints: Sequence[str]) -> Mapping[str, Check]:
    """By area, in the order in which they are to be mended; `complaints` are about settings that make no sense."""
    return {
        "Settings": partial(_settings, settings, complaints),
        "Knowledge": partial(_knowledge, settings),
        "Database": partial(_database, settings),
        "Folders": partial(_folders, settings),
        "Network": partial(_network, settings),
        "Slack": partial(_slack, settings, complaints),
        "Mattermost": partial(_mattermost, settings, complaints),
        "Mail": partial(_mail, settings, complaints),
    }


async def _settings(settings: Settings, complaints: Sequence[str]) -> Sequence[Finding]:

    in_file = dotenv_values(ENV_FILE) if ENV_FILE.is_file() else {}
    found = setting_checks.examine(settings, complaints, environment=tuple(os.environ), env_file=tuple(in_file))
    return [*found, *_readable(ENV_FILE), _secret_key(settings)]


def _readable(path: Path) -> Sequence[Finding]:
    if not path.is_file() or not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return []
    return [warning(f"{path} can be read by others than its owner", f"chmod 600 {path}")]


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key:
        return ok("SECRET_KEY is set" + ("" if settings.on_sqlite else "; it must be the same on every replica"))
    if not settings.on_sqlite:
        mend = "set it to the same 32 random letters on every replica"
        return wrong("SECRET_KEY is unset: with PostgreSQL it is needed", mend)
    path = kept_in(settings.database)
    return ok(f"SECRET_KEY is unset: one is made once, and kept in {path or 'memory'}")


async def _knowledge(settings: Settings) -> Sequence[Finding]:

    return examine_knowledge(settings.knowledge_dir, compose.now().date())


async def _database(settings: Settings) -> Sequence[Finding]:

    return await examine_database(
        settings.database, lambda engine: SqlStore(engine, clock=compose.now, lease=compose.LEASE).counts()
    )


async def _folders(settings: Settings) -> Sequence[Finding]:

    folders = {"CACHE_DIR": (settings.cache_dir, "each start takes longer")}
    if not settings.smtp_host:
        folders["MAIL_COPIES_DIR"] = (settings.mail_copies_dir, "`guidebot chat` can't copy mails there")
    found = []
    for name, (folder, meaning) in folders.items():
        if folder and (why := unwritable(folder)):
            mend = f"let the bot's user write there, or set {name} to another folder"
            found.append(warning(f"{name} can't be written to ({why}): {meaning}", mend))
        elif folder:
            found.append(ok(f"{name}: {folder}"))
    return found


async def _network(settings: Settings) -> Sequence[Finding]:

    return await examine_network(getproxies(), str(settings.ca_file or ""))


async def _slack(settings: Settings, complaints: Sequence[str]) -> Sequence[Finding]:

    if not settings.slack_bot_token:
        return _unset("Slack", "SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/slack.md)", complaints)
    secrets = (settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret)
    bot_token, app_token, signing_secret = (secret.get_secret_value() if secret else "" for secret in secrets)
    scopes = compose.manifest(settings)["oauth_config"]["scopes"]["bot"]
    people = _named(settings, "slack", TEAMS)
    app = SlackApp(settings.slack_api_url, bot_token, app_token, signing_secret, scopes, people, _tls(settings))
    return await examine_slack(app)


async def _mattermost(settings: Settings, complaints: Sequence[str]) -> Sequence[Finding]:

    if not settings.mattermost_url or not settings.mattermost_token:
        return _unset("Mattermost", "MATTERMOST_URL and MATTERMOST_TOKEN (docs/mattermost.md)", complaints)
    rest = Rest(settings.mattermost_url, settings.mattermost_token.get_secret_value(), _tls(settings), tries=1)
    try:
        return await Doctor(rest, _surroundings(settings), partial(_alive, settings)).examine()
    finally:
        await rest.close()


def _surroundings(settings: Settings) -> Surroundings:

    people, channels = _named(settings, "mattermost", TEAMS), _named(settings, "mattermost", CHANNELS)
    return Surroundings(settings.mattermost_callback_url, settings.mattermost_teams, people, channels)


async def _mail(settings: Settings, complaints: Sequence[str]) -> Sequence[Finding]:

    # A sender that is missing is told with the settings; the server can be asked all the same.
    server = compose_alerts.mail_server(
        settings.model_copy(update={"mail_from": settings.mail_from or compose_alerts.NOBODY}), _tls(settings)
    )
    if server:
        return await examine_mail_server(server)
    served = settings.slack_bot_token or settings.mattermost_url
    if not served or any(line.startswith("SMTP_") for line in complaints):
        return _unset("Mail", "SMTP_HOST and MAIL_FROM (docs/alerts.md)", complaints, prefix="SMTP_")
    mend = "set SMTP_HOST and MAIL_FROM (docs/alerts.md)"
    return [warning("SMTP_HOST is unset: reports are taken, and wait in the database without reaching anybody", mend)]


def _unset(name: str, needs: str, complaints: Sequence[str], prefix: str = "") -> Sequence[Finding]:
    if any(line.startswith(prefix or name.upper()) for line in complaints):
        return [warning("not asked, since its settings make no sense yet", "mend them, and ask again")]
    return [off("not set up", f"it would need {needs}")]


def _named(settings: Settings, platform: str, names: Sequence[str]) -> frozenset[str]:
    """The ids of that platform in these settings."""
    found: list[str] = []
    for name in names:
        value: str | tuple[str, ...] = getattr(settings, name)
        found += [value] if isinstance(value, str) else value
    return frozenset(one.partition(":")[2] for one in found if one.startswith(f"{platform}:"))


def _tls(settings: Settings) -> ssl.SSLContext:
    """A CA_FILE that can't be read is told by the network's check; here it is as if it weren't set."""
    try:
        return tls_context(str(settings.ca_file or ""))
    except SettingsError:
        return tls_context()


async def _alive(settings: Settings) -> bool:
    """Whether a bot of these settings runs on this machine."""
    port = settings.admin_port or settings.http_port
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
            return (await client.get(f"http://127.0.0.1:{port}/livez")).is_success
    except httpx.HTTPError:
        return False
