"""Reports in Slack: what opens the modal at once, while its trigger lasts, and what a submitted one becomes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.forms import FormDesk
from bot.chat.slack_client import delivered
from bot.chat.slack_events import Payload, from_submission, text_of
from bot.chat.slack_form import CALLBACK, SHORTCUT, draw_form, errors, read_form
from bot.chat.slack_kit import Block
from bot.chat.slack_mouth import SlackMouth
from bot.chat.slack_text import read
from bot.chat.words import Say
from bot.core.actions import Change, Prepare
from bot.core.answers import FormPart, Language
from bot.core.errors import DeliveryError
from bot.core.messages import REPORT_COMMANDS, Address, Incoming

LOG = logging.getLogger(__name__)

Accept = Callable[[Incoming], Awaitable[object]]


class SlackReports:
    """Opens forms and takes them back. What can't be opened goes the way of every event, which offers it again."""

    def __init__(
        self,
        client: AsyncWebClient,
        mouth: SlackMouth,
        forms: FormDesk,
        say: Say,
        accept: Accept,
        *,
        with_files: bool = False,
    ) -> None:
        self._client = client
        self._mouth = mouth
        self._forms = forms
        self._say = say
        self._accept = accept
        self._with_files = with_files

    def listen(self, app: AsyncApp) -> None:
        """The message shortcut and the submitted modal; commands and buttons come by `opened_for_…`."""
        app.shortcut(SHORTCUT)(self._on_shortcut)
        app.view(CALLBACK)(self._on_submission)

    async def opened_for_command(self, body: Payload, incoming: Incoming) -> bool:
        """Whether the command asked for the form, and has it."""
        if incoming.command not in REPORT_COMMANDS:
            return False
        part = self._forms.with_words(incoming.text)
        return await self._open(body, incoming.address, part, locale=REPORT_COMMANDS[incoming.command])

    async def opened_for_press(self, body: Payload, incoming: Incoming) -> bool:
        """Whether the button asked for the form, and has it."""
        if not isinstance(incoming.action, Prepare | Change):
            return False
        part = await self._forms.begin(incoming.action, incoming.address)
        return part is not None and await self._open(body, incoming.address, part)

    async def _on_shortcut(self, body: dict[str, Any], ack: AsyncAck) -> None:
        said, user = body.get("message") or {}, body.get("user") or {}
        channel = text_of(body.get("channel") or {}, "id")
        address = Address("slack", text_of(user, "team_id"), channel, user=text_of(user, "id"))
        link = await self._permalink(channel, text_of(said, "ts"))
        await self._open(body, address, self._forms.with_words(read(text_of(said, "text")), link))
        await ack()

    async def _on_submission(self, body: dict[str, Any], ack: AsyncAck) -> None:
        view = body.get("view") or {}
        part, language = read_form(view)
        if problems := self._forms.problems(part.form, language):
            await ack(response_action="errors", errors=errors(problems))
            return
        await self._accept(from_submission(body, part.form, part.report))
        await ack()

    async def _open(self, body: Payload, address: Address, part: FormPart, *, locale: str = "") -> bool:
        visitor = await self._mouth.visitor(address)
        if not visitor.welcome:
            return False
        spoken: Language = "en" if (locale or visitor.locale).startswith("en") else "fr"
        for with_files in (True, False) if self._with_files else (False,):
            known = {"with_copy": bool(visitor.mail), "with_files": with_files}
            view = draw_form(part, spoken, self._say, self._forms.contacts(), **known)
            if await self._opened(text_of(body, "trigger_id"), view):
                return True
        return False

    async def _opened(self, trigger: str, view: Block) -> bool:
        """Whether it is open. Slack refuses a field for files to an app that may not read any."""
        try:
            await delivered(self._client.views_open(trigger_id=trigger, view=view))
        except DeliveryError as error:
            LOG.warning("a form could not be opened: %s", error)
            return False
        return True

    async def _permalink(self, channel: str, ts: str) -> str:
        try:
            found = await delivered(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        except DeliveryError:  # the bot isn't there; the form goes without
            return ""
        return str(found.get("permalink") or "")
