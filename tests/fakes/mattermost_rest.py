"""The fake Mattermost's REST API v4: the part of it that a bot uses, and what a client needs to hold it to account."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.mattermost_dialogs import Dialogs
from tests.fakes.mattermost_state import BOT, Json, Refusal, Said, said_in, shown


@dataclass(frozen=True)
class Fault:
    """What a call gets instead of its answer: rate limits are plain text, all else is JSON unless `text` is given."""

    status: int
    error: str = "store.error"
    text: str = ""
    after: int | None = None


class Rest(Dialogs):
    """`calls` are "METHOD path"; `seen` holds each answer, to be compared with the official description."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.seen: list[tuple[str, str, int, Any]] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.may_command = True
        self.may_whisper = False

    def fail(self, call: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls fail whose "METHOD path" begins like that."""
        self.faults[call].extend([fault] * times)

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        handlers: list[tuple[str, str, Callable[[str, web.Request], Awaitable[Any]], int]] = [
            ("GET", "/users/{user}", self._user, 200),
            ("GET", "/users/me/teams", self._teams, 200),
            ("GET", "/users/me/channels", self._channels, 200),
            ("GET", "/config/client", self._config, 200),
            ("GET", "/system/ping", self._ping, 200),
            ("POST", "/roles/names", self._roles, 200),
            ("GET", "/channels/{channel}", self._channel, 200),
            ("GET", "/channels/{channel}/posts", self._posts, 200),
            ("POST", "/channels/{channel}/members", self._join, 201),
            ("POST", "/channels/direct", self._direct, 201),
            ("POST", "/posts", self._create_post, 201),
            ("GET", "/posts/{post}", self._post, 200),
            ("PUT", "/posts/{post}/patch", self._patch_post, 200),
            ("POST", "/posts/{post}/actions/{action}", self._action, 200),
            ("GET", "/commands", self._list_commands, 200),
            ("POST", "/commands", self._create_command, 201),
            ("PUT", "/commands/{command}", self._update_command, 200),
            ("POST", "/commands/execute", self._execute, 200),
            ("POST", "/actions/dialogs/open", self._dialog, 200),
        ]
        handlers.sort(key=lambda one: "{" in one[1])  # the plain paths first: users/me/teams is no user
        hooks = web.post(prefix + "/hooks/commands/{hook}", self._wrapped(self._respond, 200))
        return [
            hooks,
            *(
                web.route(one, prefix + "/api/v4" + path, self._wrapped(do, status))
                for one, path, do, status in handlers
            ),
        ]

    def _wrapped(
        self, do: Callable[[str, web.Request], Awaitable[Any]], status: int
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            call = f"{request.method} {request.path}"
            self.calls.append(call)
            if fault := next((found for key, found in self.faults.items() if found and call.startswith(key)), None):
                return _failed(fault.popleft())
            try:
                found = await do(self._who(request), request)
            except Refusal as refusal:
                return self._answer(request, refusal.status, _error(refusal))
            return self._answer(request, status, found)

        return handle

    def _answer(self, request: web.Request, status: int, found: Any) -> web.Response:
        self.seen.append((request.method, request.path, status, found))
        # Without a charset, as Mattermost: its own client, and ours, read nothing else as JSON.
        headers = {"Content-Type": "application/json"}
        answer = web.Response(body=json.dumps(found).encode(), status=status, headers=headers)
        if request.method == "POST":
            answer.set_cookie("MMAUTHTOKEN", "from-the-server")  # whoever sends it back is refused
        return answer

    def _who(self, request: web.Request) -> str:
        if request.path.startswith("/hooks/"):
            return ""
        token = request.headers.get("authorization", "").partition(" ")[2]
        if token not in self.tokens or ("MMAUTHTOKEN" in request.cookies and request.method != "GET"):
            raise Refusal(401, "api.context.session_expired.app_error")
        return self.tokens[token]

    async def _user(self, who: str, request: web.Request) -> Any:
        wanted = request.match_info["user"]
        found = self.users.get(who if wanted == "me" else wanted)
        if found is None:
            raise Refusal(404, "app.user.missing_account.const")
        return found

    async def _teams(self, who: str, _: web.Request) -> Any:
        return [team for name, team in self.teams.items() if who in self.team_members[name]]

    async def _channels(self, who: str, _: web.Request) -> Any:
        return [channel for name, channel in self.channels.items() if who in self.members[name]]

    async def _config(self, _who: str, _: web.Request) -> Any:
        return self.config

    async def _ping(self, _who: str, _: web.Request) -> Any:
        return {"status": "OK"}

    async def _roles(self, _who: str, request: web.Request) -> Any:
        rights = ["create_post_ephemeral"] if self.may_whisper else []
        return [{"id": self.new_id("role"), "name": name, "permissions": rights} for name in await request.json()]

    async def _channel(self, who: str, request: web.Request) -> Any:
        return self._reachable(who, request.match_info["channel"])

    async def _posts(self, who: str, request: web.Request) -> Any:
        channel = self._reachable(who, request.match_info["channel"])["id"]
        there = [post for post in reversed(self.posts.values()) if post["channel_id"] == channel]
        if since := int(request.query.get("since", 0)):
            page = [post for post in there if post["update_at"] > since][:1000]
        else:
            if before := request.query.get("before"):
                there = [post for post in there if post["create_at"] < self.posts[before]["create_at"]]
            size = min(int(request.query.get("per_page", 60)), 200)
            start = int(request.query.get("page", 0)) * size
            page = there[start : start + size]
        order = [post["id"] for post in page]
        return {
            "order": order,
            "posts": {post["id"]: shown(post) for post in page},
            "next_post_id": "",
            "prev_post_id": "",
        }

    async def _join(self, who: str, request: web.Request) -> Any:
        channel, user = request.match_info["channel"], (await request.json())["user_id"]
        if self.channels[channel]["type"] != "O" or who not in self.team_members[self.channels[channel]["team_id"]]:
            raise Refusal(403, "api.context.permissions.app_error")
        self.members[channel].add(user)
        return {"channel_id": channel, "user_id": user, "roles": "channel_user"}

    async def _direct(self, who: str, request: web.Request) -> Any:
        users = await request.json()
        if who not in users or len(users) != 2 or not set(users) <= set(self.users):
            raise Refusal(400, "api.channel.create_direct_channel.invalid_user.app_error")
        return self.channels[self.direct(users[0], users[1])]

    async def _create_post(self, who: str, request: web.Request) -> Any:
        return shown(await self.create_post(who, await request.json()))

    async def _post(self, who: str, request: web.Request) -> Any:
        return shown(self._own(who, request.match_info["post"], own=False))

    async def _patch_post(self, who: str, request: web.Request) -> Any:
        return shown(await self.edit_post(self._own(who, request.match_info["post"]), await request.json()))

    async def _action(self, who: str, request: web.Request) -> Any:
        post = self._own(who, request.match_info["post"], own=False)
        said, wanted = Said("post", **said_in(post)), request.match_info["action"]
        action = next((one for one in said.actions if one["id"] == wanted), None)
        if action is None:
            raise Refusal(404, "api.post.do_action.action_id.app_error")
        body = await request.text()
        await self.act(who, said, action, json.loads(body).get("selected_option", "") if body else "")
        return {"status": "OK", "trigger_id": self.new_id("trigger")}

    async def _list_commands(self, who: str, request: web.Request) -> Any:
        self._may_command(who, request.query["team_id"])
        return [one for one in self.commands.values() if one["team_id"] == request.query["team_id"]]

    async def _create_command(self, who: str, request: web.Request) -> Any:
        wanted = await request.json()
        self._may_command(who, wanted["team_id"])
        same = [one for one in self.commands.values() if one["team_id"] == wanted["team_id"]]
        if not wanted["url"].startswith("http") or any(one["trigger"] == wanted["trigger"] for one in same):
            raise Refusal(400, "api.command.duplicate_trigger.app_error")
        return self.add_command(who, wanted)

    def add_command(self, who: str, wanted: Json) -> Json:
        command, token = self.new_id("command"), self.new_id("token")
        blank = {"username": "", "icon_url": "", "description": "", "create_at": 1, "update_at": 1, "delete_at": 0}
        self.commands[command] = {**blank, **wanted, "id": command, "token": token, "creator_id": who}
        return self.commands[command]

    async def _update_command(self, who: str, request: web.Request) -> Any:
        wanted, known = await request.json(), self.commands[request.match_info["command"]]
        self._may_command(who, known["team_id"])
        kept = {name: known[name] for name in ("id", "token", "creator_id", "team_id", "create_at")}
        known.update({**wanted, **kept})
        return known

    async def _execute(self, who: str, request: web.Request) -> Any:
        body = await request.json()
        self._reachable(who, body["channel_id"])
        where = {"channel": body["channel_id"], "team": body.get("team_id", ""), "root": body.get("root_id", "")}
        return await self.execute(who, body["command"], **where)

    async def _dialog(self, _who: str, request: web.Request) -> Any:
        self.open_dialog(await request.json())
        return {"status": "OK"}

    async def _respond(self, _who: str, request: web.Request) -> Any:
        await self.respond(request.match_info["hook"], await request.json())
        return {"status": "OK"}

    def _may_command(self, who: str, team: str) -> None:
        if self.config["EnableCommands"] == "false":
            raise Refusal(501, "api.command.disabled.app_error")
        if who not in self.team_members.get(team, set()) or (who == BOT and not self.may_command):
            raise Refusal(403, "api.context.permissions.app_error")

    def _reachable(self, who: str, channel: str) -> Json:
        if channel not in self.channels:
            raise Refusal(404, "app.channel.get.existing.app_error")
        if who not in self.members[channel]:
            raise Refusal(403, "api.context.permissions.app_error")
        return self.channels[channel]

    def _own(self, who: str, post: str, *, own: bool = True) -> Json:
        known = self.posts.get(post)
        if known is None:
            raise Refusal(404, "app.post.get.app_error")
        self._reachable(who, known["channel_id"])
        if own and known["user_id"] != who:
            raise Refusal(403, "api.context.permissions.app_error")
        return known


def _error(refusal: Refusal) -> Json:
    return {
        "id": refusal.error,
        "message": "refused",
        "detailed_error": "",
        "request_id": "r",
        "status_code": refusal.status,
    }


def _failed(fault: Fault) -> web.Response:
    headers = {} if fault.after is None else {"X-RateLimit-Reset": str(fault.after)}
    if fault.status == 429 or fault.text:
        return web.Response(status=fault.status, text=fault.text or "limit exceeded", headers=headers)
    return web.json_response(_error(Refusal(fault.status, fault.error)), status=fault.status, headers=headers)
