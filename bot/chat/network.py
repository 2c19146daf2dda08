"""What every connection to a platform has in common."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterable

from bot.core.attachments import AttachmentError
from bot.core.errors import SettingsError


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Public authorities (or those of SSL_CERT_FILE), and a private one besides where a file names it."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"{ca_file} can't be read as certificates: {error.strerror or error}") from error
    return context


def quiet_logger(name: str, level: int = logging.WARNING) -> logging.Logger:
    """A logger for a platform's library, which at INFO and DEBUG logs what people write."""
    logger = logging.getLogger(name)
    logger.setLevel(level)
    return logger


async def capped(chunks: AsyncIterable[bytes], longest: int) -> bytes:
    """A body, of which no more is read than that; raise AttachmentError where it is longer."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > longest:
            raise AttachmentError("files_too_large")
    return bytes(body)
