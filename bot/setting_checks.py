"""What can be wrong with settings that each make sense: pure, for `guidebot doctor`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from bot.core.findings import Finding, ok, warning, wrong
from bot.settings import SECRETS, Settings

NEAR = 0.88  # of 1: how alike a variable must be to one that exists, to be told apart from somebody else's
_OTHERS = ("http_proxy", "https_proxy")  # like a setting of ours, and everybody's
_LOCAL = ("localhost", "127.", "::1")

KNOWN = frozenset(Settings.model_fields) | {f"{name}_file" for name in SECRETS}


def examine(
    settings: Settings, complaints: Sequence[str], *, environment: Collection[str], env_file: Collection[str]
) -> Sequence[Finding]:
    """The findings about the settings; `environment` and `env_file` are the names of the variables there."""
    found = [
        *(wrong(line, "set it right in the environment or in .env") for line in complaints),
        *_unknown(env_file, ".env"),
        *_unknown([name for name in environment if name.lower() not in _OTHERS and _nearest(name)], "the environment"),
        *platforms(settings),
        *_mail(settings),
        *_places(settings),
    ]
    return found or [ok(_given(settings))]


def _given(settings: Settings) -> str:
    names = sorted(name.upper() for name in settings.model_fields_set)
    return f"they make sense; set: {', '.join(names)}" if names else "none is set: each has its default"


def _unknown(names: Collection[str], where: str) -> Iterator[Finding]:
    for name in names:
        if name.lower() not in KNOWN:
            near = _nearest(name)
            mend = f"did you mean {near.upper()}?" if near else "`guidebot settings` prints those that there are"
            yield warning(f"{name.upper()} in {where} is no setting, and is ignored", mend)


def _nearest(name: str) -> str:
    return next(iter(get_close_matches(name.lower(), KNOWN, n=1, cutoff=NEAR)), "")


def platforms(settings: Settings) -> Iterator[Finding]:
    """Those of the platforms' settings; with one that is wrong `serve` doesn't start."""
    slack = settings.slack_bot_token
    for name in ("slack_app_token", "slack_signing_secret"):
        if getattr(settings, name) and not slack:
            yield warning(
                f"{name.upper()} is set and SLACK_BOT_TOKEN is not: the bot doesn't speak in Slack",
                "set SLACK_BOT_TOKEN (docs/slack.md)",
            )
    if slack and not settings.slack_app_token and not settings.slack_signing_secret:
        yield wrong(
            "SLACK_BOT_TOKEN is set, and nothing to hear Slack by",
            "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)",
        )
    if settings.public_url.startswith("http://"):
        yield warning("PUBLIC_URL begins with http://: Slack calls only https://", "give the address with https://")
    if settings.mattermost_url and not settings.mattermost_token:
        yield wrong("MATTERMOST_URL is set and MATTERMOST_TOKEN is not", "set the token of the bot's account")
    if settings.mattermost_token and not settings.mattermost_url:
        yield warning("MATTERMOST_TOKEN is set and MATTERMOST_URL is not", "set the server's address")


def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_host:
        for name in ("smtp_user", "smtp_password", "mail_from", "disc_address"):
            if getattr(settings, name):
                yield warning(f"{name.upper()} is set and SMTP_HOST is not: no mail leaves", "set SMTP_HOST")
        return
    if not settings.mail_from:
        yield wrong("SMTP_HOST is set and MAIL_FROM is not", "set MAIL_FROM, the address that mails come from")
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        yield wrong("of SMTP_USER and SMTP_PASSWORD only one is set", "set both, or neither where nobody logs in")
    if settings.smtp_security == "none" and not settings.smtp_host.startswith(_LOCAL):
        yield warning(
            "SMTP_SECURITY=none with a server elsewhere: mails and the password travel in clear text",
            "set SMTP_SECURITY to starttls or tls",
        )


def _places(settings: Settings) -> Iterator[Finding]:
    """Channels and people on a platform that isn't served, and what is of no use without the other."""
    served = {"slack": bool(settings.slack_bot_token), "mattermost": bool(settings.mattermost_url)}
    for name in ("disc_channel", "alerts_channel"):
        value: str = getattr(settings, name)
        platform = value.partition(":")[0]
        if platform and not served[platform]:
            yield wrong(
                f"{name.upper()} is on a platform that isn't set up: nothing is posted there",
                f"set up {platform.title()}, or name a channel elsewhere",
            )
    for name in ("disc_team", "press_team"):
        members: tuple[str, ...] = getattr(settings, name)
        if away := sorted({one.partition(":")[0] for one in members if not served[one.partition(":")[0]]}):
            yield warning(
                f"{name.upper()} names people on a platform that isn't set up: {', '.join(away)}",
                "set it up, or take them out",
            )
    if settings.alerts_channel and not settings.press_team:
        yield warning("ALERTS_CHANNEL is set and PRESS_TEAM is not: nobody may take a case", "set PRESS_TEAM")
    if settings.press_team and not settings.alerts_channel:
        yield warning("PRESS_TEAM is set and ALERTS_CHANNEL is not: they see no card", "set ALERTS_CHANNEL")
    if settings.disc_channel and not settings.disc_team:
        yield warning("DISC_CHANNEL is set and DISC_TEAM is not: nobody may close a gap there", "set DISC_TEAM")
