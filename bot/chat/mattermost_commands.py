"""Slash commands: made or mended in each of the bot's teams, and known by their tokens."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_events import Self
from bot.chat.words import Say
from bot.core.answers import Language
from bot.core.errors import DeliveryError, DeliveryRefused

LOG = logging.getLogger(__name__)

# The words that trigger a command, and the language of what is shown while one types them.
TRIGGERS: Mapping[str, Language] = {
    "glossary": "en",
    "glossaire": "fr",
    "contact": "fr",
    "guide": "fr",
    "signaler": "fr",
    "report": "en",
}
_KINDS = {"glossaire": "glossary", "signaler": "report"}

Payload = Mapping[str, Any]


class Commands:
    """The commands of the teams that the bot is in; `teams` narrows them, by name or id."""

    def __init__(self, rest: Rest, say: Say, callback_url: str, teams: Collection[str] = ()) -> None:
        self._rest = rest
        self._say = say
        self._url = callback_url.rstrip("/") + "/mattermost/command" if callback_url else ""
        self._teams = frozenset(teams)
        self._tokens: dict[tuple[str, str], str] = {}

    async def register(self, bot: Self) -> list[str]:
        """Make and mend the commands; a line for each that can't be had. Raise DeliveryError to be tried again."""
        if not self._url:
            return []
        troubles = []
        for team in self.served(await self._rest.teams()):
            troubles += await self._in_team(str(team["id"]), str(team.get("name", "")), bot)
        for trouble in troubles:
            LOG.warning("slash commands: %s", trouble)
        return troubles

    def served(self, teams: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the teams in which the bot is to have its commands."""
        return served(teams, self._teams)

    def known(self, form: Payload) -> bool:
        """Whether a request bears the token of that command in that team; every comparison takes as long."""
        team, trigger = str(form.get("team_id", "")), str(form.get("command", "")).removeprefix("/").lower()
        token = self._tokens.get((team, trigger), "")
        given = str(form.get("token", "")).encode(errors="replace")
        return hmac.compare_digest(given, token.encode()) and bool(token)

    async def _in_team(self, team: str, name: str, bot: Self) -> list[str]:
        try:
            there = {str(found.get("trigger")): found for found in await self._rest.commands(team)}
            return [line for trigger in TRIGGERS if (line := await self._ensure(team, name, trigger, there, bot))]
        except DeliveryRefused as refusal:
            return [f"team {name}: {refusal}; {_remedy(str(refusal))}"]

    async def _ensure(self, team: str, name: str, trigger: str, there: Mapping[str, Payload], bot: Self) -> str:
        wanted, found = self._wanted(team, trigger), there.get(trigger)
        if found is None:
            found = await self._create(team, wanted)
        if str(found.get("creator_id")) != bot.id and str(found.get("url")) != self._url:
            return (
                f"team {name}: /{trigger} belongs to somebody else; rename it, or leave the team out (MATTERMOST_TEAMS)"
            )
        if any(found.get(field) != value for field, value in wanted.items()):
            found = await self._rest.update_command({**found, **wanted})
        self._tokens[team, trigger] = str(found.get("token", ""))
        return ""

    async def _create(self, team: str, wanted: Payload) -> Payload:
        """Make a command; another replica may have made it just now."""
        try:
            return await self._rest.create_command(wanted)
        except DeliveryRefused:
            for found in await self._rest.commands(team):
                if found.get("trigger") == wanted["trigger"]:
                    return found
            raise

    def _wanted(self, team: str, trigger: str) -> dict[str, Any]:
        kind, language = _KINDS.get(trigger, trigger), TRIGGERS[trigger]
        return {
            "team_id": team,
            "trigger": trigger,
            "method": "P",
            "url": self._url,
            "auto_complete": True,
            "auto_complete_desc": self._say(f"mattermost_command_{kind}", language),
            "auto_complete_hint": self._say(f"mattermost_hint_{kind}", language),
            "display_name": "guidebot",
        }


def served(teams: Sequence[dict[str, Any]], wanted: Collection[str]) -> list[dict[str, Any]]:
    """Those of the teams that are wanted, by name or id; all where nothing is said."""
    return [team for team in teams if not wanted or {team.get("id"), team.get("name")} & set(wanted)]


async def may_register(rest: Rest, team: str) -> str:
    """Why the bot can't have commands in a team, empty if it can."""
    try:
        await rest.commands(team)
    except DeliveryRefused as refusal:
        return _remedy(str(refusal))
    except DeliveryError as error:
        return str(error)
    return ""


def _remedy(reason: str) -> str:
    if "disabled" in reason:
        return "slash commands are off: set ServiceSettings.EnableCommands (System Console > Integration Management)"
    return (
        "the bot may not manage slash commands: give its role manage_own_slash_commands (System Console > "
        "Permissions), or make it an administrator of the team"
    )
