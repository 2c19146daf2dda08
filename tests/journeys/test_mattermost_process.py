"""`guidebot serve` as a process, set to the fake Mattermost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import ROOT
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_state import ANNE, BOT_TOKEN, LAB
from tests.fakes.slack_served import free_port, sqlite

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFORT = ("patricia.lefort@inserm.fr", "04 72 13 88 04")
ANSWER_SECONDS = 30.0


@dataclass
class Office:
    server: FakeMattermost
    folder: Path


@asynccontextmanager
async def serving(server: FakeMattermost, folder: Path) -> AsyncIterator[Process]:
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
    async with FakeMattermost() as server, serving(server, folder):
        yield Office(server, folder)


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
