"""People talk with `guidebot serve` in Slack: the whole bot as a process, over Socket Mode and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_limits import texts
from tests.fakes.slack_served import HTTP, SOCKET_MODE, Bot, Person, serving, sqlite
from tests.fakes.slack_workspace import Posted

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFORT = ("patricia.lefort@inserm.fr", "04 72 13 88 04")
UNKNOWN = "zorglub quetsche"  # nothing that the guide, or any other service, is asked about

VAGUE = ("vie privée sur facebook", "le truc des réseaux", "les risques", "la publication de mes résultats")


@dataclass
class Office:
    fake: FakeSlack
    bot: Bot


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["Socket Mode", "HTTP"])
async def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    manner = SOCKET_MODE if request.param == "Socket Mode" else HTTP
    async with FakeSlack() as fake:
        database = sqlite(tmp_path_factory.mktemp("journeys"))
        async with serving(fake, database, manner, DISC_TEAM="slack:U0DISC") as bot:
            yield Office(fake, bot)
        assert not [line for line in bot.log if '"level": "error"' in line]


@pytest_asyncio.fixture(loop_scope="module")
async def anne(office: Office) -> Person:
    return Person(office.fake)


def shown(posted: Posted) -> str:
    return "\n".join(texts(posted.blocks))


def names_lefort(posted: Posted) -> bool:
    return all(words in shown(posted) for words in LEFORT)


async def choices(person: Person) -> Posted:
    """The first of some vague questions that is close to several entries, and sure of none."""
    for words in VAGUE:
        if "Rien de cela" in (asked := await person.mentions(words)).labels:
            return asked
    raise LookupError(f"nothing was vague enough in {VAGUE}")


class TestQuestions:
    async def test_a_mention_is_answered_in_its_thread(self, anne: Person) -> None:
        payload = anne.mention("qui contacter à Lyon ?")
        posted = await anne.gets(payload)
        assert (posted.channel, posted.thread) == (anne.channel, payload["event"]["ts"])
        assert names_lefort(posted)

    async def test_a_mention_within_a_thread_is_answered_there(self, anne: Person) -> None:
        assert (await anne.mentions("what is a hashtag?", thread_ts="1.000001")).thread == "1.000001"

    async def test_a_direct_message_is_answered_there_in_its_language(self, anne: Person) -> None:
        posted = await anne.writes("what is a hashtag?")
        assert (posted.channel, posted.thread) == (anne.direct, "")
        assert "A hashtag" in shown(posted)
        assert posted.labels == ["Useful", "Not useful"]

    async def test_what_the_guide_does_not_say_is_said_plainly(self, anne: Person) -> None:
        posted = await anne.writes(UNKNOWN)
        assert "Le guide ne répond pas" in shown(posted)
        assert "DISC" in shown(posted)

    async def test_each_acknowledgement_takes_less_than_half_a_second(self, office: Office, anne: Person) -> None:
        for words in ("bonjour", "merci", "c'est quoi un tweet ?"):
            await anne.writes(words)
        assert max(office.fake.acks) < 0.5


class TestCommands:
    @pytest.mark.parametrize("command", ["/glossary", "/glossaire"])
    async def test_a_term_is_explained_to_its_asker_alone(self, anne: Person, command: str) -> None:
        posted = await anne.commands(command, "hashtag")
        assert (posted.method, posted.ephemeral) == ("response_url", True)
        assert "Mot-dièse / Hashtag" in shown(posted)

    async def test_a_near_miss_says_which_term_it_took(self, anne: Person) -> None:
        assert "J’ai compris « Mot-dièse / Hashtag »" in shown(await anne.commands("/glossary", "hashtaag"))

    async def test_an_unknown_term_offers_the_nearest(self, anne: Person) -> None:
        posted = await anne.commands("/glossary", "zorglub")
        assert {"Utile", "Pas utile"} < set(posted.labels)
        assert "transmis" in shown(posted)

    async def test_a_town_has_its_contact(self, anne: Person) -> None:
        assert names_lefort(await anne.commands("/contact", "lyon"))

    @pytest.mark.parametrize(
        ("command", "offered"),
        [("/glossary", "Tweet"), ("/contact", "Lyon"), ("/guide", "Pas d’anonymat ni de faux profils")],
    )
    async def test_without_a_word_everything_can_be_picked(self, anne: Person, command: str, offered: str) -> None:
        listed = await anne.commands(command)
        assert listed.ephemeral
        picked = await anne.presses(listed, offered)
        assert (picked.method, picked.ephemeral) == ("response_url", True)
        assert "2016" in shown(picked)

    async def test_the_guide_answers_a_question(self, anne: Person) -> None:
        assert names_lefort(await anne.commands("/guide", "contact lyon"))

    async def test_an_answer_can_be_shared_with_the_channel_and_names_who_asked(self, anne: Person) -> None:
        private = await anne.commands("/contact", "lyon")
        shared = await anne.presses(private, "Partager dans le canal")
        assert (shared.channel, shared.ephemeral) == (anne.channel, False)
        assert f"<@{anne.id}>" in shown(shared)
        assert names_lefort(shared)

    async def test_sharing_reaches_a_channel_that_the_bot_is_not_in(self, office: Office, anne: Person) -> None:
        office.fake.members.discard(anne.channel)
        shared = await anne.presses(await anne.commands("/contact", "lyon"), "Partager dans le canal")
        assert (shared.method, shared.ephemeral) == ("response_url", False)


class TestButtons:
    async def test_a_choice_replaces_the_choices(self, anne: Person) -> None:
        asked = await choices(anne)
        answer = await anne.presses(asked, asked.labels[0])
        assert (answer.method, answer.replaces) == ("chat.update", asked.ts)
        assert "2016" in shown(answer)
        assert "Utile" in answer.labels

    async def test_none_of_these_is_passed_on(self, anne: Person) -> None:
        asked = await choices(anne)
        answer = await anne.presses(asked, "Rien de cela")
        assert (answer.method, answer.replaces) == ("chat.update", asked.ts)
        assert "transmis votre question au DISC" in shown(answer)

    async def test_an_opinion_is_thanked_for_and_a_bad_one_reaches_the_disc(self, anne: Person) -> None:
        answer = await anne.mentions("c'est quoi un tweet ?")
        thanks = await anne.presses(answer, "Utile")
        assert (thanks.ephemeral, thanks.text) == (True, "Merci !")
        assert "DISC" in (await anne.presses(answer, "Pas utile")).text

    async def test_a_choice_is_its_asker_s(self, office: Office, anne: Person) -> None:
        private = await anne.commands("/contact", "lyon")
        paul = Person(office.fake)
        payload = payloads.press(private, private.button("Partager dans le canal"), user=paul.id)
        assert "Seule la personne" in (await paul.gets(payload)).text


class TestHome:
    async def test_it_shows_the_ways_in_and_what_is_kept(self, anne: Person) -> None:
        await anne.writes("c'est quoi un tweet ?")
        home = await anne.opens_home()
        assert (home.method, home.user) == ("views.publish", anne.id)
        assert {"Tweet", "Lyon", "Tout effacer"} <= set(home.labels)
        assert "questions : 1 " in shown(home)

    async def test_an_entry_picked_there_comes_by_direct_message(self, anne: Person) -> None:
        posted = await anne.presses(await anne.opens_home(), "Lyon")
        assert posted.channel == anne.id
        assert names_lefort(posted)

    async def test_what_is_kept_can_be_erased(self, anne: Person) -> None:
        await anne.writes(UNKNOWN)
        mine = await anne.commands("/guide", "mes-données")
        assert UNKNOWN in shown(mine)
        assert "effacé" in (await anne.presses(mine, "Tout effacer")).text
        assert "Rien." in shown(await anne.commands("/guide", "mes-données"))


class TestOnce:
    async def test_the_same_event_three_times_is_answered_once(self, office: Office, anne: Person) -> None:
        payload = anne.mention("c'est quoi un tweet ?")
        assert await asyncio.gather(*(office.fake.deliver(payload) for _ in range(3))) == [200] * 3
        await anne.writes("bonjour")
        assert len([posted for posted in anne.heard() if posted.channel == anne.channel]) == 1

    async def test_edits_bots_and_the_bot_itself_are_acknowledged_and_ignored(
        self, office: Office, anne: Person
    ) -> None:
        ignored = [
            anne.message("c'est quoi un tweet ?", subtype="message_changed"),
            anne.message("c'est quoi un tweet ?", subtype="message_deleted"),
            anne.message("c'est quoi un tweet ?", subtype="channel_join"),
            anne.message("c'est quoi un tweet ?", edited={"user": anne.id, "ts": "1.0"}),
            anne.message("c'est quoi un tweet ?", bot_id="B0OTHER"),
            payloads.direct("c'est quoi un tweet ?", user=payloads.BOT_USER, channel=anne.direct),
            payloads.said("c'est quoi un tweet ?", user=anne.id, channel=anne.channel),
        ]
        assert {await office.fake.deliver(payload) for payload in ignored} == {200}
        await anne.writes("bonjour")
        assert len(anne.heard()) == 1


class TestStrangers:
    async def test_somebody_of_another_workspace_is_refused_politely(self, office: Office) -> None:
        stranger = Person(office.fake, team_id="T0OTHER", is_stranger=True)
        posted = await stranger.mentions("qui contacter à Lyon ?", user_team="T0OTHER")
        assert posted.ephemeral
        assert "personnel de cet espace" in posted.text

    async def test_a_guest_is_served(self, office: Office) -> None:
        guest = Person(office.fake, is_restricted=True)
        assert names_lefort(await guest.writes("qui contacter à Lyon ?"))

    async def test_only_the_disc_closes_gaps(self, anne: Person) -> None:
        answer = await anne.writes(UNKNOWN)
        button = {**answer.button("Utile"), "value": "close-gap|1|outside"}
        refused = await anne.gets(payloads.press(answer, button, user=anne.id))
        closed = await anne.gets(payloads.press(answer, button, user="U0DISC"))
        assert refused.text == "C’est réservé à l’équipe du DISC."
        assert closed.text == "Lacune n° 1 close (hors sujet)."


HOSTILE = [
    "x" * 40_000,
    "qui contacter à Lyon ?\x00\x07",
    "\u202eqzorglub\u2066 quetsche",
    "&lt;!channel&gt; *zorglub* _quetsche_ `a` ```b``` &lt;https://evil.example|inserm.fr&gt;",
    "<!channel> <!here> zorglub",
    "<https://evil.example|inserm.fr> zorglub",
    "=cmd|' /C calc'!A0 {user} {0} %s !!python/object:os.system",
    "   ",
]


class TestHostile:
    @pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
    async def test_whatever_is_typed_gets_an_answer_and_stays_words(self, anne: Person, words: str) -> None:
        for posted in (await anne.writes(words), await anne.commands("/glossary", words), await anne.opens_home()):
            said = [posted.text, *(block["text"] for block in _markup(posted.blocks))]
            assert not [text for text in said if "<!" in text or "<http" in text or "\u202e" in text]
            assert not [block for block in _markup(posted.blocks) if "evil.example" in block["text"]]


def _markup(value: Any) -> list[dict[str, Any]]:
    """Whatever Slack reads markup in."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, dict) and value.get("type") == "mrkdwn" else []
    return found + [markup for one in inner for markup in _markup(one)]
