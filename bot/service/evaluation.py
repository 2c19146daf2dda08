"""How good the answers are: questions with their right answers, judged as the project has always judged them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.answers import Outcome
from bot.core.errors import GuidebotError
from bot.core.knowledge import REPORT

NOTHING = "none"  # the label of what the guide doesn't answer


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the ids that a fair reader accepts as its first answer, or "report", "smalltalk", "none"."""

    id: str
    text: str
    gold: frozenset[str]
    language: str
    kind: str
    traits: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """right: the right thing at once. found: right, or among three choices. wrong: said with confidence, and not so."""

    right: bool
    found: bool
    wrong: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What a question was answered with; `entries` are ids, best first."""

    outcome: Outcome = Outcome.UNANSWERED
    entries: tuple[str, ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, what it was answered with, and whether that was right."""

    question: Labelled
    given: Given
    verdict: Verdict

    @property
    def unanswerable(self) -> bool:
        return self.question.gold == {NOTHING}

    @property
    def kept(self) -> bool:
        """Whether a question that the guide doesn't answer had neither an answer nor a report."""
        return self.unanswerable and self.given.outcome not in {Outcome.ANSWER, Outcome.REPORT}

    @property
    def missed_report(self) -> bool:
        return REPORT in self.question.gold and not self.verdict.right

    @property
    def false_report(self) -> bool:
        return self.given.outcome is Outcome.REPORT and REPORT not in self.question.gold


def read_questions(path: Path) -> list[Labelled]:
    """Read a file of JSON lines (id, q, gold, lang, kind, traits); raise GuidebotError naming a line that is broken."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not (isinstance(row["q"], str) and isinstance(row["gold"], list) and row["gold"]):
                raise TypeError('"q" must be a text, and "gold" a list of ids')  # noqa: TRY301 - told with the rest
            gold, traits = frozenset(row["gold"]), tuple(row.get("traits", ()))
            questions.append(Labelled(str(row["id"]), row["q"], gold, row["lang"], row["kind"], traits, path.stem))
        except (ValueError, KeyError, TypeError) as error:
            raise GuidebotError(f"{path}:{number}: not a labelled question: {error}") from error
    return questions


def read_answers(path: Path) -> dict[str, Given]:
    """Read what `guidebot ask --batch` or `eval --save` wrote, by id; raise GuidebotError naming a broken line."""
    answers = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            given = Given(Outcome(row["outcome"]), tuple(row["entries"]), float(row.get("confidence", 0.0)))
            answers[str(row["id"])] = given
        except (ValueError, KeyError, TypeError) as error:
            raise GuidebotError(f"{path}:{number}: not an answer: {error}") from error
    return answers


def judged(question: Labelled, given: Given) -> Judged:
    return Judged(question, given, judge(question.gold, given.outcome, given.entries))


def judge(gold: Iterable[str], outcome: Outcome, entries: Sequence[str]) -> Verdict:
    """Judge an outcome with its entries, best first, against the labels."""
    accepted = set(gold)
    if outcome is Outcome.CHOICES:
        return Verdict(right=False, found=bool(accepted & set(entries[:3])), wrong=False)
    said = {Outcome.UNANSWERED: NOTHING, Outcome.REPORT: REPORT, Outcome.SMALLTALK: "smalltalk"}.get(outcome)
    right = (said or (entries[0] if entries else "")) in accepted
    return Verdict(right, right, wrong=not right and outcome in {Outcome.ANSWER, Outcome.REPORT})
