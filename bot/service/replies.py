"""What each event gets, and what is stored of it: one transaction, in which nothing is sent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from bot.core import text as texts
from bot.core.actions import (
    Action,
    AnswerGap,
    Choose,
    CloseCase,
    CloseGap,
    Forget,
    Look,
    MergeGap,
    Rate,
    ReportAction,
    Share,
    TakeCase,
)
from bot.core.alerts import Author
from bot.core.answers import Answer, Audience, Bullets, Language, Manner, Outcome, Paragraph, Part, Pick, Reply, Title
from bot.core.assistant import Assistant
from bot.core.attachments import Fetched
from bot.core.gaps import resembling
from bot.core.messages import REPORT_COMMANDS, Address, Incoming, Kind, Visitor
from bot.core.ports import Asked, Claimed, NewQuestion, Work
from bot.core.typed import still_open, understood
from bot.service.disc_desk import DiscDesk, asks_why
from bot.service.reporting import Reporting, for_one
from bot.service.team import Team

MY_DATA = frozenset({"mes donnees", "my data", "mesdonnees", "mydata"})
_DAY = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}


class Replies:
    """Decides on events with the assistant of the moment. `key` keys the hashes under which people are kept."""

    def __init__(
        self,
        assistant: Callable[[], Assistant],
        *,
        key: bytes,
        team: Team | None = None,
        reporting: Reporting | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._assistant = assistant
        self._key = key
        self._disc = DiscDesk(assistant, team or Team())
        self._reporting = reporting
        self._clock = clock

    @property
    def assistant(self) -> Assistant:
        return self._assistant()

    async def prepare(self, incoming: Incoming) -> None:
        """Look up what deciding needs to know from elsewhere: inside the transaction nobody is waited for."""
        await self._disc.prepare(incoming)
        if isinstance(incoming.action, TakeCase | CloseCase) and self._reporting:
            await self._reporting.team.look_up(incoming.address)

    async def decide(
        self, work: Work, claimed: Claimed, visitor: Visitor, files: Sequence[Fetched] = ()
    ) -> Reply | None:
        """The reply to an event; None for what was not said to the bot. Doing it again changes nothing.

        `files` are those that a form named.
        """
        incoming = claimed.incoming
        if not visitor.welcome:
            language = self.assistant.language(incoming.text, locale=visitor.locale)
            return None if incoming.kind is Kind.FOLLOW_UP else self._notice("stranger", language)
        match incoming.kind:
            case Kind.QUESTION:
                return await self._question(work, claimed, visitor)
            case Kind.FOLLOW_UP:
                spoken = await work.last_question(self.asker(incoming.address), incoming.address)
                return await self._question(work, claimed, visitor) if spoken else None
            case Kind.COMMAND:
                return await self._command(work, claimed, visitor)
            case Kind.PRESS:
                return await self._press(work, claimed, visitor)
            case Kind.FORM:
                return await self._form(work, incoming, visitor, files)
            case Kind.HOME:
                return await self._home(work, incoming, self.assistant.language("", locale=visitor.locale))
            case _:
                assert_never(incoming.kind)

    def failure(self, language: Language = "fr") -> Reply:
        """What is said when something here is broken."""
        return self._notice("error", language)

    def asker(self, address: Address) -> str:
        """The hash under which a person is kept: useless without the key (HMAC, RFC 2104, with SHA-256)."""
        person = f"{address.platform}:{address.team}:{address.user}".encode()
        return hmac.new(self._key, person, hashlib.sha256).hexdigest()

    async def _question(self, work: Work, claimed: Claimed, visitor: Visitor) -> Reply:
        incoming = claimed.incoming
        asked = await work.last_question(self.asker(incoming.address), incoming.address)
        if action := self._typed(incoming.text, asked):
            return await self._press(work, replace(claimed, incoming=replace(incoming, action=action)), visitor)
        previous = asked.language if asked else None
        answers = self.assistant.answer(incoming.text, locale=visitor.locale, previous=previous)
        return Reply(await self._stored(work, claimed, answers))

    def _typed(self, text: str, asked: Asked | None) -> Action | None:
        """The button that words stand for: for a while one of the person's last answer there, others at any time."""
        if asked is None or not still_open(asked, self._clock()):
            return understood(text, None)
        entry = asked.chosen or (asked.entries[0] if asked.entries else "")
        parts = self.assistant.show(entry, asked.language).parts if self._known(entry) else ()
        looks = [part.action.entry for part in parts if isinstance(part, Pick) and isinstance(part.action, Look)]
        return understood(text, asked, looks)

    async def _command(self, work: Work, claimed: Claimed, visitor: Visitor) -> Reply:
        incoming = claimed.incoming
        previous = await self._previous(work, incoming.address)
        if self._reporting and incoming.command in REPORT_COMMANDS:
            locale = REPORT_COMMANDS[incoming.command] or visitor.locale
            return self._reporting.begin(incoming.text, self.assistant.language("", locale=locale, previous=previous))
        if " ".join(texts.tokens(incoming.text)) in MY_DATA:
            language = self.assistant.language(incoming.text, locale=visitor.locale, previous=previous)
            return Reply((await self._my_data(work, incoming.address, language),))
        if asks_why(incoming):
            language = self.assistant.language(incoming.text, locale=visitor.locale, previous=previous)
            last = await work.last_question(self.asker(incoming.address), incoming.address)
            return self._disc.why(last, incoming.address, language)
        answers = self.assistant.command(incoming.command, incoming.text, locale=visitor.locale, previous=previous)
        return Reply(await self._stored(work, claimed, answers))

    async def _previous(self, work: Work, address: Address) -> Language | None:
        """The language of the person's previous turn there."""
        last = await work.last_question(self.asker(address), address)
        return last.language if last else None

    async def _stored(self, work: Work, claimed: Claimed, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        return tuple([await self._store(work, claimed, n, answer) for n, answer in enumerate(answers)])

    async def _store(self, work: Work, claimed: Claimed, number: int, answer: Answer) -> Answer:
        """Store one question with its outcome; courtesies and pages are no questions."""
        if answer.outcome in {Outcome.NOTICE, Outcome.SMALLTALK} or not answer.asked:
            return answer
        address = claimed.incoming.address
        counted_only = answer.topic and not answer.gap
        asked = NewQuestion(
            number=number,
            address=address,
            asker=self.asker(address),
            language=answer.language,
            outcome=answer.outcome,
            entries=answer.entries,
            confidence=answer.confidence,
            topic=answer.topic,
            text="" if counted_only else texts.mask(texts.clean(answer.asked)),
        )
        question = await work.add_question(claimed.id, asked)
        answer = self._offered(replace(answer, question=question), question)
        return await self._passed_on(work, question, answer, asked.text) if answer.gap else answer

    def _offered(self, answer: Answer, question: int) -> Answer:
        return self._reporting.offered(answer, question) if self._reporting else answer

    async def _passed_on(self, work: Work, question: int, answer: Answer, text: str) -> Answer:
        """The question joins the gap that asks the same, or opens one, and its author is told so."""
        if not await self._gap(work, question, text, answer.language):
            return answer
        told = Paragraph(self.assistant.say("passed_on", answer.language))
        return replace(answer, parts=(*answer.parts[:1], told, *answer.parts[1:]))

    async def _gap(self, work: Work, question: int, text: str, language: Language) -> bool:
        stored = await work.question(question)
        if not text or (stored and stored.gap):
            return bool(stored and stored.gap)
        same = resembling(text, await work.open_gaps())
        await work.join_gap(question, same.id if same else await work.open_gap(text, language))
        return True

    async def _press(self, work: Work, claimed: Claimed, visitor: Visitor) -> Reply:
        incoming, action = claimed.incoming, claimed.incoming.action
        previous = await self._previous(work, incoming.address)
        language = self.assistant.language("", locale=visitor.locale, previous=previous)
        match action:
            case Look(entry):
                return self._look(entry, incoming.address, language)
            case CloseGap() | AnswerGap() | MergeGap():
                return await self._disc.press(work, incoming.address, action, language)
            case Forget():
                if self._reporting:
                    await self._reporting.forget(work, self.asker(incoming.address))
                await work.forget(self.asker(incoming.address))
                return self._notice("data_erased", language)
            case Choose() | Rate() | Share():
                asked = await work.question(action.question)
                if asked is None or not asked.asker:
                    return self._notice("stale", language)
                if asked.asker != self.asker(incoming.address) and not isinstance(action, Rate):
                    return self._notice("not_yours", language)
                return await self._about(work, incoming, asked)
            case None:
                return self._notice("stale", language)
            case _:
                return await self._report_press(work, incoming, action, language)

    async def _report_press(self, work: Work, incoming: Incoming, action: ReportAction, language: Language) -> Reply:
        if self._reporting is None:
            return self._notice("stale", language)
        return await self._reporting.press(work, incoming, self.asker(incoming.address), action, language)

    async def _form(self, work: Work, incoming: Incoming, visitor: Visitor, files: Sequence[Fetched]) -> Reply:
        """A report's form: whoever fills it in is its author."""
        previous = await self._previous(work, incoming.address)
        language = self.assistant.language("", locale=visitor.locale, previous=previous)
        if self._reporting is None:
            return self._notice("stale", language)
        address = incoming.address
        name = visitor.name or address.user
        author = Author(self.asker(address), for_one(address), name, visitor.mail, language)
        return await self._reporting.submitted(work, incoming, author, files)

    async def _about(self, work: Work, incoming: Incoming, asked: Asked) -> Reply:
        """A button under the answer to a stored question."""
        match incoming.action:
            case Choose(question, entry):
                await work.choose(question, entry)
                answer = await self._chosen(work, asked, entry)
                return Reply((replace(answer, question=question),), Manner.REPLACE)
            case Rate(question, useful):
                await work.rate(question, self.asker(incoming.address), useful=useful)
                if not useful:
                    await self._gap(work, question, asked.text, asked.language)
                return self._notice("rated_useful" if useful else "rated_useless", asked.language)
            case _:
                entry = asked.chosen or (asked.entries[0] if asked.entries else "")
                if not self._known(entry):
                    return self._notice("stale", asked.language)
                shared = self.assistant.show(entry, asked.language)
                return Reply((shared,), Manner.SHARE, shared_by=incoming.address.user)

    async def _chosen(self, work: Work, asked: Asked, entry: str) -> Answer:
        if self._known(entry):
            return self._offered(self.assistant.show(entry, asked.language), asked.id)
        answer = self.assistant.unanswered(asked.text, asked.language)
        return await self._passed_on(work, asked.id, answer, asked.text)

    def _look(self, entry: str, address: Address, language: Language) -> Reply:
        if not self._known(entry):
            return self._notice("stale", language)
        audience = Audience.HERE if address.direct else Audience.ONLY_YOU
        return Reply((replace(self._offered(self.assistant.show(entry, language), 0), audience=audience),))

    def _known(self, entry: str) -> bool:
        return entry in self.assistant.knowledge.entries or entry == self.assistant.knowledge.report.id

    async def _home(self, work: Work, incoming: Incoming, language: Language) -> Reply:
        kept = await self._my_data(work, incoming.address, language)
        home = self.assistant.home(language)
        return Reply((replace(home, parts=(*home.parts, *kept.parts)),))

    async def _my_data(self, work: Work, address: Address, language: Language) -> Answer:
        """What is kept about a person, for them alone, with the way to erase it."""
        say, kept = self.assistant.say, await work.kept(self.asker(address))
        reports = await self._reporting.data(work, self.asker(address), language) if self._reporting else ()
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

    def _notice(self, key: str, language: Language, **values: object) -> Reply:
        said = Paragraph(self.assistant.say(key, language, **values))
        return Reply((Answer(Outcome.NOTICE, (said,), language, audience=Audience.ONLY_YOU),))
