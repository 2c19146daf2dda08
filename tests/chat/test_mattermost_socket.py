"""Staying connected, missing nothing, hearing nothing twice, and stopping cleanly."""

from __future__ import annotations

import asyncio

import pytest

from bot.chat import mattermost_hearing, mattermost_socket
from bot.chat.mattermost_client import PAGE
from bot.chat.mattermost_hearing import MemoryBookmark
from bot.core.errors import SettingsError, StoreError
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_rest import Fault
from tests.fakes.mattermost_rig import Accepted, bare, make_bot
from tests.fakes.mattermost_state import ANNE, BOT, DISC, LAB, OTHER_TEAM, PAUL


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mattermost_socket, "SHORTEST_PAUSE", 0.02)
    monkeypatch.setattr(mattermost_socket, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(mattermost_hearing, "SHORTEST_PAUSE", 0.02)


async def mentions(fake: FakeMattermost, number: int, start: int = 0) -> list[str]:
    for n in range(start, start + number):
        await fake.say(f"@guidebot question {n}")
    return [f"question {n}" for n in range(start, start + number)]


async def heard_once(accepted: Accepted, wanted: list[str]) -> None:
    await accepted.until(len(wanted), within=30)
    await asyncio.sleep(0.05)
    assert sorted(accepted.texts) == sorted(wanted)


async def test_a_connection_that_is_cut_is_resumed_where_it_was() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        wanted = await mentions(fake, 5)
        await fake.cut()
        wanted += await mentions(fake, 100, 5)
        await fake.connected()
        await heard_once(accepted, wanted)
        assert accepted.texts == wanted
        assert (fake.hellos, fake.resumed) == (1, 1)
        assert not any("/posts" in call for call in fake.calls)


async def test_a_connection_cut_in_the_middle_of_a_burst_loses_nothing() -> None:
    accepted = Accepted(pause=0.002)
    async with FakeMattermost() as fake, bare(fake, accepted):
        burst = asyncio.create_task(mentions(fake, 120))
        await accepted.until(20)
        await fake.cut()
        await heard_once(accepted, await burst)


async def test_a_server_that_was_restarted_is_asked_for_what_was_missed() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        wanted = await mentions(fake, 3)
        await accepted.until(3)
        await fake.restart()
        wanted += await mentions(fake, 3, 3)
        await fake.connected()
        wanted += await mentions(fake, 3, 6)
        await heard_once(accepted, wanted)
        assert fake.hellos == 2


async def test_three_hundred_missed_posts_are_caught_up_from_every_channel() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        wanted = await mentions(fake, 1)
        await accepted.until(1)
        fake.refuses_sockets = True
        await fake.cut()
        wanted += await mentions(fake, PAGE + 60, 1)
        for n in range(30):
            await fake.dm(f"direct {n}", user=PAUL)
            await fake.say(f"@guidebot disc {n}", user=PAUL, channel=DISC)
            wanted += [f"direct {n}", f"disc {n}"]
        fake.refuses_sockets = False
        await heard_once(accepted, wanted)
        assert fake.resumed == 0


async def test_five_hundred_posts_while_the_socket_is_cut_twice_are_each_accepted_once() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):

        async def burst() -> list[str]:
            said = []
            for start in range(0, 500, 10):
                said += await mentions(fake, 10, start)
                await asyncio.sleep(0)
            return said

        bursting = asyncio.create_task(burst())
        await accepted.until(100)
        await fake.cut()
        await accepted.until(250, within=30)
        await fake.restart()
        await heard_once(accepted, await bursting)


async def test_a_gap_between_two_events_is_noticed_and_filled() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        wanted = await mentions(fake, 1)
        await accepted.until(1)
        connection = next(iter(fake.connections.values()))
        socket, connection.socket = connection.socket, None
        wanted += await mentions(fake, 3, 1)
        connection.socket = socket
        wanted += await mentions(fake, 1, 4)
        await heard_once(accepted, wanted)


async def test_what_was_said_while_the_bot_was_away_is_heard_at_its_start() -> None:
    bookmark, first, second = MemoryBookmark(), Accepted(), Accepted()
    async with FakeMattermost() as fake:
        async with bare(fake, first, bookmark=bookmark):
            await mentions(fake, 1)
            await first.until(1)
        await mentions(fake, 250, 1)
        async with bare(fake, second, bookmark=bookmark):
            await second.until(251)  # the last minute before the bookmark is read again: the store knows those keys
            assert "question 250" in second.texts


async def test_a_bot_without_a_bookmark_answers_nothing_of_the_past() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake:
        await mentions(fake, 3)
        async with bare(fake, accepted):
            await fake.dm("maintenant")
            await accepted.until(1)
        assert accepted.texts == ["maintenant"]


