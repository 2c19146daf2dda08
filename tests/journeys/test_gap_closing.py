"""A question that the guide doesn't answer, from its asker to the digest and back: over HTTP, in Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.messages import Address
from bot.service.desk import Desk
from bot.service.digest import Digest
from bot.service.outbox import Outbox
from bot.service.replies import Replies
from bot.service.team import Team
from tests.adapters.conftest import clock, engine, migrated_file, migrated_postgres, store
from tests.adapters.samples import Clock
from tests.core.alert_samples import HEAD
from tests.fakes import slack_payloads as payloads
from tests.fakes.shipped import shipped_assistant, told
from tests.fakes.slack_limits import texts
from tests.fakes.slack_rig import Rig, Stored, over_http
from tests.fakes.slack_workspace import Posted

__all__ = ["clock", "engine", "migrated_file", "migrated_postgres", "store"]
pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

ASKED = "xyzzy répondre plugh"
COMMENTS = "Répondre aux commentaires et modérer"


@dataclass
class Bot:
    rig: Rig
    desk: Desk
    outbox: Outbox

    async def hears(self, payload: dict[str, object]) -> list[Posted]:
        """What is said to a payload, and in the letters that follow."""
        before = len(self.rig.fake.sent)
        assert await self.rig.fake.deliver(payload) == 200
        await self.desk.drain()
        await self.outbox.deliver_due()
        return self.rig.fake.sent[before:]


@pytest.fixture
async def bot(store: SqlStore, clock: Clock) -> AsyncIterator[Bot]:
    stored = Stored()
    async with over_http(accepted=stored) as rig:
        rig.fake.members |= {"C0LAB", "C0DISC"}
        mouths = {"slack": rig.slack.mouth}
        replies = Replies(shipped_assistant, key=b"k" * 16, team=Team(["slack:U0DISC"]), clock=clock)
        digest = Digest(HEAD, channel=Address("slack", channel="C0DISC"))
        stored.desk = Desk(store, mouths, replies, digest)
        yield Bot(rig, stored.desk, Outbox(store, mouths, clock))


def shown(posted: Posted) -> str:
    return "\n".join(texts(posted.blocks))


async def test_the_asker_gets_the_entry_that_the_disc_picks_under_the_digest(bot: Bot, clock: Clock) -> None:
    asked = payloads.mention(ASKED, channel="C0LAB")
    (unanswered,) = await bot.hears(asked)
    assert told("passed_on") in shown(unanswered)

    await bot.desk.digest(clock.now)
    await bot.outbox.deliver_due()
    digest = bot.rig.fake.sent[-1]
    assert (digest.channel, ASKED in shown(digest)) == ("C0DISC", True)

    (picker,) = await bot.hears(payloads.press(digest, digest.button("Gap_answered"), user="U0DISC"))
    assert (picker.channel, picker.thread, picker.ephemeral) == ("C0DISC", digest.ts, False)
    again = await bot.hears(payloads.press(digest, digest.button("Gap_answered"), user="U0DISC"))
    assert shown(again[0]) == shown(picker)

    done, answer = await bot.hears(payloads.press(picker, picker.button(COMMENTS), user="U0DISC"))
    assert (done.replaces, shown(done)) == (
        picker.ts,
        f"Lacune n° 1 close : « {COMMENTS} » y répond. Personnes prévenues : 1.",
    )
    assert (answer.channel, answer.thread) == ("C0LAB", unanswered.thread)
    assert ASKED in shown(answer)
    assert shipped_assistant().knowledge.entries["guide/comments"].text["fr"][:40] in shown(answer)

    late, *others = await bot.hears(payloads.press(again[0], again[0].button(COMMENTS), user="U0DISC"))
    assert told("gap_was_closed") in shown(late)
    assert others == []


async def test_nobody_else_closes_it(bot: Bot, clock: Clock) -> None:
    await bot.hears(payloads.mention(ASKED, channel="C0LAB"))
    await bot.desk.digest(clock.now)
    await bot.outbox.deliver_due()
    digest = bot.rig.fake.sent[-1]
    (refused,) = await bot.hears(payloads.press(digest, digest.button("Gap_outside"), user="U0ANNE"))
    assert (refused.ephemeral, told("not_allowed") in shown(refused)) == (True, True)
