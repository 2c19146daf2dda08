"""Slack's payloads as `Incoming`: pure functions, None for what the bot isn't concerned by."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from bot.chat.slack_text import mentioned, read
from bot.core.actions import Action, decode, leads_on
from bot.core.errors import ActionError
from bot.core.forms import Form
from bot.core.messages import Address, Incoming, Kind

LOG = logging.getLogger(__name__)

PLATFORM = "slack"

Payload = Mapping[str, Any]

# A message of these sorts is a person speaking; all others are edits, deletions, joins, bots and notices.
_SPOKEN = frozenset({"", "file_share", "me_message", "thread_broadcast"})


def from_event(body: Payload, bot_user: str, *, follow_threads: bool = False) -> Incoming | None:
    """An event of the Events API, through HTTP or Socket Mode."""
    event = body.get("event") or {}
    match event.get("type"):
        case "app_mention":
            return _mention(body, event, bot_user)
        case "message" if event.get("channel_type") == "im":
            return _direct(body, event, bot_user)
        case "message" if follow_threads:
            return _follow_up(body, event, bot_user)
        case "app_home_opened" if event.get("tab") == "home":
            return Incoming(_event_key(body), Kind.HOME, _address(body, event, direct=True))
    return None


def from_command(body: Payload) -> Incoming:
    """A slash command. Its answer goes to `response_url`: the bot needn't be where the command was typed."""
    channel = str(body.get("channel_id", ""))
    address = Address(
        PLATFORM, text_of(body, "team_id"), channel, user=text_of(body, "user_id"), direct=channel.startswith("D")
    )
    return Incoming(
        key=f"slack:command:{text_of(body, 'trigger_id')}",
        kind=Kind.COMMAND,
        address=address,
        text=read(text_of(body, "text")),
        command=text_of(body, "command"),
        reply_url=text_of(body, "response_url"),
    )


def from_press(body: Payload) -> Incoming | None:
    """A button or a menu. `message` stays empty where nothing can be done with it later: ephemeral, or the App Home."""
    pressed: Payload = next(iter(body.get("actions") or ()), {})
    try:
        action = decode(_pressed(pressed))
    except ActionError:
        LOG.warning("ignored a button that this bot never made", extra={"action_id": text_of(pressed, "action_id")})
        return None
    container = body.get("container") or {}
    lasting = container.get("type") == "message" and not container.get("is_ephemeral")
    return Incoming(
        key=_press_key(body, container, pressed, action),
        kind=Kind.PRESS,
        address=_pressed_at(body, container, lasting=lasting),
        message=text_of(container, "message_ts") if lasting else "",
        action=action,
        reply_url=text_of(body, "response_url"),
    )


def from_submission(body: Payload, form: Form, report: int) -> Incoming:
    """A report's form, filled in. Whoever did so is answered in a direct message."""
    view, user = body.get("view") or {}, body.get("user") or {}
    team = text_of(user, "team_id") or text_of(body.get("team") or {}, "id")
    key = f"slack:form:{text_of(view, 'id')}:{text_of(view, 'hash')}"
    address = Address(PLATFORM, team, user=text_of(user, "id"), direct=True)
    return Incoming(key, Kind.FORM, address, form=form, report=report)


def _mention(body: Payload, event: Payload, bot_user: str) -> Incoming | None:
    if not _spoken(event, bot_user):
        return None
    direct = event.get("channel_type") == "im"
    thread = text_of(event, "thread_ts") or ("" if direct else text_of(event, "ts"))
    return _question(body, event, bot_user, _address(body, event, thread=thread, direct=direct))


def _direct(body: Payload, event: Payload, bot_user: str) -> Incoming | None:
    if not _spoken(event, bot_user):
        return None
    return _question(body, event, bot_user, _address(body, event, thread=text_of(event, "thread_ts"), direct=True))


def _follow_up(body: Payload, event: Payload, bot_user: str) -> Incoming | None:
    """A reply in a thread, to nobody by name: one that mentions the bot comes as an event of its own."""
    thread = text_of(event, "thread_ts")
    own_reply = thread and thread != text_of(event, "ts")
    if not own_reply or not _spoken(event, bot_user) or mentioned(text_of(event, "text")):
        return None
    return _question(body, event, bot_user, _address(body, event, thread=thread), Kind.FOLLOW_UP)


def _spoken(event: Payload, bot_user: str) -> bool:
    """Whether a person said this just now, and not a bot, an edit or the bot itself."""
    by_person = (
        text_of(event, "user") not in {"", bot_user} and not event.get("bot_id") and not event.get("bot_profile")
    )
    return by_person and text_of(event, "subtype") in _SPOKEN and not event.get("hidden") and not event.get("edited")


def _question(body: Payload, event: Payload, bot_user: str, address: Address, kind: Kind = Kind.QUESTION) -> Incoming:
    ts = text_of(event, "ts")
    return Incoming(
        key=_event_key(body),
        kind=kind,
        address=address,
        message=ts,
        text=read(text_of(event, "text"), bot_user),
        second_key=f"slack:{text_of(body, 'team_id')}:{address.channel}:{ts}",
    )


def _address(body: Payload, event: Payload, *, thread: str = "", direct: bool = False) -> Address:
    """Where the event happened; the team is its author's, which differs from the bot's in a shared channel."""
    team = text_of(event, "user_team") or text_of(event, "team") or text_of(body, "team_id")
    return Address(PLATFORM, team, text_of(event, "channel"), thread, text_of(event, "user"), direct)


def _pressed_at(body: Payload, container: Payload, *, lasting: bool) -> Address:
    user = body.get("user") or {}
    channel = text_of(body.get("channel") or container, "id") or text_of(container, "channel_id")
    direct = not channel or channel.startswith("D")
    thread = text_of(container, "thread_ts") or text_of(body.get("message") or {}, "thread_ts")
    if lasting and not direct:  # what is said about a channel's message belongs into its thread
        thread = thread or text_of(container, "message_ts")
    team = text_of(user, "team_id") or text_of(body.get("team") or {}, "id")
    return Address(PLATFORM, team, channel, thread, text_of(user, "id"), direct)


def _press_key(body: Payload, container: Payload, pressed: Payload, action: Action) -> str:
    """What a person decides counts once for each message; what leads on may be pressed again, at another time."""
    where = text_of(container, "message_ts") or text_of(container, "view_id")
    again = text_of(pressed, "action_ts") if leads_on(action) else ""
    channel, user = text_of(container, "channel_id"), text_of(body.get("user") or {}, "id")
    return ":".join(["slack", "press", channel, where, _pressed(pressed), user, again])


def _pressed(pressed: Payload) -> str:
    """The value of a button, or of what was picked in a menu."""
    return text_of(pressed.get("selected_option") or pressed, "value")


def _event_key(body: Payload) -> str:
    """The event's own id, which Slack has always given; without one, what else tells events apart."""
    event = body.get("event") or {}
    said = ":".join(text_of(event, name) for name in ("channel", "user", "event_ts", "ts"))
    return f"slack:event:{text_of(body, 'event_id') or said}"


def text_of(values: Payload, name: str) -> str:
    """A value that should be text; payloads come from outside, so anything else is no value."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
