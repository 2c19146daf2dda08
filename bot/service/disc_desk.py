"""What is the DISC's alone: closing gaps where they read the digest, and asking why an answer was what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.core import text as texts
from bot.core.actions import AnswerGap, CloseGap, GapAction, MergeGap
from bot.core.answers import Answer, Audience, Bullets, Language, Manner, Outcome, Paragraph, Part, Pick, Reply, Title
from bot.core.assistant import Assistant
from bot.core.knowledge import Entry
from bot.core.messages import Address, Incoming
from bot.core.ports import Asked, Gap, Work
from bot.core.typed import WHY, command, named
from bot.service.closing import ANSWERED, DUPLICATE, OUTSIDE, close_gap
from bot.service.team import Team

NEAREST = 3


def asks_why(incoming: Incoming) -> bool:
    return incoming.command == "/guide" and " ".join(texts.tokens(incoming.text)) in WHY


class DiscDesk:
    """Decides on what the team presses, or types instead."""

    def __init__(self, assistant: Callable[[], Assistant], team: Team) -> None:
        self._assistant = assistant
        self._team = team

    async def prepare(self, incoming: Incoming) -> None:
        """Look up whether somebody is of the team, where that decides; inside the transaction nobody is waited for."""
        wanted = incoming.action or named(incoming.text)
        typed = command(incoming.text) or ("", "")
        if isinstance(wanted, GapAction) or asks_why(incoming) or typed[1] in WHY:
            await self._team.look_up(incoming.address)

    def why(self, last: Asked | None, address: Address, language: Language) -> Reply:
        """Why a person's last answer was what it was, for those who mend it."""
        if refusal := self._refused(address, language):
            return refusal
        if last is None or not last.text:
            return self._notice("why_nothing", language)
        parts: list[Part] = [Title(self._say("why_title", language, question=last.text))]
        for one in self._assistant().explain(last.text).questions:
            words = ", ".join(one.deciding) or "–"
            parts.append(Paragraph(self._say("why_found", language, phrasing=one.phrasing or "–", words=words)))
            best = [f"{option.id} : {option.probability:.2f}" for option in one.best]
            outside = {"probability": f"{one.outside:.2f}", "topic": one.topic or "–"}
            parts.append(Bullets((*best, self._say("why_outside", language, **outside))))
        return Reply((Answer(Outcome.NOTICE, tuple(parts), language, audience=Audience.ONLY_YOU),))

    async def press(self, work: Work, address: Address, action: GapAction, language: Language) -> Reply:
        """A button that closes a gap, or asks with what."""
        if refusal := self._refused(address, language):
            return refusal
        gap = await work.gap(action.gap)
        if gap is None or gap.status != "open":
            return self._notice("gap_was_closed", language, gap=action.gap)
        by = f"{address.platform}:{address.user}"
        match action:
            case CloseGap(_, "answered"):
                return self._which_entry(gap, language)
            case CloseGap(_, "duplicate"):
                return await self._which_gap(work, gap, language)
            case CloseGap():
                await close_gap(work, self._assistant, gap.id, OUTSIDE, by=by)
                return self._notice("gap_closed", language, gap=gap.id, how=self._say("gap_outside", language))
            case AnswerGap(_, entry):
                return await self._answered(work, gap, entry, by, language)
            case MergeGap(_, into):
                return await self._merged(work, gap, into, by, language)

    async def _answered(self, work: Work, gap: Gap, entry: str, by: str, language: Language) -> Reply:
        known = self._assistant().knowledge.entries
        if entry and entry not in known:
            return self._notice("gap_no_entry", language, entry=entry)
        told = await close_gap(work, self._assistant, gap.id, ANSWERED, by=by, entry=entry)
        if not entry:
            return self._done("gap_closed", language, gap=gap.id, how=self._say("gap_answered", language))
        title = known[entry].title[language]
        return self._done("gap_closed_with", language, gap=gap.id, title=title, told=told)

    async def _merged(self, work: Work, gap: Gap, into: int, by: str, language: Language) -> Reply:
        told = await close_gap(work, self._assistant, gap.id, DUPLICATE, by=by, into=into or None)
        if told is None:
            return self._notice("gap_no_other", language, gap=gap.id, into=into)
        if not into:
            return self._done("gap_closed", language, gap=gap.id, how=self._say("gap_duplicate", language))
        return self._done("gap_merged", language, gap=gap.id, into=into)

    def _which_entry(self, gap: Gap, language: Language) -> Reply:
        """The entries that may answer a gap: the nearest at hand, all in menus."""
        known = self._assistant().knowledge
        contacts = [entry for entry in known.entries.values() if entry.kind == "contact"]
        return self._ask(
            language,
            Title(self._say("gap_which_entry", language, gap=gap.id)),
            Paragraph(gap.text or self._say("gap_gone", language)),
            *self._entries(gap, self._nearest(gap), language),
            Pick(self._say("gap_otherwise", language), AnswerGap(gap.id, "")),
            Paragraph(self._say("gap_any_entry", language, gap=gap.id)),
            *self._entries(gap, (*known.sections, *known.terms), language),
            Paragraph(self._say("gap_any_contact", language)),
            *self._entries(gap, contacts, language),
        )

    async def _which_gap(self, work: Work, gap: Gap, language: Language) -> Reply:
        """The open gaps of which a gap may be the double, most asked first."""
        others = [other for other in await work.gaps(status="open") if other.id != gap.id and other.text]
        return self._ask(
            language,
            Title(self._say("gap_which_gap", language, gap=gap.id)),
            Paragraph(gap.text or self._say("gap_gone", language)),
            *(Pick(f"#{other.id} {other.text}", MergeGap(gap.id, other.id)) for other in others),
            Pick(self._say("gap_of_none", language), MergeGap(gap.id, 0)),
        )

    def _nearest(self, gap: Gap) -> Iterator[Entry]:
        """The entries that the matching likes best for the gap's words."""
        assistant = self._assistant()
        best = [option.id for one in assistant.explain(gap.text).questions[:1] for option in one.inside]
        known = assistant.knowledge.entries
        yield from [known[one] for one in best if one in known][:NEAREST]

    @staticmethod
    def _entries(gap: Gap, entries: Iterable[Entry], language: Language) -> Iterator[Part]:
        return (Pick(entry.title[language], AnswerGap(gap.id, entry.id)) for entry in entries)

    def _refused(self, address: Address, language: Language) -> Reply | None:
        """What is said to who isn't of the team, or can't be known to be."""
        known = self._team.has(address)
        return None if known else self._notice("not_allowed" if known is False else "team_unknown", language)

    @staticmethod
    def _ask(language: Language, *parts: Part) -> Reply:
        """For the whole team to see: in the digest's thread."""
        return Reply((Answer(Outcome.NOTICE, parts, language),))

    def _done(self, key: str, language: Language, **values: object) -> Reply:
        said = Paragraph(self._say(key, language, **values))
        return Reply((Answer(Outcome.NOTICE, (said,), language),), Manner.REPLACE)

    def _notice(self, key: str, language: Language, **values: object) -> Reply:
        said = Paragraph(self._say(key, language, **values))
        return Reply((Answer(Outcome.NOTICE, (said,), language, audience=Audience.ONLY_YOU),))

    def _say(self, key: str, language: Language, **values: object) -> str:
        return self._assistant().say(key, language, **values)
