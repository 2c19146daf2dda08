"""What an administrator has to set up in Mattermost: commands are mended, and what is forgotten is named."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.chat.mattermost_client import Rest
from bot.chat.mattermost_commands import TRIGGERS
from bot.chat.mattermost_doctor import Doctor, Surroundings
from bot.core.findings import Finding, Level
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_rest import Fault
from tests.fakes.mattermost_rig import Accepted, Rig, make_bot, rigged
from tests.fakes.mattermost_state import ANNE, BOT, BOT_TOKEN, CLOSED, LAB, OTHER_TEAM, PAUL, TEAM

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
    assert triggers(fake) == sorted(TRIGGERS)
    assert fake.calls.count("POST /api/v4/commands") == len(TRIGGERS)
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
    assert len(fake.commands) == len(TRIGGERS)
    assert "/contact belongs to somebody else" in caplog.text


async def test_a_command_that_another_replica_makes_at_the_same_time_is_shared(fake: FakeMattermost) -> None:
    fake.add_command(BOT, {"team_id": TEAM, "trigger": "guide", "url": f"{URL}/mattermost/command"})
    fake.fail("GET /api/v4/commands", Fault(200, text="[]"))
    await started(fake)
    assert triggers(fake) == sorted(TRIGGERS)


@pytest.mark.parametrize("team", ["other", OTHER_TEAM])
async def test_teams_can_be_narrowed_by_name_or_id(fake: FakeMattermost, team: str) -> None:
    fake.team_members[OTHER_TEAM].add(BOT)
    await started(fake, teams=(team,))
    assert triggers(fake) == []
    assert triggers(fake, OTHER_TEAM) == sorted(TRIGGERS)


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


async def examined(rig: Rig, *, alive: bool = True, **more: Any) -> list[Finding]:
    """What the doctor finds fault with."""

    async def is_alive() -> bool:
        return alive

    settings = Surroundings(**{"callback_url": rig.callback, **more})
    rest = Rest(rig.fake.url, BOT_TOKEN, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), tries=1)
    found = await Doctor(rest, settings, is_alive).examine()
    await rest.close()
    return [finding for finding in found if finding.level is not Level.OK]


async def the_fault(rig: Rig, **more: Any) -> Finding:
    (found,) = await examined(rig, **more)
    return found


async def test_a_server_that_is_set_up_well_has_nothing_to_mend(rig: Rig) -> None:
    assert await examined(rig, people={ANNE}, channels={LAB}) == []
    assert not rig.accepted.events  # the question whether the bot is reached is no question to the bot


@pytest.mark.parametrize(
    ("config", "words"),
    [({"SiteURL": ""}, "ServiceSettings.SiteURL"), ({"EnableCommands": "false"}, "ServiceSettings.EnableCommands")],
)
async def test_a_setting_of_the_server_is_named(rig: Rig, config: dict[str, str], words: str) -> None:
    rig.fake.config |= config
    found = (await examined(rig))[0]
    assert (found.level, words in found.mend) == (Level.WRONG, True)


async def test_a_bot_in_no_team_or_not_in_those_that_are_set_is_told(rig: Rig) -> None:
    assert "MATTERMOST_TEAMS" in (await the_fault(rig, teams=("elsewhere",))).said
    rig.fake.team_members[TEAM].discard(BOT)
    assert "add it to one" in (await the_fault(rig)).mend


async def test_a_missing_right_is_named(rig: Rig) -> None:
    rig.fake.may_command = False
    assert "manage_own_slash_commands" in (await the_fault(rig)).mend


async def test_a_callback_that_the_server_refuses_is_named_with_the_setting(rig: Rig) -> None:
    rig.fake.refuses_private = True
    found = await the_fault(rig)
    assert (found.level, "AllowedUntrustedInternalConnections" in found.mend) == (Level.WRONG, True)


async def test_whether_a_bot_that_doesn_t_run_would_be_called_can_t_be_told(rig: Rig) -> None:
    rig.fake.refuses_private = True
    found = await the_fault(rig, alive=False)
    assert (found.level, "no bot runs here" in found.said) == (Level.WARNING, True)
    rig.fake.commands.clear()
    assert "aren't registered yet" in (await the_fault(rig, alive=False)).said


async def test_without_a_callback_address_what_it_would_need_is_said(rig: Rig) -> None:
    found = await the_fault(rig, callback_url="")
    assert (found.level, "MATTERMOST_CALLBACK_URL" in found.mend) == (Level.OFF, True)


async def test_a_wrong_token_and_disabled_bot_accounts_are_named(rig: Rig) -> None:
    rig.fake.users[BOT]["is_bot"] = False
    assert "a person's" in (await the_fault(rig)).said
    rig.fake.config["EnableBotAccountCreation"] = "false"
    assert "EnableBotAccountCreation" in (await the_fault(rig)).mend
    rig.fake.tokens.clear()
    assert "MATTERMOST_TOKEN" in (await the_fault(rig)).said


async def test_a_server_that_is_none_is_told(rig: Rig) -> None:
    rig.fake.fail("GET /api/v4/users/me", Fault(404, text="not here"), times=99)
    assert "is no Mattermost server" in (await the_fault(rig)).said
    rig.fake.faults.clear()
    rig.fake.fail("GET /api/v4/users/me", Fault(502, text="down"), times=99)
    assert "can't be reached" in (await the_fault(rig)).said


async def test_ids_of_other_settings_that_lead_nowhere_are_told(rig: Rig) -> None:
    nobody, closed = await examined(rig, people={"x" * 26}, channels={CLOSED})
    assert (nobody.level, "is nobody" in nobody.said) == (Level.WARNING, True)
    assert (closed.level, "add the bot to the channel" in closed.mend) == (Level.WRONG, True)


async def test_where_private_answers_go_follows_from_a_right(rig: Rig) -> None:
    async def said() -> str:
        found = await Doctor(rig.bot.rest, Surroundings(), lambda: asyncio.sleep(0, result=True)).examine()
        return " ".join(finding.said for finding in found)

    assert "private answers go to direct messages" in await said()
    rig.fake.may_whisper = True
    assert "private answers" not in await said()


async def test_the_bot_answers_its_own_account_with_a_pong(rig: Rig) -> None:
    there = rig.fake.direct(BOT, BOT)
    assert (await rig.fake.execute(BOT, "/guide", channel=there))["text"] == "pong"
    await rig.fake.execute(ANNE, "/guide", channel=LAB)
    assert len(rig.accepted.events) == 1
