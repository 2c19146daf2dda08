"""What is around a conversation in a terminal: the keyboard or the pipe, the store, the way out."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from bot import compose
from bot.chat.terminal import PLATFORM, Conversation, TerminalMouth, language_of
from bot.chat.terminal_drawing import console
from bot.service.shelf import KnowledgeShelf
from bot.settings import Settings

T = TypeVar("T")


def talk(settings: Settings) -> int:
    """Converse until the person leaves or the pipe ends; the exit status."""
    logging.getLogger().addHandler(logging.NullHandler())  # the screen is for answers
    shelf = compose.shelf(settings)
    mouth = TerminalMouth(console(), shelf.say, locale=language_of(os.environ))
    at_keyboard = sys.stdin.isatty() and sys.stdout.isatty()

    def copied(path: Path) -> None:
        mouth.tell("terminal_copied", path=path)

    opened = compose.opened_desk(settings, shelf, {PLATFORM: mouth}, copied)
    with asyncio.Runner() as runner, _opened(runner, opened) as (desk, posting):
        conversation = Conversation(desk, mouth, user=_user())
        if at_keyboard:
            mouth.tell("terminal_welcome")
        with contextlib.suppress(KeyboardInterrupt):
            for line in _typed() if at_keyboard else _piped():
                _keep_up(shelf, mouth)
                if not runner.run(conversation.hear(line)):
                    break
                runner.run(posting.deliver_due())
        if at_keyboard:
            mouth.tell("terminal_bye")
    return int(conversation.failed and not at_keyboard)


@contextlib.contextmanager
def _opened(runner: asyncio.Runner, manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What the manager opens. Lines are read outside the event loop: inside, Ctrl-C would not reach the prompt."""
    thing = runner.run(_entered(manager))
    try:
        yield thing
    finally:
        runner.run(_left(manager))


async def _entered(manager: AbstractAsyncContextManager[T]) -> T:
    return await manager.__aenter__()


async def _left(manager: AbstractAsyncContextManager[T]) -> None:
    await manager.__aexit__(None, None, None)


def _typed() -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - lines can be edited and called up again; none is kept when the program ends
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            sys.stdout.write("\n")
            return


def _piped() -> Iterator[str]:
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    yield from sys.stdin


def _keep_up(shelf: KnowledgeShelf, mouth: TerminalMouth) -> None:
    """Take over edited knowledge, and tell whoever edits it what is wrong with it."""
    before = shelf.problems
    shelf.refresh()
    if shelf.problems and shelf.problems != before:
        mouth.tell("terminal_knowledge_broken", problems="\n".join(shelf.problems))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())
