"""How the bot speaks in Mattermost. Nothing is kept between two replies but who people are, for a while."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_events import PLATFORM, Self
from bot.chat.mattermost_markdown import Message, Style, draw_letter, draw_reply
from bot.chat.mattermost_presses import Presses
from bot.chat.mattermost_seal import Place, Seal
from bot.chat.visitors import Visitors
from bot.chat.words import Say
from bot.core.answers import Audience, Language, Manner, Reply, Title
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.forms import Upload
from bot.core.messages import Address, Incoming, Kind, Said, Visitor
from bot.core.ports import Letter

LOG = logging.getLogger(__name__)

CHANNELS_KEPT = 5000

_NO_PRIORITY = "api.post.post_priority"  # how a server without priorities begins its refusal


class MattermostMouth:
    """Draws replies and letters into Mattermost. Without a `seal` there are no buttons: it says what to type."""

    def __init__(
        self,
        rest: Rest,
        say: Say,
        *,
        seal: Seal | None = None,
        presses: Presses | None = None,
        allow_guests: bool = True,
    ) -> None:
        self.bot = Self()
        self._rest = rest
        self._say = say
        self._seal = seal
        self._presses = presses or Presses()
        self._allow_guests = allow_guests
        self._visitors = Visitors()
        self._names: dict[str, str] = {}
        self._directs: dict[str, str] = {}

    async def visitor(self, address: Address) -> Visitor:
        """Who speaks; where Mattermost doesn't tell, people are served all the same: they have an account."""
        if known := self._visitors.get(address.user):
            return known
        try:
            user = await self._rest.user(address.user)
        except DeliveryError as error:
            LOG.warning("users can't be read: %s", error)
            return Visitor()
        guest = "system_guest" in str(user.get("roles", "")).split()
        visitor = Visitor(
            str(user.get("locale") or ""),
            self._allow_guests or not guest,
            name=_full_name(user),
            mail=str(user.get("email") or ""),
        )
        self._visitors.remember(address.user, visitor)
        return visitor

    async def reply(self, incoming: Incoming, reply: Reply) -> Said | None:
        said = None
        match reply.manner:
            case Manner.SHARE:
                await self._share(incoming, reply)
            case Manner.REPLACE:
                said = await self._replace(incoming, reply)
            case Manner.SAY:
                said = await self._answer(incoming, reply)
        self._presses.answer(incoming.key, {})  # nothing more to show to whoever still waits
        return said

    async def fetch(self, upload: Upload, longest: int) -> bytes:
        return await self._rest.file(upload.ref, longest)

    async def send(self, letter: Letter) -> Said | None:
        place = await self._place(letter.address)
        message = draw_letter(letter, self._say, self._style(place))
        if letter.replaces and await self._patched(letter.replaces.message, message):
            return letter.replaces
        urgent = any(isinstance(part, Title) and part.urgent for part in letter.parts) and not place.thread
        try:
            return await self._post(place, message, letter.key, urgent=urgent)
        except DeliveryRefused as refusal:
            if not urgent or not str(refusal).startswith(_NO_PRIORITY):
                raise
            return await self._post(place, message, letter.key)

    async def _answer(self, incoming: Incoming, reply: Reply) -> Said | None:
        if _private(incoming, reply):
            return await self._whisper(incoming, reply)
        return await self._say_there(await self._place(incoming.address), incoming, reply)

    async def _say_there(self, place: Place, incoming: Incoming, reply: Reply) -> Said:
        return await self._post(place, draw_reply(reply, self._say, self._style(place)), incoming.key)

    async def _whisper(self, incoming: Incoming, reply: Reply) -> Said | None:
        """For one person alone: where they said it, if Mattermost has a way to do that, else in a direct message."""
        if incoming.kind is Kind.COMMAND and incoming.reply_url:
            try:
                await self._respond(incoming, reply)
            except DeliveryRefused as refusal:
                LOG.info("answered in a direct message instead: %s", refusal)
            else:
                return None
        plain = draw_reply(reply, self._say, Style())
        if not self._presses.answer(incoming.key, {"ephemeral_text": plain.text, "skip_slack_parsing": True}):
            place = await self._place(Address(PLATFORM, user=incoming.address.user, direct=True))
            return await self._say_there(place, incoming, reply)
        return None

    async def _respond(self, incoming: Incoming, reply: Reply) -> None:
        """To a slash command, for its author alone; a reply that said `in_channel` would be posted as the user."""
        address = incoming.address
        place = Place(address.channel, address.thread, address.user, direct=address.direct)
        message = draw_reply(reply, self._say, self._style(place, shareable=not address.direct))
        body = {"response_type": "ephemeral", "text": message.text, "skip_slack_parsing": True}
        await self._rest.respond(incoming.reply_url, body | {"attachments": message.attachments})

    async def _replace(self, incoming: Incoming, reply: Reply) -> Said | None:
        """In place of the post that bears the button, or was shown; a new message where that one can't be changed."""
        pressed = Said(incoming.address, incoming.message) if incoming.kind is Kind.PRESS and incoming.message else None
        if shown := reply.replaces or pressed:
            message = draw_reply(reply, self._say, self._style(await self._place(shown.address)))
            if await self._patched(shown.message, message):
                return shown
        return await self._answer(incoming, reply)

    async def _patched(self, post: str, message: Message) -> bool:
        try:
            await self._rest.patch_post(post, _content(message))
        except DeliveryRefused as refusal:
            LOG.info("could not replace a post: %s", refusal)
            return False
        return True

    async def _share(self, incoming: Incoming, reply: Reply) -> None:
        """As the bot, to the channel; it comes in where it may. What can't be shared is at least said to be so."""
        place = await self._place(incoming.address)
        message = draw_reply(reply, self._say, self._style(place), sharer=await self._name(reply.shared_by))
        try:
            await self._post(place, message, incoming.key)
        except DeliveryRefused:
            if not await self._joined(place.channel):
                await self._sorry(incoming, reply.answers[0].language if reply.answers else "fr")
                return
            await self._post(place, message, incoming.key)

    async def _joined(self, channel: str) -> bool:
        try:
            await self._rest.join(channel, self.bot.id)
        except DeliveryRefused as refusal:
            LOG.info("could not come into a channel: %s", refusal)
            return False
        return True

    async def _sorry(self, incoming: Incoming, language: Language) -> None:
        text = self._say("mattermost_not_a_member", language)
        if not self._presses.answer(incoming.key, {"ephemeral_text": text, "skip_slack_parsing": True}):
            place = await self._place(Address(PLATFORM, user=incoming.address.user, direct=True))
            await self._post(place, Message(text), incoming.key)

    async def _post(self, place: Place, message: Message, key: str, *, urgent: bool = False) -> Said:
        once = hashlib.sha256(f"{place.channel}\n{key}".encode(errors="replace")).hexdigest()[:26]
        post = {"channel_id": place.channel, "root_id": place.thread, "pending_post_id": f"{self.bot.id}:{once}"}
        priority = {"metadata": {"priority": {"priority": "urgent"}}} if urgent else {}
        posted = await self._rest.create_post(post | _content(message) | priority)
        return Said(Address(PLATFORM, channel=place.channel, direct=place.direct), str(posted.get("id") or ""))

    async def _place(self, address: Address) -> Place:
        if address.channel:
            return Place(address.channel, address.thread, direct=address.direct)
        return Place(await self._direct(address.user), direct=True)

    async def _direct(self, user: str) -> str:
        if user not in self._directs:
            self._prune(self._directs)
            self._directs[user] = await self._rest.direct_channel([self.bot.id, user])
        return self._directs[user]

    async def _name(self, user: str) -> str:
        if user and user not in self._names:
            self._prune(self._names)
            name = str((await self._rest.user(user)).get("username", ""))
            self._names[user] = name if re.fullmatch(r"[a-z0-9._-]+", name) else "?"
        return self._names.get(user, "")

    def _style(self, place: Place, *, shareable: bool = False) -> Style:
        if self._seal:
            return Style(bind=partial(self._seal.bind, place), shareable=shareable)
        return Style(typed=True, shareable=shareable)

    @staticmethod
    def _prune(kept: dict[str, str]) -> None:
        if len(kept) >= CHANNELS_KEPT:
            kept.clear()


def _full_name(user: Mapping[str, Any]) -> str:
    name = " ".join(str(user.get(part) or "").strip() for part in ("first_name", "last_name")).strip()
    return name or str(user.get("nickname") or user.get("username") or "")


def _content(message: Message) -> dict[str, Any]:
    return {"message": message.text, "props": {"attachments": message.attachments}}


def _private(incoming: Incoming, reply: Reply) -> bool:
    """Whether a reply is for one person's eyes. What answers an ephemeral post stays as private as that was."""
    if incoming.kind is Kind.COMMAND:
        return True
    whispered = incoming.kind is Kind.PRESS and not incoming.message
    asked = any(answer.audience is Audience.ONLY_YOU for answer in reply.answers)
    return not incoming.address.direct and (whispered or asked)
