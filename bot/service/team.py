"""People with a right: the DISC's, who close gaps, and the press office's, who take cases."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.core.errors import DeliveryError
from bot.core.messages import Address

LOG = logging.getLogger(__name__)

KEPT = timedelta(minutes=5)  # for so long somebody who left a group may still act, and one who joined can't yet
_GROUP = re.compile(r"slack:S.+")


class Directory(Protocol):
    """A platform's user groups."""

    async def members(self, group: str) -> Collection[str]:
        """The ids of a group's people; raise DeliveryError where Slack doesn't tell."""
        ...


class Team:
    """People, as `slack:U…`, and user groups, as `slack:S…`, whose people `directories` tell, by platform."""

    def __init__(
        self,
        members: Collection[str] = (),
        directories: Mapping[str, Directory] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._people = frozenset(one for one in members if not _GROUP.fullmatch(one))
        self._groups = tuple(one for one in members if _GROUP.fullmatch(one))
        self._directories = directories if directories is not None else {}
        self._clock = clock
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def look_up(self, address: Address) -> None:
        """Ask who is in the groups that decide about this person, where that isn't known; inside no transaction."""
        if f"{address.platform}:{address.user}" in self._people:
            return
        for group in self._groups:
            if group.startswith(f"{address.platform}:") and self._members(group) is None:
                await self._ask(group)

    def has(self, address: Address) -> bool | None:
        """Whether somebody is of the team; None where that can't be told now, which allows nothing."""
        who = f"{address.platform}:{address.user}"
        if who in self._people:
            return True
        known = [self._members(group) for group in self._groups if group.startswith(f"{address.platform}:")]
        if any(who in members for members in known if members is not None):
            return True
        return None if None in known else False

    def _members(self, group: str) -> frozenset[str] | None:
        asked_at, members = self._known.get(group, (None, frozenset[str]()))
        return members if asked_at and self._clock() - asked_at <= KEPT else None

    async def _ask(self, group: str) -> None:
        platform, _, name = group.partition(":")
        try:
            members = await self._directories[platform].members(name)
        except (DeliveryError, KeyError) as error:  # a platform that isn't served here has no directory
            LOG.error("the people of %s can't be known, and may do nothing: %s", group, error)  # noqa: TRY400
            return
        self._known[group] = self._clock(), frozenset(f"{platform}:{member}" for member in members)
