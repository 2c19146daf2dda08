"""What people say to the bot: one frozen value, whatever the platform it came through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.actions import Action
from bot.core.forms import Form, Upload

REPORT_COMMANDS = {"/signaler": "fr", "/report": ""}  # and the language that their name tells, if it tells one


class Kind(StrEnum):
    QUESTION = "question"  # words addressed to the bot: mention, direct message, reply in its thread
    FOLLOW_UP = "follow-up"  # words in a thread that the bot spoke in, not addressed to it: answered to its asker only
    COMMAND = "command"  # /glossary, /contact, /guide …
    PRESS = "press"  # a button
    FORM = "form"  # a report's form was filled in
    HOME = "home"  # the page about the bot was opened


@dataclass(frozen=True, slots=True)
class Address:
    """Where something was said, and where an answer goes. `thread` is its root's id, empty outside threads."""

    platform: str
    team: str = ""
    channel: str = ""
    thread: str = ""
    user: str = ""
    direct: bool = False  # the channel is between the person and the bot alone


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event, as it is stored before it is acknowledged.

    `key` is unique for the event (event id, trigger id, message and action and user …); `second_key`, where there is
    one, is unique for the message itself, which a platform may deliver as two events. `message` is the id of the
    message said or, for a button, of the one that bears it. `reply_url` is a platform's short-lived way to answer.
    `form` is what was filled in, `report` the draft that it changes, 0 for a new one. `quoted` is the message that this
    one is a reply to, and `quoted_link` leads there, where somebody asks to report it. `files` were posted with
    it.
    """

    key: str
    kind: Kind
    address: Address
    message: str = ""
    text: str = ""
    command: str = ""
    action: Action | None = None
    reply_url: str = ""
    second_key: str = ""
    form: Form | None = None
    report: int = 0
    quoted: str = ""
    quoted_link: str = ""
    files: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the bot's that can be changed later: the channel that it stands in, and its id there."""

    address: Address
    message: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a platform tells about who speaks: a locale ("fr-FR", or nothing), and whether they are to be served.

    `name` and `mail` are what a report's mail says of its author; empty where the platform doesn't tell.
    """

    locale: str = ""
    welcome: bool = True
    name: str = ""
    mail: str = ""
