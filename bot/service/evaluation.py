"""How good the answers are: questions with their right answers, judged as the project has always judged them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.answers import Outcome
from bot.core.errors import GuidebotError


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the ids that a fair reader accepts as its first answer, or "report", "smalltalk", "none"."""

    id: str
    text: str
    gold: frozenset[str]
    language: str
    kind: str
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """right: the right thing at once. found: right, or among three choices. wrong: said with confidence, and not so."""

    right: bool
    found: bool
    wrong: bool


def read_questions(path: Path) -> list[Labelled]:
    """Read a file of JSON lines (id, q, gold, lang, kind, traits); raise GuidebotError naming a line that is broken."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            gold = frozenset(row["gold"])
            traits = tuple(row.get("traits", ()))
            questions.append(Labelled(str(row["id"]), row["q"], gold, row["lang"], row["kind"], traits))
        except (ValueError, KeyError, TypeError) as error:
            raise GuidebotError(f"{path}:{number}: not a labelled question: {error}") from error
    return questions


def judge(gold: Iterable[str], outcome: Outcome, entries: Sequence[str]) -> Verdict:
    """Judge an outcome with its entries, best first, against the labels."""
    accepted = set(gold)
    if outcome is Outcome.CHOICES:
        return Verdict(right=False, found=bool(accepted & set(entries[:3])), wrong=False)
    said = {Outcome.UNANSWERED: "none", Outcome.REPORT: "report", Outcome.SMALLTALK: "smalltalk"}.get(outcome)
    right = (said or (entries[0] if entries else "")) in accepted
    return Verdict(right, right, wrong=not right and outcome in {Outcome.ANSWER, Outcome.REPORT})
