"""A report in the terminal, from the first words to the mail, as whoever tries the bot types it."""

from __future__ import annotations

import email
import os
import subprocess
import sys
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from bot.settings import ROOT

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
POST = "je viens de voir un tweet qui accuse l'Inserm de fraude https://twitter.com/someone/status/12?s=20"
FILLED_IN = ["", "", "hier 18h", "oui", "non", "Lyon", ""]


class Bot:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hears(self, *lines: str, locale: str = "fr_FR.UTF-8") -> str:
        told = "".join(f"{line}\n" for line in lines)
        environment = {**os.environ, "LANG": locale, "MAIL_COPIES_DIR": str(self._folder / "outbox")}
        done = subprocess.run(
            [sys.executable, "-m", "bot", "chat"],
            input=told.encode(),
            capture_output=True,
            timeout=60,
            check=False,
            cwd=ROOT,
            env=environment,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    def mails(self) -> dict[str, EmailMessage]:
        return {
            path.name: email.message_from_bytes(path.read_bytes(), policy=default)
            for path in sorted((self._folder / "outbox").glob("*.eml"))
        }


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/guidebot.db")
    return Bot(tmp_path)


def test_a_report_leads_to_a_numbered_receipt_and_a_readable_mail(bot: Bot) -> None:
    shown = bot.hears(POST, "préparer un signalement", *FILLED_IN, "envoyer")
    assert "Rien n’est encore parti." in shown
    assert "Votre signalement n° 2026-001 est enregistré" in shown
    assert shown.count("+33 (0)1 44 23 60 97") == 2
    mails = bot.mails()
    assert {mail["To"] for mail in mails.values()} == {"presse@inserm.fr", "patricia.lefort@inserm.fr"}
    press = next(mail for mail in mails.values() if mail["To"] == "presse@inserm.fr")
    text = press.get_content()
    assert press["Subject"].startswith("[E-réputation 2026-001] X : URGENT")
    assert "hxxps://twitter[.]com/someone/status/12" in text
    assert text.rstrip().endswith("https://twitter.com/someone/status/12")


def test_what_was_shown_is_what_is_sent(bot: Bot) -> None:
    shown = bot.hears("/signaler https://example.org/a", "", "on nous accuse de fraude", "", "", "", "", "", "1")
    (mail,) = bot.mails().values()
    previewed = "\n".join(line.removeprefix("  │ ") for line in shown.splitlines() if line.startswith("  │"))
    assert " ".join(mail.get_content().split()) in " ".join(previewed.split())


def test_nothing_is_sent_without_a_yes(bot: Bot) -> None:
    assert "rien n’est envoyé" in bot.hears(POST, "ne rien signaler")
    assert "Rien n’est encore parti" in bot.hears(POST, "1", *FILLED_IN)
    assert "rien n’a été envoyé" in bot.hears(POST, "1", *FILLED_IN, "annuler")
    assert "rien n’est envoyé" in bot.hears(POST, "1", "", "annuler")
    assert not bot.mails()


def test_an_error_names_its_field_and_loses_nothing(bot: Bot) -> None:
    shown = bot.hears(POST, "1", "", "", "le 35 du mois", "non", "non", "Atlantide", "", "hier", "Lyon", "1")
    assert "Je ne lis pas cette date." in shown
    assert "Je ne connais pas ce contact." in shown
    assert "Votre signalement n° 2026-001 est enregistré" in shown


def test_a_screenshot_travels_with_the_mail(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "Ma capture.txt").write_bytes(PICTURE)
    (tmp_path / "notes.png").write_text("rien d'une image")
    paths = [f"{tmp_path}/nulle-part.png", f"{tmp_path}/notes.png", str(tmp_path), f"'{tmp_path}/Ma capture.txt'"]
    shown = bot.hears(POST, "1", *FILLED_IN[:-1], *paths, "1")
    assert shown.count("Ce fichier n’existe pas") == 2
    assert "Seules les images" in shown
    assert "Pièce jointe : Ma-capture.png (image/png" in shown
    for mail in bot.mails().values():
        (attached,) = mail.iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == ("Ma-capture.png", PICTURE)


def test_a_draft_can_be_changed_and_keeps_its_number(bot: Bot) -> None:
    shown = bot.hears(POST, "1", *FILLED_IN, "modifier", "", "une vidéo truquée", "", "", "", "", "", "envoyer")
    assert shown.count("Signalement n° 2026-001 : à relire") == 2
    assert any("une vidéo truquée" in mail.get_content() for mail in bot.mails().values())


def test_a_report_that_was_sent_by_mistake_is_corrected(bot: Bot) -> None:
    shown = bot.hears(POST, "1", *FILLED_IN, "envoyer", "envoyé par erreur")
    assert "Un rectificatif part à : presse@inserm.fr" in shown
    corrections = [mail for name, mail in bot.mails().items() if name.startswith("correction")]
    assert len(corrections) == 2
    assert all("ANNULÉ" in mail["Subject"] and mail["In-Reply-To"] for mail in corrections)


def test_the_same_post_joins_its_case(bot: Bot) -> None:
    bot.hears(POST, "1", *FILLED_IN, "envoyer")
    shown = bot.hears(POST, "1", *FILLED_IN, "ajouter mon témoignage", "envoyer")
    assert "a déjà été signalée" in shown
    assert "Votre signalement n° 2026-001 est enregistré" in shown
    shown = bot.hears(POST, "1", *FILLED_IN, "signaler à part", "envoyer")
    assert "Votre signalement n° 2026-002 est enregistré" in shown


def test_it_speaks_english_too(bot: Bot) -> None:
    shown = bot.hears(
        "I've just seen a post accusing Inserm of fraud https://example.org/p",
        *("prepare a report", "", "", "yesterday 18:00", "no", "no", "", "", "send"),
        locale="en_GB.UTF-8",
    )
    assert "Your report no. 2026-001 is registered" in shown
