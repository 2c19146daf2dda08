"""A mail server that does what real ones do at their worst."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """Set an answer, and that is what the server says at that step; "drop" closes the connection, "hang" is silent."""

    rcpt: str = ""
    content: str = ""
    greeting: str = ""
    password: str = ""  # needed where it is set
    tls: ssl.SSLContext | None = None
    from_the_first_byte: bool = False
    port: int = 0
    contents: list[bytes] = field(default_factory=list)
    rcpts: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    on_data: Callable[[], None] = lambda: None
    on_mail: Callable[[], None] = lambda: None

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(content, EmailMessage, policy=policy.default) for content in self.contents]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt:
            return await self._fault(server, self.rcpt)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.content:
            return await self._fault(server, self.content)
        self.contents.append(envelope.original_content or b"")
        self.rcpts += envelope.rcpt_tos
        self.encrypted.append(bool(session.ssl))
        self.on_mail()
        return "250 OK"

    async def _fault(self, server: SMTP, what: str) -> str:
        if what == "hang":
            await asyncio.sleep(3600)
        if what == "drop" and server.transport:
            server.transport.abort()
            await asyncio.sleep(3600)
        return what

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password.decode() == self.password
        return AuthResult(success=right, handled=False)

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[MailServer]:
        loop = asyncio.get_running_loop()
        outer = self.tls if self.from_the_first_byte else None
        server = await loop.create_server(self._connection, "127.0.0.1", port, ssl=outer)
        self.port = server.sockets[0].getsockname()[1]
        self._open: set[SMTP] = set()
        try:
            yield self
        finally:
            server.close()
            for one in self._open:
                if one.transport:
                    one.transport.abort()
                handling = getattr(one, "_handler_coroutine", None)
                if handling:
                    handling.cancel()
            await asyncio.sleep(0)

    def _connection(self) -> SMTP:
        login = {"authenticator": self.authenticate} if self.password else {}
        made = _Server(
            self,
            hostname="mail.example",
            tls_context=None if self.from_the_first_byte else self.tls,
            auth_required=bool(self.password),
            **login,
        )
        made.world = self
        self._open.add(made)
        return made


class _Server(SMTP):
    world: MailServer

    async def push(self, status: Any) -> None:
        if self.world.greeting and str(status).startswith("220 mail.example"):
            status = await self.world._fault(self, self.world.greeting)
        await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        self.world.on_data()
        await super().smtp_DATA(arg)
