"""What the bot says reaches the right people in Mattermost, or fails in a way that the desk understands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.actions import Choose, Look
from bot.core.answers import Answer, Audience, Choice, Manner, Note, Outcome, Paragraph, Pick, Reply
from bot.core.attachments import AttachmentError
from bot.core.errors import DeliveryError, DeliveryRefused
from bot.core.forms import Upload
from bot.core.messages import Address, Incoming, Kind, Visitor
from bot.core.ports import Letter
from tests.fakes.mattermost_rest import Fault
from tests.fakes.mattermost_rig import Rig, rigged
from tests.fakes.mattermost_state import ANNE, BOT, CLOSED, DISC, GUEST, LAB, PAUL, TEAM, Said

OUI = Answer(Outcome.ANSWER, (Paragraph("oui"),), "fr", question=7)
SAID = Reply((OUI,))
PRIVATE = Reply((replace(OUI, audience=Audience.ONLY_YOU),))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        yield made


async def heard(rig: Rig, words: str = "@guidebot qui ?", **where: Any) -> Incoming:
    await rig.fake.say(words, **where)
    await rig.accepted.until(len(rig.accepted.events) + 1)
    return rig.accepted.last


async def commanded(rig: Rig, words: str = "/guide", channel: str = LAB) -> Incoming:
    await rig.fake.execute(ANNE, words, channel=channel)
    return rig.accepted.last


async def pressed(rig: Rig, label: str, reply: Reply, *, user: str = ANNE, said: Said | None = None) -> Said:
    """Press a button, answer the press, and return what was said last."""
    number = len(rig.accepted.events)
    press = asyncio.create_task(rig.fake.press(user, said or rig.fake.said[-1], label))
    await rig.accepted.until(number + 1)
    await rig.bot.mouth.reply(rig.accepted.last, reply)
    await press
    return rig.fake.said[-1]


async def test_a_mention_is_answered_in_its_thread(rig: Rig) -> None:
    incoming = await heard(rig)
    await rig.bot.mouth.reply(incoming, SAID)
    said = rig.fake.said[-1]
    assert (said.how, said.channel, said.root, said.text) == ("post", LAB, incoming.message, "oui")
    assert said.labels == ["useful", "not_useful"]


async def test_a_reply_in_a_thread_goes_to_its_root(rig: Rig) -> None:
    root = await rig.fake.say("un sujet")
    incoming = await heard(rig, root_id=root["id"])
    await rig.bot.mouth.reply(incoming, SAID)
    assert rig.fake.said[-1].root == root["id"]


async def test_a_direct_message_is_answered_there_without_a_thread(rig: Rig) -> None:
    await rig.fake.dm("qui ?")
    await rig.accepted.until(1)
    await rig.bot.mouth.reply(rig.accepted.last, PRIVATE)
    said = rig.fake.said[-1]
    assert (said.how, said.channel, said.root) == ("post", rig.fake.direct(ANNE, BOT), "")
    assert "share" not in said.labels


async def test_a_command_is_answered_for_its_author_alone_with_a_way_to_share(rig: Rig) -> None:
    await rig.bot.mouth.reply(await commanded(rig, channel=CLOSED), PRIVATE)
    said = rig.fake.said[-1]
    assert (said.how, said.user, said.channel) == ("response_url", ANNE, CLOSED)
    assert said.labels == ["share", "useful", "not_useful"]


async def test_a_command_whose_time_is_over_is_answered_in_a_direct_message(rig: Rig) -> None:
    incoming = await commanded(rig)
    for _ in range(6):
        await rig.bot.mouth.reply(incoming, PRIVATE)
    assert [said.how for said in rig.fake.said[1:]] == ["response_url"] * 5 + ["post"]
    assert rig.fake.said[-1].channel == rig.fake.direct(ANNE, BOT)


async def test_a_private_answer_to_a_mention_goes_to_a_direct_message(rig: Rig) -> None:
    await rig.bot.mouth.reply(await heard(rig), PRIVATE)
    assert rig.fake.said[-1].channel == rig.fake.direct(ANNE, BOT)


async def test_a_press_is_answered_for_its_author_alone_where_that_is_asked(rig: Rig) -> None:
    await rig.bot.mouth.reply(await heard(rig), SAID)
    thanks = Reply((Answer(Outcome.NOTICE, (Paragraph("merci @all"),), "fr", audience=Audience.ONLY_YOU),))
    said = await pressed(rig, "useful", thanks, user=PAUL)
    assert (said.how, said.user, said.text) == ("ephemeral_text", PAUL, "merci @\u200ball")


async def test_a_private_answer_that_comes_too_late_goes_to_a_direct_message(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.mattermost.PRESS_SECONDS", 0.05)
    await rig.bot.mouth.reply(await heard(rig), SAID)
    assert await rig.fake.press(PAUL, rig.fake.said[-1], "useful") == {}
    await rig.bot.mouth.reply(rig.accepted.last, PRIVATE)
    assert (rig.fake.said[-1].how, rig.fake.said[-1].channel) == ("post", rig.fake.direct(PAUL, BOT))


async def test_a_choice_replaces_the_post_that_offered_it(rig: Rig) -> None:
    choices = Answer(Outcome.CHOICES, (Choice(1, "a", "Un"), Choice(2, "b", "Deux")), "fr", question=7)
    await rig.bot.mouth.reply(await heard(rig), Reply((choices,)))
    offered = rig.fake.said[-1]
    assert offered.labels == ["Un", "Deux", "none_of_these"]
    said = await pressed(rig, "Un", Reply((OUI,), Manner.REPLACE))
    assert (said.how, said.id, said.text, said.labels) == ("edit", offered.id, "oui", ["useful", "not_useful"])
    assert rig.accepted.last.action == Choose(7, "a")


async def test_a_choice_whose_post_is_gone_is_answered_anew(rig: Rig) -> None:
    choices = Answer(Outcome.CHOICES, (Choice(1, "a", "Un"),), "fr", question=7)
    await rig.bot.mouth.reply(await heard(rig), Reply((choices,)))
    rig.fake.fail("PUT /api/v4/posts", Fault(404))
    said = await pressed(rig, "Un", Reply((OUI,), Manner.REPLACE))
    assert (said.how, said.text) == ("post", "oui")


async def test_a_choice_in_an_ephemeral_post_stays_as_private_as_that_was(rig: Rig) -> None:
    choices = Answer(Outcome.CHOICES, (Choice(1, "a", "Un"),), "fr", question=7)
    await rig.bot.mouth.reply(await commanded(rig), Reply((choices,)))
    said = await pressed(rig, "Un", Reply((OUI,), Manner.REPLACE))
    assert (said.how, said.user, said.text) == ("ephemeral_text", ANNE, "oui")


async def test_a_button_of_an_ephemeral_post_works_for_nobody_else(rig: Rig) -> None:
    await rig.bot.mouth.reply(await commanded(rig), PRIVATE)
    with pytest.raises(Exception, match="do_action"):
        await rig.fake.press(PAUL, rig.fake.said[-1], "useful")


async def test_sharing_posts_as_the_bot_and_names_who_shared(rig: Rig) -> None:
    await rig.bot.mouth.reply(await commanded(rig), PRIVATE)
    said = await pressed(rig, "share", Reply((OUI,), Manner.SHARE, shared_by=ANNE))
    assert (said.how, said.channel, said.author) == ("post", LAB, BOT)
    assert said.text.startswith("*shared_by @anne*")


async def test_sharing_brings_the_bot_into_an_open_channel(rig: Rig) -> None:
    rig.fake.members[LAB].discard(BOT)
    await rig.bot.mouth.reply(await commanded(rig), PRIVATE)
    said = await pressed(rig, "share", Reply((OUI,), Manner.SHARE, shared_by=ANNE))
    assert (said.how, said.channel) == ("post", LAB)


async def test_what_can_t_be_shared_is_said_to_be_so(rig: Rig) -> None:
    await rig.bot.mouth.reply(await commanded(rig, channel=CLOSED), PRIVATE)
    said = await pressed(rig, "share", Reply((OUI,), Manner.SHARE, shared_by=ANNE))
    assert (said.how, said.text) == ("ephemeral_text", "mattermost_not_a_member")


async def test_a_look_at_an_entry_of_a_list_is_for_whoever_looks(rig: Rig) -> None:
    await rig.bot.mouth.reply(await heard(rig), Reply((replace(OUI, parts=(Pick("Lyon", Look("contact/lyon")),)),)))
    said = await pressed(rig, "Lyon", PRIVATE, user=PAUL)
    assert (said.how, said.user) == ("ephemeral_text", PAUL)


async def test_without_a_callback_address_what_to_type_is_said_instead() -> None:
    async with rigged(buttons=False) as rig:
        assert not rig.fake.commands
        choices = Answer(Outcome.CHOICES, (Choice(1, "a", "Un"), Choice(2, "b", "Deux")), "fr", question=7)
        await rig.bot.mouth.reply(await heard(rig), Reply((choices,)))
        await rig.bot.mouth.reply(await heard(rig), SAID)
        assert [said.attachments for said in rig.fake.said] == [[], []]
        assert rig.fake.said[0].text == "1. Un\n2. Deux\n\n*mattermost_type_choice*"
        assert rig.fake.said[1].text == "oui\n\n*mattermost_type_rate*"


async def test_a_letter_goes_to_a_channel_or_to_a_person(rig: Rig) -> None:
    await rig.bot.mouth.send(Letter(1, "k", Address("mattermost", channel=DISC), "fr", (Paragraph("bilan"),)))
    await rig.bot.mouth.send(Letter(2, "l", Address("mattermost", user=PAUL), "fr", (Note("merci"),)))
    assert [(said.channel, said.text) for said in rig.fake.said] == [
        (DISC, "bilan"),
        (rig.fake.direct(PAUL, BOT), "> merci"),
    ]


async def test_a_letter_or_a_reply_takes_the_place_of_a_post_or_comes_anew_where_that_is_gone(rig: Rig) -> None:
    letter = Letter(1, "k", Address("mattermost", user=PAUL), "fr", (Paragraph("relire"),))
    said = await rig.bot.mouth.send(letter)
    assert said is not None
    assert await rig.bot.mouth.send(replace(letter, replaces=said, parts=(Paragraph("annulé"),))) == said
    assert rig.fake.posts[said.message]["message"] == "annulé"
    incoming = await heard(rig)
    reply = replace(SAID, manner=Manner.REPLACE, replaces=said)
    assert await rig.bot.mouth.reply(incoming, reply) == said
    assert rig.fake.posts[said.message]["message"].startswith("oui")
    gone = replace(said, message="z" * 26)
    anew = await rig.bot.mouth.send(replace(letter, id=2, key="l", replaces=gone))
    assert anew not in {None, said, gone}


async def test_a_file_is_fetched_as_it_is_stored_and_no_longer_than_it_may_be(rig: Rig) -> None:
    rig.fake.files["f" * 26] = b"\x89PNG" + bytes(1000)
    upload = Upload("x.png", "f" * 26)
    assert await rig.bot.mouth.fetch(upload, 1004) == rig.fake.files["f" * 26]
    for ref, longest, problem in ((upload.ref, 1003, "files_too_large"), ("../config", 9, "file_unreachable")):
        with pytest.raises(AttachmentError, match=problem):
            await rig.bot.mouth.fetch(replace(upload, ref=ref), longest)


async def test_the_same_reply_sent_again_at_once_is_one_post(rig: Rig) -> None:
    incoming = await heard(rig)
    for _ in range(2):
        await rig.bot.mouth.reply(incoming, SAID)
    assert len([post for post in rig.fake.posts.values() if post["user_id"] == BOT]) == 1


@pytest.mark.parametrize("fault", [Fault(500), Fault(502, text="bad gateway"), Fault(429, after=0)], ids=str)
async def test_a_passing_failure_is_tried_again(rig: Rig, fault: Fault) -> None:
    rig.fake.fail("POST /api/v4/posts", fault)
    await rig.bot.mouth.reply(await heard(rig), SAID)
    assert rig.fake.said[-1].text == "oui"


async def test_a_server_in_trouble_is_left_alone_until_later(rig: Rig) -> None:
    incoming = await heard(rig)
    rig.fake.fail("POST /api/v4/posts", Fault(503, text="<html>"), times=9)
    with pytest.raises(DeliveryError, match="HTTP 503") as caught:
        await rig.bot.mouth.reply(incoming, SAID)
    assert not isinstance(caught.value, DeliveryRefused)


async def test_a_long_wait_that_the_server_asks_for_is_passed_on(rig: Rig) -> None:
    incoming = await heard(rig)
    rig.fake.fail("POST /api/v4/posts", Fault(429, after=40))
    with pytest.raises(DeliveryError) as caught:
        await rig.bot.mouth.reply(incoming, SAID)
    assert caught.value.after == 40


async def test_an_unreachable_server_and_a_proxy_s_page_are_failures_that_pass(rig: Rig) -> None:
    incoming = await heard(rig)
    rig.fake.fail("POST /api/v4/posts", Fault(200, text="<html>welcome</html>"))
    with pytest.raises(DeliveryError, match="something else than JSON"):
        await rig.bot.mouth.reply(incoming, SAID)
    rig.bot.rest._client._options["base"] = "http://127.0.0.1:1"
    with pytest.raises(DeliveryError, match="ConnectError"):
        await rig.bot.mouth.reply(incoming, SAID)


async def test_a_channel_that_the_bot_was_put_out_of_is_a_refusal(rig: Rig) -> None:
    incoming = await heard(rig)
    rig.fake.members[LAB].discard(BOT)
    with pytest.raises(DeliveryRefused, match="permissions"):
        await rig.bot.mouth.reply(incoming, SAID)


async def test_a_token_that_was_taken_back_may_come_back(rig: Rig) -> None:
    incoming = await heard(rig)
    rig.fake.tokens.clear()
    with pytest.raises(DeliveryError) as caught:
        await rig.bot.mouth.reply(incoming, SAID)
    assert not isinstance(caught.value, DeliveryRefused)


async def test_who_speaks_is_asked_once_and_guests_are_served(rig: Rig) -> None:
    for user in (GUEST, GUEST):
        assert await rig.bot.mouth.visitor(Address("mattermost", user=user)) == Visitor(
            "fr", name="gust", mail="gust@lab.example"
        )
    assert rig.fake.calls.count(f"GET /api/v4/users/{GUEST}") == 1
    rig.fake.fail(f"GET /api/v4/users/{PAUL}", Fault(403))
    assert await rig.bot.mouth.visitor(Address("mattermost", user=PAUL)) == Visitor()


async def test_guests_can_be_kept_out() -> None:
    async with rigged(allow_guests=False) as rig:
        assert not (await rig.bot.mouth.visitor(Address("mattermost", user=GUEST))).welcome
        assert (await rig.bot.mouth.visitor(Address("mattermost", user=ANNE))).welcome


async def test_a_typed_choice_is_answered_in_a_new_post(rig: Rig) -> None:
    incoming = await heard(rig, "@guidebot 1")
    assert incoming.kind is Kind.QUESTION
    await rig.bot.mouth.reply(incoming, Reply((OUI,), Manner.REPLACE))
    assert (rig.fake.said[-1].how, rig.fake.said[-1].root) == ("post", incoming.message)


async def test_cookies_of_the_server_are_not_sent_back(rig: Rig) -> None:
    for _ in range(3):  # with one, the fake refuses everything but reading
        await rig.bot.mouth.reply(await heard(rig), SAID)
    assert len(rig.fake.said) == 3
    assert rig.fake.teams[TEAM]
