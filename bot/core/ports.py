"""What the core needs from outside, each with at least two real implementations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.alert_ports import AlertWork, AttachmentStore, LetterKind
from bot.core.answers import Language, Outcome, Part, Reply
from bot.core.forms import Upload
from bot.core.mail import Mail
from bot.core.messages import Address, Incoming, Said, Visitor
from bot.core.typed import Talk


@dataclass(frozen=True, slots=True)
class Claimed:
    """An accepted event that this process alone answers, until the lease ends (a time in UTC).

    `attempts` counts this one, too.
    """

    id: int
    incoming: Incoming
    attempts: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored question. `text` is masked, and empty once it is no longer needed; `asker` is a keyed hash.

    Once erased, `asker` is empty and `address` has no platform: there is nobody to answer to.
    `inbox` and `number` (0, 1 …) say which question of which event it is: together they are unique.
    """

    id: int
    inbox: int
    number: int
    at: datetime
    address: Address
    asker: str
    language: Language
    outcome: Outcome
    entries: tuple[str, ...]
    confidence: float
    topic: str = ""
    text: str = ""
    gap: int | None = None
    chosen: str | None = None  # the entry picked among choices; "" is "none of these"


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question about to be stored, with the outcome that it had."""

    number: int
    address: Address
    asker: str
    language: Language
    outcome: Outcome
    entries: tuple[str, ...]
    confidence: float
    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Unanswered questions that ask the same thing. `status` is open, answered, duplicate or outside.

    `text` is empty once its time is over, or once nobody is left whose words it could bear. `times`, `people` and
    `last_at` count those who were forgotten, too.
    """

    id: int
    text: str
    language: Language
    status: str
    opened_at: datetime
    last_at: datetime
    times: int
    people: int
    closed_at: datetime | None = None
    closed_by: str = ""
    entry: str = ""
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the bot's own accord. `key` is unique: the same cause never queues it twice.

    `attempts` counts this one, too. Once sent, neither its parts nor its address are kept, unless it belongs to a case.
    Where `mail` is given it is the content, and `parts` is empty. `replaces` is a message that it takes the place of.
    """

    id: int
    key: str
    address: Address
    language: Language
    parts: tuple[Part, ...]
    attempts: int = 0
    created_at: datetime | None = None
    kind: LetterKind = LetterKind.NOTICE
    mail: Mail | None = None
    replaces: Said | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about one person: how many of each, and the texts that are still there."""

    questions: int
    feedback: int
    texts: tuple[str, ...]
    since: datetime | None


class Work(AlertWork, Protocol):
    """One transaction: everything is stored when its block ends well, nothing otherwise.

    It holds up others on SQLite: no message is sent inside it, and no other method of the store is called.
    """

    async def question(self, question: int) -> Asked | None: ...
    async def last_question(self, asker: str, address: Address) -> Asked | None:
        """The person's previous question in that channel (and thread), for the language and `pourquoi`."""
        ...

    async def add_question(self, inbox: int, asked: NewQuestion) -> int:
        """Store a question and return its id; the id it already has where (inbox, number) is stored."""
        ...

    async def choose(self, question: int, entry: str) -> None: ...
    async def rate(self, question: int, asker: str, *, useful: bool) -> None:
        """Keep one opinion for each person and answer: the last one."""
        ...

    async def open_gaps(self) -> Sequence[Gap]:
        """The open gaps, most asked first. The transaction that asks is alone to open gaps until it ends."""
        ...

    async def open_gap(self, text: str, language: Language) -> int: ...
    async def join_gap(self, question: int, gap: int) -> None: ...
    async def close_gap(self, gap: int, status: str, *, by: str, entry: str = "", into: int | None = None) -> bool:
        """Close an open gap; False if it wasn't open. With `into` its questions move to that gap.

        To where that one was merged itself, if it was; False if that is nowhere, or this very gap.
        Its questions' addresses go, unless they join an open gap: nobody is answered any more.
        """
        ...

    async def gap(self, gap: int) -> Gap | None: ...
    async def gaps(self, *, since: datetime | None = None, status: str = "") -> Sequence[Gap]:
        """Most asked first; with `since`, those asked again at that time or later."""
        ...

    async def gap_questions(self, gap: int) -> Sequence[Asked]: ...
    async def topic_counts(self, since: datetime) -> Mapping[str, int]: ...
    async def last_unanswered(self) -> datetime | None: ...
    async def kept(self, asker: str) -> Kept: ...
    async def forget(self, asker: str) -> None:
        """Erase the person's texts, addresses, hash and opinions; counts stay without a person.

        Reports that the press office is still busy with stay, with their author, until their case is closed.
        """
        ...

    async def talk(self, asker: str, place: str, *, inbox: int) -> tuple[datetime, Talk] | None:
        """What the bot last offered the person there, and when; for the event that it answered, what was before."""
        ...

    async def keep_talk(self, asker: str, place: str, talk: Talk | None, *, inbox: int) -> None:
        """Keep what that event's answer offers the person there, or that nothing is offered any more."""
        ...

    async def queue(
        self, key: str, address: Address, language: Language, parts: tuple[Part, ...], *, replaces: Said | None = None
    ) -> bool:
        """Queue a letter, in place of that message if one is given; False where one of that key was queued before."""
        ...

    async def finish(self, inbox: int) -> None:
        """The event is answered and its reply delivered: its content is no longer kept."""
        ...


