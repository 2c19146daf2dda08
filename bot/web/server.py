"""An HTTP server that starts and stops inside the bot's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.core.errors import SettingsError

GRACE_SECONDS = 3  # for requests in flight: an acknowledgement that takes longer is worth nothing


class HttpServer:
    """Serves an ASGI app from `start` to `stop`; port 0 takes any free one, which `port` then tells."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._host = host
        self.port = port
        self._server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; raise SettingsError where the address can't be had."""
        try:
            listening = socket.create_server((self._host, self.port), family=_family(self._host), backlog=2048)
        except OSError as error:
            raise SettingsError(f"cannot listen on {self._host}:{self.port}: {error.strerror or error}") from error
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Take no more requests, and end those in flight."""
        self._server.should_exit = True
        if self._task:
            await self._task


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process: more than this server has to stop."""
        yield


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
