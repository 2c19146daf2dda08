"""Mail over SMTP: encrypted as the settings say or not at all, each failure told apart."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from bot.adapters.mail_message import build
from bot.core.alert_ports import AttachmentStore
from bot.core.errors import DeliveryError, DeliveryMisconfigured, DeliveryRefused
from bot.core.mail import mail_domain
from bot.core.ports import Letter

LOG = logging.getLogger(__name__)

Security = Literal["tls", "starttls", "none"]

STEP_SECONDS = 20.0  # for each step of the conversation
WHOLE_SECONDS = 80.0  # for a delivery: shorter than a letter's lease, or another worker would begin the same
_FINAL = 500
_TRANSPORT = (OSError, asyncio.TimeoutError, SMTPException)


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security` is tls (from the first byte), starttls, or none; it is never chosen by what the server offers."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    reply_to: str = ""
    tls: ssl.SSLContext | None = None
    step_seconds: float = STEP_SECONDS
    whole_seconds: float = WHOLE_SECONDS


class SmtpMouth:
    """Sends letters whose address is a mail address. It has a connection for each, as they are few."""

    def __init__(self, server: MailServer, store: AttachmentStore) -> None:
        self._server = server
        self._store = store
        self._tls = _context(server)  # made once: reading the authorities' certificates takes longer than a delivery

    async def send(self, letter: Letter) -> None:
        """Return once the server has accepted it; raise a DeliveryError of the kind that it is."""
        ids = letter.mail.attachments if letter.mail else ()
        files = await self._store.attachments(ids) if ids else ()
        message = build(letter, files, sender=self._server.sender, reply_to=self._server.reply_to)
        talk = _Talk()
        try:
            async with asyncio.timeout(self._server.whole_seconds), _connected(self._server, self._tls) as client:
                await _deliver(client, message, self._server.sender, letter.address.user, talk)
        except TimeoutError as error:
            raise DeliveryError("the mail server didn't answer in time", doubtful=talk.content_given) from error
        except _TRANSPORT as error:
            raise DeliveryError(_reason(error), doubtful=talk.content_given) from error


async def try_out(server: MailServer) -> None:
    """Connect, encrypt and log in, as for a delivery; raise a DeliveryError that says what is wrong."""
    try:
        async with asyncio.timeout(server.whole_seconds), _connected(server, _context(server)):
            pass
    except _TRANSPORT as error:
        raise DeliveryError(_reason(error)) from error


def _context(server: MailServer) -> ssl.SSLContext | None:
    return server.tls or (None if server.security == "none" else ssl.create_default_context())


@asynccontextmanager
async def _connected(server: MailServer, tls: ssl.SSLContext | None) -> AsyncIterator[SMTP]:
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=False,  # done below, so that its refusal is told apart from the greeting's
        tls_context=tls,
        timeout=server.step_seconds,
        local_hostname=mail_domain(server.sender),
    )
    try:
        with _setting_up():
            await client.connect()
            await _secured(client, server, tls)
        yield client
    finally:
        await _part(client)


@dataclass
class _Talk:
    content_given: bool = False  # from here on, silence may hide that it was accepted


async def _secured(client: SMTP, server: MailServer, tls: ssl.SSLContext | None) -> None:
    if server.security == "starttls":
        await client.starttls(tls_context=tls)
    if server.user:
        await client.login(server.user, server.password)


async def _deliver(client: SMTP, message: EmailMessage, sender: str, recipient: str, talk: _Talk) -> None:
    try:
        await client.mail(sender)
        await client.rcpt(recipient)
        talk.content_given = True
        await client.data(bytes(message))
    except SMTPResponseException as error:
        kind = DeliveryRefused if error.code >= _FINAL else DeliveryError
        raise kind(_reason(error)) from error


@contextmanager
def _setting_up() -> Iterator[None]:
    """Before the letter is spoken of, whatever is refused for good is a matter of settings, and kills no letter."""
    try:
        yield
    except (ssl.SSLError, ssl.CertificateError) as error:
        raise DeliveryMisconfigured(_reason(error)) from error
    except SMTPResponseException as error:
        raise (DeliveryMisconfigured if error.code >= _FINAL else DeliveryError)(_reason(error)) from error
    except (SMTPConnectError, SMTPServerDisconnected, SMTPTimeoutError) as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ssl.SSLError):
            raise DeliveryMisconfigured(_reason(cause)) from error
        raise
    except SMTPException as error:  # it doesn't offer what the settings ask for: STARTTLS, a way to log in
        raise DeliveryMisconfigured(_reason(error)) from error


async def _part(client: SMTP) -> None:
    """Say goodbye, if the server still listens; a letter that was accepted stays accepted."""
    transport = client.transport
    with suppress(*_TRANSPORT):
        async with asyncio.timeout(2):
            if client.is_connected:
                await client.quit()
    with suppress(*_TRANSPORT):
        client.close()
    if isinstance(transport, asyncio.WriteTransport):  # a polite end of TLS may take longer than the event loop lives
        transport.abort()
        await asyncio.sleep(0)


def _reason(error: BaseException) -> str:
    """What happened, in the server's words where it had some; nothing of the letter."""
    match error:
        case SMTPResponseException():
            return f"{error.code} {error.message}"
        case SMTPServerDisconnected():
            return "the mail server closed the connection"
        case ssl.SSLCertVerificationError():
            return f"the mail server's certificate can't be trusted: {error.verify_message}"
        case _:
            return f"{type(error).__name__}: {error}"
