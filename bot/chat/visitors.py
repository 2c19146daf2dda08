"""Who people are, remembered for a while: a platform need not be asked at each message."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from bot.core.messages import Visitor

KEPT, SECONDS = 2000, 900.0


class Visitors:
    """The last people who spoke, by their id."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, Visitor]] = OrderedDict()

    def get(self, user: str) -> Visitor | None:
        until, visitor = self._known.get(user, (0.0, Visitor()))
        return visitor if until > monotonic() else None

    def remember(self, user: str, visitor: Visitor) -> None:
        self._known[user] = (monotonic() + SECONDS, visitor)
        self._known.move_to_end(user)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
