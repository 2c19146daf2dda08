"""How the fake Mattermost calls a bot: slash commands and buttons, with its limits and its errors."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.fakes.mattermost_state import TEAM, Json, Refusal, Said, State

RESPONSE_SECONDS, RESPONSE_USES = 1800.0, 5
PATIENCE = 30.0


@dataclass
class Door:
    """A `response_url`: for whom and where, and how often it was used."""

    user: str
    channel: str
    root: str
    opened: float = field(default_factory=time.monotonic)
    uses: int = 0


class Callbacks(State):
    """`refuses_private`: AllowedUntrustedInternalConnections names nobody. `statuses` are those of the callbacks."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0
        self.config = {
            "SiteURL": "http://mattermost.example",
            "EnableCommands": "true",
            "EnableBotAccountCreation": "true",
        }
        self.commands: dict[str, Json] = {}
        self.doors: dict[str, Door] = {}
        self.triggers: dict[str, tuple[float, str, str]] = {}  # when, by whom and where something was set off
        self.refuses_private = False
        self.statuses: list[int] = []
        self.seconds: list[float] = []  # that each callback took

    async def execute(self, user: str, words: str, *, channel: str, team: str = TEAM, root: str = "") -> Json:
        """Run a slash command as somebody; raise Refusal where they would see an error."""
        name, _, text = words.partition(" ")
        known = [one for one in self.commands.values() if one["team_id"] == team and f"/{one['trigger']}" == name]
        if not known:
            raise Refusal(404, "api.command.execute_command.not_found.app_error")
        if not self.config["SiteURL"]:
            raise Refusal(400, "api.command.execute_command.site_url_required.app_error")
        form = self._form(known[0], user, text, channel, root)
        status, body = await self.call(known[0]["url"], "api.command.execute_command.failed.app_error", data=form)
        if status != 200 or not body:
            raise Refusal(500, f"api.command.execute_command.failed_{'empty' if status == 200 else 'resp'}.app_error")
        response: Json = json.loads(body)
        await self.command_response(Door(user, channel, root), response, "command")
        return response | {"trigger_id": form["trigger_id"]}

    async def command_response(self, door: Door, response: Json, how: str) -> None:
        text, attachments = response.get("text", ""), response.get("attachments") or []
        post = {
            "channel_id": door.channel,
            "message": text,
            "root_id": door.root,
            "props": {"attachments": attachments},
        }
        if response.get("response_type") == "in_channel":  # posted as the user, whatever one expects
            await self.create_post(door.user, post)
        elif text or attachments:
            await self.whisper(door.user, post, how)

    async def respond(self, hook: str, response: Json) -> None:
        door = self.doors.get(hook)
        if door is None or door.uses >= RESPONSE_USES or time.monotonic() - door.opened > RESPONSE_SECONDS:
            raise Refusal(404, "web.command_webhook.command.app_error")
        door.uses += 1
        await self.command_response(door, response, "response_url")

    async def press(self, user: str, said: Said, label: str, *, option: str = "") -> Json:
        """Press a button of something said, or pick an option of a menu."""
        return await self.act(user, said, said.action(label), option)

    async def act(self, user: str, said: Said, action: Json, option: str = "") -> Json:
        context = dict(action["integration"].get("context") or {})
        if action["type"] == "select" and option:
            context["selected_option"] = option
        channel = self.channels[said.channel]
        payload = {
            "user_id": user,
            "user_name": self.users[user]["username"],
            "channel_id": said.channel,
            "channel_name": channel["name"],
            "team_id": channel["team_id"],
            "team_domain": "home" if channel["team_id"] else "",
            "post_id": said.id,
            "trigger_id": self._trigger(user, said.channel),
            "type": action["type"],
            "data_source": "",
            "context": context,
        }
        error = "api.post.do_action.action_integration.app_error"
        status, body = await self.call(action["integration"]["url"], error, json=payload)
        if status != 200:
            raise Refusal(400, error)
        response: Json = json.loads(body) if body else {}
        await self._acted(user, said, response)
        return response

    async def _acted(self, user: str, said: Said, response: Json) -> None:
        if update := response.get("update"):
            if said.id not in self.posts:
                raise Refusal(404, "app.post.get.app_error")
            await self.edit_post(self.posts[said.id], update)
        if text := response.get("ephemeral_text"):
            words = {"channel_id": said.channel, "message": text, "root_id": said.root or said.id}
            await self.whisper(user, words, "ephemeral_text")

    def _form(self, command: Json, user: str, text: str, channel: str, root: str) -> dict[str, str]:
        hook = self.new_id("hook")
        self.doors[hook] = Door(user, channel, root)
        return {
            "token": command["token"],
            "team_id": command["team_id"],
            "team_domain": self.teams[command["team_id"]]["name"],
            "channel_id": channel,
            "channel_name": self.channels[channel]["name"],
            "user_id": user,
            "user_name": self.users[user]["username"],
            "command": f"/{command['trigger']}",
            "text": text,
            "trigger_id": self._trigger(user, channel),
            "root_id": root,
            "response_url": f"{self.config['SiteURL']}/hooks/commands/{hook}",
        }

    def _trigger(self, user: str, channel: str) -> str:
        trigger = self.new_id("trigger")
        self.triggers[trigger] = (time.monotonic(), user, channel)
        return trigger

    async def call(self, url: str, error: str, **body: Any) -> tuple[int, bytes]:
        if self.refuses_private:
            raise Refusal(500, error)
        began = time.monotonic()
        try:
            async with ClientSession(timeout=ClientTimeout(PATIENCE)) as session, session.post(url, **body) as answer:
                read = answer.status, await answer.read()
        except (ClientError, TimeoutError):
            raise Refusal(500, error) from None
        self.statuses.append(read[0])
        self.seconds.append(time.monotonic() - began)
        return read
