"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import importlib
import os

import click

from bot import __version__
from bot.core.errors import GuidebotError

# numpy's arrays are small here: threads for them would only take time to start, some hundredths of a second.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Each command's place, under the heading of help where it stands; its module is imported when it is called, so that no
# command pays for another's libraries.
_SECTIONS = {
    "Talk with the bot": {
        "ask": "bot.commands.ask:ask",
        "chat": "bot.commands.run:chat",
    },
    "Run it": {
        "serve": "bot.commands.run:serve",
        "doctor": "bot.commands.doctor:doctor",
        "migrate": "bot.commands.run:migrate",
        "manifest": "bot.commands.run:manifest",
        "settings": "bot.commands.run:settings",
    },
    "Follow what people ask and report": {
        "gaps": "bot.commands.gaps:gaps",
        "alerts": "bot.commands.alerts:alerts",
    },
    "Keep what it knows": {
        "knowledge": "bot.commands.knowledge:knowledge",
        "eval": "bot.commands.evaluate:evaluate",
    },
}
_COMMANDS = {name: place for section in _SECTIONS.values() for name, place in section.items()}


_WIDEST = max(map(len, _COMMANDS))


class _Guidebot(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        command = getattr(importlib.import_module(module), name) if name else None
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, names in _SECTIONS.items():
            commands = ((name.ljust(_WIDEST), self.get_command(ctx, name)) for name in names)
            with formatter.section(heading):
                formatter.write_dl([(name, command.get_short_help_str()) for name, command in commands if command])

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

    Start with `guidebot chat`, which needs no account, or ask one question:

    \b
        guidebot ask "c'est quoi un hashtag ?"

    Settings come from the environment and from .env: `guidebot settings` lists them, and `guidebot doctor` says what is
    wrong with them and with all around them. Each command explains itself: guidebot COMMAND --help.

    The exit status is 0 when all went well, 1 when something failed, and 2 when the call was wrong.
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
