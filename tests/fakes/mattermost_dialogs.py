"""Dialogs of the fake Mattermost: opened by a trigger within three seconds, and judged as the server judges them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.mattermost_callbacks import Callbacks
from tests.fakes.mattermost_state import Json, Refusal

TRIGGER_SECONDS = 3.0
LONGEST = {"text": 150, "textarea": 3000, "select": 3000, "bool": 150}  # bytes, as the server counts


@dataclass
class Dialog:
    """A dialog on somebody's screen, filled in as it was opened."""

    user: str
    channel: str
    url: str
    shown: Json

    def element(self, name: str) -> Json:
        return next(one for one in self.shown["elements"] if one["name"] == name)


class Dialogs(Callbacks):
    """`dialogs` are those that were opened, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.dialogs: list[Dialog] = []

    def open_dialog(self, body: Json) -> None:
        at, user, channel = self.triggers.pop(str(body.get("trigger_id")), (0.0, "", ""))
        if not user or time.monotonic() - at > TRIGGER_SECONDS:
            raise Refusal(400, "interactive_message.decode_trigger_id.expired")
        dialog = body.get("dialog") or {}
        if not body.get("url") or list(faults(dialog)):
            raise Refusal(400, "app.submit_interactive_dialog.json_error")
        self.dialogs.append(Dialog(user, channel, body["url"], dialog))

    async def submit(self, dialog: Dialog, *, user: str = "", state: str | None = None, **typed: Any) -> Json:
        """Submit a dialog with what is typed beside what it was opened with; the bot's response, with its errors."""
        filled = {one["name"]: _initial(one) for one in dialog.shown["elements"]} | typed
        missing = [one["name"] for one in dialog.shown["elements"] if not one["optional"] and not filled[one["name"]]]
        if missing:
            raise Refusal(0, f"the client asks for {missing}")
        payload = {
            "type": "dialog_submission",
            "callback_id": dialog.shown["callback_id"],
            "state": dialog.shown["state"] if state is None else state,
            "user_id": user or dialog.user,
            "channel_id": dialog.channel,
            "team_id": self.channels[dialog.channel]["team_id"],
            "submission": filled,
            "cancelled": False,
        }
        error = "app.submit_interactive_dialog.json_error"
        status, body = await self.call(dialog.url, error, json=payload)
        if status != 200:
            raise Refusal(400, error)
        response: Json = json.loads(body) if body else {}
        return response


def faults(dialog: Json) -> Iterator[str]:
    """What the server refuses a dialog for."""
    if not 0 < _bytes(dialog.get("title", "")) <= 24:
        yield "title"
    names = [one.get("name", "") for one in dialog.get("elements", [])]
    if len(set(names)) < len(names):
        yield "two elements of one name"
    for one in dialog.get("elements", []):
        longest = LONGEST.get(one.get("type", ""), -1)
        sizes = {"display_name": 24, "name": 300, "help_text": 150, "default": longest, "placeholder": longest}
        yield from (f"{one['name']}.{name}" for name, size in sizes.items() if _bytes(one.get(name, "")) > size)
        if not one.get("display_name") or not one.get("name"):
            yield "an element without a name"
        known = ["", *(option["value"] for option in one.get("options", []))]
        if one["type"] == "select" and one.get("default", "") not in known:
            yield f"{one['name']}: its default is no option"
        if one["type"] == "bool" and one.get("default", "") not in {"", "true", "false"}:
            yield f"{one['name']}: its default is no tick"


def _bytes(text: str) -> int:
    return len(text.encode())


def _initial(element: Json) -> Any:
    if element["type"] == "bool":
        return element.get("default") == "true"
    return element.get("default") or (None if element["type"] == "select" else "")
