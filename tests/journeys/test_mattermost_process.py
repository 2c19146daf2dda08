"""`guidebot serve` as a process, set to the fake Mattermost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import ROOT
from tests.fakes.mail_server import MailServer
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_state import ANNE, BOT, BOT_TOKEN, DISC, LAB, PAUL, Said
from tests.fakes.slack_served import free_port, sqlite

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFORT = ("patricia.lefort@inserm.fr", "04 72 13 88 04")
ANSWER_SECONDS = 30.0
PRESS = "presse@inserm.fr"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Office:
    server: FakeMattermost
    mail: MailServer

    async def gets(self, words: str, *, by: Awaitable[object], where: str = "", who: str = "") -> Said:
        """What comes back with these words in it, once somebody has done that."""
        before = len(self.server.said)
        await by
        return await self.server.heard(
            lambda one: (
                words in one.text
                and one in self.server.said[before:]
                and where in {"", one.channel}
                and who in {"", one.user}
            ),
            within=ANSWER_SECONDS,
        )

    async def mailed(self, number: str) -> EmailMessage:
        async with asyncio.timeout(ANSWER_SECONDS):
            while not (found := [m for m in self.mail.mails if m["To"] == PRESS and number in m["Subject"]]):  # noqa: ASYNC110 - a server appends
                await asyncio.sleep(0.05)
        return found[-1]


@asynccontextmanager
async def serving(server: FakeMattermost, folder: Path, **settings: str) -> AsyncIterator[Process]:
    """A bot that hears the server; stopped at the end, which must go well."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "MATTERMOST_URL": server.url,
        "MATTERMOST_TOKEN": BOT_TOKEN,
        "MATTERMOST_CALLBACK_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": sqlite(folder),
        "SECRET_KEY": "a key that replicas share",
        "HTTP_PORT": str(port),
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=ROOT, env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        await server.connected(within=60)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, log.decode()
        assert b'"level": "error"' not in log


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("mattermost")
    async with FakeMattermost() as server, MailServer().running() as mail:
        settings = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "guidebot@inserm.example",
            "PRESS_TEAM": f"mattermost:{PAUL}",
            "ALERTS_CHANNEL": f"mattermost:{DISC}",
        }
        async with serving(server, folder, **settings):
            yield Office(server, mail)


async def test_a_mention_is_answered_in_its_thread(office: Office) -> None:
    post = await office.server.say("@guidebot qui contacter à Lyon ?")
    said = await office.server.heard(lambda one: "Lefort" in one.text, within=ANSWER_SECONDS)
    assert all(words in said.text for words in LEFORT)
    assert (said.channel, said.root) == (LAB, post["id"])


async def test_a_direct_message_is_answered_and_a_typed_word_is_its_button(office: Office) -> None:
    await office.server.dm("what is a hashtag?")
    await office.server.heard(lambda one: "A hashtag" in one.text, within=ANSWER_SECONDS)
    before = len(office.server.said)
    await office.server.dm("useful")
    said = await office.server.heard(lambda one: one in office.server.said[before:], within=ANSWER_SECONDS)
    assert "DISC" not in said.text


async def test_a_command_is_answered_to_its_author_alone(office: Office) -> None:
    await office.server.execute(ANNE, "/glossary hashtag", channel=LAB)
    said = await office.server.heard(lambda one: one.user == ANNE and one.text != "…", within=ANSWER_SECONDS)
    assert "mot-dièse" in said.text.lower()


async def test_a_button_works(office: Office) -> None:
    await office.server.dm("C'est quoi un tweet ?")
    said = await office.server.heard(lambda one: "Utile" in one.labels, within=ANSWER_SECONDS)
    answer = await office.server.press(ANNE, said, "Utile")
    assert answer


def number_in(said: Said) -> str:
    return said.text.partition("n° ")[2][:8]


