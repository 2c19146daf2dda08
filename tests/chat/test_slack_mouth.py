"""Replies and letters reach people in Slack, each in its manner, whatever Slack answers first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat.slack_client import Pace
from bot.core.actions import Look
from bot.core.answers import Answer, Audience, Manner, Outcome, Paragraph, Pick, Reply
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.messages import Address, Incoming
from bot.core.ports import Letter
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import Posted
from tests.fakes.slack_rig import Rig, over_socket

ANSWER = Answer(Outcome.ANSWER, (Paragraph("oui"),), "fr", question=7)
SAID = Reply((ANSWER,))
PRIVATE = Reply((replace(ANSWER, audience=Audience.ONLY_YOU),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_socket() as made:
        made.slack.mouth._pace = Pace(0.0)
        yield made


async def heard(rig: Rig, payload: dict[str, object]) -> Incoming:
    assert await rig.fake.deliver(payload) == 200
    return rig.accepted.last


async def replied(rig: Rig, payload: dict[str, object], reply: Reply = SAID) -> Posted:
    await rig.slack.mouth.reply(await heard(rig, payload), reply)
    return rig.fake.sent[-1]


async def test_a_mention_is_answered_in_its_thread(rig: Rig) -> None:
    payload = payloads.mention("qui ?")
    posted = await replied(rig, payload)
    assert (posted.method, posted.channel, posted.thread) == ("chat.postMessage", "C0LAB", payload["event"]["ts"])
    assert posted.text == "oui"


async def test_a_direct_message_is_answered_there_and_outside_threads(rig: Rig) -> None:
    posted = await replied(rig, payloads.direct("qui ?"), PRIVATE)
    assert (posted.method, posted.channel, posted.thread) == ("chat.postMessage", "D0ANNE", "")


async def test_a_command_is_answered_to_its_author_alone(rig: Rig) -> None:
    posted = await replied(rig, payloads.command("/glossary", "hashtag", channel="C0ELSEWHERE"), PRIVATE)
    assert (posted.method, posted.ephemeral, posted.user) == ("response_url", True, "U0ANNE")
    assert "share" in posted.labels


async def test_a_private_answer_to_a_mention_is_ephemeral(rig: Rig) -> None:
    posted = await replied(rig, payloads.mention("qui ?"), PRIVATE)
    assert (posted.method, posted.ephemeral, posted.user) == ("chat.postEphemeral", True, "U0ANNE")


@pytest.mark.parametrize("payload", [payloads.command("/glossary", "hashtag"), payloads.mention("qui ?")])
async def test_a_private_answer_that_can_t_be_given_there_comes_by_direct_message(
    rig: Rig, payload: dict[str, object]
) -> None:
    rig.fake.fail("response_url", status=404)
    rig.fake.fail("chat.postEphemeral", "user_not_in_channel")
    posted = await replied(rig, dict(payload), PRIVATE)
    assert (posted.method, posted.channel) == ("chat.postMessage", "U0ANNE")


async def test_a_button_replaces_the_message_that_bears_it(rig: Rig) -> None:
    asked = await replied(rig, payloads.mention("qui ?"))
    press = payloads.press(asked, asked.button("useful"))
    posted = await replied(rig, press, replace(SAID, manner=Manner.REPLACE))
    assert (posted.method, posted.replaces) == ("chat.update", asked.ts)


async def test_a_button_replaces_an_ephemeral_message_through_its_own_address(rig: Rig) -> None:
    asked = await replied(rig, payloads.command("/glossary", "hashtag"), PRIVATE)
    press = payloads.press(asked, asked.button("useful"))
    posted = await replied(rig, press, replace(PRIVATE, manner=Manner.REPLACE))
    assert (posted.method, posted.replaces) == ("response_url", asked.ts)


async def test_a_message_that_is_gone_is_not_replaced_but_answered(rig: Rig) -> None:
    asked = await replied(rig, payloads.mention("qui ?"))
    incoming = await heard(rig, payloads.press(asked, asked.button("useful")))
    rig.fake.fail("chat.update", "message_not_found")
    await rig.slack.mouth.reply(incoming, replace(SAID, manner=Manner.REPLACE))
    assert (rig.fake.sent[-1].method, rig.fake.sent[-1].thread) == ("chat.postMessage", asked.thread)


async def test_what_answers_an_ephemeral_message_stays_private(rig: Rig) -> None:
    asked = await replied(rig, payloads.command("/glossary", "hashtag"), PRIVATE)
    posted = await replied(rig, payloads.press(asked, asked.button("useful")), SAID)
    assert posted.ephemeral


async def test_sharing_posts_into_the_channel_and_names_who_shares(rig: Rig) -> None:
    asked = await replied(rig, payloads.command("/glossary", "hashtag"), PRIVATE)
    reply = Reply((ANSWER,), Manner.SHARE, "U0ANNE")
    posted = await replied(rig, payloads.press(asked, asked.button("share")), reply)
    assert (posted.method, posted.channel, posted.ephemeral) == ("chat.postMessage", "C0LAB", False)
    assert "<@U0ANNE>" in str(posted.blocks)


async def test_sharing_reaches_a_channel_that_the_bot_is_no_member_of(rig: Rig) -> None:
    asked = await replied(rig, payloads.command("/glossary", "hashtag", channel="C0OTHER"), PRIVATE)
    reply = Reply((ANSWER,), Manner.SHARE, "U0ANNE")
    posted = await replied(rig, payloads.press(asked, asked.button("share")), reply)
    assert (posted.method, posted.channel, posted.ephemeral) == ("response_url", "C0OTHER", False)


async def test_home_is_published_and_its_buttons_answer_by_direct_message(rig: Rig) -> None:
    page = Answer(Outcome.NOTICE, (Pick("Lyon", Look("contact/lyon")),), "fr")
    home = await replied(rig, payloads.home_opened(), Reply((page,)))
    assert (home.method, home.user) == ("views.publish", "U0ANNE")
    posted = await replied(rig, payloads.press(home, home.button("Lyon")), PRIVATE)
    assert (posted.method, posted.channel) == ("chat.postMessage", "U0ANNE")


async def test_a_letter_goes_to_its_channel_or_to_its_person(rig: Rig) -> None:
    letter = Letter(1, "k", Address("slack", channel="C0DISC"), "fr", (Paragraph("bilan"),))
    await rig.slack.mouth.send(letter)
    await rig.slack.mouth.send(replace(letter, address=Address("slack", user="U0ANNE")))
    assert [posted.channel for posted in rig.fake.sent] == ["C0DISC", "U0ANNE"]


async def test_a_letter_takes_the_place_of_a_message_or_comes_anew_where_that_is_gone(rig: Rig) -> None:
    letter = Letter(1, "k", Address("slack", user="U0ANNE"), "fr", (Paragraph("relire"),))
    said = await rig.slack.mouth.send(letter)
    assert said is not None
    assert (said.address.channel, said.address.direct) == ("D0ANNE", True)
    again = await rig.slack.mouth.send(replace(letter, replaces=said, parts=(Paragraph("annulé"),)))
    assert again == said
    assert (rig.fake.sent[-1].method, rig.fake.sent[-1].replaces) == ("chat.update", said.message)
    anew = await rig.slack.mouth.send(replace(letter, replaces=replace(said, message="1.0")))
    assert anew not in {None, said}
    assert rig.fake.sent[-1].method == "chat.postMessage"


async def test_a_reply_takes_the_place_of_what_was_shown_before(rig: Rig) -> None:
    shown = await rig.slack.mouth.send(Letter(1, "k", Address("slack", user="U0ANNE"), "fr", (Paragraph("v1"),)))
    reply = replace(PRIVATE, manner=Manner.REPLACE, replaces=shown)
    assert await rig.fake.deliver(payloads.direct("x")) == 200
    assert await rig.slack.mouth.reply(rig.accepted.last, reply) == shown


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "not_in_channel", "user_is_restricted_somehow"])
async def test_what_will_never_work_is_refused(rig: Rig, error: str) -> None:
    rig.fake.fail("chat.postMessage", error)
    with pytest.raises(DeliveryRefused, match=error):
        await replied(rig, payloads.mention("qui ?"))


@pytest.mark.parametrize(("error", "status"), [("", 503), ("internal_error", 200), ("invalid_auth", 200)])
async def test_what_may_pass_can_be_tried_again(rig: Rig, error: str, status: int) -> None:
    rig.fake.fail("chat.postMessage", error, status=status)
    with pytest.raises(DeliveryError) as caught:
        await replied(rig, payloads.mention("qui ?"))
    assert not isinstance(caught.value, DeliveryRefused)


async def test_a_long_wait_that_slack_asks_for_is_handed_on(rig: Rig) -> None:
    rig.fake.fail("chat.postMessage", "ratelimited", status=429, after=30)
    with pytest.raises(DeliveryError) as caught:
        await replied(rig, payloads.mention("qui ?"))
    assert caught.value.after == 30


async def test_a_short_wait_that_slack_asks_for_is_waited(rig: Rig) -> None:
    rig.fake.fail("chat.postMessage", "ratelimited", status=429, after=0)
    assert (await replied(rig, payloads.mention("qui ?"))).text == "oui"


async def test_a_response_url_that_fails_for_now_is_tried_again(rig: Rig) -> None:
    rig.fake.fail("response_url", status=500)
    with pytest.raises(DeliveryError) as caught:
        await replied(rig, payloads.command("/glossary", "hashtag"))
    assert not isinstance(caught.value, DeliveryRefused)


async def test_a_slack_that_can_t_be_reached_is_tried_again(rig: Rig) -> None:
    incoming = await heard(rig, payloads.mention("qui ?"))
    rig.slack.mouth._client.base_url = "http://127.0.0.1:9/api/"
    with pytest.raises(DeliveryError, match="Connector"):
        await rig.slack.mouth.reply(incoming, SAID)


async def test_a_response_url_that_can_t_be_reached_is_tried_again(rig: Rig) -> None:
    incoming = await heard(rig, payloads.command("/glossary", "hashtag"))
    with pytest.raises(DeliveryError, match="Connector"):
        await rig.slack.mouth.reply(replace(incoming, reply_url="http://127.0.0.1:9/"), SAID)


async def test_the_mouth_still_speaks_when_the_bot_has_stopped_listening(rig: Rig) -> None:
    incoming = await heard(rig, payloads.command("/glossary", "hashtag"))
    await rig.slack.stop_listening()
    await rig.slack.mouth.reply(incoming, SAID)
    await rig.slack.close()
    await rig.slack.mouth.reply(incoming, SAID)
    assert len(rig.fake.sent) == 2


async def test_nothing_to_replace_is_answered(rig: Rig) -> None:
    page = Answer(Outcome.NOTICE, (Pick("Lyon", Look("contact/lyon")),), "fr")
    home = await replied(rig, payloads.home_opened(), Reply((page,)))
    posted = await replied(rig, payloads.press(home, home.button("Lyon")), replace(SAID, manner=Manner.REPLACE))
    assert (posted.method, posted.channel) == ("chat.postMessage", "U0ANNE")


async def test_sharing_into_an_archived_channel_is_refused(rig: Rig) -> None:
    incoming = await heard(rig, payloads.mention("qui ?"))
    rig.fake.archived.add("C0LAB")
    with pytest.raises(DeliveryRefused, match="is_archived"):
        await rig.slack.mouth.reply(incoming, Reply((ANSWER,), Manner.SHARE, "U0ANNE"))


async def test_a_response_url_works_five_times_and_a_direct_message_comes_afterwards(rig: Rig) -> None:
    incoming = await heard(rig, payloads.command("/glossary", "hashtag", channel="C0OTHER"))
    for _ in range(6):
        await rig.slack.mouth.reply(incoming, SAID)
    assert [posted.method for posted in rig.fake.sent] == ["response_url"] * 5 + ["chat.postMessage"]


async def test_blocks_that_slack_refuses_don_t_silence_the_bot(rig: Rig) -> None:
    rig.fake.fail("chat.postMessage", "invalid_blocks")
    posted = await replied(rig, payloads.mention("qui ?"))
    assert (posted.text, posted.blocks) == ("oui", [])


async def test_a_channel_gets_one_message_a_second() -> None:
    async with over_socket(interval=1.0) as rig:
        letter = Letter(1, "k", Address("slack", channel="C0DISC"), "fr", (Paragraph("bilan"),))
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(rig.slack.mouth.send(letter) for _ in range(3)))
        assert asyncio.get_running_loop().time() - began >= 2
        assert rig.fake.calls.count("chat.postMessage") == len(rig.fake.sent) == 3


async def test_a_queue_longer_than_a_lease_is_given_back() -> None:
    pace = Pace(1000.0)
    await pace.turn("C0LAB")
    await pace.turn("C0OTHER")
    with pytest.raises(DeliveryError) as caught:
        await pace.turn("C0LAB")
    assert caught.value.after is not None
    assert caught.value.after > 900


@pytest.mark.parametrize(
    ("user", "welcome"),
    [
        ({"locale": "fr-FR"}, True),
        ({"is_restricted": True}, True),
        ({"is_ultra_restricted": True}, True),
        ({"team_id": "T0OTHER"}, False),
        ({"is_stranger": True}, False),
    ],
    ids=str,
)
async def test_people_and_guests_of_the_workspace_are_welcome_and_strangers_are_not(
    rig: Rig,
    user: dict[str, object],
    welcome: bool,  # noqa: FBT001
) -> None:
    rig.fake.users["U0ANNE"] = user
    visitor = await rig.slack.mouth.visitor(Address("slack", payloads.TEAM, user="U0ANNE"))
    assert visitor.welcome is welcome
    assert visitor.locale == user.get("locale", "")


async def test_guests_can_be_kept_out() -> None:
    async with over_socket(allow_guests=False) as rig:
        rig.fake.users["U0ANNE"] = {"is_restricted": True}
        assert not (await rig.slack.mouth.visitor(Address("slack", payloads.TEAM, user="U0ANNE"))).welcome
        assert (await rig.slack.mouth.visitor(Address("slack", payloads.TEAM, user="U0PAUL"))).welcome


async def test_somebody_of_another_workspace_of_the_same_enterprise_is_welcome(rig: Rig) -> None:
    rig.slack.mouth.enterprise = "E0INSERM"
    rig.fake.users["U0ANNE"] = {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E0INSERM"}}
    assert (await rig.slack.mouth.visitor(Address("slack", "T0OTHER", user="U0ANNE"))).welcome


async def test_without_users_info_people_are_served_and_asked_about_again(rig: Rig) -> None:
    rig.fake.fail("users.info", "internal_error")
    address = Address("slack", payloads.TEAM, user="U0ANNE")
    assert (await rig.slack.mouth.visitor(address)).welcome
    rig.fake.users["U0ANNE"] = {"locale": "en-GB"}
    assert (await rig.slack.mouth.visitor(address)).locale == "en-GB"
    await rig.slack.mouth.visitor(address)
    assert rig.fake.calls.count("users.info") == 2


async def test_without_users_info_a_team_that_is_not_the_bot_s_is_still_refused(rig: Rig) -> None:
    rig.fake.fail("users.info", "user_not_found")
    assert not (await rig.slack.mouth.visitor(Address("slack", "T0OTHER", user="U0ANNE"))).welcome
