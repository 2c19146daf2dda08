"""What the fake Slack keeps, and its Web API."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.chat.slack_manifest import SCOPES
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_limits import LARGEST_TEXT, elements, faults, modal_faults

BOT_TOKEN, APP_TOKEN = "xoxb-fake-bot-token", "xapp-fake-app-token"
TRIGGER_SECONDS, RESPONSE_SECONDS, RESPONSE_USES = 3.0, 1800.0, 5


@dataclass
class Posted:
    """Something that the bot has said, as Slack keeps it."""

    method: str
    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    user: str = ""
    ephemeral: bool = False
    replaces: str = ""

    @property
    def labels(self) -> list[str]:
        """What can be pressed or picked."""
        return [option["text"]["text"] for element in elements(self.blocks) for option in _options(element)]

    def button(self, label: str) -> dict[str, Any]:
        """A button, or a menu in which that was picked."""
        for element in elements(self.blocks):
            for option in _options(element):
                if option["text"]["text"] == label:
                    return element if option is element else {**element, "selected_option": option}
        raise LookupError(f"{label!r} is not among {self.labels}")


@dataclass
class Door:
    """A `response_url`: what it belongs to, and how often it was used."""

    channel: str
    user: str
    ts: str = ""
    opened: float = field(default_factory=time.monotonic)
    uses: int = 0


@dataclass(frozen=True)
class Fault:
    """What a call gets instead of its answer."""

    error: str = ""
    status: int = 200
    retry_after: int | None = None


@dataclass
class File:
    """A file that somebody uploaded; `told` is what Slack tells of it beside the usual."""

    content: bytes
    told: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0


class Workspace:
    """One workspace. `sent` is all that the bot has said, `calls` the methods that it has called."""

    def __init__(self, *, port: int, interval: float) -> None:
        self.port = port
        self.interval = interval
        self.sent: list[Posted] = []
        self.calls: list[str] = []
        self.users: dict[str, dict[str, Any]] = {}
        self.scopes = set(SCOPES)  # that the app was granted
        self.app_token = APP_TOKEN
        self.members = {"C0LAB", "C0DISC"}
        self.archived: set[str] = set()
        self.groups: dict[str, list[str]] = {}
        self.files: dict[str, File] = {}
        self.blind = False  # without the right to read files
        self.views: list[dict[str, Any]] = []  # the modals that were opened
        self.doors: dict[str, Door] = {}
        self.triggers: dict[str, float] = {}
        self.tickets: set[str] = set()
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.news = asyncio.Condition()
        self.numbers = itertools.count(1)
        self._last_post: dict[str, float] = {}

    async def api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls.append(method)
        if self.faults[method]:
            return _failed(self.faults[method].popleft())
        wanted = self.app_token if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("authorization") != f"Bearer {wanted}":
            return _refused("invalid_auth")
        handler = _METHODS.get(method)
        arguments = await _arguments(request)
        return await handler(self, arguments) if handler else _refused("unknown_method")

    async def _auth_test(self, _: dict[str, Any]) -> web.Response:
        who = {"user": "guidebot", "user_id": payloads.BOT_USER, "bot_id": payloads.BOT_ID}
        answer = _ok(team="Home", team_id=payloads.TEAM, url="https://home.example/", **who)
        answer.headers["x-oauth-scopes"] = ",".join(sorted(self.scopes))
        return answer

    async def _bots_info(self, _: dict[str, Any]) -> web.Response:
        return _ok(bot={"id": payloads.BOT_ID, "app_id": payloads.APP, "name": "guidebot"})

    async def _users_info(self, arguments: dict[str, Any]) -> web.Response:
        user = arguments.get("user", "")
        known = {"id": user, "team_id": payloads.TEAM, **self.users.get(user, {})}
        if str(arguments.get("include_locale", "")).lower() not in {"1", "true"}:
            known.pop("locale", None)
        return _ok(user=known) if user.startswith("U") else _refused("user_not_found")

    async def _post_message(self, arguments: dict[str, Any]) -> web.Response:
        channel = arguments.get("channel", "")
        if fault := self._unfit(arguments) or self._unreachable(channel):
            return _refused(fault)
        now = time.monotonic()
        if now - self._last_post.get(channel, float("-inf")) < self.interval:
            return _failed(Fault("ratelimited", 429, 1))
        self._last_post[channel] = now
        posted = await self._keep("chat.postMessage", arguments, thread=arguments.get("thread_ts", ""))
        there = f"D{channel[1:]}" if channel.startswith("U") else channel  # the direct message with that person
        return _ok(channel=there, ts=posted.ts, message={"text": posted.text})

    async def _post_ephemeral(self, arguments: dict[str, Any]) -> web.Response:
        if fault := self._unfit(arguments) or self._unreachable(arguments.get("channel", "")):
            return _refused(fault)
        whom = {"user": arguments["user"], "ephemeral": True}
        posted = await self._keep("chat.postEphemeral", arguments, thread=arguments.get("thread_ts", ""), **whom)
        return _ok(message_ts=posted.ts)

    async def _update(self, arguments: dict[str, Any]) -> web.Response:
        ts = arguments.get("ts", "")
        if not any(
            posted.ts == ts and not posted.ephemeral and posted.method != "views.publish" for posted in self.sent
        ):
            return _refused("message_not_found")
        if fault := self._unfit(arguments):
            return _refused(fault)
        await self._keep("chat.update", arguments, ts=ts, replaces=ts)
        return _ok(ts=ts)

    async def _publish(self, arguments: dict[str, Any]) -> web.Response:
        view = arguments.get("view")
        view = json.loads(view) if isinstance(view, str) else view
        if not view or view["type"] != "home" or faults(view["blocks"], most=100):
            return _refused("invalid_arguments")
        content = {"text": "home", "blocks": view["blocks"]}
        posted = await self._keep("views.publish", content, user=arguments["user_id"])
        return _ok(view={"id": posted.ts})

    async def _open_view(self, arguments: dict[str, Any]) -> web.Response:
        began = self.triggers.get(arguments.get("trigger_id", ""))
        if began is None or time.monotonic() - began > TRIGGER_SECONDS:
            return _refused("invalid_trigger" if began is None else "expired_trigger_id")
        view = arguments.get("view")
        view = json.loads(view) if isinstance(view, str) else view
        if not view or modal_faults(view) or (self.blind and '"file_input"' in json.dumps(view)):
            return _refused("invalid_arguments")
        del self.triggers[arguments["trigger_id"]]
        number = next(self.numbers)
        async with self.news:
            self.views.append({**view, "id": f"V{number}", "hash": f"{number}.abc"})
            self.news.notify_all()
        return _ok(view={"id": f"V{number}"})

    async def _group_users(self, arguments: dict[str, Any]) -> web.Response:
        users = self.groups.get(arguments.get("usergroup", ""))
        return _refused("no_such_subteam") if users is None else _ok(users=users)

    async def _file_info(self, arguments: dict[str, Any]) -> web.Response:
        number = arguments.get("file", "")
        if number not in self.files:
            return _refused("file_not_found")
        url = f"http://127.0.0.1:{self.port}/files/{number}"
        told = {"id": number, "size": len(self.files[number].content), "url_private_download": url, "url_private": url}
        return _ok(file={**told, **self.files[number].told})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file; without the right to read it, a page to log in with, as Slack has it."""
        file = self.files[request.match_info["file"]]
        file.asked += 1
        if request.headers.get("authorization") != f"Bearer {BOT_TOKEN}":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=file.content, headers={"content-type": "image/png", **file.headers})

    def uploaded(self, name: str, content: bytes, **told: Any) -> dict[str, Any]:
        """A new file, as a submitted modal names it."""
        number = f"F0{next(self.numbers):06}"
        self.files[number] = File(content, told)
        return {"id": number, "name": name, "size": len(content), "mimetype": "image/png", **told}

    async def _open_conversation(self, arguments: dict[str, Any]) -> web.Response:
        return _ok(channel={"id": "D" + str(arguments.get("users", ""))[1:]})

    async def _permalink(self, arguments: dict[str, Any]) -> web.Response:
        channel, ts = arguments.get("channel", ""), arguments.get("message_ts", "")
        fault = self._unreachable(channel)
        return _refused(fault) if fault else _ok(permalink=f"https://home.example/archives/{channel}/p{ts}")

    async def _open_socket(self, _: dict[str, Any]) -> web.Response:
        ticket = f"t{next(self.numbers)}"
        self.tickets.add(ticket)
        return _ok(url=f"ws://127.0.0.1:{self.port}/socket?ticket={ticket}")

    async def respond(self, request: web.Request) -> web.Response:
        door = self.doors.get(request.match_info["door"])
        if self.faults["response_url"]:
            return _failed(self.faults["response_url"].popleft())
        if door is None or time.monotonic() - door.opened > RESPONSE_SECONDS or door.uses >= RESPONSE_USES:
            return web.Response(status=404, text="expired_url" if door else "no_such_url")
        door.uses += 1
        body = await request.json()
        if fault := self._unfit(body):
            return web.Response(status=400, text=fault)
        replaces = door.ts if body.get("replace_original") is True else ""
        whisper = not replaces and body.get("response_type") != "in_channel"
        content = {**body, "channel": door.channel}
        more = {"user": door.user, "ephemeral": whisper, "replaces": replaces, "thread": body.get("thread_ts", "")}
        await self._keep("response_url", content, **more)
        return web.Response(text="ok")

    def _unfit(self, arguments: dict[str, Any]) -> str:
        """Which limit of a message these arguments break."""
        text, blocks = arguments.get("text", ""), _blocks(arguments)
        if not text or len(text) > LARGEST_TEXT:
            return "no_text" if not text else "msg_too_long"
        return "invalid_blocks" if faults(blocks, most=50) else ""

    def _unreachable(self, channel: str) -> str:
        if channel in self.archived:
            return "is_archived"
        if channel.startswith("C") and channel not in self.members:
            return "not_in_channel"
        return "" if channel[:1] in {"C", "D", "U"} else "channel_not_found"

    async def _keep(self, method: str, arguments: dict[str, Any], *, ts: str = "", **more: Any) -> Posted:
        channel = arguments.get("channel", "")
        posted = Posted(method, channel, ts or payloads.fresh_ts(), arguments["text"], _blocks(arguments), **more)
        async with self.news:
            self.sent.append(posted)
            self.news.notify_all()
        return posted


_METHODS: dict[str, Callable[[Workspace, dict[str, Any]], Awaitable[web.Response]]] = {
    "auth.test": Workspace._auth_test,
    "bots.info": Workspace._bots_info,
    "users.info": Workspace._users_info,
    "chat.postMessage": Workspace._post_message,
    "chat.postEphemeral": Workspace._post_ephemeral,
    "chat.update": Workspace._update,
    "views.publish": Workspace._publish,
    "usergroups.users.list": Workspace._group_users,
    "files.info": Workspace._file_info,
    "views.open": Workspace._open_view,
    "conversations.open": Workspace._open_conversation,
    "chat.getPermalink": Workspace._permalink,
    "apps.connections.open": Workspace._open_socket,
}


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        read: dict[str, Any] = await request.json()
        return read
    return {name: str(value) for name, value in {**request.query, **await request.post()}.items()}


def _blocks(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = arguments.get("blocks") or []
    return json.loads(blocks) if isinstance(blocks, str) else blocks


def _options(element: dict[str, Any]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = element.get("options", [element])
    return options


def _ok(**values: Any) -> web.Response:
    return web.json_response({"ok": True, **values})


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


def _failed(fault: Fault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)
