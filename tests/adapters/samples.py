from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.answers import Outcome
from bot.core.messages import Address, Incoming, Kind
from bot.core.ports import NewQuestion

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
ANNE = Address(platform="slack", team="T1", channel="C1", user="U1")


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def event(key: str = "Ev1", *, second_key: str = "", text: str = "C'est quoi un tweet ?") -> Incoming:
    return Incoming(key=key, kind=Kind.QUESTION, address=ANNE, message="17.1", text=text, second_key=second_key)


def asked(
    text: str = "Puis-je prêter mon badge ?",
    *,
    number: int = 0,
    asker: str = "anne",
    address: Address = ANNE,
    outcome: Outcome = Outcome.UNANSWERED,
    entries: tuple[str, ...] = (),
    topic: str = "",
) -> NewQuestion:
    return NewQuestion(number, address, asker, "fr", outcome, entries, 0.25, topic, text)
