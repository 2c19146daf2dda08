"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import importlib

import click

from bot import __version__
from bot.core.errors import GuidebotError

# Each command's place; its module is imported when it is called, so that no command pays for another's libraries.
_COMMANDS = {
    "ask": "bot.commands.ask:ask",
    "chat": "bot.commands.run:chat",
    "eval": "bot.commands.evaluate:evaluate",
    "serve": "bot.commands.run:serve",
    "migrate": "bot.commands.run:migrate",
    "manifest": "bot.commands.run:manifest",
    "settings": "bot.commands.run:settings",
    "knowledge": "bot.commands.knowledge:knowledge",
    "gaps": "bot.commands.gaps:gaps",
    "alerts": "bot.commands.alerts:alerts",
    "doctor": "bot.commands.doctor:doctor",
}


class _Guidebot(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        command = getattr(importlib.import_module(module), name) if name else None
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what went wrong in a way that we know is told in words, without a traceback."""
        try:
            return super().invoke(ctx)
        except GuidebotError as error:
            raise click.ClickException(str(error)) from error


@click.command(cls=_Guidebot, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="guidebot")
def main() -> None:
    """Answer questions about social media from Inserm's guide, in French and in English.

    Start with `guidebot chat`, which needs no account, or ask one question: guidebot ask "…".
    Settings come from the environment and from .env; `guidebot settings` lists them.

    The exit status is 0 when all went well, 1 when something failed, and 2 when the call was wrong.
    """
