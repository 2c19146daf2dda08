"""What administrators of a Mattermost server forget, each with the setting to change."""

from __future__ import annotations

import ipaddress
import socket
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_commands import Commands, may_register
from bot.core.errors import DeliveryError, DeliveryRefused

# One line that says what is wrong and what to change, empty if nothing is.
Check = Callable[[], Awaitable[str]]


class Doctor:
    """Checks that can be made from outside the server; only the last one needs a bot that runs (`serve`)."""

    def __init__(self, rest: Rest, commands: Commands, *, callback_url: str = "", teams: Collection[str] = ()) -> None:
        self._rest = rest
        self._commands = commands
        self._callback = callback_url
        self._teams = tuple(teams)

    def checks(self) -> Mapping[str, Check]:
        """The checks by name, in the order in which they are to be mended."""
        return {
            "account": self.account,
            "site_url": self.site_url,
            "commands": self.commands,
            "teams": self.teams,
            "rights": self.rights,
            "callback": self.callback,
        }

    async def account(self) -> str:
        try:
            me = await self._rest.me()
        except DeliveryRefused as refusal:
            return f"MATTERMOST_URL: {self._rest.url} is no Mattermost server ({refusal})"
        except DeliveryError as error:
            if not str(error).startswith("api.context."):
                return f"MATTERMOST_URL: {self._rest.url} can't be reached ({error})"
            return f"MATTERMOST_TOKEN: the server refuses it ({error}). {await self._bot_accounts()}"
        return (
            "" if me.get("is_bot") else f"MATTERMOST_TOKEN: it is a person's, not a bot's. {await self._bot_accounts()}"
        )

    async def site_url(self) -> str:
        config = await self._config()
        if config.get("SiteURL"):
            return ""
        return "ServiceSettings.SiteURL is unset: slash commands can't be answered (System Console > Web Server)"

    async def commands(self) -> str:
        config = await self._config()
        if config.get("EnableCommands") != "false":
            return ""
        return "ServiceSettings.EnableCommands is off: no slash commands (System Console > Integration Management)"

    async def teams(self) -> str:
        try:
            teams = await self._rest.teams()
        except DeliveryError as error:
            return f"the bot's teams can't be read ({error})"
        if not teams:
            return "the bot is in no team: add it to one (Invite People), and to the channels that it is to answer in"
        if not self._commands.served(teams):
            names = ", ".join(str(team.get("name")) for team in teams)
            return f"MATTERMOST_TEAMS: the bot is in none of {', '.join(self._teams)}, but in {names}"
        return ""

    async def rights(self) -> str:
        if not self._callback:
            return ""
        for team in self._commands.served(await self._served()):
            if why := await may_register(self._rest, str(team["id"])):
                return f"team {team.get('name')}: {why}"
        return ""

    async def callback(self) -> str:
        """Have the server call the bot, as for a person; the running bot answers its own account with a pong."""
        if not self._callback:
            return "MATTERMOST_CALLBACK_URL is unset: neither slash commands nor buttons; people type instead"
        teams = self._commands.served(await self._served())
        if not teams:
            return ""
        try:
            me = str((await self._rest.me()).get("id", ""))
            await self._rest.execute("/guide", await self._rest.direct_channel([me, me]), str(teams[0]["id"]))
        except DeliveryError as error:
            return await self._unreachable(str(error))
        return ""

    async def _unreachable(self, reason: str) -> str:
        host = urlsplit(self._callback).hostname or ""
        if await to_thread(_private, host):
            return (
                f"the server doesn't call {host} ({reason}): a private address has to be named in "
                "ServiceSettings.AllowedUntrustedInternalConnections (System Console > Developer), and the bot must run"
            )
        return f"MATTERMOST_CALLBACK_URL: the server doesn't reach {host} ({reason}); does the bot run, and behind it?"

    async def _bot_accounts(self) -> str:
        config = await self._config()
        if config.get("EnableBotAccountCreation") != "false":
            return "Make a bot account (Integrations > Bot Accounts) and copy its token."
        return (
            "ServiceSettings.EnableBotAccountCreation is off: turn it on (System Console > Bot Accounts) to make one."
        )

    async def _config(self) -> dict[str, Any]:
        try:
            return await self._rest.config()
        except DeliveryError:  # `account` has said why
            return {"SiteURL": "?"}

    async def _served(self) -> list[dict[str, Any]]:
        try:
            return await self._rest.teams()
        except DeliveryError:  # `teams` has said why
            return []


def _private(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return any(not ipaddress.ip_address(str(address[4][0]).partition("%")[0]).is_global for address in found)
