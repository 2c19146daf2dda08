"""The bot in a Slack workspace: Bolt's app that accepts, the mouth that speaks, the connection between."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.forms import FormDesk
from bot.chat.network import quiet_logger, tls_context
from bot.chat.slack_client import PATIENCE, SLACK_API_URL, delivered, make_client
from bot.chat.slack_events import Payload, from_command, from_event, from_press
from bot.chat.slack_groups import SlackGroups
from bot.chat.slack_mouth import SlackMouth
from bot.chat.slack_reports import SlackReports
from bot.chat.slack_socket import SocketMode
from bot.chat.words import Say
from bot.core.errors import DeliveryError, GuidebotError, SettingsError
from bot.core.messages import Incoming

LOG = logging.getLogger(__name__)

Accept = Callable[[Incoming], Awaitable[object]]

# Trying again can't mend these at start: whoever set the token has to.
_WRONG_TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "account_inactive", "not_allowed_token_type"})
LONGEST_PAUSE = 30.0
_ANY = re.compile("")


class Slack:
    """Wires the parts. `app` is what an HTTP endpoint hands its requests to; with an `app_token` Socket Mode is used.

    `accept` must return once the event is stored for good, and raise where it couldn't be: Slack then sends it again.
    """

    def __init__(
        self,
        *,
        bot_token: str,
        accept: Accept,
        say: Say,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = SLACK_API_URL,
        follow_threads: bool = False,
        allow_guests: bool = True,
        forms: FormDesk | None = None,
        files: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls or tls_context()
        self._token = bot_token
        self._client = make_client(bot_token, api_url, self._tls)
        self._identity: AuthorizeResult | None = None
        self.mouth = SlackMouth(self._client, say, tls=self._tls, allow_guests=allow_guests)
        self.groups = SlackGroups(self._client)
        self.app = self._make_app(signing_secret, api_url)
        reports = SlackReports(self._client, self.mouth, forms, say, accept, with_files=files) if forms else None
        _listen(self.app, accept, reports, follow_threads=follow_threads)
        self._socket = SocketMode(self.app, app_token, self._client) if app_token else None

    async def start(self) -> None:
        """Learn who the bot is, for as long as that takes, and connect. Raise SettingsError for a wrong token."""
        if self._client.session is None:
            self._client.session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=PATIENCE), cookie_jar=aiohttp.DummyCookieJar()
            )
        identity = await self._who_am_i()
        self.mouth.home_team, self.mouth.enterprise = identity.team_id or "", identity.enterprise_id or ""
        self._identity = identity
        if self._socket:
            self._socket.start()

    async def stop_listening(self) -> None:
        """Take no more events, once those in flight are acknowledged; the mouth goes on speaking."""
        if self._socket:
            await self._socket.close()

    async def close(self) -> None:
        await self.stop_listening()
        if self._client.session:
            await self._client.session.close()

    async def trouble(self) -> str:
        """Why the bot isn't ready to hear people, empty if it is."""
        if self._identity is None:
            return "auth.test has not succeeded yet"
        if self._socket and not self._socket.alive:
            return "Socket Mode gives no sign of life"
        return ""

    async def _who_am_i(self) -> AuthorizeResult:
        pause = 1.0
        while True:
            try:
                answer = await delivered(self._client.auth_test())
            except DeliveryError as error:
                if str(error) in _WRONG_TOKEN:
                    raise SettingsError(f"SLACK_BOT_TOKEN: Slack answers {error}. Copy the token anew.") from error
                LOG.warning("auth.test failed, trying again: %s", error)
                await asyncio.sleep(error.after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return _identity(answer.data, self._token)

    def _make_app(self, signing_secret: str, api_url: str) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            if self._identity is None:
                raise GuidebotError("auth.test has not succeeded yet")
            return self._identity

        # Without a token: with one, Bolt would call auth.test by itself, and drop the event where that fails.
        client = AsyncWebClient(base_url=api_url, ssl=self._tls, logger=quiet_logger("slack_sdk.web"))
        client.proxy = self._client.proxy
        app = AsyncApp(
            name="guidebot",
            logger=quiet_logger("slack_bolt", logging.ERROR),  # it warns that SLACK_BOT_TOKEN is set and unused
            client=client,
            authorize=authorize,
            signing_secret=signing_secret,
            request_verification_enabled=bool(signing_secret),
            process_before_response=True,
        )
        app.error(_report)
        return app


def _identity(data: Any, token: str) -> AuthorizeResult:
    said = data if isinstance(data, dict) else {}
    return AuthorizeResult(
        enterprise_id=said.get("enterprise_id"),
        team_id=said.get("team_id"),
        bot_user_id=said.get("user_id"),
        bot_id=said.get("bot_id"),
        bot_token=token,
    )


async def _report(error: Exception) -> None:
    """Say what failed, not on which words: Bolt's own handler logs a traceback, and a database's errors bear values."""
    LOG.error("an event could not be accepted: %s", type(error).__name__)


def _listen(app: AsyncApp, accept: Accept, reports: SlackReports | None, *, follow_threads: bool) -> None:
    """One listener for each kind of payload; every one acknowledges, also what the bot isn't concerned by."""

    async def take(incoming: Incoming | None, ack: AsyncAck) -> None:
        if incoming is not None:
            await accept(incoming)
        await ack()

    async def on_event(body: Payload, context: Any, ack: AsyncAck) -> None:
        await take(from_event(body, context.bot_user_id or "", follow_threads=follow_threads), ack)

    async def on_command(body: Payload, ack: AsyncAck) -> None:
        incoming = from_command(body)
        opened = reports is not None and await reports.opened_for_command(body, incoming)
        await take(None if opened else incoming, ack)

    async def on_press(body: Payload, ack: AsyncAck) -> None:
        incoming = from_press(body)
        opened = reports is not None and incoming is not None and await reports.opened_for_press(body, incoming)
        await take(None if opened else incoming, ack)

    if reports:
        reports.listen(app)
    app.event(_ANY)(on_event)
    app.command(_ANY)(on_command)
    app.action(_ANY)(on_press)
