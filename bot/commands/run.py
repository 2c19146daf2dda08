"""The commands that run the bot, and those that prepare it."""

from __future__ import annotations

import asyncio
import json

import click

from bot.commands import settings_of_call


@click.command(short_help="Talk with the bot in this terminal.")
def chat() -> None:
    """Talk with the bot in this terminal: the whole bot, without an account anywhere.

    Questions are also read from a pipe:

    \b
        echo "who is the Lyon comm contact?" | guidebot chat
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
    from bot.commands.talk import talk

    raise SystemExit(talk(settings_of_call()))


@click.command(short_help="Answer in Slack and Mattermost.")
def serve() -> None:
    """Answer in Slack and Mattermost, as the settings allow, and send mails, until SIGTERM or Ctrl-C.

    Its log goes to standard error, a JSON object a line. `guidebot doctor` tells beforehand what would stop it.
    """
    from bot import compose, logs

    settings = settings_of_call()
    logs.set_up(settings.log_level, settings.secrets())
    asyncio.run(compose.serve(settings))


@click.command(short_help="Bring the database up to date.")
def migrate() -> None:
    """Bring the database up to date; safe to run on several machines at once."""
    from bot import compose

    compose.migrate(settings_of_call())
    click.echo("The database is up to date.")


@click.command(short_help="Print the manifest of the Slack app.")
def manifest() -> None:
    """Print the manifest that creates the Slack app for the present settings.

    It is for HTTP mode, at PUBLIC_URL, where that is set and SLACK_APP_TOKEN is not; else for Socket Mode.
    """
    from bot import compose

    click.echo(json.dumps(compose.manifest(settings_of_call()), ensure_ascii=False, indent=2))


@click.command(short_help="Print every setting with its meaning.")
def settings() -> None:
    """Print every setting with its meaning and its default: the text of .env.example."""
    from bot.setting_words import example
    from bot.settings import Settings

    click.echo(example(Settings.model_fields), nl=False)
