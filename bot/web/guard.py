"""The door before Bolt: size, signature and shape of a request are judged on its raw bytes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000  # Slack's own payloads stay far below
FRESH_SECONDS = 300
READ_SECONDS = 10


class Refused(Exception):  # noqa: N818 - it is what happens to a request, not a fault of ours
    """A request that goes no further; its message is all that the sender is told."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class SlackGuard:
    """ASGI middleware that lets only whole, fresh, signed and well-formed requests of Slack pass."""

    def __init__(self, app: ASGIApp, signing_secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._admit(scope, receive)
        except Refused as refusal:
            LOG.warning("refused a request to Slack's endpoint: %s", refusal)
            response = PlainTextResponse(f"{refusal}\n", refusal.status, {"connection": "close"})
            await response(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)

    async def _admit(self, scope: Scope, receive: Receive) -> bytes:
        headers = Headers(scope=scope)
        check_length(headers.get("content-length"))
        timestamp, signature = self._credentials(headers)
        body = await read_body(receive)
        expected = hmac.new(self._secret, b"v0:%s:%s" % (timestamp, body), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={expected}".encode(), signature):
            raise Refused(HTTPStatus.UNAUTHORIZED, "wrong signature")
        _check_shape(body, headers.get("content-type", ""))
        return body

    def _credentials(self, headers: Headers) -> tuple[bytes, bytes]:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len("9999999999")):
            raise Refused(HTTPStatus.BAD_REQUEST, "no usable timestamp")
        if abs(self._clock() - int(timestamp)) > FRESH_SECONDS:
            raise Refused(HTTPStatus.UNAUTHORIZED, "stale timestamp")
        if not signature or not signature.isascii():
            raise Refused(HTTPStatus.UNAUTHORIZED, "no usable signature")
        return timestamp.encode(), signature.encode()


def check_length(length: str | None) -> None:
    """Refuse what says of itself that it is too large."""
    if length is None:
        return  # sent in chunks: counted as they come
    if not (length.isascii() and length.isdecimal()):
        raise Refused(HTTPStatus.BAD_REQUEST, "no usable content length")
    if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")


async def read_body(receive: Receive) -> bytes:
    """The whole body; refuse one that is too large, too slow or cut off."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(HTTPStatus.BAD_REQUEST, "cut off")
                body += message.get("body", b"")
                if len(body) > LARGEST_BODY:
                    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "too slow") from None


def _check_shape(body: bytes, content_type: str) -> None:
    """Refuse what Bolt would choke on: it parses before it looks, and answers 500 with a traceback."""
    try:
        text = body.decode()
        if content_type.startswith("application/json") or text.startswith("{"):
            payload = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
            payload = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed body") from None
    if not payload or not isinstance(payload, dict) or not isinstance(payload.get("event", {}), dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "unexpected body")


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
