"""Files that people gave to Slack: asked for by their id, downloaded with the bot's token."""

from __future__ import annotations

import logging
import ssl
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.network import capped
from bot.chat.slack_client import TRANSPORT, delivered, proxy_for
from bot.core.attachments import AttachmentError
from bot.core.errors import DeliveryError

LOG = logging.getLogger(__name__)

DOWNLOAD_SECONDS = 30  # for ten megabytes; shorter than an event's lease
CHUNK = 65_536


async def fetch_file(client: AsyncWebClient, file: str, longest: int, tls: ssl.SSLContext) -> bytes:
    """The content of a file; raise AttachmentError where Slack doesn't give it, or it is longer."""
    try:
        told: dict[str, Any] = (await delivered(client.files_info(file=file))).get("file") or {}
    except DeliveryError as error:
        LOG.warning("files.info failed: %s", error)
        raise AttachmentError("file_unreachable") from error
    if int(told.get("size") or 0) > longest:
        raise AttachmentError("files_too_large")
    url = str(told.get("url_private_download") or told.get("url_private") or "")
    if not _of_slack(url, client.base_url):
        raise AttachmentError("file_unreachable")
    return await _download(url, client.token or "", longest, tls)


def _of_slack(url: str, api_url: str) -> bool:
    """Whether the bot's token may go there: files of other services bear addresses of theirs."""
    there, api = urlsplit(url), urlsplit(api_url)
    if (there.scheme, there.netloc) == (api.scheme, api.netloc):
        return True
    return there.scheme == "https" and (there.hostname or "").endswith(".slack.com")


async def _download(url: str, token: str, longest: int, tls: ssl.SSLContext) -> bytes:
    """As it is stored, never unpacked: a small body that unpacks to a huge one stays small.

    Without the right to read files Slack leads to a page for logging in: what isn't the file itself isn't followed.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    patience = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                url, headers=headers, ssl=tls, proxy=proxy_for(url), timeout=patience, allow_redirects=False
            ) as answer,
        ):
            if answer.status != HTTPStatus.OK or answer.content_type == "text/html":
                LOG.warning("a file could not be downloaded: %d %s", answer.status, answer.content_type)
                raise AttachmentError("file_unreachable")
            return await capped(answer.content.iter_chunked(CHUNK), longest)
    except TRANSPORT as error:
        LOG.warning("a file could not be downloaded: %s", type(error).__name__)
        raise AttachmentError("file_unreachable") from error
