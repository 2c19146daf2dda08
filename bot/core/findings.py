"""What an examination of the bot's surroundings finds: good, bad, or not set up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    OFF = "off"  # not set up: nothing is wrong, something is missing to whoever wants it
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` is what is so and what that means, `mend` what to do about it. Neither bears a secret."""

    level: Level
    said: str
    mend: str = ""


Check = Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Examined:
    """An area, such as the database, and what was found there."""

    area: str
    findings: tuple[Finding, ...]


def ok(said: str) -> Finding:
    return Finding(Level.OK, said)


def off(said: str, mend: str) -> Finding:
    return Finding(Level.OFF, said, mend)


def warning(said: str, mend: str) -> Finding:
    return Finding(Level.WARNING, said, mend)


def wrong(said: str, mend: str) -> Finding:
    return Finding(Level.WRONG, said, mend)
