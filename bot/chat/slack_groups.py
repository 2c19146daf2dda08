"""Slack's user groups."""

from __future__ import annotations

from collections.abc import Collection

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack_client import delivered
from bot.core.errors import DeliveryError


class SlackGroups:
    """Needs the right `usergroups:read`."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def members(self, group: str) -> Collection[str]:
        """The ids of a group's people; raise DeliveryError where Slack doesn't tell."""
        found = (await delivered(self._client.usergroups_users_list(usergroup=group))).get("users")
        if not isinstance(found, list):
            raise DeliveryError("Slack answers something else than a list")
        return [user for user in found if isinstance(user, str)]