async def test_a_report_by_dialog_becomes_a_case_that_is_followed_to_its_end(office: Office) -> None:
    server = office.server
    opened = await server.execute(ANNE, "/signaler https://twitter.com/a/status/1?s=20", channel=LAB)
    assert "Le formulaire s’ouvre" in opened["text"]
    dialog = server.dialogs[-1]
    assert dialog.element("link")["default"] == "https://twitter.com/a/status/1?s=20"
    wrong = await server.submit(dialog, said="On nous accuse de fraude", seen="le 35 du mois", link="javascript:1")
    assert set(wrong["errors"]) == {"seen", "link"}
    there = server.direct(ANNE, BOT)
    submitted = server.submit(dialog, said="On nous accuse de fraude @all", seen="hier 18h", urgent=True, copy_me=True)
    preview = await office.gets("Rien n’est encore parti", by=submitted, where=there)
    assert "anne@lab.example" in preview.text
    receipt = await office.gets("est enregistré", by=server.press(ANNE, preview, "Envoyer"))
    assert (receipt.how, receipt.id, receipt.labels) == ("edit", preview.id, ["Envoyé par erreur"])
    number = number_in(receipt)
    mail = await office.mailed(number)
    assert mail["Subject"].startswith(f"[E-réputation {number}] X : URGENT")
    assert mail["Reply-To"] == "anne@lab.example"

    card = await server.heard(lambda one: one.channel == DISC and number in one.text, within=ANSWER_SECONDS)
    assert server.posts[card.id]["metadata"]["priority"] == {"priority": "urgent"}
    refused = await office.gets("réservé au service de presse", by=server.dm(f"prendre {number}"))
    assert refused.channel == there
    taken = await office.gets("Prise en charge par", by=server.press(PAUL, card, "Je m’en charge"))
    assert (taken.how, taken.id) == ("edit", card.id)
    await server.heard(lambda one: one.channel == there and "s’occupe de votre" in one.text, within=ANSWER_SECONDS)
    closing = server.say(f"clore {number} traitée", user=PAUL, channel=DISC, root_id=card.id)
    await office.gets("Close par", by=closing, where=DISC)
    await server.heard(lambda one: one.channel == there and "a été traité" in one.text, within=ANSWER_SECONDS)


async def test_a_report_by_typing_alone_with_a_screenshot(office: Office) -> None:
    server, there = office.server, office.server.direct(PAUL, BOT)

    async def says(words: str, back: str, **more: object) -> Said:
        return await office.gets(back, by=server.dm(words, user=PAUL, **more), where=there)

    post = "je viens de voir un tweet qui accuse l'Inserm de fraude https://example.org/typed"
    offer = await office.gets("presse@inserm.fr", by=server.say(f"@guidebot {post}", user=PAUL), where=there)
    assert "Préparer un signalement" in offer.labels
    asked = await says("préparer", "Lien de la publication")
    assert "https://example.org/typed" in asked.text
    await says("ok", "Que dit-elle")
    await says("garder", "Quand l’avez-vous vue")
    await says("hier 18h", "Est-ce urgent")
    await says("peut-être", "Est-ce urgent")
    await says("non", "Une copie pour vous")
    await says("non", "Une copie à un contact")
    await says("-", "Une capture d’écran")
    shot = server.uploaded("Capture d'écran.png", PICTURE)
    preview = await says("", "Rien n’est encore parti", file_ids=[shot])
    assert "Capture-d-ecran.png" in preview.text
    await says("modifier", "Lien de la publication")
    await says("-", "Que dit-elle")
    await says("annuler", "rien n’est envoyé")
    receipt = await office.gets("est enregistré", by=server.press(PAUL, preview, "Envoyer"), where=there)
    mail = await office.mailed(number_in(receipt))
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == PICTURE
    await says("envoyé par erreur", "rectificatif")


async def test_a_post_is_reported_by_a_reply_under_it(office: Office) -> None:
    root = await office.server.say("Regardez ce que dit https://example.org/under de nous", user=PAUL)
    reply = office.server.say("@guidebot signaler", root_id=root["id"])
    asked = await office.gets("Lien de la publication", by=reply, where=office.server.direct(ANNE, BOT))
    assert "https://example.org/under" in asked.text
    await office.gets("rien n’est envoyé", by=office.server.dm("annuler"))


async def test_what_was_said_while_nobody_listened_is_answered_at_the_next_start(tmp_path: Path) -> None:
    async with FakeMattermost() as server:
        async with serving(server, tmp_path):
            await server.dm("what is a hashtag?")
            await server.heard(lambda one: "A hashtag" in one.text, within=ANSWER_SECONDS)
        await server.restart()
        await server.dm("who is the Lyon comm contact?")
        async with serving(server, tmp_path):
            said = await server.heard(lambda one: "Lefort" in one.text, within=ANSWER_SECONDS)
        assert all(words in said.text for words in LEFORT)
        assert len([one for one in server.said if "A hashtag" in one.text]) == 1


async def test_five_hundred_posts_while_the_socket_is_cut_twice_are_each_answered_once(tmp_path: Path) -> None:
    async with FakeMattermost() as server:
        async with serving(server, tmp_path):
            posts = []
            for number in range(500):
                if number in {150, 350}:
                    await server.cut()
                posts.append((await server.say("@guidebot c’est quoi un hashtag ?"))["id"])
            async with asyncio.timeout(3 * ANSWER_SECONDS):
                while not {one.root for one in server.said}.issuperset(posts):  # noqa: ASYNC110 - a server appends
                    await asyncio.sleep(0.05)
        assert sorted(one.root for one in server.said if one.root) == sorted(posts)
