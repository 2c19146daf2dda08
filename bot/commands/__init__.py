"""The commands, a module for each family; whatever is slow to import waits until a command runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def fitting_libraries() -> Iterator[None]:
    """Around an import of what needs numpy and scipy: where they are missing, say how to get them."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in {"numpy", "scipy"}:
            raise
        raise click.ClickException(
            f"{error.name} is missing: this command needs numpy and scipy, and a running bot needs neither. "
            "`make lint` installs them in .venv; elsewhere: python -m pip install numpy scipy"
        ) from None


def nearest(wanted: str, known: Iterable[str]) -> str:
    """What may have been meant by an id that doesn't exist, as the end of a sentence; empty where nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(wanted, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else ""
