from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alert_form import check
from bot.core.attachments import (
    LARGEST,
    MOST,
    AttachmentError,
    AttachmentInfo,
    Fetched,
    file_name,
    media_type,
    travelling,
)
from bot.core.forms import Form, Upload
from tests.core.test_alert_decisions import NOW

PICTURE = b"\x89PNG\r\n\x1a\n..."
SHOT = Upload("capture.png", "F1")


class TestAFile:
    @pytest.mark.parametrize(
        ("content", "media"),
        [
            (PICTURE, "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
            (b"%PDF-1.7", "application/pdf"),
        ],
    )
    def test_is_known_by_its_content(self, content: bytes, media: str) -> None:
        assert media_type(content) == media

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"MZ\x90", "file_kind"),
            (b"", "file_kind"),
            (b"<svg/>", "file_kind"),
            (b"\x1f\x8b\x08" + PICTURE, "file_kind"),
            (b" " + PICTURE, "file_kind"),
            (b"%PDF-" + bytes(LARGEST), "files_too_large"),
        ],
    )
    def test_is_refused_otherwise(self, content: bytes, problem: str) -> None:
        with pytest.raises(AttachmentError) as caught:
            media_type(content)
        assert caught.value.problem == problem


class TestAName:
    @pytest.mark.parametrize(
        ("given", "media", "name"),
        [
            ("Capture d'écran 2026-03-02 à 9.30.png", "image/png", "Capture-d-ecran-2026-03-02-a-9-30.png"),
            ("facture.png", "application/pdf", "facture.pdf"),
            ("photo.JPEG", "image/jpeg", "photo.jpg"),
            ("../../etc/passwd", "image/png", "passwd.png"),
            ("C:\\Users\\anne\\x.exe", "image/gif", "x.gif"),
            ("a\r\nBcc: x@example.org\u2028.png", "image/png", "a-Bcc-x-example-org.png"),
            ("gnp\u202e.exe", "image/png", "gnp.png"),
            ("", "image/png", "fichier.png"),
            ("写真.png", "image/png", "fichier.png"),
            (".png", "image/png", "png.png"),
            ("x" * 5000 + ".pdf", "application/pdf", "x" * 60 + ".pdf"),
        ],
    )
    def test_is_plain_and_true(self, given: str, media: str, name: str) -> None:
        assert file_name(given, media) == name

    def test_is_nobody_elses(self) -> None:
        assert file_name("image.png", "image/png", {"image.png", "image-2.png"}) == "image-3.png"

    @given(st.text(max_size=200))
    def test_holds_nothing_that_harms(self, given: str) -> None:
        assert re.fullmatch(r"[A-Za-z0-9-]{1,60}\.webp", file_name(given, "image/webp"))


class TestTogether:
    def test_files_are_as_many_as_a_mail_bears(self) -> None:
        held = [AttachmentInfo(1, "capture.png", "image/png", LARGEST - 1000)]
        large = Fetched(SHOT, PICTURE + bytes(1000))
        added, refused = travelling([Fetched(SHOT, PICTURE), large, Fetched(SHOT, PICTURE), Fetched(SHOT, b"x")], held)
        assert [file.name for file in added] == ["capture-2.png", "capture-3.png"]
        assert [one.problem for one in refused] == ["files_too_large", "file_kind"]

    def test_more_than_three_are_refused_one_by_one(self) -> None:
        added, refused = travelling([Fetched(SHOT, PICTURE)] * (MOST + 1), ())
        assert (len(added), [one.problem for one in refused]) == (MOST, ["files_too_many"])

    def test_one_that_could_not_be_had_says_why(self) -> None:
        _, (refused,) = travelling([Fetched(SHOT, problem="file_unreachable")], ())
        assert (refused.upload, refused.problem) == (SHOT, "file_unreachable")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ((Upload("a", "F1", size=LARGEST), SHOT), ""),
        ((Upload("a", "F1", size=LARGEST + 1),), "files_too_large"),
        ((Upload("a", kept=1, size=LARGEST), Upload("b", "F2", size=1)), "files_too_large"),
        ((SHOT,) * 4, "files_too_many"),
    ],
)
def test_a_form_tells_beforehand_what_its_platform_knows(files: tuple[Upload, ...], problem: str) -> None:
    checked = check(Form(said="Une fausse interview.", files=files), NOW)
    assert [(one.field, one.words) for one in checked.problems] == ([("files", problem)] if problem else [])
