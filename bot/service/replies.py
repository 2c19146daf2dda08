"""What each event gets, and what is stored of it: one transaction, in which nothing is sent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, assert_never

from bot.core import text as texts
from bot.core.actions import (
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
from bot.core.answers import Answer, Audience, Language, Manner, Outcome, Paragraph, Reply
from bot.core.assistant import Assistant
from bot.core.attachments import Fetched
from bot.core.forms import Form
from bot.core.interview import stops
from bot.core.messages import REPORT_COMMANDS, Address, Incoming, Kind, Visitor
from bot.core.ports import Asked, Claimed, Work
from bot.core.typed import MY_DATA, Talk, command, named, understood
from bot.service.disc_desk import DiscDesk, asks_why
from bot.service.pages import Pages
from bot.service.question_log import QuestionLog
from bot.service.reporting import Reporting, for_one
from bot.service.talks import Talks
from bot.service.team import Team


class Replies:
    """Decides on events with the assistant of the moment. `key` keys the hashes under which people are kept.

    On the platforms `by_typing` a form that could not be shown is asked for field by field.
    """

    def __init__(
        self,
        assistant: Callable[[], Assistant],
        *,
        key: bytes,
        team: Team | None = None,
        reporting: Reporting | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        by_typing: Collection[str] = (),
    ) -> None:
        self._assistant = assistant
        self._key = key
        self._disc = DiscDesk(assistant, team or Team())
        self._reporting = reporting
        self._pages = Pages(assistant, reporting)
        self._log = QuestionLog(assistant, self._offered)
        self._talks = Talks(assistant, clock, by_typing)

    @property
    def assistant(self) -> Assistant:
        return self._assistant()

    async def prepare(self, incoming: Incoming) -> None:
        """Look up what deciding needs to know from elsewhere: inside the transaction nobody is waited for."""
        await self._disc.prepare(incoming)
        wanted = incoming.action or named(incoming.text)
        if isinstance(wanted, TakeCase | CloseCase) and self._reporting:
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
        reply = await self._decided(work, claimed, visitor, files)
        return await self._talks.follow(work, claimed, self.asker(incoming.address), reply, visitor) if reply else None

    async def _decided(self, work: Work, claimed: Claimed, visitor: Visitor, files: Sequence[Fetched]) -> Reply | None:
        incoming = claimed.incoming
        match incoming.kind:
            case Kind.QUESTION:
                return await self._question(work, claimed, visitor, files)
            case Kind.FOLLOW_UP:
                spoken = await work.last_question(self.asker(incoming.address), incoming.address)
                return await self._question(work, claimed, visitor, ()) if spoken or named(incoming.text) else None
            case Kind.COMMAND:
                return await self._command(work, claimed, visitor)
            case Kind.PRESS:
                return await self._press(work, claimed, visitor)
            case Kind.FORM:
                return await self._form(work, incoming, visitor, files)
            case Kind.HOME:
                language = self.assistant.language("", locale=visitor.locale)
                return Reply((await self._pages.home(work, self.asker(incoming.address), language),))
            case _:
                assert_never(incoming.kind)

    async def completed(self, work: Work, claimed: Claimed) -> Form | None:
        """The form that an event completes, whose files are fetched before anything is decided; mostly None."""
        if claimed.incoming.form or claimed.incoming.kind is not Kind.QUESTION:
            return claimed.incoming.form
        return await self._talks.completed(work, claimed, self.asker(claimed.incoming.address))

    def failure(self, language: Language = "fr") -> Reply:
        """What is said when something here is broken."""
        return self._notice("error", language)

    def asker(self, address: Address) -> str:
        """The hash under which a person is kept: useless without the key (HMAC, RFC 2104, with SHA-256)."""
        person = f"{address.platform}:{address.team}:{address.user}".encode()
        return hmac.new(self._key, person, hashlib.sha256).hexdigest()

    async def _question(self, work: Work, claimed: Claimed, visitor: Visitor, files: Sequence[Fetched]) -> Reply:
        if typed := await self._typed(work, claimed, visitor, files):
            return typed
        incoming = claimed.incoming
        previous = await self._previous(work, incoming.address)
        answers = self.assistant.answer(incoming.text, locale=visitor.locale, previous=previous)
        return Reply(await self._log.stored(work, claimed, self.asker(incoming.address), answers))

    async def _typed(self, work: Work, claimed: Claimed, visitor: Visitor, files: Sequence[Fetched]) -> Reply | None:
        """What words stand for that are no question: the answer to a form's field, a button, a command."""
        text = claimed.incoming.text
        talk, fresh = await self._talks.find(work, claimed, self.asker(claimed.incoming.address))
        if talk and talk.interview and fresh:
            return await self._filled_in(work, claimed.incoming, visitor, talk, files)
        actions = understood(text, talk if fresh else None)
        language = talk.language if talk else None
        replies = [await self._press(work, _with(claimed, action=one), visitor, language) for one in actions]
        if replies:
            return replies[-1]
        asked = command(text)
        if talk and not fresh and (reply := await self._too_late(work, claimed.incoming, talk, asked)):
            return reply
        return await self._command(work, _with(claimed, command=asked[0], text=asked[1]), visitor) if asked else None

    async def _filled_in(
        self, work: Work, incoming: Incoming, visitor: Visitor, talk: Talk, files: Sequence[Fetched]
    ) -> Reply:
        """The field that was asked has its answer; the form is complete with the last one."""
        interview = talk.interview
        if interview is None or stops(incoming.text) or self._reporting is None:
            return self._notice("form_stopped", talk.language)
        interview = interview.heard(incoming.text, incoming.files)
        if interview.left:
            return self._reporting.resumed(interview.part(), talk.language)
        filled = replace(incoming, form=interview.form, report=interview.report)
        return await self._form(work, filled, visitor, files, talk.language)

    async def _too_late(
        self, work: Work, incoming: Incoming, talk: Talk, asked: tuple[str, str] | None
    ) -> Reply | None:
        """Where ten minutes are over, a form is taken up again, and a draft is shown again before anything is done."""
        if self._reporting is None:
            return None
        if talk.interview and asked and f"{asked[0]}{asked[1]}" in REPORT_COMMANDS:
            return self._reporting.resumed(talk.interview.part(), talk.language)
        for action in understood(incoming.text, talk):
            if reply := await self._reporting.shown_again(work, action, self.asker(incoming.address), talk.language):
                return reply
        return None

    async def _command(self, work: Work, claimed: Claimed, visitor: Visitor) -> Reply:
        incoming = claimed.incoming
        previous = await self._previous(work, incoming.address)
        if self._reporting and incoming.command in REPORT_COMMANDS:
            locale = REPORT_COMMANDS[incoming.command] or visitor.locale
            language = self.assistant.language("", locale=locale, previous=previous)
            quoted = {"quoted": incoming.quoted, "quoted_link": incoming.quoted_link}
            return self._reporting.begin(incoming.text, language, **quoted)
        if " ".join(texts.tokens(incoming.text)) in MY_DATA:
            language = self.assistant.language(incoming.text, locale=visitor.locale, previous=previous)
            return Reply((await self._pages.my_data(work, self.asker(incoming.address), language),))
        if asks_why(incoming):
            language = self.assistant.language(incoming.text, locale=visitor.locale, previous=previous)
            last = await work.last_question(self.asker(incoming.address), incoming.address)
            return self._disc.why(last, incoming.address, language)
        answers = self.assistant.command(incoming.command, incoming.text, locale=visitor.locale, previous=previous)
        return Reply(await self._log.stored(work, claimed, self.asker(incoming.address), answers))

    async def _previous(self, work: Work, address: Address) -> Language | None:
        """The language of the person's previous turn there."""
        last = await work.last_question(self.asker(address), address)
        return last.language if last else None

    async def _press(self, work: Work, claimed: Claimed, visitor: Visitor, previous: Language | None = None) -> Reply:
        incoming, action = claimed.incoming, claimed.incoming.action
        previous = previous or await self._previous(work, incoming.address)
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

    async def _form(
        self,
        work: Work,
        incoming: Incoming,
        visitor: Visitor,
        files: Sequence[Fetched],
        previous: Language | None = None,
    ) -> Reply:
        """A report's form: whoever fills it in is its author."""
        previous = previous or await self._previous(work, incoming.address)
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
                    await self._log.gap(work, question, asked.text, asked.language)
                return self._notice("rated_useful" if useful else "rated_useless", asked.language)
            case _:
                entry = asked.chosen or (asked.entries[0] if asked.entries else "")
                if not self._known(entry):
                    return self._notice("stale", asked.language)
                shared = self.assistant.show(entry, asked.language)
                return Reply((shared,), Manner.SHARE, shared_by=incoming.address.user)

    def _offered(self, answer: Answer, question: int) -> Answer:
        return self._reporting.offered(answer, question) if self._reporting else answer

    async def _chosen(self, work: Work, asked: Asked, entry: str) -> Answer:
        if self._known(entry):
            return self._offered(self.assistant.show(entry, asked.language), asked.id)
        answer = self.assistant.unanswered(asked.text, asked.language)
        return await self._log.pass_on(work, asked.id, answer, asked.text)

    def _look(self, entry: str, address: Address, language: Language) -> Reply:
        if not self._known(entry):
            return self._notice("stale", language)
        audience = Audience.HERE if address.direct else Audience.ONLY_YOU
        return Reply((replace(self._offered(self.assistant.show(entry, language), 0), audience=audience),))

    def _known(self, entry: str) -> bool:
        return entry in self.assistant.knowledge.entries or entry == self.assistant.knowledge.report.id

    def _notice(self, key: str, language: Language, **values: object) -> Reply:
        said = Paragraph(self.assistant.say(key, language, **values))
        return Reply((Answer(Outcome.NOTICE, (said,), language, audience=Audience.ONLY_YOU),))


def _with(claimed: Claimed, **changes: Any) -> Claimed:
    return replace(claimed, incoming=replace(claimed.incoming, **changes))
