"""What administrators of a Slack app forget, each with what to change."""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack_client import PATIENCE, delivered, make_client
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.findings import Finding, ok, warning, wrong

_INSTALL = "put `guidebot manifest` in place of the app's manifest, then Install App, Reinstall to Workspace"
_BOT_TOKEN = "copy the Bot User OAuth Token anew (Install App)"  # noqa: S105 - words, no token
_APP_TOKEN = "copy an App-Level Token with the scope connections:write anew (Basic Information)"  # noqa: S105

# By what is named in the error's kind: what that means, and what mends it; the first that fits.
_AWAY = (
    ("Certificate", "its certificate is not trusted", "name the authority of your network in CA_FILE"),
    ("Proxy", "the proxy refuses, or is away", "set HTTPS_PROXY right"),
    ("DNS", "its name is not known here", "look at the machine's name server, or set HTTPS_PROXY"),
    ("Timeout", "no answer in time", "is a firewall in the way? set HTTPS_PROXY where there is a proxy"),
    ("Connect", "no connection", "is a firewall in the way? set HTTPS_PROXY where there is a proxy"),
    ("", "it answers with an error", "try again later: https://status.slack.com"),
)


@dataclass(frozen=True, slots=True)
class SlackApp:
    """The app as the settings have it. `scopes` are those that its manifest asks for; `people` are ids."""

    api_url: str
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    scopes: Collection[str]
    people: Collection[str]
    tls: ssl.SSLContext


async def examine_slack(app: SlackApp) -> Sequence[Finding]:
    """Asks who the bot is and what it may do; opens no connection that would take events from a running bot."""
    patience = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=patience, cookie_jar=aiohttp.DummyCookieJar()) as session:
        client = make_client(app.bot_token, app.api_url, app.tls)
        client.session = session
        found = [*await _bot(client, app), *await _hearing(client, app)]
        return list(dict.fromkeys(found))  # that Slack can't be reached is said once


async def _bot(client: AsyncWebClient, app: SlackApp) -> Sequence[Finding]:
    try:
        answer = await delivered(client.auth_test())
    except DeliveryError as error:
        return [_refused("SLACK_BOT_TOKEN", error, _BOT_TOKEN)]
    known = ok(f"the bot is {answer.get('user')} in the workspace {answer.get('team')}")
    granted = _header(answer.headers, "x-oauth-scopes")
    people = [found for person in sorted(app.people) if (found := await _person(client, person))]
    return [known, *_scopes(app.scopes, granted), *await _one_app(client, app, str(answer.get("bot_id"))), *people]


def _scopes(wanted: Collection[str], header: str) -> Iterator[Finding]:
    granted = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not granted:
        return
    if missing := sorted(set(wanted) - granted):
        yield wrong(f"rights that the settings need were not granted: {', '.join(missing)}", _INSTALL)
    if needless := sorted(granted - set(wanted)):
        yield warning(f"rights that the settings don't need were granted: {', '.join(needless)}", _INSTALL)
    if granted == set(wanted):
        yield ok(f"it has the {len(granted)} rights that the settings need, and no other")


async def _one_app(client: AsyncWebClient, app: SlackApp, bot: str) -> Sequence[Finding]:
    """Whether both tokens are of the same app: an app-level token has its app's id in it."""
    named = re.match(r"xapp-\d+-(A[A-Z0-9]+)-", app.app_token)
    if named is None:
        return []
    try:
        info: dict[str, Any] = (await delivered(client.bots_info(bot=bot))).get("bot") or {}
    except DeliveryError:
        return []
    if info.get("app_id") in {None, named[1]}:
        return []
    said = f"SLACK_APP_TOKEN is of the app {named[1]}, SLACK_BOT_TOKEN of the app {info['app_id']}"
    return [wrong(f"{said}: the bot hears one and speaks as the other", "copy both tokens from the same app")]


async def _person(client: AsyncWebClient, person: str) -> Finding | None:
    asking = client.usergroups_users_list(usergroup=person) if person[0] == "S" else client.users_info(user=person)
    try:
        found = await delivered(asking)
    except DeliveryRefused as refusal:
        mend = "⋮ in the profile of the person, Copy member ID; of a user group, Copy group ID"
        return warning(f"slack:{person} in DISC_TEAM or PRESS_TEAM is nobody ({refusal})", mend)
    except DeliveryError:  # what Slack refuses for a missing right is told with the rights
        return None
    if person[0] == "S" and not found.get("users"):
        return warning(f"the user group slack:{person} in DISC_TEAM or PRESS_TEAM is empty", "put people into it")
    if (found.get("user") or {}).get("deleted"):
        return warning(f"slack:{person} in DISC_TEAM or PRESS_TEAM has left", "take the id out")
    return None


async def _hearing(client: AsyncWebClient, app: SlackApp) -> Sequence[Finding]:
    if not app.app_token:
        return _signed(app)
    try:
        await delivered(client.apps_connections_open(app_token=app.app_token))
    except DeliveryError as error:
        return [_refused("SLACK_APP_TOKEN", error, _APP_TOKEN)]
    return [ok("Socket Mode: Slack gives it a connection")]


def _signed(app: SlackApp) -> Sequence[Finding]:
    if re.fullmatch(r"[0-9a-f]{32}", app.signing_secret):
        return [ok("HTTP: a signing secret is set; that it is the right one shows when Slack calls")]
    if app.signing_secret:
        mend = "copy it anew (Basic Information, Signing Secret)"
        return [warning("SLACK_SIGNING_SECRET doesn't look like one: 32 of the characters 0 to 9 and a to f", mend)]
    return []  # what is missing is told with the settings


def _refused(setting: str, error: DeliveryError, mend: str) -> Finding:
    """Slack's own words are lower-case and joined; all else tells that it wasn't reached."""
    if re.fullmatch(r"[a-z_]+", str(error)):
        return wrong(f"{setting}: Slack answers {error}", mend)
    means, away = next((means, away) for kind, means, away in _AWAY if kind in str(error))
    return wrong(f"Slack can't be reached: {means} ({error})", away)


def _header(headers: Any, wanted: str) -> str:
    return next((str(value) for name, value in headers.items() if name.lower() == wanted), "")
