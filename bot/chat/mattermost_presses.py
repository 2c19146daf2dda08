"""Button presses whose request still waits: what only one person may see goes back in its response."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Response = Mapping[str, Any]


class Presses:
    """Brings the desk's answer to the request that asked for it, if both are in this process and in time."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Response]] = {}

    @contextmanager
    def expect(self, key: str) -> Iterator[asyncio.Future[Response]]:
        """A future that `answer` fills; two presses of the same key share it."""
        waiting = self._waiting.setdefault(key, asyncio.get_running_loop().create_future())
        try:
            yield waiting
        finally:
            if self._waiting.get(key) is waiting:
                del self._waiting[key]

    def answer(self, key: str, response: Response) -> bool:
        """Hand over the response; False where nobody waits for it any more."""
        waiting = self._waiting.pop(key, None)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(response)
        return True
