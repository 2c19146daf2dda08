"""The log: one JSON object a line on standard error, without anybody's question and without a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

_HIDDEN = "[secret]"
_TOKENS = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

# These say what people wrote, or too much: they are heard from WARNING on, whatever LOG_LEVEL says.
_TALKATIVE = (
    "aiohttp",
    "aiosqlite",
    "alembic",
    "asyncio",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "uvicorn",
    "websockets",
)


class Veil:
    """Hides these secrets, and whatever looks like a token, in a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._secret = re.compile("|".join([*map(re.escape, known), _TOKENS.pattern]))

    def __call__(self, text: str) -> str:
        return self._secret.sub(_HIDDEN, text)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; what was given as `extra` becomes fields of its own."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._veil = Veil(secrets)

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = self.formatStack(record.stack_info)
        return json.dumps({name: self._safe(value) for name, value in fields.items()}, ensure_ascii=False)

    def _safe(self, value: object) -> object:
        """Numbers as they are, all else as text; secrets go before JSON escapes what could hide them."""
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._veil(str(value)).encode("utf-8", "replace").decode()


def set_up(level: str, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Log from that level on to standard error, and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
