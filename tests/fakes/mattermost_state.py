"""What the fake Mattermost keeps: people, teams, channels, posts, and the connections that are told of them."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

LARGEST_MESSAGE = 16_383
REPLAYED = 128
PENDING_SECONDS = 30.0

Json = dict[str, Any]


def mid(name: str) -> str:
    """An id as Mattermost's are: 26 letters and digits."""
    return (re.sub(r"[^a-z0-9]", "", name.lower()) + "0" * 26)[:26]


BOT, ANNE, PAUL, GUEST = mid("guidebot"), mid("anne"), mid("paul"), mid("guest")
TEAM, OTHER_TEAM = mid("teamhome"), mid("teamother")
LAB, DISC, CLOSED, TRIO = mid("chlab"), mid("chdisc"), mid("chclosed"), mid("chtrio")
BOT_TOKEN = "fake-bot-token-0123456789"


class Refusal(Exception):  # noqa: N818 - what the server answers, no fault of the fake
    """An error as Mattermost words it."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


@dataclass
class Connection:
    """One WebSocket connection of somebody, with the last events that it was sent."""

    id: str
    user: str
    socket: web.WebSocketResponse | None = None
    seq: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAYED))

    async def send(self, event: str, data: Json, broadcast: Json | None = None) -> None:
        message = {"event": event, "data": data, "broadcast": broadcast or {}, "seq": self.seq}
        self.seq += 1
        self.sent.append(message)
        await self.push(message)

    async def push(self, message: Json) -> None:
        if self.socket is not None and not self.socket.closed:
            try:
                await self.socket.send_json(message)
            except (ConnectionError, RuntimeError):
                self.socket = None

    def lacks(self, number: int) -> bool:
        """Whether events from that number on are no longer there to be sent again."""
        return number > self.seq or (number < self.seq and (not self.sent or self.sent[0]["seq"] > number))


@dataclass
class Said:
    """Something that the bot has said: a post, an edit, or what only one person sees."""

    how: str
    channel: str
    text: str
    id: str
    root: str = ""
    user: str = ""  # who alone sees it
    author: str = BOT
    attachments: list[Json] = field(default_factory=list)

    @property
    def actions(self) -> Iterator[Json]:
        return (action for attachment in self.attachments for action in attachment.get("actions", []))

    @property
    def labels(self) -> list[str]:
        return [action["name"] for action in self.actions]

    def action(self, label: str) -> Json:
        return next(action for action in self.actions if action["name"] == label)


class State:
    """One server with a team, a few people and channels. `said` is all that the bot has said, in order."""

    def __init__(self) -> None:
        self.users = {user: _user(user, name) for user, name in ((ANNE, "anne"), (PAUL, "paul"), (GUEST, "gust"))}
        self.users[GUEST]["roles"] = "system_guest"
        self.users[BOT] = _user(BOT, "guidebot") | {"is_bot": True, "bot_description": ""}
        self.tokens = {BOT_TOKEN: BOT, **{f"token-{name}": mid(name) for name in ("anne", "paul", "guest")}}
        self.teams = {TEAM: _team(TEAM, "home"), OTHER_TEAM: _team(OTHER_TEAM, "other")}
        self.team_members = {TEAM: {BOT, ANNE, PAUL, GUEST}, OTHER_TEAM: {ANNE}}
        self.channels: dict[str, Json] = {}
        self.members: dict[str, set[str]] = {}
        for channel, kind, members in (
            (LAB, "O", {BOT, ANNE, PAUL}),
            (DISC, "P", {BOT, PAUL}),
            (CLOSED, "P", {ANNE, PAUL}),
            (TRIO, "G", {BOT, ANNE, PAUL}),
        ):
            self.add_channel(channel, kind, members)
        self.posts: dict[str, Json] = {}
        self.files: dict[str, bytes] = {}
        self.pending: dict[str, tuple[float, str]] = {}
        self.connections: dict[str, Connection] = {}
        self.said: list[Said] = []
        self.news = asyncio.Condition()
        self.numbers = itertools.count(1)
        self.has_priorities = True
        self.file_names: dict[str, str] = {}
        self._clock = 0

    def add_channel(self, channel: str, kind: str, members: set[str], name: str = "") -> Json:
        team = TEAM if kind in {"O", "P"} else ""
        values = {"id": channel, "type": kind, "team_id": team, "name": name or channel, "display_name": name}
        times = {"create_at": 1, "update_at": 1, "delete_at": 0, "last_post_at": 0, "total_msg_count": 0}
        self.channels[channel] = {
            **values,
            **times,
            "header": "",
            "purpose": "",
            "creator_id": "",
            "extra_update_at": 0,
        }
        self.members[channel] = members
        return self.channels[channel]

    def direct(self, one: str, other: str) -> str:
        name = "__".join(sorted((one, other)))
        found = next((channel["id"] for channel in self.channels.values() if channel["name"] == name), None)
        return found or str(self.add_channel(self.new_id("dm"), "D", {one, other}, name)["id"])

    def new_id(self, kind: str) -> str:
        return mid(f"{kind}x{next(self.numbers)}x")

    def now(self) -> int:
        """The server's time in milliseconds, which never stands still."""
        self._clock = max(self._clock + 1, int(time.time() * 1000))
        return self._clock

    async def create_post(self, author: str, post: Json) -> Json:
        """Keep a post and tell everybody in the channel; refuse what Mattermost refuses."""
        if earlier := self._earlier(author, post):
            return earlier
        self._check(author, post)
        self._check_priority(post)
        at = self.now()
        made = _post(self.new_id("post"), author, at) | {
            name: post[name] for name in ("channel_id", "message", "root_id", "props", "type") if post.get(name)
        }
        if self.users[author].get("is_bot"):
            made["props"] = {**made["props"], "from_bot": "true"}
        if files := post.get("file_ids"):
            infos = [{"id": one, "name": self.file_names[one], "size": len(self.files[one])} for one in files]
            made |= {"file_ids": files, "metadata": {"files": infos}}
        if priority := (post.get("metadata") or {}).get("priority"):
            made["metadata"] = {"priority": priority}
        self.posts[made["id"]] = made
        self.pending[post.get("pending_post_id") or made["id"]] = (time.monotonic(), made["id"])
        self.channels[made["channel_id"]]["last_post_at"] = at
        if author == BOT:
            await self.note(Said("post", **said_in(made)))
        await self.tell_posted(made)
        return made | {"pending_post_id": post.get("pending_post_id", "")}

    async def tell_posted(self, post: Json) -> None:
        channel = self.channels[post["channel_id"]]
        named = [user for user, known in self.users.items() if f"@{known['username']}" in post["message"]]
        data = {
            "channel_display_name": channel["display_name"],
            "channel_name": channel["name"],
            "channel_type": channel["type"],
            "post": json.dumps(shown(post)),
            "sender_name": "@" + self.users[post["user_id"]]["username"],
            "set_online": True,
            "team_id": channel["team_id"],
            **({"mentions": json.dumps(named)} if named else {}),
        }
        await self.tell(self.members[channel["id"]], "posted", data, {"channel_id": channel["id"]})

    async def edit_post(self, post: Json, change: Json) -> Json:
        self._check(post["user_id"], {**post, **change, "root_id": ""})
        post.update({name: change[name] for name in ("message", "props") if name in change})
        post["update_at"] = post["edit_at"] = self.now()
        if post["user_id"] == BOT:
            await self.note(Said("edit", **said_in(post)))
        await self.tell(self.members[post["channel_id"]], "post_edited", {"post": json.dumps(shown(post))})
        return post

    async def whisper(self, user: str, words: Json, how: str) -> None:
        """Show something to one person alone: an ephemeral post, of which the server keeps nothing."""
        self._check_content(words["message"] or "…", (words.get("props") or {}).get("attachments", []))
        post = _post(self.new_id("eph"), user, self.now()) | words | {"type": "system_ephemeral"}
        await self.note(Said(how, **said_in(post) | {"user": user}))
        await self.tell({user}, "ephemeral_message", {"post": json.dumps(shown(post))})

    async def tell(self, users: set[str], event: str, data: Json, broadcast: Json | None = None) -> None:
        for connection in [one for one in self.connections.values() if one.user in users]:
            await connection.send(event, data, broadcast)

    async def note(self, said: Said) -> None:
        async with self.news:
            self.said.append(said)
            self.news.notify_all()

    def _earlier(self, author: str, post: Json) -> Json | None:
        at, known = self.pending.get(post.get("pending_post_id", ""), (0.0, ""))
        fresh = known and time.monotonic() - at < PENDING_SECONDS
        return self.posts[known] if fresh and self.posts[known]["user_id"] == author else None

    def _check(self, author: str, post: Json) -> None:
        channel = post.get("channel_id", "")
        if author not in self.members.get(channel, set()):
            raise Refusal(403, "api.context.permissions.app_error")
        if root := post.get("root_id"):
            known = self.posts.get(root)
            if not known or known["root_id"] or known["channel_id"] != channel:
                raise Refusal(400, "api.post.create_post.root_id.app_error")
        words = post.get("message") or ("…" if post.get("file_ids") else "")
        self._check_content(words, (post.get("props") or {}).get("attachments", []))

    def _check_priority(self, post: Json) -> None:
        if "priority" not in (post.get("metadata") or {}):
            return
        if not self.has_priorities:
            raise Refusal(403, "api.post.post_priority.priority_post_not_allowed_for_user.request_error")
        if post.get("root_id"):
            raise Refusal(400, "api.post.post_priority.priority_post_only_allowed_for_root_post.request_error")

    @staticmethod
    def _check_content(text: str, attachments: list[Json]) -> None:
        if len(text) > LARGEST_MESSAGE or not (text or attachments):
            raise Refusal(400, "model.post.is_valid.message_length.app_error")
        for action in (action for attachment in attachments for action in attachment.get("actions", [])):
            options = action.get("options", [])
            whole = action.get("name") and action.get("integration", {}).get("url") and len(options) <= 1000
            known = action.get("type") in {"button", "select"} and bool(options) == (action["type"] == "select")
            if not (whole and known and re.fullmatch(r"[A-Za-z0-9]+", action.get("id", ""))):
                raise Refusal(400, "model.post.is_valid.props.app_error")


