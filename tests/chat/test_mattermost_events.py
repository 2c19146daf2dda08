"""What people do in Mattermost becomes an Incoming, over real HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus

import aiohttp
import pytest

from bot.core.actions import Choose, Look, Rate
from bot.core.answers import Answer, Choice, Manner, Note, Outcome, Paragraph, Pick, Reply
from bot.core.messages import Address, Kind
from tests.fakes.mattermost_rig import Rig, rigged
from tests.fakes.mattermost_state import ANNE, BOT, CLOSED, GUEST, LAB, PAUL, TEAM, TRIO, Refusal


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        yield made


async def quiet(rig: Rig) -> None:
    """Wait until all that was said so far has been heard: what is said now is heard after it."""
    await rig.fake.dm("fin")
    async with asyncio.timeout(5):
        while not rig.accepted.events or rig.accepted.last.text != "fin":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_mention_in_a_channel_opens_a_thread_on_the_message(rig: Rig) -> None:
    post = await rig.fake.say("@guidebot qui contacter à Lyon ?")
    await rig.accepted.until(1)
    incoming = rig.accepted.last
    assert (incoming.kind, incoming.text, incoming.message) == (Kind.QUESTION, "qui contacter à Lyon ?", post["id"])
    assert incoming.address == Address("mattermost", "", LAB, post["id"], ANNE, direct=False)
    assert incoming.key == f"mattermost:post:{post['id']}"


async def test_a_mention_in_a_thread_stays_in_it(rig: Rig) -> None:
    root = await rig.fake.say("un sujet")
    await rig.fake.say("qu’en dit @GuideBot ?", root_id=root["id"])
    await rig.accepted.until(1)
    assert rig.accepted.last.address.thread == root["id"]
    assert rig.accepted.last.kind is Kind.QUESTION


async def test_a_direct_message_is_answered_where_it_was_said(rig: Rig) -> None:
    await rig.fake.dm("c’est quoi un hashtag")
    await rig.accepted.until(1)
    address = rig.accepted.last.address
    assert address == Address("mattermost", "", rig.fake.direct(ANNE, BOT), "", ANNE, direct=True)


async def test_a_group_message_is_for_the_bot_unless_somebody_else_is_addressed(rig: Rig) -> None:
    post = await rig.fake.say("quel logo ?", channel=TRIO)
    await rig.fake.say("@paul tu viens ?", channel=TRIO)
    await quiet(rig)
    assert rig.accepted.texts == ["quel logo ?", "fin"]
    assert rig.accepted.events[0].address == Address("mattermost", "", TRIO, post["id"], ANNE, direct=False)


@pytest.mark.parametrize(
    "words",
    [
        "bonjour à tous",
        "@guidebot2 bonjour",
        "@guidebot-test",
        "mail@guidebot.fr",
        "`@guidebot`",
        "```\n@guidebot\n```",
    ],
)
async def test_what_does_not_mention_the_bot_is_not_heard(rig: Rig, words: str) -> None:
    await rig.fake.say(words)
    await quiet(rig)
    assert rig.accepted.texts == ["fin"]


@pytest.mark.parametrize(
    "words", ["@guidebot.", "(@guidebot)", "@guidebot: oui", "dis,@guidebot, oui", "**@guidebot**"]
)
async def test_punctuation_around_a_mention_does_not_hide_it(rig: Rig, words: str) -> None:
    await rig.fake.say(words)
    await rig.accepted.until(1)
    assert "@guidebot" not in rig.accepted.last.text


async def test_a_reply_without_a_mention_may_be_a_follow_up(rig: Rig) -> None:
    root = await rig.fake.say("@guidebot qui à Lyon ?")
    await rig.fake.say("et à Nantes ?", root_id=root["id"])
    await rig.fake.say("@paul tu sais ?", root_id=root["id"])
    await quiet(rig)
    assert [(one.kind, one.text) for one in rig.accepted.events[:-1]] == [
        (Kind.QUESTION, "qui à Lyon ?"),
        (Kind.FOLLOW_UP, "et à Nantes ?"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"user": BOT},
        {"props": {"from_bot": "true"}},
        {"props": {"from_webhook": "true"}},
        {"type": "system_join_channel"},
        {"type": "custom_poll"},
    ],
    ids=str,
)
async def test_the_bot_itself_other_bots_webhooks_and_the_system_are_ignored(rig: Rig, more: dict[str, object]) -> None:
    await rig.fake.say("@guidebot bonjour", **more)
    await quiet(rig)
    assert rig.accepted.texts == ["fin"]


async def test_an_edit_is_no_new_question(rig: Rig) -> None:
    post = await rig.fake.say("@guidebot bonjour")
    await rig.fake.edit_post(rig.fake.posts[post["id"]], {"message": "@guidebot bonsoir"})
    await quiet(rig)
    assert rig.accepted.texts == ["bonjour", "fin"]


@pytest.mark.parametrize("words", ["a\x00b", "a\u202eb", "x" * 16_000], ids=ascii)
async def test_hostile_words_arrive_fit_to_be_stored(rig: Rig, words: str) -> None:
    await rig.fake.say(f"@guidebot {words}")
    await rig.accepted.until(1)
    assert rig.accepted.last.text in {"ab", "x" * 4000}


async def test_an_event_of_odd_shape_holds_up_nobody(rig: Rig) -> None:
    for data in ({"post": "{"}, {"post": "[]"}, {"post": '{"id": 1, "create_at": "x", "props": []}'}, {}):
        await rig.fake.tell({BOT}, "posted", data)
    await quiet(rig)
    assert rig.accepted.texts == ["fin"]


async def test_commands_are_made_in_the_bot_s_teams_with_hints(rig: Rig) -> None:
    made = {one["trigger"]: one for one in rig.fake.commands.values()}
    assert set(made) == {"glossary", "glossaire", "contact", "guide", "signaler", "report"}
    assert {one["team_id"] for one in made.values()} == {TEAM}
    assert made["glossaire"]["auto_complete_hint"] == "mattermost_hint_glossary"
    assert made["guide"]["url"] == f"{rig.callback}/mattermost/command"


async def test_a_command_bears_its_words_and_the_way_to_answer_it(rig: Rig) -> None:
    response = await rig.fake.execute(ANNE, "/glossary R&D + hashtag", channel=LAB)
    assert (response["response_type"], response["text"]) == ("ephemeral", "…")
    incoming = rig.accepted.last
    assert (incoming.kind, incoming.command, incoming.text) == (Kind.COMMAND, "/glossary", "R&D + hashtag")
    assert incoming.address == Address("mattermost", "", LAB, "", ANNE)
    assert incoming.reply_url.startswith(f"{rig.fake.url}/hooks/commands/")  # not SiteURL, which may be out of reach


async def test_a_command_in_the_direct_message_with_the_bot_is_direct(rig: Rig) -> None:
    await rig.fake.execute(ANNE, "/guide", channel=rig.fake.direct(ANNE, BOT))
    assert rig.accepted.last.address.direct
    await rig.fake.execute(ANNE, "/guide", channel=rig.fake.direct(ANNE, PAUL))
    assert not rig.accepted.last.address.direct


@pytest.mark.parametrize("token", ["", "wrong", "é"])
async def test_a_command_without_its_token_is_refused(rig: Rig, token: str) -> None:
    form = {"team_id": TEAM, "command": "/guide", "text": "x", "user_id": ANNE, "token": token}
    async with aiohttp.ClientSession() as session, session.post(f"{rig.callback}/mattermost/command", data=form) as got:
        assert (got.status, got.content_type) == (HTTPStatus.UNAUTHORIZED, "application/json")
    assert not rig.accepted.events


async def test_a_token_that_was_made_anew_is_learnt(rig: Rig) -> None:
    next(one for one in rig.fake.commands.values() if one["trigger"] == "guide")["token"] = "anew"
    await rig.fake.execute(ANNE, "/guide", channel=LAB)
    assert rig.accepted.last.kind is Kind.COMMAND


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("command", b"\xff\xfe", HTTPStatus.BAD_REQUEST),
        ("command", b"no form", HTTPStatus.BAD_REQUEST),
        ("command", b"a=b&" * 200 + b"a=b", HTTPStatus.BAD_REQUEST),
        ("action", b"{", HTTPStatus.BAD_REQUEST),
        ("action", b"[" * 100_000, HTTPStatus.BAD_REQUEST),
        ("action", b'{"context": []}', HTTPStatus.BAD_REQUEST),
        ("action", b'{"context": {}}', HTTPStatus.UNAUTHORIZED),
        ("action", b"x" * 1_000_001, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ],
    ids=ascii,
)
async def test_malformed_callbacks_are_refused_with_json(rig: Rig, path: str, body: bytes, status: HTTPStatus) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{rig.callback}/mattermost/{path}", data=body) as got:
        assert (got.status, got.content_type) == (status, "application/json")
    assert not rig.accepted.events


CHOICES = Answer(Outcome.CHOICES, (Choice(1, "glossary/hashtag", "Hashtag"), Choice(2, "b", "B")), "fr", question=7)


async def offered(rig: Rig, answer: Answer = CHOICES, *, words: str = "@guidebot quoi ?", **how: str) -> Address:
    """Have the bot answer somebody, and return where that was."""
    await rig.fake.say(words, **how)
    await rig.accepted.until(1)
    await rig.bot.mouth.reply(rig.accepted.last, Reply((answer,)))
    return rig.accepted.last.address


async def test_a_button_becomes_its_action_in_the_thread_that_it_stands_in(rig: Rig) -> None:
    address = await offered(rig)
    await asyncio.gather(rig.fake.press(PAUL, rig.fake.said[-1], "Hashtag"), answered(rig, 2))
    incoming = rig.accepted.last
    assert (incoming.kind, incoming.action) == (Kind.PRESS, Choose(7, "glossary/hashtag"))
    assert incoming.address == Address("mattermost", "", LAB, address.thread, PAUL)
    assert incoming.message == rig.fake.said[0].id


async def answered(rig: Rig, number: int) -> None:
    """Answer the event of that number with a word, as the desk does."""
    await rig.accepted.until(number)
    said = Answer(Outcome.NOTICE, (Paragraph("merci"),), "fr")
    await rig.bot.mouth.reply(rig.accepted.last, Reply((said,), Manner.SAY))


async def test_an_option_of_a_menu_becomes_its_action(rig: Rig) -> None:
    picks = tuple(Pick(f"Lieu {n}", Look(f"contact/{n}")) for n in range(9))
    await offered(rig, Answer(Outcome.NOTICE, picks, "fr"))
    menu = next(rig.fake.said[-1].actions)
    await asyncio.gather(rig.fake.act(ANNE, rig.fake.said[-1], menu, "4"), answered(rig, 2))
    assert rig.accepted.last.action == Look("contact/4")
    for option in ("9", "-1", "x", "99999999"):
        with pytest.raises(Refusal):
            await rig.fake.act(ANNE, rig.fake.said[-1], menu, option)


@pytest.mark.parametrize(
    ("name", "value"),
    [("actions", ["choose|8|b"]), ("channel", CLOSED), ("until", 9_999_999_999), ("user", ANNE), ("seal", "0" * 64)],
)
async def test_a_button_whose_context_was_changed_is_refused(rig: Rig, name: str, value: object) -> None:
    await offered(rig)
    action = rig.fake.said[-1].action("Hashtag")
    action["integration"]["context"][name] = value
    with pytest.raises(Refusal):
        await rig.fake.act(ANNE, rig.fake.said[-1], action)
    assert len(rig.accepted.events) == 1


async def test_a_button_copied_into_another_channel_is_refused(rig: Rig) -> None:
    await offered(rig)
    rig.fake.said[-1].channel = CLOSED
    with pytest.raises(Refusal):
        await rig.fake.press(ANNE, rig.fake.said[-1], "Hashtag")


async def test_a_button_that_is_too_old_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.mattermost_seal.BUTTON_DAYS", -1)
    await offered(rig)
    response = await rig.fake.press(ANNE, rig.fake.said[-1], "Hashtag")
    assert response["ephemeral_text"] == "stale\nstale"
    assert len(rig.accepted.events) == 1


async def test_a_decision_counts_once_and_a_look_as_often_as_it_is_taken(rig: Rig) -> None:
    parts = (Paragraph("oui"), Pick("Lyon", Look("contact/lyon")))
    await offered(rig, Answer(Outcome.ANSWER, parts, "fr", question=7))
    said = rig.fake.said[-1]
    for label in ("useful", "useful", "Lyon", "Lyon"):
        press = asyncio.create_task(rig.fake.press(ANNE, said, label))
        await asyncio.sleep(0.1)
        await rig.bot.mouth.reply(rig.accepted.last, Reply((Answer(Outcome.NOTICE, (Note("bien"),), "fr"),)))
        await press
    assert [one.action for one in rig.accepted.events[1:]] == [
        Rate(7, useful=True),
        Look("contact/lyon"),
        Look("contact/lyon"),
    ]


async def test_what_could_not_be_stored_is_told(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    await offered(rig)
    rig.accepted.broken = True
    response = await rig.fake.execute(ANNE, "/guide mot secret", channel=LAB)
    assert response["text"] == "error\nerror"
    assert (await rig.fake.press(ANNE, rig.fake.said[0], "Hashtag"))["ephemeral_text"] == "error\nerror"
    assert "StoreError" in caplog.text


async def test_the_log_never_tells_what_people_write(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await offered(rig, Answer(Outcome.ANSWER, (Note("secret"),), "fr"), words="@guidebot mot secret")
    await rig.fake.execute(GUEST, "/guide mot secret", channel=LAB)
    own = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp"))
    assert "secret" not in own
    assert "fake-bot-token" not in own


async def test_commands_in_a_burst_are_answered_in_time(rig: Rig) -> None:
    await asyncio.gather(*(rig.fake.execute(ANNE, f"/guide {n}", channel=LAB) for n in range(200)))
    assert len(rig.accepted.events) == 200
    assert max(rig.fake.seconds) < 3
