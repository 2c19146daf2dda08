"""Our values as JSON and back, and text as both databases accept it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from bot.core.actions import Action, decode, encode
from bot.core.alerts import Account, Author
from bot.core.answers import Part
from bot.core.errors import ActionError
from bot.core.mail import Mail
from bot.core.messages import Address, Incoming, Said
from bot.core.typed import Talk

UNREADABLE = (ValidationError, ActionError, KeyError)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INCOMING = TypeAdapter(Incoming)
_ADDRESS = TypeAdapter(Address)
_SAID = TypeAdapter(Said)
_MAIL = TypeAdapter(Mail)
_ACCOUNT = TypeAdapter(Account)
_AUTHOR = TypeAdapter(Author)
_TALK = TypeAdapter(Talk)
_PARTS: Mapping[str, TypeAdapter[Part]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Part)}


def clean(text: str) -> str:
    """The text with a replacement character for each NUL, which PostgreSQL refuses, and each lone surrogate."""
    return _UNSTORABLE.sub("\ufffd", text)


def clean_deeply(value: Any) -> Any:
    """A JSON value whose every text is clean, keys included."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(key): clean_deeply(item) for key, item in value.items()}
        case list() | tuple():
            return [clean_deeply(item) for item in value]
        case _:
            return value


def dump_incoming(incoming: Incoming) -> dict[str, Any]:
    return _with_action(_INCOMING.dump_python(incoming, mode="json"), incoming.action)


def load_incoming(stored: Mapping[str, Any]) -> Incoming:
    """The event that was dumped; raise one of UNREADABLE where another version of the bot wrote it otherwise."""
    return _INCOMING.validate_python(_with_decoded_action(stored))


def dump_address(address: Address) -> dict[str, Any]:
    dumped: dict[str, Any] = _ADDRESS.dump_python(address, mode="json")
    return dumped


def load_address(stored: Mapping[str, Any] | None) -> Address:
    """The address, or one without a platform where it was erased."""
    return _ADDRESS.validate_python(stored) if stored else Address(platform="")


def dump_said(said: Said | None) -> dict[str, Any] | None:
    return _SAID.dump_python(said, mode="json") if said else None


def load_said(stored: Mapping[str, Any] | None) -> Said | None:
    return _SAID.validate_python(stored) if stored else None


def dump_parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [_dump_part(part) for part in parts]


def load_parts(stored: Sequence[Mapping[str, Any]]) -> tuple[Part, ...]:
    """The parts that were dumped; raise one of UNREADABLE where another version of the bot wrote them otherwise."""
    return tuple(_load_part(part) for part in stored)


def dump_mail(mail: Mail) -> dict[str, Any]:
    dumped: dict[str, Any] = _MAIL.dump_python(mail, mode="json")
    return dumped


def load_mail(stored: Mapping[str, Any] | None) -> Mail | None:
    """The mail, or None where there is none; raise one of UNREADABLE where another version wrote it otherwise."""
    return _MAIL.validate_python(stored) if stored else None


def dump_account(account: Account) -> dict[str, Any]:
    dumped: dict[str, Any] = _ACCOUNT.dump_python(account, mode="json")
    return dumped


def load_account(stored: Mapping[str, Any]) -> Account:
    return _ACCOUNT.validate_python(stored)


def dump_author(author: Author) -> dict[str, Any]:
    dumped: dict[str, Any] = _AUTHOR.dump_python(author, mode="json")
    return dumped


def load_author(stored: Mapping[str, Any] | None) -> Author:
    """The author, or one of whom nothing is known where they were erased."""
    return _AUTHOR.validate_python(stored) if stored else Author("", Address(platform=""), "")


def dump_talk(talk: Talk) -> dict[str, Any]:
    dumped: dict[str, Any] = _TALK.dump_python(talk, mode="json")
    offered = [
        {**stored, "action": encode(option.action)}
        for stored, option in zip(dumped["options"], talk.options, strict=True)
    ]
    return dumped | {"options": offered}


def load_talk(stored: Mapping[str, Any]) -> Talk:
    """The talk that was dumped; raise one of UNREADABLE where another version of the bot wrote it otherwise."""
    return _TALK.validate_python({**stored, "options": [_with_decoded_action(one) for one in stored["options"]]})


def _dump_part(part: Part) -> dict[str, Any]:
    kind = type(part).__name__
    values = _PARTS[kind].dump_python(part, mode="json")
    return {"part": kind, **_with_action(values, getattr(part, "action", None))}


def _load_part(stored: Mapping[str, Any]) -> Part:
    values = {name: value for name, value in stored.items() if name != "part"}
    return _PARTS[stored["part"]].validate_python(_with_decoded_action(values))


def _with_action(values: dict[str, Any], action: Action | None) -> dict[str, Any]:
    return values | {"action": encode(action)} if action else values


def _with_decoded_action(values: Mapping[str, Any]) -> dict[str, Any]:
    action = values.get("action")
    return {**values, "action": decode(action)} if action else dict(values)
