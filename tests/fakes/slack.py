"""A small Slack on loopback: Web API, Socket Mode, signed requests. It refuses what Slack refuses.

As a program it lets you talk with a bot that is set to it:  python tests/fakes/slack.py --port 9400
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from aiohttp import ClientSession, WSMsgType, web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_workspace import APP_TOKEN, BOT_TOKEN, Door, Fault, Posted, Workspace

SIGNING_SECRET = "fake-signing-secret"
ACK_SECONDS = 3.0
_INTERACTIVE = ("block_actions", "message_action", "view_submission")


class FakeSlack(Workspace):
    """The workspace behind a port. `acks` holds the seconds that each acknowledgement took."""

    def __init__(self, *, port: int = 0, interval: float = 1.0) -> None:
        super().__init__(port=port, interval=interval)
        self.acks: list[float] = []
        self.acknowledgement: dict[str, Any] = {}  # what the last one said
        self.request_url = ""
        self.patience = ACK_SECONDS
        self.sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/api/{method}", self.api)
        app.router.add_post("/respond/{door}", self.respond)
        app.router.add_get("/files/{file}", self.download)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in list(self.sockets):
            await socket.close()
        await self._runner.cleanup()

    # what tests do

    def fail(
        self, method: str, error: str = "", *, status: int = 200, after: int | None = None, times: int = 1
    ) -> None:
        """Let the next calls of a method fail, with an error of Slack's or an HTTP status."""
        self.faults[method].extend([Fault(error, status, after)] * times)

    async def deliver(self, payload: dict[str, Any], *, to: str = "") -> int:
        """Send a payload through the WebSocket, or to `request_url`; the status, or 0 where no acknowledgement came.

        `to` is the address of another replica.
        """
        self._prepare(payload)
        began = time.perf_counter()
        url = to or self.request_url
        status = await (self._post(payload, url) if url else self._envelope(payload))
        self.acks.append(time.perf_counter() - began)
        return status

    async def said(
        self, wanted: Callable[[Posted], bool] = lambda _: True, *, since: int = 0, within: float = 5.0
    ) -> Posted:
        """Wait for the last thing said that is wanted, after so many others."""
        async with asyncio.timeout(within), self.news:
            while not (found := [posted for posted in self.sent[since:] if wanted(posted)]):
                await self.news.wait()
        return found[-1]

    async def connected(self, *, within: float = 5.0, sockets: int = 1) -> None:
        async with asyncio.timeout(within), self.news:
            await self.news.wait_for(lambda: len(self.sockets) >= sockets)

    async def refresh(self) -> None:
        """Ask the bot to connect anew, as Slack does every few hours."""
        await self.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    def signed(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        timestamp = str(int(time.time() if at is None else at))
        digest = hmac.new(SIGNING_SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}

    def door(self, channel: str, user: str, ts: str = "") -> str:
        """A new `response_url`."""
        name = f"d{next(self.numbers)}"
        self.doors[name] = Door(channel, user, ts)
        return f"http://127.0.0.1:{self.port}/respond/{name}"

    # sending

    def _prepare(self, payload: dict[str, Any]) -> None:
        if "trigger_id" in payload:
            self.triggers[payload["trigger_id"]] = time.monotonic()
        if payload.get("response_url") == "":
            container = payload.get("container", {})
            channel = payload.get("channel_id") or container.get("channel_id", "")
            user = payload.get("user_id") or payload["user"]["id"]
            payload["response_url"] = self.door(channel, user, container.get("message_ts", ""))

    async def _post(self, payload: dict[str, Any], url: str) -> int:
        if payload.get("type") == "event_callback":
            kind, body = "application/json", json.dumps(payload).encode()
        else:
            form = payload if "command" in payload else {"payload": json.dumps(payload)}
            kind, body = "application/x-www-form-urlencoded", urlencode(form).encode()
        headers = {"content-type": kind, **self.signed(body)}
        async with ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            said = await answer.text()
            self.acknowledgement = json.loads(said) if said.startswith("{") else {}
            return answer.status

    async def _envelope(self, payload: dict[str, Any]) -> int:
        kinds = {"event_callback": "events_api", **dict.fromkeys(_INTERACTIVE, "interactive")}
        envelope = f"env-{next(self.numbers)}"
        self._waiting[envelope] = asyncio.get_running_loop().create_future()
        kind = kinds.get(payload.get("type", ""), "slash_commands")
        message = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        await self.sockets[-1].send_json(message)
        try:
            acknowledged = await asyncio.wait_for(self._waiting[envelope], self.patience)
        except TimeoutError:
            return 0
        self.acknowledgement = acknowledged.get("payload") or {}
        return 200

    # the WebSocket

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=403)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=5)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": payloads.APP}})
        async with self.news:
            self.sockets.append(socket)
            self.news.notify_all()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledged(json.loads(message.data))
        self.sockets.remove(socket)
        return socket

    def _acknowledged(self, message: dict[str, Any]) -> None:
        waiting = self._waiting.pop(message.get("envelope_id", ""), None)
        if waiting and not waiting.done():
            waiting.set_result(message)


async def _talk(port: int) -> None:
    """Pass lines to the bot: words go to its direct message, /words are commands, @words a mention, !label a button."""
    async with FakeSlack(port=port) as slack:
        _show(f"SLACK_API_URL={slack.api_url} SLACK_BOT_TOKEN={BOT_TOKEN} SLACK_APP_TOKEN={APP_TOKEN}")
        await slack.connected(within=3600)
        shown = 0
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await slack.deliver(_payload(slack, line.strip()))
            except LookupError as error:
                _show(str(error))
                continue
            with contextlib.suppress(TimeoutError):
                await slack.said(lambda _: len(slack.sent) > shown)  # noqa: B023 - asked at once
            await asyncio.sleep(0.2)
            for posted in slack.sent[shown:]:
                _show(f"[{posted.method} {posted.channel}]\n{posted.text}\n{posted.labels}\n")
            shown = len(slack.sent)


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _payload(slack: FakeSlack, line: str) -> dict[str, Any]:
    if line.startswith("/"):
        name, _, words = line.partition(" ")
        return payloads.command(name, words)
    if line.startswith("!"):
        return payloads.press(slack.sent[-1], slack.sent[-1].button(line[1:].strip()))
    return payloads.mention(line[1:]) if line.startswith("@") else payloads.direct(line)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=9400)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_talk(options.parse_args().port))
