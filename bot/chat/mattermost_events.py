"""Mattermost's payloads as `Incoming`: pure functions, None for what the bot isn't concerned by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.chat.mattermost_seal import Opened, OpenedForm
from bot.chat.mattermost_text import addressed, read
from bot.core.actions import encode, leads_on
from bot.core.forms import Form, Upload
from bot.core.messages import Address, Incoming, Kind

PLATFORM = "mattermost"
DIRECT, GROUP = "D", "G"

Payload = Mapping[str, Any]

_SPOKEN = frozenset({"", "me"})  # the types of posts that are people speaking; all others are notices and cards
_AUTOMATIC = ("from_bot", "from_webhook", "from_plugin", "from_oauth_app")


@dataclass(frozen=True, slots=True)
class Self:
    """The bot's own account."""

    id: str = ""
    name: str = ""


def from_posted(event: Payload, bot: Self) -> Incoming | None:
    """The `posted` event of the WebSocket, in which the post is JSON inside a string."""
    data = event.get("data") or {}
    return from_post(posted(event), _text(data, "channel_type"), bot)


def posted(event: Payload) -> Payload:
    """The post of a `posted` event, empty where it can't be read."""
    try:
        post = json.loads(_text(event.get("data") or {}, "post"))
    except ValueError:
        return {}
    return post if isinstance(post, dict) else {}


def from_post(post: Payload, channel_type: str, bot: Self) -> Incoming | None:
    """A post that may be for the bot; `channel_type` is D for direct, G for group messages, O and P for channels.

    The team stays empty: a person has one id on the whole server, and channels do too.
    """
    if not _spoken(post, bot):
        return None
    words, root = _text(post, "message"), _text(post, "root_id")
    names = addressed(words)
    kind = Kind.QUESTION
    if channel_type != DIRECT and bot.name.lower() not in names:
        if names or not (root or channel_type == GROUP):
            return None
        kind = Kind.FOLLOW_UP if root else Kind.QUESTION
    direct = channel_type == DIRECT
    thread = root or ("" if direct else _text(post, "id"))
    return Incoming(
        key=f"mattermost:post:{_text(post, 'id')}",
        kind=kind,
        address=Address(PLATFORM, "", _text(post, "channel_id"), thread, _text(post, "user_id"), direct),
        message=_text(post, "id"),
        text=read(words, bot.name),
        files=_files(post),
    )


def from_command(form: Payload, bot: Self, reply_url: str) -> Incoming:
    """A slash command; `reply_url` is its response_url as the bot reaches it, which no two commands share."""
    user = _text(form, "user_id")
    direct = _text(form, "channel_name") in {f"{bot.id}__{user}", f"{user}__{bot.id}"}
    once = _text(form, "response_url") or _text(form, "trigger_id")
    return Incoming(
        key=f"mattermost:command:{hashlib.sha256(once.encode(errors='replace')).hexdigest()}",
        kind=Kind.COMMAND,
        address=Address(PLATFORM, "", _text(form, "channel_id"), _text(form, "root_id"), user, direct),
        text=read(_text(form, "text"), bot.name),
        command=_text(form, "command"),
        reply_url=reply_url,
    )


def from_press(payload: Payload, opened: Opened) -> Incoming:
    """A button or a menu. `message` stays empty where it stands in an ephemeral post, which nothing can change."""
    place, post = opened.place, _text(payload, "post_id")
    thread = place.thread or ("" if place.direct or place.user else post)
    return Incoming(
        key=_press_key(payload, opened),
        kind=Kind.PRESS,
        address=Address(PLATFORM, "", place.channel, thread, _text(payload, "user_id"), place.direct),
        message="" if place.user else post,
        action=opened.action,
    )


def from_submission(sealed: OpenedForm, form: Form) -> Incoming:
    """A filled-in form, which a dialog gives once."""
    place = sealed.place
    return Incoming(
        key=f"mattermost:form:{sealed.once}",
        kind=Kind.FORM,
        address=Address(PLATFORM, "", place.channel, "", place.user, place.direct),
        form=form,
        report=sealed.report,
    )


def _files(post: Payload) -> tuple[Upload, ...]:
    """The files of a post; what is known of them stands beside their ids, mostly."""
    metadata = post.get("metadata")
    infos = metadata.get("files") if isinstance(metadata, dict) else None
    known = {_text(info, "id"): info for info in infos or () if isinstance(info, dict)}
    ids = [one for one in post.get("file_ids") or () if isinstance(one, str)]
    return tuple(Upload(_text(known.get(one, {}), "name") or one, one, _size(known.get(one, {}))) for one in ids)


def _size(info: Payload) -> int:
    size = info.get("size")
    return size if isinstance(size, int) else 0


def _spoken(post: Payload, bot: Self) -> bool:
    """Whether a person said this, and not a bot, a webhook, the system or the bot itself."""
    props = post.get("props") or {}
    automatic = isinstance(props, dict) and any(str(props.get(name, "")).lower() == "true" for name in _AUTOMATIC)
    person = _text(post, "user_id") not in {"", bot.id}
    alive = bool(_text(post, "id")) and not post.get("delete_at") and not _text(post, "original_id")
    return person and alive and not automatic and _text(post, "type") in _SPOKEN


def _press_key(payload: Payload, opened: Opened) -> str:
    """What a person decides counts once for each message; what leads on may be pressed again, at another time."""
    again = _text(payload, "trigger_id") if leads_on(opened.action) else ""
    said = [_text(payload, "post_id"), _text(payload, "user_id"), encode(opened.action), again]
    return "mattermost:press:" + hashlib.sha256("\n".join(said).encode(errors="replace")).hexdigest()


def _text(values: Payload, name: str) -> str:
    """A value that should be text; payloads come from outside, so anything else is no value."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