def shown(post: Json) -> Json:
    """A post as clients see it: what its buttons bear stays on the server."""
    copy = deepcopy(post)
    for attachment in (copy.get("props") or {}).get("attachments", []):
        for action in attachment.get("actions", []):
            action.pop("integration", None)
    return copy


def said_in(post: Json) -> Json:
    attachments = (post.get("props") or {}).get("attachments", [])
    values = {"channel": post["channel_id"], "text": post["message"], "id": post["id"], "root": post["root_id"]}
    return values | {"attachments": attachments, "author": post["user_id"]}


def _post(post: str, author: str, at: int) -> Json:
    times = {"create_at": at, "update_at": at, "edit_at": 0, "delete_at": 0}
    words = {"message": "", "type": "", "hashtags": "", "root_id": "", "original_id": "", "pending_post_id": ""}
    return {"id": post, "user_id": author, "channel_id": "", **times, **words, "props": {}, "is_pinned": False}


def _user(user: str, name: str) -> Json:
    values = {"id": user, "username": name, "roles": "system_user", "locale": "fr", "email": f"{name}@lab.example"}
    return {**values, "create_at": 1, "update_at": 1, "delete_at": 0, "first_name": "", "last_name": "", "nickname": ""}


def _team(team: str, name: str) -> Json:
    values = {"id": team, "name": name, "display_name": name.title(), "type": "O", "email": "", "description": ""}
    return {**values, "create_at": 1, "update_at": 1, "delete_at": 0, "allow_open_invite": False}
