"""The bot's own pages: what it is, and what it keeps about a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.core.actions import Forget
from bot.core.answers import Answer, Audience, Bullets, Language, Outcome, Paragraph, Part, Pick, Title
from bot.core.assistant import Assistant
from bot.core.ports import Work
from bot.service.reporting import Reporting

_DAY = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}


class Pages:
    """Draws them with the assistant of the moment."""

    def __init__(self, assistant: Callable[[], Assistant], reporting: Reporting | None) -> None:
        self._assistant = assistant
        self._reporting = reporting

    async def home(self, work: Work, asker: str, language: Language) -> Answer:
        kept = await self.my_data(work, asker, language)
        home = self._assistant().home(language)
        return replace(home, parts=(*home.parts, *kept.parts))

    async def my_data(self, work: Work, asker: str, language: Language) -> Answer:
        """What is kept about a person, for them alone, with the way to erase it."""
        say, kept = self._assistant().say, await work.kept(asker)
        reports = await self._reporting.data(work, asker, language) if self._reporting else ()
        parts: list[Part] = [Title(say("data_title", language))]
        if kept.since:  # a question or an opinion
            since = kept.since.strftime(_DAY[language])
            counts = say("data_counts", language, questions=kept.questions, feedback=kept.feedback, since=since)
            parts.append(Paragraph(counts))
        if kept.texts:
            parts += [Paragraph(say("data_texts", language)), Bullets(kept.texts)]
        parts += reports
        known = kept.since is not None or reports
        parts.append(Pick(say("data_erase", language), Forget()) if known else Paragraph(say("data_nothing", language)))
        return Answer(Outcome.NOTICE, tuple(parts), language, audience=Audience.ONLY_YOU)