async def test_catching_up_ignores_edits_and_what_was_said_long_before() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake:
        old = await fake.say("@guidebot vieux")
        fake.posts[old["id"]]["create_at"] -= 10 * mattermost_hearing.OVERLAP
        bookmark = MemoryBookmark(fake.now())
        await fake.edit_post(fake.posts[old["id"]], {"message": "@guidebot corrigé"})
        await fake.say("@guidebot neuf")
        async with bare(fake, accepted, bookmark=bookmark):
            await accepted.until(1)
            await asyncio.sleep(0.05)
        assert accepted.texts == ["neuf"]


async def test_while_nothing_can_be_stored_events_wait_in_their_order() -> None:
    accepted = Accepted(broken=True)
    async with FakeMattermost() as fake, bare(fake, accepted):
        wanted = await mentions(fake, 20)
        await asyncio.sleep(0.1)
        accepted.broken = False
        await heard_once(accepted, wanted)
        assert accepted.texts == wanted


async def test_catching_up_waits_out_a_server_that_can_not_tell_yet() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        await fake.restart()
        fake.fail("GET /api/v4/users/me/channels", Fault(503, text="down"), times=4)
        fake.fail("GET /api/v4/channels/", Fault(429, after=0), times=1)
        await heard_once(accepted, await mentions(fake, 2))


async def test_a_channel_that_can_t_be_read_doesn_t_keep_the_others_from_being_caught_up() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        await mentions(fake, 1)
        await accepted.until(1)
        fake.refuses_sockets = True
        await fake.restart()
        await fake.say("@guidebot perdu")
        await fake.dm("entendu")
        fake.fail(f"GET /api/v4/channels/{LAB}/posts", Fault(403))
        fake.refuses_sockets = False
        await accepted.until(2)
        assert accepted.texts[1:] == ["entendu"]


async def test_a_bookmark_that_can_t_be_kept_stops_nobody() -> None:
    class Broken(MemoryBookmark):
        async def save(self, at: int) -> None:
            raise StoreError(str(at))

    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted, bookmark=Broken()):
        await heard_once(accepted, await mentions(fake, 2))


async def test_a_team_that_the_bot_is_added_to_gets_its_commands() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted, callback_url="http://bot.example"):
        fake.team_members[OTHER_TEAM].add(BOT)
        await fake.tell({BOT}, "added_to_team", {"team_id": OTHER_TEAM, "user_id": BOT})
        await fake.dm("fin")
        await accepted.until(1)
        assert {one["team_id"] for one in fake.commands.values()} >= {OTHER_TEAM}


async def test_readiness_follows_the_connection() -> None:
    async with FakeMattermost() as fake:
        bot = make_bot(fake, Accepted())
        assert await bot.trouble() == "Mattermost has not told yet who the bot is"
        await bot.start()
        assert await bot.trouble() == ""  # a replica that leaves the hearing to another
        fake.refuses_sockets = True
        hearing = asyncio.create_task(bot.hear())
        await asyncio.sleep(0.1)
        assert await bot.trouble() == "the WebSocket is not connected"
        fake.refuses_sockets = False
        await fake.connected()
        async with asyncio.timeout(5):
            while await bot.trouble():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await bot.stop_listening()
        await hearing
        await bot.close()


async def test_the_bot_learns_who_it_is_however_often_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.mattermost.LONGEST_PAUSE", 0.0)
    async with FakeMattermost() as fake:
        fake.fail("GET /api/v4/users/me", Fault(500), times=4)
        bot = make_bot(fake, Accepted())
        await bot.start()
        assert bot.mouth.bot.name == "guidebot"
        await bot.close()


async def test_a_wrong_token_is_told_at_once() -> None:
    async with FakeMattermost() as fake:
        fake.tokens.clear()
        bot = make_bot(fake, Accepted())
        with pytest.raises(SettingsError, match="MATTERMOST_TOKEN"):
            await bot.start()
        await bot.close()


async def test_a_token_that_is_taken_back_while_the_bot_runs_is_no_reason_to_stop() -> None:
    accepted = Accepted()
    async with FakeMattermost() as fake, bare(fake, accepted):
        tokens = dict(fake.tokens)
        fake.tokens.clear()
        await fake.restart()
        await asyncio.sleep(0.1)
        fake.tokens.update(tokens)
        await fake.connected()
        await fake.dm("encore là")
        await accepted.until(1)


async def test_stopping_is_quick_and_what_was_being_stored_is_heard_again_by_the_next() -> None:
    bookmark, first, second = MemoryBookmark(), Accepted(pause=60), Accepted()
    async with FakeMattermost() as fake:
        await fake.say("avant", user=ANNE)
        async with bare(fake, first, bookmark=bookmark) as bot:
            await fake.dm("pendant")
            await asyncio.sleep(0.1)
            async with asyncio.timeout(3):
                await bot.stop_listening()
        assert first.events == []
        async with bare(fake, second, bookmark=bookmark):
            await second.until(1)
        assert second.texts == ["pendant"]


async def test_a_server_below_a_path_is_reached() -> None:
    accepted = Accepted()
    async with FakeMattermost(prefix="/chat") as fake, bare(fake, accepted):
        await fake.dm("bonjour")
        await accepted.until(1)