class Store(AttachmentStore, Protocol):
    """What lasts. Every time is in UTC; the store has a clock and a length of lease of its own.

    Whatever the database fails at is a StoreError.
    """

    def work(self) -> AbstractAsyncContextManager[Work]: ...
    async def accept(self, events: Sequence[Incoming]) -> Sequence[int | None]:
        """Store events in one commit; for each its inbox id, or None where its key or second key was there."""
        ...

    async def claim(self, inbox: int | None = None, *, platforms: Collection[str] | None = None) -> Claimed | None:
        """Take an event that nobody holds (that one, or the oldest of these platforms') for the length of a lease."""
        ...

    async def release(self, inbox: int, *, after: float, failed: bool = False) -> None:
        """Give an event back, to be claimed again after so many seconds; `failed` puts it aside for good."""
        ...

    def when_queued(self, wake: Callable[[Collection[str]], None]) -> None:
        """Call it with the platforms of the letters that a work of this process queued, once they are there for good.

        What other processes queue is found by looking.
        """
        ...

    async def claim_letter(self, platforms: Collection[str] | None = None) -> Letter | None:
        """Take a letter that is due for the length of a lease: any, or one to these platforms."""
        ...

    async def letter_sent(self, letter: int, said: Said | None = None) -> None:
        """Note that it was sent; `said` is the message that it became, kept where it is a case's card."""
        ...

    async def letter_failed(
        self, letter: int, *, error: str, retry_at: datetime | None, attempt: int | None = None, doubtful: bool = False
    ) -> None:
        """Note a failed try; without `retry_at` the letter is dead.

        With `attempt` only if no other try has begun since; `doubtful` is a letter that may have arrived nevertheless.
        """
        ...

    async def counts(self) -> Mapping[str, int]:
        """How many of `inbox_waiting`, `inbox_failed`, `letters_queued`, `letters_dead` and `gaps_open` there are."""
        ...

    async def purge(
        self,
        *,
        texts_before: datetime,
        gaps_before: datetime,
        alerts_before: datetime | None = None,
        files_before: datetime | None = None,
    ) -> Mapping[str, int]:
        """Erase what is past its time; how many rows of each kind.

        Before `texts_before`: addresses that nobody answers to, and texts that nobody has to read. Before
        `gaps_before`: closed gaps' words, and who asked. Finished events after 7 days, sent and dead letters after 90.
        What short words were about goes after a day.
        Before `alerts_before`: closed and cancelled cases with all that belongs to them; before `files_before`: the
        content of their attachments. Drafts that nobody sent go after 7 days; their numbers are not given again.
        """
        ...

    async def close(self) -> None: ...


class Mouth(Protocol):
    """One way to speak to people. Raises DeliveryError to be tried again, DeliveryRefused if that is useless."""

    async def visitor(self, address: Address) -> Visitor: ...
    async def reply(self, incoming: Incoming, reply: Reply) -> Said | None:
        """Say it, and return the message that it became, where that can be changed later."""
        ...

    async def send(self, letter: Letter) -> Said | None:
        """The same for a letter. What can't take the place of another message is said anew."""
        ...

    async def fetch(self, upload: Upload, longest: int) -> bytes:
        """A file that somebody gave; raise AttachmentError where it can't be had, or is longer than that.

        No more than that is ever read, whatever the platform tells of its size.
        """
        ...
