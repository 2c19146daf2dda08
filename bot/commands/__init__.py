"""The commands, a module for each family; whatever is slow to import waits until a command runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings


def settings_of_call() -> Settings:
    """The settings, read once for the command that is running."""
    from bot import settings

    meta = click.get_current_context().meta
    if __name__ not in meta:
        meta[__name__] = settings.load()
    found: Settings = meta[__name__]
    return found


def nearest(wanted: str, known: Iterable[str]) -> str:
    """What may have been meant by an id that doesn't exist, as the end of a sentence; empty where nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(wanted, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else ""
