"""A report in Slack, from the message to the closed case: `guidebot serve` as a process, and a mail server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio

from bot.chat.slack_form import SHORTCUT
from tests.fakes import slack_payloads as payloads
from tests.fakes.mail_server import MailServer
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_limits import texts
from tests.fakes.slack_served import HTTP, SOCKET_MODE, Person, serving, sqlite
from tests.fakes.slack_workspace import Posted

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = "Ce compte affirme que l'Inserm cache des résultats https://twitter.com/a/status/{number}?s=20"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PRESS = "presse@inserm.fr"


@dataclass
class Office:
    fake: FakeSlack
    mail: MailServer
    posts: int = 0


@dataclass
class Reporter:
    """Somebody who reports a post of their own finding."""

    office: Office
    person: Person
    said: str

    async def opens(self, payload: dict[str, Any]) -> dict[str, Any]:
        before = len(self.office.fake.views)
        assert await self.office.fake.deliver(payload) == 200
        assert len(self.office.fake.views) == before + 1
        return self.office.fake.views[-1]

    async def uses_the_shortcut(self) -> dict[str, Any]:
        return await self.opens(payloads.message_shortcut(SHORTCUT, self.said, user=self.person.id))

    async def submits(self, view: dict[str, Any], **typed: Any) -> Posted:
        return await self.person.gets(payloads.submission(view, user=self.person.id, **typed))

    async def sends(self) -> Posted:
        preview = await self.submits(await self.uses_the_shortcut())
        return await self.person.presses(preview, "Envoyer")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["Socket Mode", "HTTP"])
async def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    manner = SOCKET_MODE if request.param == "Socket Mode" else HTTP
    async with FakeSlack(interval=0.0) as fake, MailServer().running() as mail:
        settings = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail.port),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "guidebot@inserm.example",
            "PRESS_TEAM": "slack:S0PRESS",
            "ALERTS_CHANNEL": "slack:C0ALERTS",
            "SLACK_FILES": "yes",
        }
        fake.members.add("C0ALERTS")
        fake.groups["S0PRESS"] = ["U0PRESS"]
        async with serving(fake, sqlite(tmp_path_factory.mktemp("reports")), manner, **settings) as bot:
            yield Office(fake, mail)
        assert not [line for line in bot.log if '"level": "error"' in line]


@pytest_asyncio.fixture(loop_scope="module")
async def anne(office: Office) -> Reporter:
    office.posts += 1
    person = Person(office.fake, real_name="Anne Martin", profile={"email": "anne.martin@inserm.example"})
    return Reporter(office, person, SAID.format(number=office.posts))


def shown(posted: Posted) -> str:
    return "\n".join(texts(posted.blocks))


async def card(office: Office, number: str, words: str = "") -> Posted:
    return await office.fake.said(
        lambda posted: posted.channel == "C0ALERTS" and number in shown(posted) and words in shown(posted), within=20
    )


async def mails(office: Office, number: str) -> list[EmailMessage]:
    """The press office's mails about a case, once one has come, and whatever comes with it."""
    async with asyncio.timeout(20):
        while not (found := [m for m in office.mail.mails if m["To"] == PRESS and number in m["Subject"]]):  # noqa: ASYNC110 - a server appends
            await asyncio.sleep(0.1)
    return found


def number_in(receipt: Posted) -> str:
    return shown(receipt).partition("n° ")[2][:8]


async def test_a_message_becomes_a_case_that_is_followed_to_its_end(office: Office, anne: Reporter) -> None:
    view = await anne.uses_the_shortcut()
    preview = await anne.submits(view, ticks=["urgent", "copy_me"], seen="hier 18h")
    assert "Rien n’est encore parti" in shown(preview)
    assert all(address in shown(preview) for address in (PRESS, "anne.martin@inserm.example"))
    assert not [mail for mail in office.mail.mails if anne.said[-6:] in mail.get_content()]

    receipt = await anne.person.presses(preview, "Envoyer")
    number = number_in(receipt)
    assert "+33 (0)1 44 23 60 97" in shown(receipt)
    alert = await card(office, number)
    (mail,) = await mails(office, number)
    assert mail["Subject"].startswith(f"[E-réputation {number}] X : URGENT")
    assert mail["Reply-To"] == "anne.martin@inserm.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "demande de Anne Martin" in " ".join(mail.get_content().split())

    press = payloads.press(alert, alert.button("Je m’en charge"), user="U0PRESS")
    assert await office.fake.deliver(press) == 200
    taken = await card(office, number, "Prise en charge par @U0PRESS")
    assert taken.replaces == alert.ts
    assert "Je m’en charge" not in taken.labels
    await office.fake.said(lambda p: p.channel == anne.person.id and "s’occupe de votre signalement" in shown(p))

    press = payloads.press(taken, taken.button("Clore : traitée"), user="U0PRESS")
    assert await office.fake.deliver(press) == 200
    closed = await card(office, number, "Close par @U0PRESS : traitée")
    assert not closed.labels
    await office.fake.said(lambda p: p.channel == anne.person.id and "a été traité" in shown(p))


async def test_only_the_press_office_takes_a_case(office: Office, anne: Reporter) -> None:
    number = number_in(await anne.sends())
    alert = await card(office, number)
    before = len(office.fake.sent)
    payload = payloads.press(alert, alert.button("Je m’en charge"), user=anne.person.id)
    assert await office.fake.deliver(payload) == 200
    refused = await office.fake.said(lambda p: p.user == anne.person.id, since=before)
    assert refused.ephemeral
    assert not [p for p in office.fake.sent[before:] if "Prise en charge" in shown(p) and number in shown(p)]


