from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from bot.chat.slack_manifest import manifest

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts"
MADE = {
    "socket mode": manifest(socket_mode=True),
    "http": manifest(socket_mode=False, public_url="https://bot.example/"),
    "files": manifest(socket_mode=True, files=True),
    "groups": manifest(socket_mode=True, groups=True),
    "following threads": manifest(socket_mode=True, follow_threads=True),
}


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_slack_accepts_the_manifest(made: dict[str, object], version: str) -> None:
    schema = CONTRACTS / f"slack-manifest.schema.{version}.json"
    if not schema.exists():
        pytest.skip("Slack's manifest schema is not at hand")
    assert not list(Draft7Validator(json.loads(schema.read_text())).iter_errors(made))


def test_the_bot_asks_for_no_more_than_it_needs() -> None:
    made = MADE["socket mode"]
    assert made["oauth_config"]["scopes"] == {
        "bot": ["app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read"]
    }
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened", "app_mention", "message.im"]


def test_files_and_groups_ask_for_one_right_each() -> None:
    least = set(MADE["socket mode"]["oauth_config"]["scopes"]["bot"])
    assert set(MADE["files"]["oauth_config"]["scopes"]["bot"]) - least == {"files:read"}
    assert set(MADE["groups"]["oauth_config"]["scopes"]["bot"]) - least == {"usergroups:read"}


def test_following_threads_asks_for_the_right_to_read_channels() -> None:
    made = MADE["following threads"]
    assert {"channels:history", "groups:history"} < set(made["oauth_config"]["scopes"]["bot"])
    assert {"message.channels", "message.groups"} < set(made["settings"]["event_subscriptions"]["bot_events"])


def test_without_socket_mode_everything_comes_to_one_address() -> None:
    made = MADE["http"]
    address = "https://bot.example/slack/events"
    assert {command["url"] for command in made["features"]["slash_commands"]} == {address}
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert "url" not in MADE["socket mode"]["features"]["slash_commands"][0]
