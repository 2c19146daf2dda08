"""A flood of reports, from the forms to the mails: each is kept, and the press office knows what is going on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.actions import Cancel, Send
from bot.core.answers import Pick, Quote, plain
from bot.core.forms import Form
from bot.core.messages import Address, Incoming, Kind
from bot.core.outbox import LATE_AFTER
from bot.core.ports import Letter, Work
from bot.service.desk import Desk
from bot.service.outbox import Outbox
from bot.service.replies import Replies
from bot.service.reporting import Reporting
from tests.adapters.samples import Clock
from tests.core.alert_samples import HEAD, PRESS
from tests.fakes.mail_server import MailServer
from tests.fakes.mouth import ANNE, PAUL, RecordingMouth, presses, words
from tests.fakes.shipped import shipped_assistant, told
from tests.mail.kit import ALERTS
from tests.mail.kit import mouth as mail_mouth

pytestmark = pytest.mark.parametrize("engine", ["memory"], indirect=True)

CHANNEL = Address("slack", channel="C9")


class Office:
    """A bot that takes reports, and its outbox."""

    def __init__(self, store: SqlStore, mouth: RecordingMouth, clock: Clock, port: int) -> None:
        self.mouth = mouth
        self._reporting = Reporting(ALERTS, shipped_assistant, clock, HEAD.zone, channel=CHANNEL)
        replies = Replies(shipped_assistant, key=b"k" * 16, reporting=self._reporting)
        self._desk = Desk(store, {"slack": mouth}, replies)
        speakers = {"mail": mail_mouth(store, port), "slack": mouth}

        async def gather(work: Work) -> None:
            await ALERTS.gather(work, clock.now)

        self.outbox = Outbox(store, speakers, clock, tell=self._reporting.alarms.tell, rounds=[gather])

    async def hears(self, incoming: Incoming) -> None:
        await self._desk.accept(incoming)
        await self._desk.drain()

    async def reported(self, number: int, address: Address = ANNE) -> str:
        """Report a post, and send what is shown: the text of the preview, without its subject."""
        form = Form(link=f"https://x.com/a/status/{number}", said=f"Accusation n° {number}.", seen="aujourd'hui")
        await self.hears(Incoming(f"V{number}", Kind.FORM, address, form=form))
        (preview,) = self.mouth.last.answers
        (send,) = [part.action for part in preview.parts if isinstance(part, Pick) and isinstance(part.action, Send)]
        await self.hears(presses(send, address))
        (shown,) = [part.text for part in preview.parts if isinstance(part, Quote)]
        return shown.partition("\n\n")[2]

    def notices(self, key: str, channel: str = "C9") -> Sequence[Letter]:
        """The letters to that channel that say this sentence of the bot's."""
        there = [letter for letter in self.mouth.letters if letter.address.channel == channel]
        return [letter for letter in there if any(told(key) in plain(part) for part in letter.parts)]


async def test_the_eleventh_report_within_an_hour_travels_with_those_that_follow(
    store: SqlStore, mouth: RecordingMouth, clock: Clock
) -> None:
    async with MailServer().running() as server:
        office = Office(store, mouth, clock, server.port)
        texts = []
        for number in range(1, 14):
            texts.append(await office.reported(number))
            assert (told("report_gathered") in words(mouth.last.answers)) == (number > 10)
        await office.reported(99, PAUL)  # somebody else's still goes alone
        await office.outbox.deliver_due()
        assert len(server.mails) == 11
        assert len(office.notices("card_flood")) == 1

        clock.advance(minutes=10)
        await office.outbox.sweep()
        await office.outbox.sweep()
        await office.outbox.deliver_due()
    assert len(server.mails) == 12
    gathered = server.mails[-1].get_content().replace("\r\n", "\n")
    assert server.rcpts == [PRESS] * 12
    assert all(text.rstrip() in gathered for text in texts[10:])
    assert not any(text.rstrip() in gathered for text in texts[:10])
    assert "Afflux inhabituel" in gathered


async def test_a_gathered_letter_that_is_late_is_told_to_each_author_once_and_to_the_press_office(
    store: SqlStore, mouth: RecordingMouth, clock: Clock
) -> None:
    office = Office(store, mouth, clock, port=1)
    for number in range(1, 11):
        await office.reported(number)
    async with store.work() as work:
        for number in range(1, 11):
            await work.withdraw(number)
    for number in range(11, 14):
        await office.reported(number)
    await office.hears(presses(Cancel(13)))
    clock.advance(minutes=10)
    await office.outbox.sweep()
    clock.now += LATE_AFTER
    await office.outbox.sweep()
    await office.outbox.deliver_due(["slack"])
    (said,) = office.notices("report_late", "D1")
    assert "2026-012" in plain(said.parts[0])
    (warned,) = office.notices("card_late")
    assert "2026-011, 2026-012" in plain(warned.parts[0])
    assert "2026-013" not in plain(warned.parts[0])


async def test_a_mail_refused_for_good_is_told_to_its_author_with_the_number_to_phone(
    store: SqlStore, mouth: RecordingMouth, clock: Clock
) -> None:
    async with MailServer(rcpt="550 5.1.1 no such user").running() as server:
        office = Office(store, mouth, clock, server.port)
        await office.reported(1)
        await office.outbox.deliver_due()
        await office.outbox.deliver_due()
    (said,) = office.notices("report_dead", "D1")
    assert "2026-001" in plain(said.parts[0])
    assert "+33 (0)1 44 23 60 97" in plain(said.parts[0])
    assert len(office.notices("card_dead")) == 1
