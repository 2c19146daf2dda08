"""People with a right: the DISC's, who close gaps, and the press office's, who take cases."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.messages import Address


@dataclass(frozen=True, slots=True)
class Team:
    """Its members, as `slack:U…`."""

    members: frozenset[str] = frozenset()

    def has(self, address: Address) -> bool:
        return f"{address.platform}:{address.user}" in self.members
