"""Screenshots in Slack: the field of the modal, what it sends, and the download."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.chat.slack_form import draw_form, read_form
from bot.core.answers import FormPart
from bot.core.attachments import AttachmentError
from bot.core.forms import Form, Upload
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_limits import modal_faults
from tests.fakes.slack_rig import Rig, over_http, say

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LONGEST = 1_000_000
HELD = Upload("capture.png", size=264, kept=7)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http() as rig:
        yield rig


def drawn(*files: Upload) -> dict[str, Any]:
    form = Form(said="x", files=files)
    return draw_form(FormPart(form, 3), "fr", say, [("Lyon", "l@inserm.fr")], with_copy=True, with_files=True)


class TestTheField:
    @pytest.mark.parametrize("files", [(), (HELD,), (HELD, Upload("é" * 500, size=1, kept=8))])
    def test_is_accepted_by_slack(self, files: tuple[Upload, ...]) -> None:
        assert modal_faults(drawn(*files)) == []

    def test_is_not_there_without_the_right_to_read_files(self) -> None:
        view = draw_form(FormPart(Form(said="x")), "fr", say, [], with_copy=False)
        assert "file_input" not in json.dumps(view)

    def test_gives_what_is_new_and_what_is_kept(self) -> None:
        given = {"id": "F1", "name": "x.png", "size": 12}
        view = payloads.submission(drawn(HELD, Upload("b.pdf", size=9, kept=8)), files=[given])["view"]
        view["state"]["values"]["kept"]["kept"]["selected_options"].pop()  # the second was unticked
        part, _ = read_form(view)
        assert part.form.files == (Upload("", size=264, kept=7), Upload("x.png", "F1", 12))


class TestADownload:
    async def fetch(self, rig: Rig, file: dict[str, Any]) -> bytes:
        return await rig.slack.mouth.fetch(Upload(file["name"], file["id"]), LONGEST)

    async def refused(self, rig: Rig, file: dict[str, Any]) -> str:
        with pytest.raises(AttachmentError) as caught:
            await self.fetch(rig, file)
        return caught.value.problem

    async def test_is_the_file_as_it_was_given(self, rig: Rig) -> None:
        assert await self.fetch(rig, rig.fake.uploaded("x.png", PICTURE)) == PICTURE

    async def test_of_what_is_told_to_be_too_large_is_not_begun(self, rig: Rig) -> None:
        file = rig.fake.uploaded("x.png", PICTURE, size=LONGEST + 1)
        assert await self.refused(rig, file) == "files_too_large"
        assert rig.fake.files[file["id"]].asked == 0

    async def test_ends_where_the_body_is_longer_than_was_told(self, rig: Rig) -> None:
        file = rig.fake.uploaded("x.png", PICTURE + bytes(20 * LONGEST), size=12)
        assert await self.refused(rig, file) == "files_too_large"

    async def test_is_never_unpacked(self, rig: Rig) -> None:
        """A body of a few kilobytes that unpacks to many megabytes stays what it is."""
        packed = gzip.compress(PICTURE + bytes(20 * LONGEST))
        file = rig.fake.uploaded("x.png", packed)
        rig.fake.files[file["id"]].headers["content-encoding"] = "gzip"
        assert await self.fetch(rig, file) == packed

    async def test_takes_no_page_for_a_file(self, rig: Rig) -> None:
        file = rig.fake.uploaded("x.png", PICTURE)
        rig.fake.files[file["id"]].headers["content-type"] = "text/html; charset=utf-8"
        assert await self.refused(rig, file) == "file_unreachable"

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:9/x", "https://evil.example/x", "https://slack.com.evil.example/"]
    )
    async def test_takes_the_token_nowhere_else(self, rig: Rig, url: str) -> None:
        file = rig.fake.uploaded("x.png", PICTURE, url_private_download=url)
        assert await self.refused(rig, file) == "file_unreachable"

    async def test_fails_as_slack_does(self, rig: Rig) -> None:
        assert await self.refused(rig, {"id": "F0GONE", "name": "x"}) == "file_unreachable"
        rig.fake.fail("files.info", "missing_scope")
        assert await self.refused(rig, rig.fake.uploaded("x.png", PICTURE)) == "file_unreachable"
