from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pytest

from bot.core.errors import DeliveryRefused
from bot.service.team import Team
from tests.adapters.samples import Clock
from tests.fakes.mouth import ANNE, BOSS, PAUL


@dataclass
class Groups:
    """A directory; a group that isn't there is one that the platform doesn't tell of."""

    people: dict[str, list[str]]
    asked: list[str] = field(default_factory=list)

    async def members(self, group: str) -> Collection[str]:
        self.asked.append(group)
        if group not in self.people:
            raise DeliveryRefused("no_such_subteam")
        return self.people[group]


@pytest.fixture
def groups() -> Groups:
    return Groups({"S1": [ANNE.user]})


@pytest.fixture
def team(groups: Groups, clock: Clock) -> Team:
    return Team(("slack:U9", "slack:S1"), {"slack": groups}, clock)


async def test_a_group_lets_its_people_in_and_nobody_else(team: Team) -> None:
    for person, known in ((ANNE, True), (PAUL, False), (replace(ANNE, platform="mattermost"), False)):
        await team.look_up(person)
        assert team.has(person) is known


async def test_who_is_named_needs_no_group(team: Team, groups: Groups) -> None:
    await team.look_up(BOSS)
    assert (team.has(BOSS), groups.asked) == (True, [])


async def test_nobody_is_let_in_while_the_group_is_not_known(
    team: Team, groups: Groups, caplog: pytest.LogCaptureFixture
) -> None:
    assert team.has(ANNE) is None
    groups.people.clear()
    await team.look_up(ANNE)
    assert team.has(ANNE) is None
    assert "the people of slack:S1 can't be known, and may do nothing: no_such_subteam" in caplog.text


async def test_a_group_is_asked_again_after_five_minutes(team: Team, groups: Groups, clock: Clock) -> None:
    for _ in range(3):
        await team.look_up(PAUL)
    groups.people["S1"] = [PAUL.user]
    clock.advance(minutes=5)
    await team.look_up(PAUL)
    assert (team.has(PAUL), groups.asked) == (False, ["S1"])
    clock.advance(seconds=1)
    await team.look_up(PAUL)
    assert (team.has(PAUL), team.has(ANNE), groups.asked) == (True, False, ["S1", "S1"])


async def test_what_was_known_is_not_kept_when_asking_fails(team: Team, groups: Groups, clock: Clock) -> None:
    await team.look_up(ANNE)
    groups.people.clear()
    clock.advance(minutes=6)
    await team.look_up(ANNE)
    assert team.has(ANNE) is None


async def test_one_group_is_enough(groups: Groups, clock: Clock) -> None:
    team = Team(("slack:S1", "slack:S2"), {"slack": groups}, clock)
    for person in (ANNE, PAUL):
        await team.look_up(person)
    assert (team.has(ANNE), team.has(PAUL)) == (True, None)


async def test_without_the_platform_nobody_is_let_in(clock: Clock) -> None:
    team = Team(("slack:S1",), {}, clock)
    await team.look_up(ANNE)
    assert team.has(ANNE) is None
