"""The bot on a Mattermost server: it hears the WebSocket and two callbacks, and speaks through REST."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from bot.chat.forms import FormDesk
from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_commands import Commands
from bot.chat.mattermost_events import Self, from_command, from_press
from bot.chat.mattermost_hearing import Bookmark, Hearing, MemoryBookmark
from bot.chat.mattermost_mouth import MattermostMouth
from bot.chat.mattermost_presses import Presses
from bot.chat.mattermost_reports import MattermostReports
from bot.chat.mattermost_seal import Seal, StaleActionError
from bot.chat.mattermost_socket import Stream
from bot.chat.network import tls_context
from bot.chat.words import Say
from bot.core.errors import ActionError, DeliveryError, SettingsError, StoreError
from bot.core.messages import Incoming

LOG = logging.getLogger(__name__)

Accept = Callable[[Incoming], Awaitable[object]]
Payload = Mapping[str, Any]

LONGEST_PAUSE = 30.0
PRESS_SECONDS = 3.0  # for which a press waits for what only its author is to see
RELEARN_SECONDS = 60.0


class Mattermost:
    """Wires the parts. Without a `callback_url` there are neither slash commands nor buttons: people type.

    `accept` must return once the event is stored for good, and raise StoreError where it couldn't be. `on_command`,
    `on_action` and `on_dialog` answer the callbacks; `hear` is for one process at a time,
    all the rest for every replica.
    """

    def __init__(
        self,
        *,
        url: str,
        token: str,
        accept: Accept,
        say: Say,
        key: bytes,
        callback_url: str = "",
        teams: Collection[str] = (),
        bookmark: Bookmark | None = None,
        forms: FormDesk | None = None,
        allow_guests: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        tls = tls or tls_context()
        self.rest = Rest(url, token, tls)
        self._accept = accept
        self._say = say
        self._seal = Seal(key, callback_url) if callback_url else None
        self._presses = Presses()
        self._commands = Commands(self.rest, say, callback_url, teams)
        self._relearnt_at = float("-inf")
        self._bot = Self()
        self.mouth = MattermostMouth(self.rest, say, seal=self._seal, presses=self._presses, allow_guests=allow_guests)
        self._reports = (
            MattermostReports(self.rest, self.mouth, forms, say, self._seal) if forms and self._seal else None
        )
        self._hearing = Hearing(self.rest, accept, bookmark or MemoryBookmark(), self._learn_commands)
        self._stream = Stream(self.rest.url, token, self._hearing.heard, self._hearing.missed, tls=tls)
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learn who the bot is, for as long as that takes, and have its commands. SettingsError for a wrong token."""
        self._bot = await self._who_am_i()
        self.mouth.bot = self._hearing.bot = self._bot
        await self._learn_commands()

    async def hear(self) -> None:
        """Hear what is said, until cancelled or `stop_listening`."""
        listening = self._listening = asyncio.create_task(self._stream.run())
        try:
            await asyncio.wait([listening])
        finally:
            await self.stop_listening()
        if not listening.cancelled():
            listening.result()

    async def run(self) -> None:
        """Start, and hear: for where no other replica could."""
        await self.start()
        await self.hear()

    async def stop_listening(self) -> None:
        """Hear no more; the mouth goes on speaking. What was cut off is heard at the next start."""
        task, self._listening = self._listening, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._stream.alive = False
            try:
                await self._hearing.save()
            except StoreError as error:
                LOG.warning("the bookmark could not be kept: %s", type(error).__name__)

    async def close(self) -> None:
        await self.stop_listening()
        await self.rest.close()

    async def trouble(self) -> str:
        """Why the bot isn't ready to hear people, empty if it is. A replica that leaves the hearing to another is."""
        if not self._bot.id:
            return "Mattermost has not told yet who the bot is"
        if self._listening and not self._stream.alive:
            return "the WebSocket is not connected"
        return ""

    async def on_command(self, form: Payload) -> Payload:
        """A slash command: accepted, and acknowledged with a sign of life; the answer follows to its response_url."""
        if not await self._known(form):
            raise ActionError("a command without its token")
        if form.get("user_id") == self._bot.id:
            return _ephemeral("pong")  # `doctor` asks whether the server reaches the bot
        incoming = from_command(form, self._bot, self._reply_url(str(form.get("response_url", ""))))
        if self._reports and (language := await self._reports.opened_for_command(form, incoming)):
            return _ephemeral(self._say("mattermost_form_opened", language))
        return _ephemeral("…" if await self._taken(incoming) else self._failure())

    async def on_action(self, payload: Payload) -> Payload:
        """A button or a menu: accepted, and answered here if the answer is for its author alone."""
        if self._seal is None:
            raise ActionError("a button, where there are none")
        channel, user = str(payload.get("channel_id", "")), str(payload.get("user_id", ""))
        try:
            opened = self._seal.open(payload["context"], channel=channel, user=user)
        except StaleActionError:
            return {"ephemeral_text": self._both("stale"), "skip_slack_parsing": True}
        incoming = from_press(payload, opened)
        if self._reports and await self._reports.opened_for_press(payload, incoming):
            return {}
        with self._presses.expect(incoming.key) as waiting:
            if not await self._taken(incoming):
                return {"ephemeral_text": self._failure(), "skip_slack_parsing": True}
            done, _ = await asyncio.wait([waiting], timeout=PRESS_SECONDS)
        return waiting.result() if done else {}

    async def on_dialog(self, payload: Payload) -> Payload:
        """A filled-in form: accepted, or given back with what is wrong, field by field."""
        if self._reports is None:
            raise ActionError("a form, where there are none")
        try:
            return await self._reports.submitted(payload, self._taken)
        except StaleActionError:
            return {"error": self._both("form_stale")}

    async def _taken(self, incoming: Incoming) -> bool:
        try:
            await self._accept(incoming)
        except StoreError as error:
            LOG.error("an event could not be accepted: %s", type(error).__name__)  # noqa: TRY400 - it bears values
            return False
        return True

    async def _known(self, form: Payload) -> bool:
        """Whether the command is Mattermost's; a token that was made anew is learnt, though not at every request."""
        if self._commands.known(form):
            return True
        if monotonic() - self._relearnt_at < RELEARN_SECONDS:
            return False
        self._relearnt_at = monotonic()
        await self._learn_commands()
        return self._commands.known(form)

    async def _learn_commands(self) -> None:
        try:
            await self._commands.register(self._bot)
        except DeliveryError as error:
            LOG.warning("slash commands could not be registered: %s", error)

    def _reply_url(self, url: str) -> str:
        """A response_url as the bot reaches the server, whatever SiteURL says: it calls nowhere else."""
        return f"{self.rest.url}/hooks/commands/{urlsplit(url).path.rpartition('/')[2]}" if url else ""

    def _failure(self) -> str:
        return self._both("error")

    def _both(self, key: str) -> str:
        """In both languages: there is no time to ask for the person's."""
        return f"{self._say(key, 'fr')}\n{self._say(key, 'en')}"

    async def _who_am_i(self) -> Self:
        pause = 1.0
        while True:
            try:
                found = await self.rest.me()
            except DeliveryError as error:
                if str(error) in _WRONG_TOKEN:
                    raise SettingsError(
                        f"MATTERMOST_TOKEN: Mattermost answers {error}. Copy the token anew."
                    ) from error
                LOG.warning("Mattermost can't be reached, trying again: %s", error)
                await asyncio.sleep(error.after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return Self(str(found.get("id", "")), str(found.get("username", "")))


# Trying again can't mend these at start: whoever set the token has to.
_WRONG_TOKEN = frozenset({"api.context.session_expired.app_error", "api.context.invalid_token.error"})


def _ephemeral(text: str) -> Payload:
    return {"response_type": "ephemeral", "text": text, "skip_slack_parsing": True}
