"""What people do in Slack becomes an Incoming, through both of Slack's ways in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bot.chat.slack_events import from_event, from_press
from bot.core.actions import Choose, Look, encode
from bot.core.answers import Answer, Note, Outcome, Reply
from bot.core.messages import Address, Kind
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_rig import Rig, over_http, over_socket


@pytest.fixture(params=[over_http, over_socket], ids=["http", "socket"])
async def rig(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Rig]:
    caplog.set_level(logging.DEBUG)  # Bolt copies the root's level when it is made
    async with request.param() as made:
        yield made


async def test_a_mention_in_a_channel_opens_a_thread_on_the_message(rig: Rig) -> None:
    payload = payloads.mention("qui contacter à Lyon ?")
    assert await rig.fake.deliver(payload) == 200
    ts = payload["event"]["ts"]
    incoming = rig.accepted.last
    assert incoming.kind is Kind.QUESTION
    assert incoming.text == "qui contacter à Lyon ?"
    assert incoming.address == Address("slack", payloads.TEAM, "C0LAB", ts, "U0ANNE", direct=False)
    assert (incoming.key, incoming.second_key) == (f"slack:event:{payload['event_id']}", f"slack:T0HOME:C0LAB:{ts}")


async def test_a_mention_in_a_thread_stays_in_it(rig: Rig) -> None:
    await rig.fake.deliver(payloads.mention("et à Nantes ?", thread_ts="1.0"))
    assert rig.accepted.last.address.thread == "1.0"


async def test_a_direct_message_is_answered_where_it_was_said(rig: Rig) -> None:
    await rig.fake.deliver(payloads.direct("c’est quoi un hashtag"))
    assert rig.accepted.last.address == Address("slack", payloads.TEAM, "D0ANNE", "", "U0ANNE", direct=True)


async def test_a_command_bears_its_words_and_the_way_to_answer_it(rig: Rig) -> None:
    payload = payloads.command("/glossary", "R&amp;D")
    assert await rig.fake.deliver(payload) == 200
    incoming = rig.accepted.last
    assert (incoming.kind, incoming.command, incoming.text) == (Kind.COMMAND, "/glossary", "R&D")
    assert incoming.reply_url == payload["response_url"]
    assert incoming.key == f"slack:command:{payload['trigger_id']}"


async def test_opening_the_home_tab_counts_and_the_messages_tab_does_not(rig: Rig) -> None:
    assert await rig.fake.deliver(payloads.home_opened(tab="messages")) == 200
    assert not rig.accepted.events
    assert await rig.fake.deliver(payloads.home_opened()) == 200
    assert rig.accepted.last.kind is Kind.HOME


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"user": payloads.BOT_USER},
        {"user": ""},
        {"edited": {"user": "U0ANNE", "ts": "1.0"}},
        {"hidden": True},
    ],
    ids=str,
)
async def test_edits_joins_bots_and_own_messages_are_acknowledged_and_ignored(
    rig: Rig, more: dict[str, object]
) -> None:
    assert await rig.fake.deliver(payloads.direct("bonjour", **more)) == 200
    assert not rig.accepted.events


async def test_a_message_with_a_file_is_a_person_speaking(rig: Rig) -> None:
    await rig.fake.deliver(payloads.direct("quel logo ?", subtype="file_share"))
    assert rig.accepted.last.text == "quel logo ?"


async def test_an_event_that_nothing_listens_to_is_acknowledged(rig: Rig) -> None:
    assert await rig.fake.deliver(payloads.event({"type": "team_join", "user": {"id": "U0NEW"}})) == 200
    assert await rig.fake.deliver(payloads.said("a message in a channel")) == 200
    assert not rig.accepted.events


async def test_the_same_event_delivered_again_keeps_its_keys(rig: Rig) -> None:
    payload = payloads.mention("bonjour")
    for _ in range(3):
        assert await rig.fake.deliver(payload) == 200
    assert len({incoming.key for incoming in rig.accepted.events}) == 1


async def test_what_could_not_be_stored_is_not_acknowledged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.accepted.broken = True
    rig.fake.patience = 0.3
    for payload in (payloads.mention("mot secret"), payloads.command("/guide", "mot secret")):
        assert await rig.fake.deliver(payload) != 200
    rig.accepted.broken = False
    assert await rig.fake.deliver(payloads.mention("encore")) == 200
    assert "StoreError" in caplog.text
    assert "secret" not in caplog.text


async def test_the_log_never_tells_what_people_write(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for payload in (payloads.mention("mot secret"), payloads.command("/guide", "mot secret")):
        await rig.fake.deliver(payload)
        await rig.slack.mouth.reply(rig.accepted.last, Reply((Answer(Outcome.ANSWER, (Note("secret"),), "fr"),)))
    assert "secret" not in caplog.text
    assert "xoxb" not in caplog.text


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800b", "a\u202eb", "x" * 40_000], ids=ascii)
async def test_hostile_words_arrive_fit_to_be_stored(rig: Rig, words: str) -> None:
    assert await rig.fake.deliver(payloads.mention(words)) == 200
    text = rig.accepted.last.text
    assert text in {"ab", "x" * 4000}


async def test_a_burst_is_acknowledged_within_three_seconds(rig: Rig) -> None:
    statuses = await asyncio.gather(*(rig.fake.deliver(payloads.mention(f"question {n}")) for n in range(200)))
    assert set(statuses) == {200}
    assert len(rig.accepted.events) == 200
    assert max(rig.fake.acks) < 3


def test_a_reply_in_a_thread_counts_only_where_threads_are_followed() -> None:
    reply = payloads.said("et à Nice ?", thread_ts="1.0")
    assert from_event(reply, payloads.BOT_USER) is None
    followed = from_event(reply, payloads.BOT_USER, follow_threads=True)
    assert followed is not None
    assert (followed.kind, followed.address.thread) == (Kind.FOLLOW_UP, "1.0")


@pytest.mark.parametrize(
    "reply",
    [
        payloads.said("au salon"),
        payloads.said("<@U0PAUL> tu sais ?", thread_ts="1.0"),
        payloads.said(f"<@{payloads.BOT_USER}> et toi ?", thread_ts="1.0"),
        payloads.said("la racine", ts="1.0", thread_ts="1.0"),
    ],
    ids=["no thread", "somebody else", "the bot, which comes as a mention", "the root"],
)
def test_following_threads_leaves_alone_what_is_not_a_reply_to_the_bot(reply: dict[str, object]) -> None:
    assert from_event(reply, payloads.BOT_USER, follow_threads=True) is None


def test_a_mention_delivered_as_two_events_has_one_second_key() -> None:
    first = payloads.mention("bonjour", ts="5.0")
    second = payloads.mention("bonjour", ts="5.0")
    keys = [from_event(payload, payloads.BOT_USER) for payload in (first, second)]
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0].key != keys[1].key
    assert keys[0].second_key == keys[1].second_key


def pressed(value: str, *, at: str, ephemeral: bool = False, user: str = "U0ANNE") -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": "T0HOME"},
        "container": {"type": "message", "message_ts": "9.0", "channel_id": "C0LAB", "is_ephemeral": ephemeral},
        "channel": {"id": "C0LAB"},
        "response_url": "https://hooks.example/1",
        "actions": [{"value": value, "action_id": "choose:1", "action_ts": at}],
    }


def test_a_choice_pressed_twice_has_one_key_and_another_person_s_press_another() -> None:
    value = encode(Choose(7, "guide/why"))
    keys = [from_press(pressed(value, at=at)) for at in ("1.0", "2.0")]
    other = from_press(pressed(value, at="3.0", user="U0PAUL"))
    assert keys[0] is not None
    assert keys[1] is not None
    assert other is not None
    assert keys[0].key == keys[1].key != other.key
    assert keys[0].action == Choose(7, "guide/why")


def test_a_button_that_leads_on_may_be_pressed_again() -> None:
    value = encode(Look("contact/lyon"))
    keys = [from_press(pressed(value, at=at)) for at in ("1.0", "2.0", "2.0")]
    assert len({incoming.key for incoming in keys if incoming}) == 2


def test_a_press_on_a_lasting_message_is_answered_in_its_thread_and_on_an_ephemeral_one_is_not() -> None:
    value = encode(Look("contact/lyon"))
    lasting, fleeting = from_press(pressed(value, at="1.0")), from_press(pressed(value, at="1.0", ephemeral=True))
    assert lasting is not None
    assert fleeting is not None
    assert (lasting.message, lasting.address.thread) == ("9.0", "9.0")
    assert (fleeting.message, fleeting.address.thread) == ("", "")


@pytest.mark.parametrize("value", ["", "choose", "choose|x|y", "drop|tables", "rate|1|maybe"])
def test_a_button_that_the_bot_never_made_is_ignored(value: str) -> None:
    assert from_press(pressed(value, at="1.0")) is None
    assert from_press({"type": "block_actions", "actions": []}) is None
