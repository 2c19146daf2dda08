"""What people are told when reports don't leave as they should: late or refused mails, and floods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.core.alert_ports import LetterKind, Trouble
from bot.core.alerts import Report
from bot.core.answers import Language, Paragraph
from bot.core.assistant import Assistant
from bot.core.knowledge import PRESS_OFFICE
from bot.core.messages import Address
from bot.core.ports import Work
from bot.service.case_card import OFFICE


class Alarms:
    """Queues notices to authors, and to the press office's channel where there is one."""

    def __init__(self, assistant: Callable[[], Assistant], channel: Address | None) -> None:
        self._assistant = assistant
        self._channel = channel

    async def tell(self, work: Work, trouble: Trouble) -> None:
        """Have the authors of reports that are late or dead phone, and warn the press office's channel."""
        if trouble.kind is not LetterKind.PRESS:
            return
        reports = await _held(work, trouble)
        for report in {one.author.asker: one for one in reports if one.author.address.platform}.values():
            await self._tell_author(work, trouble, report)
        numbers = ", ".join(dict.fromkeys(one.case for one in reports)) or trouble.case
        await self._warn(work, f"{trouble.what} {trouble.letter} card", f"card_{trouble.what}", numbers)

    async def flood(self, work: Work, number: str, now: datetime) -> None:
        """Tell the press office, once an hour, that from this case on reports travel together."""
        await self._warn(work, f"flood {now:%Y-%m-%d %H}", "card_flood", number)

    async def _tell_author(self, work: Work, trouble: Trouble, report: Report) -> None:
        language, address = report.author.language, report.author.address
        said = self._say(f"report_{trouble.what}", language, number=report.case, phone=self.phone())
        await work.queue(f"{trouble.what} {trouble.letter} to {report.id}", address, language, (Paragraph(said),))

    async def _warn(self, work: Work, key: str, words: str, number: str) -> None:
        if self._channel:
            await work.queue(key, self._channel, OFFICE, (Paragraph(self._say(words, OFFICE, number=number)),))

    def phone(self) -> str:
        """The press office's."""
        return self._assistant().knowledge.entries[PRESS_OFFICE].people[0].phone

    def _say(self, key: str, language: Language, **values: object) -> str:
        return self._assistant().say(key, language, **values)


async def _held(work: Work, trouble: Trouble) -> Sequence[Report]:
    """The reports that the letter holds: its own, or those that travel together in it."""
    if trouble.report is None:
        return await work.gathered_in(trouble.key)
    report = await work.report(trouble.report)
    return [report] if report else []
