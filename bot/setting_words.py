"""The settings in words: what is wrong with one, and the file that shows them all."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

HEAD = """\
# The settings of guidebot, each with its meaning and its default. Copy this file to .env and set what you need; the
# environment wins over .env. Nothing is needed to talk with the bot in a terminal. Instead of a secret the variable
# may be given with _FILE behind its name, and the path of a file that holds it. `guidebot settings` prints this file.
"""
_EXPECTED = {
    "int_parsing": "a whole number is expected",
    "bool_parsing": "yes or no is expected",
    "literal_error": "one of {expected} is expected",
    "greater_than_equal": "{ge} or more is expected",
    "less_than_equal": "{le} or less is expected",
    "too_short": "at least {min_length} characters are expected",
    "value_error": "{error}",
}


def complaint(found: ErrorDetails) -> str:
    """What is wrong with a setting, for the person who set it; never the value, which may be a secret."""
    words = _EXPECTED.get(found["type"])
    name = ".".join(str(step) for step in found["loc"]).upper()
    return f"{name}: {words.format(**found.get('ctx', {})) if words else found['msg']}"


def example(fields: dict[str, FieldInfo]) -> str:
    """The text of `.env.example`."""
    return "\n".join([HEAD, *(line for name, field in fields.items() for line in _lines(name, field))])


def _lines(name: str, field: FieldInfo) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(field.description or "", 117))
    yield f"#{name.upper()}={_shown(field.default)}\n"


def _shown(default: Any) -> str:
    match default:
        case bool():
            return "yes" if default else "no"
        case None | tuple() | Path() | SecretStr():  # paths are this machine's own: their meaning tells the default
            return ""
        case _:
            return str(default)
