"""What the press office does with a case, and what it and the reporters are told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.actions import CloseCase, TakeCase
from bot.core.alerts import Author, Case, CaseEnd
from bot.core.answers import Answer, Manner, Outcome, Paragraph, Reply, Say
from bot.core.messages import Address
from bot.core.ports import Work
from bot.service.alerts import Alerts, Handled
from bot.service.case_card import OFFICE, card


class CaseDesk:
    """Changes cases and queues what is told, in one transaction. `channel` is where their cards stand, if anywhere."""

    def __init__(
        self,
        alerts: Alerts,
        say: Say,
        clock: Callable[[], datetime],
        channel: Address | None = None,
    ) -> None:
        self._alerts = alerts
        self._say = say
        self._clock = clock
        self._channel = channel

    async def press(self, work: Work, action: TakeCase | CloseCase, by: str, message: str) -> Reply | None:
        """A card's button: that message becomes the card as it is now; None where there is no such case."""
        handled = await self.handle(work, action, by)
        if handled is None:
            return None
        case = handled.case
        if case.card_message and message != case.card_message:  # an older card was pressed
            await self.show_card(work, case, f"{case.state.value} {message}")
        return Reply((Answer(Outcome.NOTICE, card(case, self._say), OFFICE),), Manner.REPLACE)

    async def handle(self, work: Work, action: TakeCase | CloseCase, by: str) -> Handled | None:
        """Take or close a case for somebody who may, and have its reporters told; None where there is no such case."""
        if isinstance(action, TakeCase):
            authors, what = await self._alerts.take(work, action.case, by), "taken"
        else:
            end = CaseEnd(action.end)
            authors, what = await self._alerts.close(work, action.case, end, by), f"closed_{end.name.lower()}"
        case = await work.case(action.case)
        if case is None:
            return None
        await self._tell(work, case, authors or (), what)
        return Handled(case, None if authors is None else len(authors))

    async def show_card(self, work: Work, case: Case, what: str) -> bool:
        """Show the case's card as it is now, in place of what stands there, once for each `what`; False if nowhere."""
        if self._channel:
            await work.queue_card(f"card {case.number}.{what}", case.number, self._channel, card(case, self._say))
        return self._channel is not None

    async def sent(self, work: Work, case: Case, ordinal: int) -> None:
        """A report of the case was sent: its card is shown, and where it stood already, the thread below it is told."""
        await self.show_card(work, case, str(ordinal))
        if self._channel and case.card_message:
            said = self._say("card_again", OFFICE, number=case.number, reports=case.reports)
            below = replace(self._channel, thread=case.card_message)
            await work.queue(f"again {case.number}.{ordinal}", below, OFFICE, (Paragraph(said),))

    async def remind(self, work: Work) -> None:
        """Remind the press office, once, of each case that nobody took in time; without a channel nobody is."""
        if self._channel is None:
            return
        for case in await self._alerts.due_reminders(work, self._clock()):
            said = Paragraph(self._say("card_reminder", OFFICE, number=case.number))
            await work.queue(f"reminder {case.number}", self._channel, OFFICE, (said,))

    async def _tell(self, work: Work, case: Case, authors: Sequence[Author], what: str) -> None:
        for author in authors:
            said = Paragraph(self._say(f"case_{what}", author.language, number=case.number))
            await work.queue(f"{what} {case.number} {author.asker}", author.address, author.language, (said,))
