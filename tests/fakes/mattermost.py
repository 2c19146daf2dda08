"""A small Mattermost on loopback: REST, WebSocket, slash commands, buttons. It refuses what Mattermost refuses.

As a program it lets you talk with a bot that is set to it:  python tests/fakes/mattermost.py --port 9500
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from aiohttp import WSMsgType, web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes.mattermost_rest import Rest
from tests.fakes.mattermost_state import ANNE, BOT, BOT_TOKEN, LAB, Connection, Json, Refusal, Said


class FakeMattermost(Rest):
    """The server behind a port, and behind a path where there is a `prefix`."""

    def __init__(self, *, port: int = 0, prefix: str = "") -> None:
        super().__init__()
        self.prefix = prefix
        self.port = port
        self.refuses_sockets = False
        self.hellos = 0
        self.resumed = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_get(f"{self.prefix}/api/v4/websocket", self._socket)
        app.router.add_get(f"{self.prefix}/api/v4/files/{{file}}", self._file)
        app.router.add_routes(self.routes(self.prefix))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        await self._runner.cleanup()

    # what tests do

    async def say(self, words: str, *, user: str = ANNE, channel: str = LAB, **more: Any) -> Json:
        """Post as somebody: `root_id`, `props`, `type` may follow."""
        return await self.create_post(user, {"channel_id": channel, "message": words, **more})

    async def dm(self, words: str, *, user: str = ANNE, **more: Any) -> Json:
        return await self.say(words, user=user, channel=self.direct(user, BOT), **more)

    def uploaded(self, name: str, content: bytes) -> str:
        """A file that somebody is about to post: its id, for `file_ids`."""
        file = self.new_id("file")
        self.file_names[file], self.files[file] = name, content
        return file

    async def heard(self, wanted: Callable[[Said], bool] = lambda _: True, *, within: float = 5.0) -> Said:
        """Wait for the last thing said by the bot that is wanted."""
        async with asyncio.timeout(within), self.news:
            while not (found := [said for said in self.said if wanted(said)]):
                await self.news.wait()
        return found[-1]

    async def connected(self, *, within: float = 5.0, user: str = BOT) -> None:
        async with asyncio.timeout(within), self.news:
            await self.news.wait_for(lambda: any(one.user == user and one.socket for one in self.connections.values()))

    async def cut(self) -> None:
        """Cut every connection; what happens from now on can be had by resuming, up to 128 events."""
        for connection in self.connections.values():
            socket, connection.socket = connection.socket, None
            if socket is not None and socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def restart(self) -> None:
        """Cut every connection and forget it: whoever comes back gets a new connection id."""
        await self.cut()
        self.connections.clear()

    # the WebSocket

    async def _file(self, request: web.Request) -> web.StreamResponse:
        content = self.files.get(request.match_info["file"])
        allowed = request.headers.get("authorization") == f"Bearer {BOT_TOKEN}"
        return web.Response(body=content) if content and allowed else web.Response(status=404)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuses_sockets:
            return web.Response(status=503, text="down")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection: Connection | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            asked = json.loads(message.data)
            if asked["action"] == "authentication_challenge":
                connection = await self._authenticated(socket, asked, request)
            elif asked["action"] == "ping":
                await socket.send_json({"status": "OK", "data": {"text": "pong"}, "seq_reply": asked["seq"]})
            if connection is None:
                break
        if connection and connection.socket is socket:
            connection.socket = None
        return socket

    async def _authenticated(
        self, socket: web.WebSocketResponse, asked: Json, request: web.Request
    ) -> Connection | None:
        user = self.tokens.get(asked["data"].get("token", ""))
        if user is None:
            error = {"id": "api.web_socket_router.bad_auth.app_error", "message": "", "status_code": 401}
            await socket.send_json({"status": "FAIL", "error": error, "seq_reply": asked["seq"]})
            return None
        await socket.send_json({"status": "OK", "seq_reply": asked["seq"]})
        number = int(request.query.get("sequence_number") or 0)
        known = self.connections.get(request.query.get("connection_id", ""))
        if known is None or known.user != user or known.lacks(number):
            return await self._welcome(socket, user)
        await self._resume(known, socket, number)
        return known

    async def _welcome(self, socket: web.WebSocketResponse, user: str) -> Connection:
        connection = Connection(self.new_id("conn"), user, socket)
        self.connections[connection.id] = connection
        self.hellos += 1
        data = {"connection_id": connection.id, "server_hostname": "fake", "server_version": "11.2.0"}
        await connection.send("hello", data, {"user_id": user})
        await self._tell_news()
        return connection

    async def _resume(self, connection: Connection, socket: web.WebSocketResponse, number: int) -> None:
        self.resumed += 1
        missed = [message for message in connection.sent if message["seq"] >= number]
        connection.socket = socket
        for message in missed:
            await connection.push(message)
        await self._tell_news()

    async def _tell_news(self) -> None:
        async with self.news:
            self.news.notify_all()


async def _talk(port: int) -> None:
    """Pass lines to the bot: words go to its direct message, /words are commands, @words a mention, !label a button."""
    async with FakeMattermost(port=port) as server:
        server.config["SiteURL"] = server.url
        _show(f"MATTERMOST_URL={server.url} MATTERMOST_TOKEN={BOT_TOKEN}")
        await server.connected(within=3600)
        shown = 0
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await _pass(server, line.strip())
            except (Refusal, StopIteration) as error:
                _show(f"[refused: {error}]")
            with contextlib.suppress(TimeoutError):
                await server.heard(lambda said: said.text != "…" and len(server.said) > shown)  # noqa: B023
            await asyncio.sleep(0.3)
            for said in server.said[shown:]:
                _show(f"[{said.how} {said.channel}]\n{said.text}\n{said.labels}\n")
            shown = len(server.said)


async def _pass(server: FakeMattermost, line: str) -> None:
    if line.startswith("/"):
        await server.execute(ANNE, line, channel=LAB)
    elif line.startswith("!"):
        await server.press(ANNE, server.said[-1], line[1:].strip())
    elif line.startswith("@"):
        await server.say(f"@guidebot {line[1:]}")
    else:
        await server.dm(line)


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=9500)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_talk(options.parse_args().port))
