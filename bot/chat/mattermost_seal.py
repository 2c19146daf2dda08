"""Buttons that only this bot can have made: Mattermost signs no callback, but keeps what a button bears to itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.actions import Action, decode, encode
from bot.core.errors import ActionError

BUTTON_DAYS = 90
FORM_HOURS = 24

_SEALED = ("actions", "channel", "thread", "user", "direct", "until")
_SEALED_FORM = ("channel", "user", "direct", "report", "language", "until", "once")


class StaleActionError(ActionError):
    """A button of ours that is too old."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its buttons work nowhere else. With a `user`, nobody else sees it or may press them."""

    channel: str
    thread: str = ""
    user: str = ""
    direct: bool = False  # between one person and the bot alone


@dataclass(frozen=True, slots=True)
class Opened:
    """What a press was about."""

    action: Action
    place: Place


@dataclass(frozen=True, slots=True)
class OpenedForm:
    """Whose form was submitted, where it was asked for, which draft it changes (0: none); `once` names this dialog."""

    place: Place
    report: int
    language: str
    once: str


class Seal:
    """Makes the `integration` of buttons and menus, and opens what comes back."""

    def __init__(self, key: bytes, callback_url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.new(key, b"mattermost buttons", hashlib.sha256).digest()
        self._url = callback_url.rstrip("/") + "/mattermost/action"
        self._form_url = callback_url.rstrip("/") + "/mattermost/dialog"
        self._clock = clock

    def bind(self, place: Place, actions: Sequence[Action]) -> dict[str, Any]:
        """One action for a button; for a menu those of its options, in their order."""
        context: dict[str, Any] = {
            "actions": [encode(action) for action in actions],
            "channel": place.channel,
            "thread": place.thread,
            "user": place.user,
            "direct": place.direct,
            "until": int(self._clock()) + BUTTON_DAYS * 86_400,
        }
        return {"url": self._url, "context": {**context, "seal": self._sign(context)}}

    def open(self, context: Mapping[str, Any], *, channel: str, user: str) -> Opened:
        """What was pressed there by that person; raise StaleActionError if it is too old, else ActionError."""
        sealed = {name: context.get(name) for name in _SEALED}
        if not hmac.compare_digest(self._sign(sealed).encode(), str(context.get("seal")).encode(errors="replace")):
            raise ActionError("a button that this bot never made")
        place = Place(str(sealed["channel"]), str(sealed["thread"]), str(sealed["user"]), sealed["direct"] is True)
        if place.channel != channel or place.user not in {"", user}:
            raise ActionError("a button that belongs elsewhere")
        if self._clock() > int(str(sealed["until"])):
            raise StaleActionError("a button that is too old")
        return Opened(decode(_picked(context, sealed["actions"])), place)

    def form(self, place: Place, report: int, language: str) -> tuple[str, str]:
        """The `url` and the `state` of a dialog for one person: both are in their client's hands."""
        state: dict[str, Any] = {
            "channel": place.channel,
            "user": place.user,
            "direct": place.direct,
            "report": report,
            "language": language,
            "until": int(self._clock()) + FORM_HOURS * 3600,
            "once": secrets.token_hex(8),
        }
        return self._form_url, json.dumps({**state, "seal": self._sign({"form": state})})

    def open_form(self, state: str, *, user: str) -> OpenedForm:
        """Whose dialog that state was made for; raise StaleActionError if it is too old, else ActionError."""
        try:
            given = json.loads(state)
        except (ValueError, RecursionError):
            raise ActionError("a form that this bot never made") from None
        sealed = {name: given.get(name) for name in _SEALED_FORM} if isinstance(given, dict) else {}
        seal = str(given.get("seal")) if sealed else ""
        if not hmac.compare_digest(self._sign({"form": sealed}).encode(), seal.encode(errors="replace")):
            raise ActionError("a form that this bot never made")
        if sealed["user"] != user:
            raise ActionError("a form that was made for somebody else")
        if self._clock() > int(str(sealed["until"])):
            raise StaleActionError("a form that is too old")
        place = Place(str(sealed["channel"]), user=user, direct=sealed["direct"] is True)
        return OpenedForm(place, int(str(sealed["report"])), str(sealed["language"]), str(sealed["once"]))

    def _sign(self, context: Mapping[str, Any]) -> str:
        signed = json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()


def _picked(context: Mapping[str, Any], actions: Any) -> str:
    """The action of a button, or of the menu's option whose number the client sent."""
    number = str(context.get("selected_option", "0"))
    if not isinstance(actions, list) or not number.isdecimal() or int(number[:6]) >= len(actions):
        raise ActionError("an option that was never offered")
    return str(actions[int(number[:6])])
