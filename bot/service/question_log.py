"""What is stored of questions: each with its outcome, and those without an answer in a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core import text as texts
from bot.core.answers import Answer, Language, Outcome, Paragraph
from bot.core.assistant import Assistant
from bot.core.gaps import resembling
from bot.core.ports import Claimed, NewQuestion, Work

# Adds what the bot can do about an answer to a question of that number.
Offer = Callable[[Answer, int], Answer]


class QuestionLog:
    """Stores questions in the transaction of the event that asked them."""

    def __init__(self, assistant: Callable[[], Assistant], offered: Offer) -> None:
        self._assistant = assistant
        self._offered = offered

    async def stored(self, work: Work, claimed: Claimed, asker: str, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """The answers as they are said once their questions are stored."""
        return tuple([await self._store(work, claimed, asker, (n, answer)) for n, answer in enumerate(answers)])

    async def _store(self, work: Work, claimed: Claimed, asker: str, numbered: tuple[int, Answer]) -> Answer:
        """Store one question with its outcome; courtesies and pages are no questions."""
        number, answer = numbered
        if answer.outcome in {Outcome.NOTICE, Outcome.SMALLTALK} or not answer.asked:
            return answer
        counted_only = answer.topic and not answer.gap
        asked = NewQuestion(
            number=number,
            address=claimed.incoming.address,
            asker=asker,
            language=answer.language,
            outcome=answer.outcome,
            entries=answer.entries,
            confidence=answer.confidence,
            topic=answer.topic,
            text="" if counted_only else texts.mask(texts.clean(answer.asked)),
        )
        question = await work.add_question(claimed.id, asked)
        answer = self._offered(replace(answer, question=question), question)
        return await self.pass_on(work, question, answer, asked.text) if answer.gap else answer

    async def pass_on(self, work: Work, question: int, answer: Answer, text: str) -> Answer:
        """The question joins the gap that asks the same, or opens one, and its author is told so."""
        if not await self.gap(work, question, text, answer.language):
            return answer
        told = Paragraph(self._assistant().say("passed_on", answer.language))
        return replace(answer, parts=(*answer.parts[:1], told, *answer.parts[1:]))

    async def gap(self, work: Work, question: int, text: str, language: Language) -> bool:
        """Whether the question is in a gap now: the one that asks the same, or one of its own."""
        stored = await work.question(question)
        if not text or (stored and stored.gap):
            return bool(stored and stored.gap)
        same = resembling(text, await work.open_gaps())
        await work.join_gap(question, same.id if same else await work.open_gap(text, language))
        return True
