"""What a person may type next: kept for each place, since any replica may hear it; and forms asked field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from bot.core.actions import ReportAction
from bot.core.answers import Answer, Audience, FormPart, Language, Note, Outcome, Paragraph, Part, Reply
from bot.core.assistant import Assistant
from bot.core.forms import Form
from bot.core.interview import FIELDS, FILES, Interview, stops
from bot.core.messages import Address, Incoming, Kind, Visitor
from bot.core.ports import Claimed, Work
from bot.core.typed import Talk, still_open, talk_about

DIRECT = "direct"  # between the person and the bot alone, in whatever thread
LONGEST_SHOWN = 300


class Talks:
    """Remembers what replies offer. On the platforms `by_typing` a form that can't be shown is asked for in words."""

    def __init__(
        self, assistant: Callable[[], Assistant], clock: Callable[[], datetime], by_typing: Collection[str] = ()
    ) -> None:
        self._assistant = assistant
        self._clock = clock
        self._by_typing = frozenset(by_typing)

    async def find(self, work: Work, claimed: Claimed, asker: str) -> tuple[Talk | None, bool]:
        """What short words there may be about, and whether that is recent enough."""
        found = await work.talk(asker, _place(claimed.incoming.address), inbox=claimed.id)
        return (found[1], still_open(found[0], self._clock())) if found else (None, False)

    async def completed(self, work: Work, claimed: Claimed, asker: str) -> Form | None:
        """The form that the event's words complete, None where they don't."""
        incoming = claimed.incoming
        if incoming.address.platform not in self._by_typing or not incoming.address.direct:
            return None
        talk, fresh = await self.find(work, claimed, asker)
        if talk is None or talk.interview is None or not fresh or stops(incoming.text):
            return None
        interview = talk.interview.heard(incoming.text, incoming.files)
        return None if interview.left else interview.form

    async def follow(self, work: Work, claimed: Claimed, asker: str, reply: Reply, visitor: Visitor) -> Reply:
        """Keep what the reply offers, and turn a form into the question for its first field where that is needed."""
        incoming = claimed.incoming
        form = next((part for answer in reply.answers for part in answer.parts if isinstance(part, FormPart)), None)
        if form and incoming.address.platform in self._by_typing:
            interview = _asked_of(visitor, Interview.over(form))
            talk = Talk(reply.answers[0].language, interview=interview)
            await work.keep_talk(asker, DIRECT, talk, inbox=claimed.id)
            return replace(reply, answers=(self._question(interview, talk.language, begins=not form.left),))
        talk_now = talk_about(reply.answers)
        for place in _places(incoming, reply):
            found = await work.talk(asker, place, inbox=claimed.id)
            filling_in = found is not None and found[1].interview is not None
            if (talk_now or filling_in) and not (filling_in and _aside(incoming)):
                await work.keep_talk(asker, place, talk_now, inbox=claimed.id)
        return reply

    def _question(self, interview: Interview, language: Language, *, begins: bool) -> Answer:
        say = self._assistant().say
        match interview.value:
            case bool(ticked):
                shown = say("form_yes" if ticked else "form_no", language)
            case str(words):
                shown = _shortened(words)
            case uploads:
                shown = ", ".join(upload.name for upload in uploads)
        parts: list[Part] = [Note(say("form_typed_intro", language))] if begins else []
        parts += [Note(interview.problem)] if interview.problem else []
        key = "form_files_posted" if interview.field == FILES else f"form_{interview.field}"
        parts.append(Paragraph(say(key, language)))
        parts += [Paragraph(say("form_typed_held", language, value=shown))] if shown else []
        return Answer(Outcome.NOTICE, tuple(parts), language, audience=Audience.ONLY_YOU)


def _asked_of(visitor: Visitor, interview: Interview) -> Interview:
    """Nobody is offered a copy whose mail address isn't known."""
    unknown = "" if visitor.mail else "copy_me"
    return replace(interview, left=tuple(field for field in interview.left or FIELDS if field != unknown))


def _aside(incoming: Incoming) -> bool:
    """Whether an event leaves a form that is being filled in as it is."""
    pressed = incoming.kind is Kind.PRESS and not isinstance(incoming.action, ReportAction)
    return incoming.kind in {Kind.COMMAND, Kind.HOME} or pressed


def _place(address: Address) -> str:
    return DIRECT if address.direct else f"{address.channel}/{address.thread}"


def _places(incoming: Incoming, reply: Reply) -> tuple[str, ...]:
    """Where the reply is read, and may be answered: what one person alone sees also where they asked for it."""
    alone = any(answer.audience is Audience.ONLY_YOU for answer in reply.answers) or incoming.kind is Kind.COMMAND
    spoken = incoming.kind in {Kind.QUESTION, Kind.FOLLOW_UP}
    there = () if alone and not spoken else (_place(incoming.address),)
    return tuple(dict.fromkeys([*([DIRECT] if alone else []), *there]))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN].rstrip() + "…"
