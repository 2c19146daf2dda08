"""What an administrator has to set up in Mattermost: commands are mended, and what is forgotten is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.chat.mattermost_doctor import Doctor
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_rest import Fault
from tests.fakes.mattermost_rig import Accepted, Rig, make_bot, rigged
from tests.fakes.mattermost_state import ANNE, BOT, LAB, OTHER_TEAM, PAUL, TEAM

URL = "http://bot.example"


@pytest.fixture
async def fake() -> AsyncIterator[FakeMattermost]:
    async with FakeMattermost() as made:
        yield made


async def started(fake: FakeMattermost, **options: Any) -> None:
    bot = make_bot(fake, Accepted(), **{"callback_url": URL, **options})
    await bot.start()
    await bot.close()


def triggers(fake: FakeMattermost, team: str = TEAM) -> list[str]:
    return sorted(one["trigger"] for one in fake.commands.values() if one["team_id"] == team)


async def test_commands_that_are_right_are_left_alone(fake: FakeMattermost) -> None:
    for _ in range(2):
        await started(fake)
    assert triggers(fake) == ["contact", "glossaire", "glossary", "guide"]
    assert fake.calls.count("POST /api/v4/commands") == 4
    assert not any(call.startswith("PUT") for call in fake.calls)


async def test_commands_that_lead_elsewhere_are_mended_and_keep_their_token(fake: FakeMattermost) -> None:
    await started(fake)
    tokens = {name: one["token"] for name, one in fake.commands.items()}
    await started(fake, callback_url="http://new.example/")
    assert {one["url"] for one in fake.commands.values()} == {"http://new.example/mattermost/command"}
    assert {name: one["token"] for name, one in fake.commands.items()} == tokens


async def test_somebody_else_s_command_is_not_touched(fake: FakeMattermost, caplog: pytest.LogCaptureFixture) -> None:
    fake.add_command(PAUL, {"team_id": TEAM, "trigger": "contact", "url": "http://crm.example"})
    await started(fake)
    assert {one["url"] for one in fake.commands.values() if one["trigger"] == "contact"} == {"http://crm.example"}
    assert len(fake.commands) == 4
    assert "/contact belongs to somebody else" in caplog.text


async def test_a_command_that_another_replica_makes_at_the_same_time_is_shared(fake: FakeMattermost) -> None:
    fake.add_command(BOT, {"team_id": TEAM, "trigger": "guide", "url": f"{URL}/mattermost/command"})
    fake.fail("GET /api/v4/commands", Fault(200, text="[]"))
    await started(fake)
    assert triggers(fake) == ["contact", "glossaire", "glossary", "guide"]


@pytest.mark.parametrize("team", ["other", OTHER_TEAM])
async def test_teams_can_be_narrowed_by_name_or_id(fake: FakeMattermost, team: str) -> None:
    fake.team_members[OTHER_TEAM].add(BOT)
    await started(fake, teams=(team,))
    assert triggers(fake) == []
    assert len(triggers(fake, OTHER_TEAM)) == 4


async def test_a_missing_right_or_a_broken_server_stops_nobody(
    fake: FakeMattermost, caplog: pytest.LogCaptureFixture
) -> None:
    fake.may_command = False
    await started(fake)
    assert "manage_own_slash_commands" in caplog.text
    fake.fail("GET /api/v4/users/me/teams", Fault(500), times=9)
    await started(fake)
    assert "could not be registered" in caplog.text


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        yield made


async def examined(rig: Rig, **options: Any) -> dict[str, str]:
    callback = options.pop("callback", rig.callback)
    bot = make_bot(rig.fake, rig.accepted, callback_url=callback, **options)
    doctor = Doctor(bot.rest, bot._commands, callback_url=callback, **options)
    found = {name: await check() for name, check in doctor.checks().items()}
    await bot.close()
    return {name: line for name, line in found.items() if line}


async def test_a_server_that_is_set_up_well_has_nothing_to_mend(rig: Rig) -> None:
    assert await examined(rig) == {}
    assert not rig.accepted.events  # the question whether the bot is reached is no question to the bot


@pytest.mark.parametrize(
    ("config", "name", "words"),
    [
        ({"SiteURL": ""}, "site_url", "ServiceSettings.SiteURL"),
        ({"EnableCommands": "false"}, "commands", "ServiceSettings.EnableCommands"),
    ],
)
async def test_a_setting_that_is_off_is_named(rig: Rig, config: dict[str, str], name: str, words: str) -> None:
    rig.fake.config |= config
    assert words in (await examined(rig))[name]


async def test_a_bot_in_no_team_or_not_in_those_that_are_set_is_told(rig: Rig) -> None:
    assert "MATTERMOST_TEAMS" in (await examined(rig, teams=("elsewhere",)))["teams"]
    rig.fake.team_members[TEAM].discard(BOT)
    assert "add it to one" in (await examined(rig))["teams"]


async def test_a_missing_right_is_named(rig: Rig) -> None:
    rig.fake.may_command = False
    assert "manage_own_slash_commands" in (await examined(rig))["rights"]


async def test_a_callback_that_the_server_refuses_is_named_with_the_setting(rig: Rig) -> None:
    rig.fake.refuses_private = True
    assert "AllowedUntrustedInternalConnections" in (await examined(rig))["callback"]


async def test_without_a_callback_address_that_is_said(rig: Rig) -> None:
    assert list(await examined(rig, callback="")) == ["callback"]


async def test_a_wrong_token_and_disabled_bot_accounts_are_named(rig: Rig) -> None:
    rig.fake.users[BOT]["is_bot"] = False
    assert "a person's" in (await examined(rig))["account"]
    rig.fake.config["EnableBotAccountCreation"] = "false"
    assert "EnableBotAccountCreation" in (await examined(rig))["account"]
    rig.fake.tokens.clear()
    assert "MATTERMOST_TOKEN" in (await examined(rig))["account"]


async def test_a_server_that_is_none_is_told(rig: Rig) -> None:
    rig.fake.fail("GET /api/v4/users/me", Fault(404, text="not here"), times=99)
    assert "MATTERMOST_URL" in (await examined(rig))["account"]
    rig.fake.faults.clear()
    rig.fake.fail("GET /api/v4/users/me", Fault(502, text="down"), times=99)
    assert "can't be reached" in (await examined(rig))["account"]


async def test_the_bot_answers_its_own_account_with_a_pong(rig: Rig) -> None:
    there = rig.fake.direct(BOT, BOT)
    assert (await rig.fake.execute(BOT, "/guide", channel=there))["text"] == "pong"
    await rig.fake.execute(ANNE, "/guide", channel=LAB)
    assert len(rig.accepted.events) == 1
