"""How the bot speaks in Slack. Nothing is kept between two replies but who people are, for a while."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from typing import Any, assert_never

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.slack_blocks import Message, draw_home, draw_letter, draw_reply
from bot.chat.slack_client import Pace, delivered, post_to
from bot.chat.slack_files import fetch_file
from bot.chat.visitors import Visitors
from bot.chat.words import Say
from bot.core.answers import Audience, Manner, Reply
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.forms import Upload
from bot.core.messages import Address, Incoming, Kind, Said, Visitor
from bot.core.ports import Letter

LOG = logging.getLogger(__name__)

_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


class SlackMouth:
    """Draws replies and letters into Slack. `home_team` and `enterprise` say which people are the bot's own."""

    def __init__(
        self,
        client: AsyncWebClient,
        say: Say,
        *,
        tls: ssl.SSLContext,
        allow_guests: bool = True,
        pace: Pace | None = None,
    ) -> None:
        self.home_team = ""
        self.enterprise = ""
        self._client = client
        self._say = say
        self._tls = tls
        self._allow_guests = allow_guests
        self._pace = pace or Pace()
        self._visitors = Visitors()

    async def visitor(self, address: Address) -> Visitor:
        """Who speaks; where Slack doesn't tell, people of the bot's own workspace are served all the same."""
        if known := self._visitors.get(address.user):
            return known
        try:
            found = await delivered(self._client.users_info(user=address.user, include_locale=True))
        except DeliveryError as error:
            LOG.warning("users.info failed: %s", error)
            return Visitor(welcome=not self._elsewhere(address.team))
        visitor = self._judge(found.get("user") or {})
        self._visitors.remember(address.user, visitor)
        return visitor

    async def reply(self, incoming: Incoming, reply: Reply) -> Said | None:
        if incoming.kind is Kind.HOME:
            await delivered(self._client.views_publish(user_id=incoming.address.user, view=draw_home(reply, self._say)))
            return None
        message = draw_reply(reply, self._say, shareable=not incoming.address.direct)
        match reply.manner:
            case Manner.SHARE:
                return await self._share(incoming, message)
            case Manner.REPLACE:
                return await self._replace(incoming, message, reply)
            case Manner.SAY:
                return await self._answer(incoming, message, reply)
        assert_never(reply.manner)

    async def fetch(self, upload: Upload, longest: int) -> bytes:
        return await fetch_file(self._client, upload.ref, longest, self._tls)

    async def send(self, letter: Letter) -> Said | None:
        message = draw_letter(letter, self._say)
        try:
            if letter.replaces:
                return await self._update(letter.replaces, message)
        except DeliveryRefused as refusal:
            LOG.info("could not replace a message: %s", refusal)
        return await self._post(letter.address, message)

    async def _answer(self, incoming: Incoming, message: Message, reply: Reply) -> Said | None:
        if _private(incoming, reply):
            return await self._whisper(incoming, message)
        return await self._post(incoming.address, message)

    async def _whisper(self, incoming: Incoming, message: Message) -> Said | None:
        """For its author alone: where it was said, else in a direct message."""
        try:
            if incoming.reply_url:
                await self._respond(incoming, message, response_type="ephemeral", replace_original=False)
            else:
                await self._post_ephemeral(incoming.address, message)
        except DeliveryRefused as refusal:
            LOG.info("answered in a direct message instead: %s", refusal)
            return await self._post(Address("slack", user=incoming.address.user), message)
        return None

    async def _replace(self, incoming: Incoming, message: Message, reply: Reply) -> Said | None:
        """In place of the message that bears the button; a new message where that one is out of reach."""
        try:
            if reply.replaces or incoming.message:
                return await self._update(reply.replaces or Said(incoming.address, incoming.message), message)
            if incoming.reply_url:
                await self._respond(incoming, message, replace_original=True)
                return None
        except DeliveryRefused as refusal:
            LOG.info("could not replace a message: %s", refusal)
        return await self._answer(incoming, message, reply)

    async def _share(self, incoming: Incoming, message: Message) -> Said | None:
        """To the channel. Where the bot isn't a member, the button's own address still reaches it."""
        try:
            return await self._post(incoming.address, message)
        except DeliveryRefused:
            if not incoming.reply_url:
                raise
            await self._respond(incoming, message, response_type="in_channel", replace_original=False)
            return None

    async def _post(self, address: Address, message: Message) -> Said:
        channel = address.channel or address.user  # a person's id opens the direct message with them
        arguments = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        if address.thread:
            arguments["thread_ts"] = address.thread
        await self._pace.turn(channel)
        posted = await self._call("chat.postMessage", arguments, message)
        there = str(posted.get("channel") or channel)  # the direct message, where it was to a person
        return Said(Address("slack", address.team, there, direct=there.startswith("D")), str(posted.get("ts") or ""))

    async def _post_ephemeral(self, address: Address, message: Message) -> None:
        arguments = {"channel": address.channel or address.user, "user": address.user}
        if address.thread:
            arguments["thread_ts"] = address.thread
        await self._call("chat.postEphemeral", arguments, message)

    async def _update(self, said: Said, message: Message) -> Said:
        await self._call("chat.update", {"channel": said.address.channel, "ts": said.message}, message)
        return said

    async def _call(self, method: str, arguments: Mapping[str, Any], message: Message) -> AsyncSlackResponse:
        """Say it with blocks; should Slack find fault with them, with the text alone rather than not at all."""
        body = {**arguments, "text": message.text, "blocks": message.blocks}
        try:
            return await delivered(self._client.api_call(method, json=body))
        except DeliveryRefused as refusal:
            if str(refusal) not in _BAD_BLOCKS:
                raise
            LOG.exception("Slack refused the blocks of a message")
            return await delivered(self._client.api_call(method, json={**arguments, "text": message.text}))

    async def _respond(self, incoming: Incoming, message: Message, **manner: str | bool) -> None:
        body: dict[str, Any] = {"text": message.text, "blocks": message.blocks, **manner}
        if incoming.address.thread and manner.get("replace_original") is not True:
            body["thread_ts"] = incoming.address.thread
        session = self._client.session
        if session is None or session.closed:
            async with aiohttp.ClientSession() as own:
                await post_to(own, incoming.reply_url, body, self._tls)
        else:
            await post_to(session, incoming.reply_url, body, self._tls)

    def _judge(self, user: Mapping[str, Any]) -> Visitor:
        guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
        own_enterprise = self.enterprise and (user.get("enterprise_user") or {}).get("enterprise_id") == self.enterprise
        stranger = user.get("is_stranger") or (self._elsewhere(str(user.get("team_id") or "")) and not own_enterprise)
        profile = user.get("profile") or {}
        return Visitor(
            str(user.get("locale") or ""),
            not stranger and (self._allow_guests or not guest),
            name=str(user.get("real_name") or profile.get("real_name") or user.get("name") or ""),
            mail=str(profile.get("email") or ""),
        )

    def _elsewhere(self, team: str) -> bool:
        return bool(team and self.home_team) and team not in {self.home_team, self.enterprise}


def _private(incoming: Incoming, reply: Reply) -> bool:
    """Whether a reply is for one person's eyes. What answers an ephemeral message stays as private as that was."""
    if incoming.kind is Kind.COMMAND:
        return True
    whispered = incoming.kind is Kind.PRESS and not incoming.message and bool(incoming.reply_url)
    asked = any(answer.audience is Audience.ONLY_YOU for answer in reply.answers)
    return not incoming.address.direct and (whispered or asked)