async def test_the_same_click_and_the_same_form_twice_make_one_case_and_one_letter(
    office: Office, anne: Reporter
) -> None:
    view = await anne.uses_the_shortcut()
    form = payloads.submission(view, user=anne.person.id)
    preview = await anne.person.gets(form)
    assert await office.fake.deliver(form) == 200
    send = payloads.press(preview, preview.button("Envoyer"), user=anne.person.id)
    receipt = await anne.person.gets(send)
    assert await office.fake.deliver(send) == 200
    again = payloads.press(preview, preview.button("Envoyer"), user=anne.person.id)
    assert await office.fake.deliver(again) == 200
    number = number_in(receipt)
    await card(office, number)
    assert len(await mails(office, number)) == 1
    assert len([p for p in anne.person.heard() if "Rien n’est encore parti" in shown(p)]) == 1


async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_stored(office: Office, anne: Reporter) -> None:
    view = await anne.uses_the_shortcut()
    payload = payloads.submission(view, user=anne.person.id, said=" ", link="javascript:alert(1)", seen="le 35")
    assert await office.fake.deliver(payload) == 200
    assert office.fake.acknowledgement["response_action"] == "errors"
    assert set(office.fake.acknowledgement["errors"]) == {"said", "link", "seen"}


async def test_a_screenshot_travels_with_the_mail_and_what_is_no_image_is_told(office: Office, anne: Reporter) -> None:
    shot = office.fake.uploaded("Capture d'écran.png", PICTURE)
    script = office.fake.uploaded("capture.png", b"#!/bin/sh\n")
    preview = await anne.submits(await anne.uses_the_shortcut(), files=[shot, script])
    assert "Pièce jointe : Capture-d-ecran.png (image/png" in shown(preview)
    assert "« capture.png » ne sera pas envoyé. Seules les images" in shown(preview)
    view = await anne.opens(payloads.press(preview, preview.button("Modifier"), user=anne.person.id))
    preview = await anne.submits(view, said="Avec une capture")
    receipt = await anne.person.presses(preview, "Envoyer")
    (mail,) = await mails(office, number_in(receipt))
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Capture-d-ecran.png", PICTURE)


async def test_files_that_are_too_large_are_told_at_their_field(office: Office, anne: Reporter) -> None:
    large = office.fake.uploaded("film.png", PICTURE, size=10_000_001)
    payload = payloads.submission(await anne.uses_the_shortcut(), user=anne.person.id, files=[large])
    assert await office.fake.deliver(payload) == 200
    assert set(office.fake.acknowledgement["errors"]) == {"files"}


async def test_the_form_opens_without_its_files_where_slack_refuses_them(office: Office, anne: Reporter) -> None:
    office.fake.blind = True
    try:
        view = await anne.uses_the_shortcut()
    finally:
        office.fake.blind = False
    assert "files" not in {block.get("block_id") for block in view["blocks"]}


async def test_words_lead_to_a_private_offer_and_its_button_to_the_form(anne: Reporter) -> None:
    offer = await anne.person.mentions("je viens de voir un tweet qui accuse l'Inserm de fraude https://example.org/f")
    assert (offer.ephemeral, offer.user) == (True, anne.person.id)
    assert offer.labels[:3] == ["Préparer un signalement", "Comment ça se passe ?", "Ne rien signaler"]
    view = await anne.opens(payloads.press(offer, offer.button("Préparer un signalement"), user=anne.person.id))
    typed = {block["block_id"]: block["element"].get("initial_value") for block in view["blocks"][1:]}
    assert typed["link"] == "https://example.org/f"
    assert "accuse l'Inserm de fraude" in typed["said"]


@pytest.mark.parametrize("command", ["/signaler", "/report"])
async def test_a_command_opens_the_form_with_its_link(anne: Reporter, command: str) -> None:
    payload = payloads.command(command, "https://example.org/x", user=anne.person.id, channel=anne.person.channel)
    view = await anne.opens(payload)
    assert view["blocks"][2]["element"]["initial_value"] == "https://example.org/x"


async def test_a_draft_is_changed_under_its_number(anne: Reporter) -> None:
    preview = await anne.submits(await anne.uses_the_shortcut())
    view = await anne.opens(payloads.press(preview, preview.button("Modifier"), user=anne.person.id))
    changed = await anne.submits(view, said="Une vidéo truquée")
    assert number_in(changed) == number_in(preview)
    assert "Une vidéo truquée" in shown(changed)
    assert changed.replaces == preview.ts


async def test_a_report_that_was_sent_by_mistake_is_corrected(office: Office, anne: Reporter) -> None:
    receipt = await anne.sends()
    alert = await card(office, number_in(receipt))
    said = await anne.person.presses(receipt, "Envoyé par erreur")
    assert "est annulé" in shown(said)
    assert said.replaces == receipt.replaces
    assert not said.labels
    gone = await card(office, number_in(receipt), "Annulée par la personne")
    assert gone.replaces == alert.ts
    assert not gone.labels


async def test_the_same_post_is_told_to_the_second_who_reports_it(office: Office, anne: Reporter) -> None:
    number = number_in(await anne.sends())
    paul = Reporter(office, Person(office.fake, real_name="Paul"), anne.said)
    already = await paul.submits(await paul.uses_the_shortcut())
    assert "a déjà été signalée" in shown(already)
    preview = await paul.person.presses(already, "Ajouter mon témoignage")
    receipt = await paul.person.presses(preview, "Envoyer")
    assert number_in(receipt) == number
