"""A mouth that remembers what it said, and fails when it is told to; with the events that reach a desk through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.core.actions import Action
from bot.core.answers import Answer, Manner, Reply, plain, plain_text
from bot.core.attachments import AttachmentError
from bot.core.forms import Upload
from bot.core.messages import Address, Incoming, Kind, Said, Visitor
from bot.core.ports import Letter

ANNE = Address("slack", "T1", "D1", user="U1", direct=True)
PAUL = Address("slack", "T1", "D2", user="U2", direct=True)
BOSS = Address("slack", "T1", "D9", user="U9", direct=True)  # of the DISC's team
_NUMBERS = count(1)


class Crash(BaseException):
    """The process dies: nothing that follows is done, and nobody catches it."""


@dataclass
class RecordingMouth:
    """`failures` are raised one after the other instead of speaking, `late` ones after having spoken."""

    locale: str = "fr-FR"
    strangers: frozenset[str] = frozenset()
    failures: list[BaseException] = field(default_factory=list)
    late: list[BaseException] = field(default_factory=list)
    said: list[tuple[Incoming, Reply]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # by their ref
    screen: dict[str, str] = field(default_factory=dict)  # what each message says now, by its id

    async def visitor(self, address: Address) -> Visitor:
        return Visitor(self.locale, welcome=address.team not in self.strangers)

    async def reply(self, incoming: Incoming, reply: Reply) -> Said | None:
        if self.failures:
            raise self.failures.pop(0)
        self.said.append((incoming, reply))
        if self.late:
            raise self.late.pop(0)
        pressed = Said(incoming.address, incoming.message) if incoming.message else None
        return self._shown(words(reply.answers), reply.replaces or pressed if reply.manner is Manner.REPLACE else None)

    async def fetch(self, upload: Upload, longest: int) -> bytes:
        if upload.ref not in self.files:
            raise AttachmentError("file_unreachable")
        if len(self.files[upload.ref]) > longest:
            raise AttachmentError("files_too_large")
        return self.files[upload.ref]

    async def send(self, letter: Letter) -> Said | None:
        self.letters.append(letter)
        return self._shown("\n".join(map(plain, letter.parts)), letter.replaces, letter.address)

    def _shown(self, text: str, replaces: Said | None, address: Address = ANNE) -> Said:
        said = replaces or Said(address, f"m{next(_NUMBERS)}")
        self.screen[said.message] = text
        return said

    @property
    def last(self) -> Reply:
        return self.said[-1][1]

    @property
    def keys(self) -> list[str]:
        return [incoming.key for incoming, _ in self.said]


def asks(
    text: str, address: Address = ANNE, *, kind: Kind = Kind.QUESTION, key: str = "", second: str = ""
) -> Incoming:
    return Incoming(key or f"Ev{next(_NUMBERS)}", kind, address, text=text, second_key=second)


def types(command: str, text: str = "", address: Address = ANNE) -> Incoming:
    return Incoming(f"Tr{next(_NUMBERS)}", Kind.COMMAND, address, text=text, command=command)


def presses(action: Action, address: Address = ANNE) -> Incoming:
    return Incoming(f"Pr{next(_NUMBERS)}", Kind.PRESS, address, message="17.1", action=action)


def words(answers: Sequence[Answer]) -> str:
    return "\n".join(plain_text(answer) for answer in answers)
