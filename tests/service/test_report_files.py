"""Screenshots of a report, through the whole conversation: from the form to the mail."""

from __future__ import annotations

import pytest

from bot.adapters.mail_message import build
from bot.core.actions import Change
from bot.core.answers import FormPart
from bot.core.errors import DeliveryError
from bot.core.forms import Upload
from tests.fakes.mouth import PAUL, RecordingMouth, presses
from tests.service.talk import Talk

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PDF = b"%PDF-1.7\n" + bytes(100)
SHOT, PAPER = Upload("Capture d'écran.png", "F1"), Upload("vrai.png", "F2")


@pytest.fixture(autouse=True)
def files(mouth: RecordingMouth) -> None:
    mouth.files = {"F1": PICTURE, "F2": PDF, "F3": b"MZ\x90\x00"}


async def mailed(talk: Talk) -> list[tuple[str | None, str, bytes]]:
    """The files of the mail that waits: names, kinds, contents."""
    letter = await talk.store.claim_letter(["mail"])
    assert letter is not None
    assert letter.mail is not None
    message = build(letter, await talk.store.attachments(letter.mail.attachments), sender="guidebot@inserm.example")
    attached = message.iter_attachments()
    return [(part.get_filename(), part.get_content_type(), part.get_content()) for part in attached]


async def test_what_the_preview_names_is_what_the_mail_carries(talk: Talk) -> None:
    preview = await talk.fills_in(SHOT, PAPER)
    assert "Pièce jointe : Capture-d-ecran.png (image/png, 1 ko)" in preview
    assert "Pièce jointe : vrai.pdf (application/pdf, 1 ko)" in preview  # a PDF that was named .png
    await talk.sends()
    assert await mailed(talk) == [
        ("Capture-d-ecran.png", "image/png", PICTURE),
        ("vrai.pdf", "application/pdf", PDF),
    ]


@pytest.mark.parametrize(
    ("ref", "said"),
    [("F3", "Seules les images"), ("F4", "récupérer le fichier"), ("F5", "10 Mo")],
    ids=["another kind", "not to be had", "too large"],
)
async def test_a_file_that_does_not_travel_is_told_and_holds_up_nothing(talk: Talk, ref: str, said: str) -> None:
    talk.mouth.files["F5"] = PICTURE + bytes(10_000_000)
    preview = await talk.fills_in(SHOT, Upload("a\r\nBcc: x", ref))
    assert "« a Bcc: x » ne sera pas envoyé. " in preview
    assert said in preview
    assert "Pièce jointe : Capture-d-ecran.png" in preview
    assert "On accuse l'Inserm de fraude." in preview
    await talk.sends()
    assert [name for name, _, _ in await mailed(talk)] == ["Capture-d-ecran.png"]


async def test_a_draft_keeps_drops_and_gains_files_when_it_is_changed(talk: Talk) -> None:
    await talk.fills_in(SHOT, PAPER)
    await talk.hears(presses(Change(1)))
    (form,) = [part.form for part in talk.mouth.last.answers[0].parts if isinstance(part, FormPart)]
    shot, paper = form.files
    assert (shot.name, shot.size, paper.name) == ("Capture-d-ecran.png", len(PICTURE), "vrai.pdf")
    preview = await talk.fills_in(shot, SHOT, report=1)
    assert "Pièce jointe : Capture-d-ecran-2.png" in preview
    assert "vrai.pdf" not in preview
    assert (await talk.report()).attachments[0].id == shot.kept


async def test_the_same_form_decided_on_twice_attaches_once(talk: Talk) -> None:
    talk.mouth.failures = [DeliveryError("503", after=0)]
    await talk.fills_in(SHOT)
    once = await talk.report()
    assert len(once.attachments) == 1
    assert "Pièce jointe : Capture-d-ecran.png" in await talk.tries_again()
    assert await talk.report() == once


async def test_a_file_that_is_gone_at_the_second_try_stays_with_the_draft(talk: Talk) -> None:
    talk.mouth.failures = [DeliveryError("503", after=0)]
    await talk.fills_in(SHOT)
    talk.mouth.files.clear()
    assert "Pièce jointe : Capture-d-ecran.png" in await talk.tries_again()


async def test_another_person_adds_no_file_to_a_draft(talk: Talk) -> None:
    await talk.fills_in(SHOT)
    once = await talk.report()
    assert "Pièce jointe" not in await talk.fills_in(PAPER, report=1, address=PAUL)
    assert await talk.report() == once


async def test_nothing_is_attached_to_what_was_sent(talk: Talk) -> None:
    await talk.fills_in(SHOT)
    await talk.sends()
    await talk.fills_in(PAPER, report=1)
    assert [name for name, _, _ in await mailed(talk)] == ["Capture-d-ecran.png"]
    assert len((await talk.report()).attachments) == 1
