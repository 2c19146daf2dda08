"""Only whole, fresh, signed and well-formed requests reach Bolt; others are told so, and leave no words behind."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_rig import Rig, over_http


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http() as made:
        yield made


async def post(rig: Rig, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    kinds = {"content-type": "application/json", **headers}
    url = rig.fake.request_url
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=kinds) as answer:
        return answer.status, await answer.text()


async def raw(rig: Rig, request: bytes) -> bytes:
    """The first line of the answer to a request that no proper client would send."""
    port = int(rig.fake.request_url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return line


async def test_a_signed_event_is_accepted(rig: Rig) -> None:
    body = json.dumps(payloads.mention("é&<>")).encode()
    assert (await post(rig, body, rig.fake.signed(body)))[0] == 200
    assert rig.accepted.last.text == "é&<>"


async def test_slack_s_challenge_is_answered(rig: Rig) -> None:
    body = b'{"type": "url_verification", "challenge": "abc"}'
    status, text = await post(rig, body, rig.fake.signed(body))
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})


async def test_a_retry_is_taken_like_any_other_delivery(rig: Rig) -> None:
    body = json.dumps(payloads.mention("bonjour")).encode()
    retry = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    assert (await post(rig, body, rig.fake.signed(body) | retry))[0] == 200
    assert rig.accepted.events


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"x-slack-signature": "v0=" + "0" * 64}, 401),
        ({"x-slack-signature": "v0=é"}, 401),
        ({"x-slack-signature": ""}, 401),
        ({"x-slack-request-timestamp": "soon"}, 400),
        ({"x-slack-request-timestamp": "-1"}, 400),
        ({"x-slack-request-timestamp": "9" * 5000}, 400),
        ({"x-slack-request-timestamp": ""}, 400),
        ({"x-slack-request-timestamp": "1"}, 401),
    ],
    ids=str,
)
async def test_a_request_that_is_not_slack_s_is_refused(rig: Rig, changed: dict[str, str], status: int) -> None:
    body = json.dumps(payloads.mention("bonjour")).encode()
    assert (await post(rig, body, rig.fake.signed(body) | changed))[0] == status
    assert not rig.accepted.events


async def test_an_old_request_is_refused_though_it_is_signed(rig: Rig) -> None:
    body = json.dumps(payloads.mention("bonjour")).encode()
    assert (await post(rig, body, rig.fake.signed(body, at=time.time() - 301)))[0] == 401
    assert (await post(rig, body, rig.fake.signed(body, at=time.time() - 200)))[0] == 200


async def test_a_body_changed_on_its_way_is_refused(rig: Rig) -> None:
    body = json.dumps(payloads.mention("bonjour")).encode()
    assert (await post(rig, body + b" ", rig.fake.signed(body)))[0] == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'"text"', "application/json"),
        (b'{"event": "text"}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff=1", "application/x-www-form-urlencoded"),
        (b"payload={", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"nothing like a form", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_malformed_body_gets_400_though_it_is_signed(rig: Rig, body: bytes, kind: str) -> None:
    assert (await post(rig, body, rig.fake.signed(body) | {"content-type": kind}))[0] == 400


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"type": "event_callback", "event": {"type": "app_mention"}}, 200),
        ({"type": "block_actions", "actions": [{"value": 5, "action_id": "x"}], "user": {"id": "U0ANNE"}}, 200),
        ({"type": "event_callback", "event": {"type": "message", "user": 1, "text": []}}, 400),
        ({"type": "something_new"}, 404),
    ],
    ids=str,
)
async def test_an_odd_payload_is_never_a_fault_of_ours(rig: Rig, payload: dict[str, object], status: int) -> None:
    body = json.dumps(payload).encode()
    if payload["type"] == "block_actions":
        assert await rig.fake.deliver(dict(payload)) == status
    else:
        assert (await post(rig, body, rig.fake.signed(body)))[0] == status
    assert not rig.accepted.events


async def test_thirty_megabytes_are_refused_before_they_are_read(rig: Rig) -> None:
    head = b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 31457280\r\n\r\n"
    assert b" 413 " in await raw(rig, head)


async def test_thirty_megabytes_in_chunks_are_refused_when_they_are_too_many(rig: Rig) -> None:
    signed = b"x-slack-request-timestamp: %d\r\nx-slack-signature: v0=0\r\n" % int(time.time())
    head = b"POST /slack/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n" + signed + b"\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    assert b" 413 " in await raw(rig, head + chunk * 20)


async def test_a_body_that_never_comes_is_not_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.guard.READ_SECONDS", 0.1)
    signed = b"x-slack-request-timestamp: %d\r\nx-slack-signature: v0=0\r\n" % int(time.time())
    assert b" 408 " in await raw(
        rig, b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n" + signed + b"\r\n{"
    )


async def test_only_posts_are_heard(rig: Rig) -> None:
    async with aiohttp.ClientSession() as session, session.get(rig.fake.request_url) as answer:
        assert answer.status == 405


async def test_refusals_leave_neither_words_nor_traceback(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    body = json.dumps(payloads.mention("mot secret")).encode()
    told = [await post(rig, body, {}), await post(rig, body, rig.fake.signed(b"other"))]
    told.append(await post(rig, body[:-5], rig.fake.signed(body[:-5])))
    assert "Traceback" not in caplog.text + str(told)
    assert "secret" not in caplog.text + str(told)
