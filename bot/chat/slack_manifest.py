"""The manifest that creates the Slack app, with the least rights that the settings need."""

from __future__ import annotations

from typing import Any

from bot.chat.slack_form import SHORTCUT

EVENTS_PATH = "/slack/events"
SCOPES = ("app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read")
EVENTS = ("app_home_opened", "app_mention", "message.im")
FOLLOWING_SCOPES = ("channels:history", "groups:history")
FILES_SCOPES = ("files:read",)
GROUPS_SCOPES = ("usergroups:read",)
FOLLOWING_EVENTS = ("message.channels", "message.groups")
COLOUR = "#00386b"

# (command, what Slack's menu says of it, what may follow it)
COMMANDS = (
    ("/glossary", "Un terme du glossaire des médias sociaux · A term of the social media glossary", "hashtag"),
    ("/glossaire", "Un terme du glossaire des médias sociaux · A term of the social media glossary", "hashtag"),
    ("/contact", "Qui contacter à la communication · Whom to contact about communication", "Lyon"),
    ("/signaler", "Signaler une publication qui nuit à l’Inserm · Report a post that harms Inserm", "https://…"),
    ("/report", "Signaler une publication qui nuit à l’Inserm · Report a post that harms Inserm", "https://…"),
    ("/guide", "Le guide des médias sociaux, et vos données · The social media guide, and your data", "mes-données"),
)


def manifest(
    *, socket_mode: bool, public_url: str = "", follow_threads: bool = False, files: bool = False, groups: bool = False
) -> dict[str, Any]:
    """The manifest as JSON values. Without Socket Mode everything goes to `public_url`, which Slack must reach.

    `files` lets reports have screenshots, `groups` the teams be user groups.
    """
    url = {} if socket_mode else {"url": public_url.rstrip("/") + EVENTS_PATH}
    request_url = {"request_url": url["url"]} if url else {}
    wanted = ((follow_threads, FOLLOWING_SCOPES), (files, FILES_SCOPES), (groups, GROUPS_SCOPES))
    scopes = (*SCOPES, *(scope for needed, more in wanted if needed for scope in more))
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": _display(),
        "features": _features(url),
        "oauth_config": {"scopes": {"bot": sorted(scopes)}},
        "settings": {
            "event_subscriptions": {
                **request_url,
                "bot_events": sorted(EVENTS + (FOLLOWING_EVENTS if follow_threads else ())),
            },
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _display() -> dict[str, str]:
    return {
        "name": "guidebot",
        "description": "Le guide de l’Inserm « Pour un bon usage des médias sociaux », en questions et réponses",
        "background_color": COLOUR,
    }


def _features(url: dict[str, str]) -> dict[str, Any]:
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "guidebot", "always_online": True},
        "shortcuts": [
            {
                "name": "Signaler à la presse",
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Préparer un signalement au service de presse · Prepare a report to the press office",
            }
        ],
        "slash_commands": [
            {"command": command, "description": description, "usage_hint": hint, "should_escape": False, **url}
            for command, description, hint in COMMANDS
        ],
    }
