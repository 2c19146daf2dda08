from __future__ import annotations

import pytest

from bot.core.errors import DeliveryError
from tests.fakes.slack_rig import over_http


async def test_a_user_group_has_people_unless_slack_does_not_tell() -> None:
    async with over_http() as rig:
        rig.fake.groups["S0PRESS"] = ["U0ANNE", "W0PAUL"]
        assert await rig.slack.groups.members("S0PRESS") == ["U0ANNE", "W0PAUL"]
        for group, error in (("S0NONE", "no_such_subteam"), ("S0PRESS", "missing_scope")):
            if error == "missing_scope":
                rig.fake.fail("usergroups.users.list", error)
            with pytest.raises(DeliveryError, match=error):
                await rig.slack.groups.members(group)
