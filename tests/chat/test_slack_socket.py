"""Starting, staying connected, and stopping without losing what is in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.chat.network import tls_context
from bot.chat.slack_client import proxy_for
from bot.chat.slack_socket import SocketMode
from bot.core.answers import Paragraph
from bot.core.errors import SettingsError
from bot.core.messages import Address, Incoming
from bot.core.ports import Letter
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_rig import Accepted, make_slack, over_http, over_socket
from tests.fakes.slack_workspace import APP_TOKEN


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for happens in slack-sdk, which tells nobody
            await asyncio.sleep(0.01)


async def test_the_bot_learns_who_it_is_however_often_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.slack.LONGEST_PAUSE", 0.0)
    async with FakeSlack() as fake:
        fake.fail("auth.test", status=503, times=1)
        fake.fail("auth.test", "ratelimited", status=429, after=10**3, times=0)
        slack = make_slack(fake, Accepted(), app_token=APP_TOKEN)
        assert await slack.trouble() == "auth.test has not succeeded yet"
        await slack.start()
        await fake.connected()
        assert fake.calls.count("auth.test") == 2
        await slack.close()


async def test_a_wrong_token_is_told_at_once() -> None:
    async with FakeSlack() as fake:
        fake.fail("auth.test", "invalid_auth")
        slack = make_slack(fake, Accepted(), app_token=APP_TOKEN)
        with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
            await slack.start()
        await slack.close()


async def test_before_the_bot_knows_who_it_is_nothing_is_acknowledged() -> None:
    async with over_http() as rig:
        rig.slack._identity = None
        assert await rig.fake.deliver(payloads.mention("bonjour")) == 500
        assert not rig.accepted.events


async def test_a_proxy_is_used_for_calls_and_for_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeSlack() as fake:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{fake.port}")
        monkeypatch.setenv("no_proxy", "elsewhere.example")
        accepted = Accepted()
        port, fake.port = fake.port, 1  # the fake now names addresses that only its own port, as a proxy, can reach
        slack = make_slack(fake, accepted, app_token=APP_TOKEN)
        await slack.start()
        await fake.connected()
        assert await fake.deliver(payloads.mention("bonjour")) == 200
        await slack.mouth.send(Letter(1, "k", Address("slack", channel="C0DISC"), "fr", (Paragraph("bilan"),)))
        assert fake.sent
        fake.port = port
        await slack.close()


def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,.inside.example")
    assert proxy_for("https://slack.com/api/") == "http://proxy.example:3128"
    assert proxy_for("https://slack.inside.example/api/") is None
    assert proxy_for("https://127.0.0.1:9400/api/") is None


def test_a_file_that_holds_no_certificates_is_told(tmp_path: Path) -> None:
    rubbish = tmp_path / "ca.pem"
    rubbish.write_text("rubbish")
    with pytest.raises(SettingsError, match="certificates"):
        tls_context(str(rubbish))
    with pytest.raises(SettingsError, match="No such file"):
        tls_context(str(tmp_path / "none.pem"))


async def test_events_don_t_ask_slack_who_the_bot_is() -> None:
    async with over_socket() as rig:
        rig.fake.fail("auth.test", status=503, times=10)
        for _ in range(3):
            assert await rig.fake.deliver(payloads.mention("bonjour")) == 200
        assert rig.fake.calls.count("auth.test") == 1


async def test_a_refreshed_connection_goes_on_hearing() -> None:
    async with over_socket() as rig:
        await until(lambda: rig.slack._socket.alive)
        assert await rig.slack.trouble() == ""
        first = rig.fake.sockets[-1]
        await rig.fake.refresh()
        await until(lambda: rig.fake.sockets not in ([], [first]))
        assert await rig.fake.deliver(payloads.mention("bonjour")) == 200


async def test_a_connection_without_a_sign_of_life_is_reported_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.slack_socket.DEAF_AFTER", 1)
    async with over_http() as rig:
        socket = SocketMode(rig.slack.app, APP_TOKEN, rig.slack._client, ping_seconds=0.2)
        rig.fake.fail("apps.connections.open", "internal_error")
        assert socket.age() == float("inf")
        socket.start()
        await rig.fake.connected()
        deaf = socket._handlers[-1]
        monkeypatch.setattr(deaf, "age", lambda: 1000.0)
        assert not socket.alive
        await until(lambda: deaf not in socket._handlers)
        await rig.fake.connected()
        await socket.close()


async def test_closing_waits_for_what_is_being_stored_and_acknowledges_it() -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_incoming: Incoming) -> None:
        began.set()
        await go_on.wait()

    async with FakeSlack() as fake:
        slack = make_slack(fake, slow, app_token=APP_TOKEN)  # type: ignore[arg-type]
        await slack.start()
        await fake.connected()
        delivery = asyncio.create_task(fake.deliver(payloads.mention("bonjour")))
        await began.wait()
        closing = asyncio.create_task(slack.close())
        await asyncio.sleep(0.05)
        fake.patience = 0.2
        assert await fake.deliver(payloads.mention("trop tard")) == 0
        go_on.set()
        assert await delivery == 200
        await closing
