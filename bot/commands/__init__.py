"""The commands, a module for each family; whatever is slow to import waits until a command runs."""

from __future__ import annotations

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
