"""A case as the press office sees it in its channel: what is known of it, and what may be done next."""

from __future__ import annotations

from bot.core.actions import CloseCase, TakeCase
from bot.core.alerts import Case, CaseEnd, CaseState
from bot.core.answers import Bullets, Language, Part, Pick, Say, Title
from bot.core.links import defang

OFFICE: Language = "fr"  # the language of the press office


def card(case: Case, say: Say) -> tuple[Part, ...]:
    """The parts of a case's card, with buttons while it is open or taken."""
    lines = [
        say("card_link", OFFICE, link=defang(case.link) or "–"),
        say("card_reports", OFFICE, reports=case.reports),
        _state(case, say),
    ]
    if case.urgent:
        lines.insert(0, say("card_urgent", OFFICE))
    title = Title(
        say("card_title", OFFICE, number=case.number, platform=case.platform or "?"),
        urgent=case.urgent and case.state is CaseState.OPEN,
    )
    return (title, Bullets(tuple(lines)), *_steps(case, say))


def _state(case: Case, say: Say) -> str:
    by = case.closed_by or case.taken_by
    end = say(f"case_end_{case.end.name.lower()}", OFFICE) if case.end else ""
    return say(f"card_{case.state.value}", OFFICE, by=f"@{by.partition(':')[2]}" if by else "?", end=end)


def _steps(case: Case, say: Say) -> tuple[Part, ...]:
    if case.state not in {CaseState.OPEN, CaseState.TAKEN}:
        return ()
    ends = [Pick(say(f"close_{end.name.lower()}", OFFICE), CloseCase(case.number, end.value)) for end in CaseEnd]
    take = [Pick(say("take", OFFICE), TakeCase(case.number))] if case.state is CaseState.OPEN else []
    return (*take, *ends)
