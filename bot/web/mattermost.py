"""Mattermost's callbacks: slash commands, buttons and dialogs, judged on size and shape before anything reads them."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.errors import ActionError
from bot.web.guard import Refused, check_length, read_body

LOG = logging.getLogger(__name__)

FIELDS = 100  # of a command's form; Mattermost sends a dozen, and two for each mention

# What a callback is answered with; ActionError where it was not Mattermost that called.
Handle = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


def mattermost_routes(on_command: Handle, on_action: Handle, on_dialog: Handle) -> list[BaseRoute]:
    """The endpoints that MATTERMOST_CALLBACK_URL stands before."""
    return [
        Route("/mattermost/command", _endpoint(_form, on_command), methods=["POST"]),
        Route("/mattermost/action", _endpoint(_object("context"), on_action), methods=["POST"]),
        Route("/mattermost/dialog", _endpoint(_object("submission"), on_dialog), methods=["POST"]),
    ]


def _endpoint(parse: Callable[[bytes], dict[str, Any]], handle: Handle) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            check_length(request.headers.get("content-length"))
            return JSONResponse(await handle(parse(await read_body(request.receive))))
        except Refused as refusal:
            LOG.warning("refused a request to Mattermost's endpoint: %s", refusal)
            return JSONResponse({"error": str(refusal)}, refusal.status, {"connection": "close"})
        except ActionError as error:
            LOG.warning("refused a request to Mattermost's endpoint: %s", error)
            return JSONResponse({"error": "refused"}, HTTPStatus.UNAUTHORIZED)

    return endpoint


def _form(body: bytes) -> dict[str, Any]:
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS))
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed body") from None
    return form


def _object(field: str) -> Callable[[bytes], dict[str, Any]]:
    """Reads an object in which that field is one, too."""

    def parse(body: bytes) -> dict[str, Any]:
        try:
            payload = json.loads(body.decode())
        except (ValueError, RecursionError):
            raise Refused(HTTPStatus.BAD_REQUEST, "malformed body") from None
        if not isinstance(payload, dict) or not isinstance(payload.get(field), dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "unexpected body")
        return payload

    return parse
