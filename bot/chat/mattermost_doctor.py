"""What administrators of a Mattermost server forget, each with the setting to change."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_commands import may_register, served
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.findings import Finding, off, ok, warning, wrong

EPHEMERAL = "create_post_ephemeral"
_COMMANDS = "System Console > Integration Management"
_AWAY = "is the address right? a firewall in the way (HTTPS_PROXY), or a certificate of your own authority (CA_FILE)?"
_UNKNOWN_COMMAND = "not_found"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the settings say besides the server's address. `people` and `channels` are ids that other settings name."""

    callback_url: str = ""
    teams: Collection[str] = ()
    people: Collection[str] = ()
    channels: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What the server has told of itself and of the bot."""

    me: dict[str, Any]
    config: dict[str, Any]
    teams: list[dict[str, Any]]

    @property
    def commands_off(self) -> bool:
        return self.config.get("EnableCommands") == "false"


class Doctor:
    """Checks that can be made from outside the server; only the callback needs a bot that runs (`alive`)."""

    def __init__(self, rest: Rest, settings: Surroundings, alive: Callable[[], Awaitable[bool]]) -> None:
        self._rest = rest
        self._settings = settings
        self._alive = alive

    async def examine(self) -> Sequence[Finding]:
        """All findings; of a server that doesn't know the bot, no more than that."""
        try:
            me = await self._rest.me()
        except DeliveryError as error:
            return [await self._unknown(error)]
        told = _Told(me, await self._config(), await self._rest.teams())
        checks = (self._account, self._server, self._teams, self._callback, self._rights, self._people, self._channels)
        found = await asyncio.gather(*(_safely(check(told)) for check in checks))
        return [finding for some in found for finding in some]

    async def _unknown(self, error: DeliveryError) -> Finding:
        url = self._rest.url
        if str(error).startswith("api.context."):
            return wrong(f"MATTERMOST_TOKEN: {url} refuses it ({error})", await self._bot_accounts())
        if isinstance(error, DeliveryRefused):
            return wrong(f"MATTERMOST_URL: {url} is no Mattermost server ({error})", "give the address that people use")
        return wrong(f"MATTERMOST_URL: {url} can't be reached ({error})", _AWAY)

    async def _account(self, told: _Told) -> Sequence[Finding]:
        if told.me.get("is_bot"):
            return [ok(f"the bot is @{told.me.get('username')} at {self._rest.url}")]
        return [wrong("MATTERMOST_TOKEN is a person's, not a bot's", await self._bot_accounts())]

    async def _server(self, told: _Told) -> Sequence[Finding]:
        found = []
        if not told.config.get("SiteURL"):
            mend = "set ServiceSettings.SiteURL (System Console > Web Server)"
            found.append(wrong("the server's SiteURL is unset: slash commands can't be answered", mend))
        if told.commands_off:
            mend = f"turn on ServiceSettings.EnableCommands ({_COMMANDS})"
            found.append(wrong("custom slash commands are off", mend))
        return found

    async def _teams(self, told: _Told) -> Sequence[Finding]:
        """The teams that the bot is in, and whether it may have its commands there."""
        if not told.teams:
            mend = "add it to one (Invite People), and to the channels that it is to answer in"
            return [wrong("the bot is in no team: nobody can reach it", mend)]
        names = ", ".join(str(team.get("name")) for team in told.teams)
        wanted = served(told.teams, self._settings.teams)
        if not wanted:
            missing = ", ".join(self._settings.teams)
            return [wrong(f"the bot is in none of MATTERMOST_TEAMS ({missing})", f"add it, or name these: {names}")]
        asked = wanted if self._settings.callback_url and not told.commands_off else []
        refusals = [await self._may_register(team) for team in asked]
        return [ok(f"its teams: {names}"), *(found for found in refusals if found)]

    async def _callback(self, told: _Told) -> Sequence[Finding]:
        """Have the server call the bot, as for a person; the running bot answers its own account with a pong."""
        if not self._settings.callback_url:
            mend = "set MATTERMOST_CALLBACK_URL, the bot's address as the server reaches it"
            return [off("neither slash commands nor buttons; people type instead", mend)]
        teams = served(told.teams, self._settings.teams)
        if not teams or told.commands_off:
            return []
        own = str(told.me.get("id", ""))
        try:
            await self._rest.execute("/guide", await self._rest.direct_channel([own, own]), str(teams[0]["id"]))
        except DeliveryError as error:
            return [await self._not_called(str(error))]
        return [ok("the server calls the bot: slash commands and buttons work")]

    async def _rights(self, told: _Told) -> Sequence[Finding]:
        try:
            rights = await self._rest.rights(str(told.me.get("roles", "")).split())
        except DeliveryError:  # an older server, or one that doesn't tell bots
            return []
        if EPHEMERAL in rights:
            return []
        return [ok(f"without the right {EPHEMERAL}, which it can do without: private answers go to direct messages")]

    async def _people(self, _: _Told) -> Sequence[Finding]:
        found = []
        for person in sorted(self._settings.people):
            try:
                user = await self._rest.user(person)
            except DeliveryRefused as refusal:
                mend = "System Console > Users shows the ids"
                found.append(warning(f"mattermost:{person} in DISC_TEAM or PRESS_TEAM is nobody ({refusal})", mend))
            else:
                if user.get("delete_at"):
                    said = f"mattermost:{person} in DISC_TEAM or PRESS_TEAM is deactivated"
                    found.append(warning(said, "take the id out"))
        return found

    async def _channels(self, _: _Told) -> Sequence[Finding]:
        found = []
        for channel in sorted(self._settings.channels):
            try:
                await self._rest.channel(channel)
            except DeliveryRefused as refusal:
                said = f"mattermost:{channel}, in DISC_CHANNEL or ALERTS_CHANNEL, is closed to the bot ({refusal})"
                found.append(wrong(f"{said}: nothing is posted there", "add the bot to the channel, or mend the id"))
        return found

    async def _may_register(self, team: dict[str, Any]) -> Finding | None:
        why = await may_register(self._rest, str(team["id"]))
        return wrong(f"no slash commands in the team {team.get('name')}", why) if why else None

    async def _not_called(self, reason: str) -> Finding:
        host = urlsplit(self._settings.callback_url).hostname or ""
        if _UNKNOWN_COMMAND in reason:
            return warning("the slash commands aren't registered yet", "`guidebot serve` does that at its start")
        private = await to_thread(_private, host)
        mend = (
            f"name {host} in ServiceSettings.AllowedUntrustedInternalConnections (System Console > Developer), since "
            "it is a private address; MATTERMOST_CALLBACK_URL must lead to HTTP_HOST and HTTP_PORT of the bot"
            if private
            else "MATTERMOST_CALLBACK_URL must lead to HTTP_HOST and HTTP_PORT of the bot"
        )
        if not await self._alive():
            said = f"whether the server reaches {host} can't be told: no bot runs here ({reason})"
            return warning(said, f"ask again while `guidebot serve` runs here; should it not be reached then: {mend}")
        return wrong(f"the server doesn't reach the bot at {host} ({reason}): neither commands nor buttons work", mend)

    async def _bot_accounts(self) -> str:
        config = await self._config()
        if config.get("EnableBotAccountCreation") != "false":
            return "make a bot account (Integrations > Bot Accounts) and copy its token"
        return (
            "turn on ServiceSettings.EnableBotAccountCreation (System Console > Bot Accounts), make one, copy its token"
        )

    async def _config(self) -> dict[str, Any]:
        try:
            return await self._rest.config()
        except DeliveryError:  # what the bot can't be told, it can't check
            return {"SiteURL": "?"}


async def _safely(check: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    """What one check can't ask hides nothing of the others."""
    try:
        return await check
    except DeliveryError as error:
        return [wrong(f"the server doesn't answer all that it is asked ({error})", "look at its log")]


def _private(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return any(not ipaddress.ip_address(str(address[4][0]).partition("%")[0]).is_global for address in found)
