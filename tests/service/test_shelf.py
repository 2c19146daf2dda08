from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from bot.core.assistant import Options
from bot.core.errors import KnowledgeError
from bot.service import shelf
from bot.service.shelf import KnowledgeShelf
from tests.fakes.small_knowledge import Edit


@pytest.fixture
def used(small: Path) -> KnowledgeShelf:
    return KnowledgeShelf(small, Options())


def test_nothing_is_read_again_while_nothing_changes(used: KnowledgeShelf) -> None:
    before = used.assistant
    assert not used.refresh()
    assert used.assistant is before


def test_an_edit_is_taken_over(used: KnowledgeShelf, edit: Edit) -> None:
    edit("replies.yaml", 'en: "Guide, p. {page}"', 'en: "The guide, p. {page}"')
    assert used.refresh()
    assert used.say("source", "en", page=5) == "The guide, p. 5"


def test_a_broken_edit_leaves_the_old_content_and_is_told_once(
    used: KnowledgeShelf, edit: Edit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    edit("replies.yaml", 'en: "Guide, p. {page}"', "en: {")
    assert not used.refresh()
    edit("guide.yaml", "[guide/language]", "[guide/none]")
    assert not used.refresh()
    assert used.say("source", "en", page=5) == "Guide, p. 5"
    told = [record.getMessage() for record in caplog.records]
    assert [message.partition(": ")[2].partition(": ")[0] for message in told] == ["replies.yaml:11", "guide.yaml:8"]
    assert len(used.problems) == 2


def test_a_mended_edit_is_taken_over(used: KnowledgeShelf, edit: Edit) -> None:
    edit("guide.yaml", "[guide/language]", "[guide/none]")
    used.refresh()
    edit("guide.yaml", "[guide/none]", "[]")
    assert used.refresh()
    assert used.problems == ()


def test_a_folder_that_goes_away_changes_nothing(used: KnowledgeShelf, small: Path) -> None:
    small.rename(small.with_name("elsewhere"))
    assert not used.refresh()
    small.with_name("elsewhere").rename(small)
    used.refresh()
    assert used.problems == ()


def test_the_first_reading_must_succeed(edit: Edit) -> None:
    with pytest.raises(KnowledgeError, match="guide/none"):
        KnowledgeShelf(edit("guide.yaml", "[guide/language]", "[guide/none]"), Options())


async def test_a_running_bot_keeps_up_by_itself(
    used: KnowledgeShelf, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "SECONDS", 0.01)
    before = used.assistant
    watching = asyncio.create_task(used.watch())
    edit("replies.yaml", '"Hello!"', '"Hello there!"')
    async with asyncio.timeout(10):
        while used.assistant is before:  # noqa: ASYNC110 - nothing tells of it but the shelf itself
            await asyncio.sleep(0.01)
    watching.cancel()
