"""Payloads as Slack sends them, with ids that never repeat."""

from __future__ import annotations

import itertools
import time
from typing import Any

TEAM, BOT_USER, BOT_ID, APP = "T0HOME", "U0GUIDE", "B0GUIDE", "A0GUIDE"
_NUMBERS = itertools.count(1)


def fresh_ts() -> str:
    return f"{int(time.time())}.{next(_NUMBERS):06d}"


def event(inner: dict[str, Any], **outer: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": APP,
        "event_id": f"Ev{next(_NUMBERS):08d}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "enterprise_id": None}],
        "event": inner,
        **outer,
    }


def mention(words: str, *, user: str = "U0ANNE", channel: str = "C0LAB", **more: Any) -> dict[str, Any]:
    spoken = {"user": user, "text": f"<@{BOT_USER}> {words}", "ts": fresh_ts(), "channel": channel, "team": TEAM}
    return event({"type": "app_mention", **spoken, **more})


def direct(words: str, *, user: str = "U0ANNE", channel: str = "D0ANNE", **more: Any) -> dict[str, Any]:
    return said(words, user=user, channel=channel, channel_type="im", **more)


def said(words: str, *, user: str = "U0ANNE", channel: str = "C0LAB", **more: Any) -> dict[str, Any]:
    spoken = {"user": user, "text": words, "ts": fresh_ts(), "channel": channel, "team": TEAM}
    return event({"type": "message", "channel_type": "channel", **spoken, **more})


def home_opened(*, user: str = "U0ANNE", tab: str = "home") -> dict[str, Any]:
    return event({"type": "app_home_opened", "user": user, "channel": "D0ANNE", "tab": tab, "event_ts": fresh_ts()})


def command(name: str, words: str, *, user: str = "U0ANNE", channel: str = "C0LAB", **more: str) -> dict[str, Any]:
    return {
        "command": name,
        "text": words,
        "user_id": user,
        "user_name": "anne",
        "team_id": TEAM,
        "team_domain": "home",
        "channel_id": channel,
        "channel_name": "lab",
        "api_app_id": APP,
        "token": "old",
        "trigger_id": f"{next(_NUMBERS)}.1.abc",
        "response_url": "",
        **more,
    }


def press(posted: Any, button: dict[str, Any], *, user: str = "U0ANNE") -> dict[str, Any]:
    """A press on a button of something that the fake has seen posted."""
    view = posted.method == "views.publish"
    container: dict[str, Any] = {"type": "view", "view_id": posted.ts}
    if not view:
        container = {
            "type": "message",
            "message_ts": posted.ts,
            "channel_id": posted.channel,
            "is_ephemeral": posted.ephemeral,
            **({"thread_ts": posted.thread} if posted.thread else {}),
        }
    place = {} if view else {"channel": {"id": posted.channel, "name": "lab"}, "response_url": ""}
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "home"},
        "user": {"id": user, "team_id": TEAM, "username": "anne"},
        "api_app_id": APP,
        "trigger_id": f"{next(_NUMBERS)}.2.abc",
        "container": container,
        **place,
        "actions": [{"type": "button", **button, "action_ts": fresh_ts()}],
    }


def message_shortcut(callback: str, words: str, *, user: str = "U0ANNE", channel: str = "C0LAB") -> dict[str, Any]:
    """A shortcut on somebody's message."""
    return {
        "type": "message_action",
        "callback_id": callback,
        "team": {"id": TEAM, "domain": "home"},
        "user": {"id": user, "team_id": TEAM, "username": "anne"},
        "channel": {"id": channel, "name": "lab"},
        "message": {"type": "message", "user": "U0SOMEBODY", "ts": fresh_ts(), "text": words},
        "message_ts": fresh_ts(),
        "action_ts": fresh_ts(),
        "trigger_id": f"{next(_NUMBERS)}.3.abc",
        "response_url": "",
    }


def submission(view: dict[str, Any], *, user: str = "U0ANNE", **typed: Any) -> dict[str, Any]:
    """A modal as it was opened, sent with what was typed over it: texts, ticks, files, or what was picked."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            name, element = block["block_id"], block["element"]
            values[name] = {element["action_id"]: _state(element, typed.get(name))}
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "home"},
        "user": {"id": user, "team_id": TEAM, "username": "anne"},
        "api_app_id": APP,
        "view": {**view, "state": {"values": values}},
    }


def _state(element: dict[str, Any], typed: Any) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": (element.get("initial_value") if typed is None else typed) or None}
    if kind == "file_input":
        return {"type": kind, "files": typed or []}
    options = {option["value"]: option for option in element["options"]}
    if kind == "checkboxes":
        ticked = element.get("initial_options", []) if typed is None else [options[value] for value in typed]
        return {"type": kind, "selected_options": ticked}
    return {"type": kind, "selected_option": options[typed] if typed else element.get("initial_option")}
