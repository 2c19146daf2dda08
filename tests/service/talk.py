"""A conversation about reports, with given times: the desk, the letters, and a screen that shows what stands where."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from bot.adapters.sql_store import SqlStore
from bot.core.actions import Action, Send
from bot.core.alerts import Report
from bot.core.answers import Part, Pick, plain
from bot.core.assistant import Assistant
from bot.core.errors import DeliveryError
from bot.core.forms import Form, Upload
from bot.core.messages import Address, Incoming, Kind
from bot.core.ports import Letter
from bot.service.desk import Desk
from bot.service.outbox import Outbox
from bot.service.replies import Replies
from bot.service.reporting import Reporting
from bot.service.team import Team
from tests.adapters.samples import Clock
from tests.core.alert_samples import HEAD
from tests.fakes.mouth import ANNE, RecordingMouth, presses, words
from tests.mail.kit import ALERTS

CHANNEL = Address("slack", channel="C9")
FORM = Form(link="https://x.com/a/status/1", said="On accuse l'Inserm de fraude.", seen="aujourd'hui")
PHONE = "+33 (0)1 44 23 60 97"
_NUMBERS = count(1)


class Server:
    """A mail server, as far as letters see it: it takes them, or fails as it is told."""

    def __init__(self) -> None:
        self.error: DeliveryError | None = None
        self.mails: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        if self.error:
            raise self.error
        self.mails.append(letter)


class Talk:
    """`desk` answers in French; U9 is of the press office, whose channel is C9."""

    def __init__(
        self,
        assistant: Assistant,
        store: SqlStore,
        mouth: RecordingMouth,
        clock: Clock,
        *,
        key: bytes,
        channel: Address | None = CHANNEL,
    ) -> None:
        team = Team(["slack:U9"])
        self.store, self.mouth, self.clock, self.server = store, mouth, clock, Server()
        self.reporting = Reporting(ALERTS, lambda: assistant, clock, HEAD.zone, team=team, channel=channel)
        self.replies = Replies(lambda: assistant, key=key, team=team, reporting=self.reporting, clock=clock)
        self.desk = Desk(store, {"slack": mouth}, self.replies)
        ways = {"slack": mouth, "mail": self.server}
        cases = self.reporting.cases
        self.outbox = Outbox(
            store, ways, clock, tell=self.reporting.alarms.tell, rounds=[cases.remind], chance=lambda: 0.0
        )

    async def hears(self, incoming: Incoming) -> str:
        await self.desk.accept(incoming)
        return await self.tries_again()

    async def tries_again(self) -> str:
        await self.desk.drain()
        return words(self.mouth.last.answers)

    async def fills_in(self, *files: Upload, report: int = 0, address: Address = ANNE, link: str = FORM.link) -> str:
        form = replace(FORM, files=files, link=link)
        return await self.hears(Incoming(f"V{next(_NUMBERS)}", Kind.FORM, address, form=form, report=report))

    async def sends(self, number: int = 1, address: Address = ANNE) -> str:
        return await self.presses(Send(number, (await self.report(number)).version), address)

    async def presses(self, action: Action, address: Address = ANNE, message: str = "") -> str:
        """On the message in which the report is shown, where none is named."""
        shown = (await self.report(action.report)).shown if hasattr(action, "report") else None
        return await self.hears(replace(presses(action, address), message=message or (shown.message if shown else "")))

    async def report(self, number: int = 1) -> Report:
        async with self.store.work() as work:
            found = await work.report(number)
        assert found is not None
        return found

    async def posts(self) -> None:
        """Everything that is due leaves, and people are told of what doesn't."""
        await self.outbox.deliver_due()
        await self.outbox.sweep()
        await self.outbox.deliver_due()

    def told(self, channel: str) -> list[str]:
        """What the letters to a channel said, in their order."""
        letters = [letter for letter in self.mouth.letters if letter.address.channel == channel]
        return ["\n".join(map(plain, letter.parts)) for letter in letters]


def labels(parts: tuple[Part, ...]) -> list[str]:
    return [part.label for part in parts if isinstance(part, Pick)]
