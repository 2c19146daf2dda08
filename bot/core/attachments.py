"""The files that go with a report: what they are by their content, what they are called, how many and how large."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.core.errors import GuidebotError
from bot.core.forms import Upload

MOST = 3
LARGEST = 10_000_000  # bytes of all files of a report together: most mail servers take that much
KINDS = ("png", "jpg", "jpeg", "gif", "webp", "pdf")  # as file names end

# Few enough to be told by their first bytes. A library knows hundreds more, and guesses by the name where it can't
# tell; here, all that isn't one of these is refused. SVG stays out: it may hold scripts.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """The content of a file that a form named, or the key of the words that say why there is none."""

    upload: Upload
    content: bytes = b""
    problem: str = ""


class AttachmentError(GuidebotError):
    """A file that doesn't travel; `problem` is the key of the words that say why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def media_type(content: bytes) -> str:
    """What a file is by its content, whatever its name says; raise AttachmentError unless an image or a PDF."""
    if len(content) > LARGEST:
        raise AttachmentError("files_too_large")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for magic, found in _MAGIC:
        if content.startswith(magic):
            return found
    raise AttachmentError("file_kind")


def too_much(uploads: Sequence[Upload]) -> str:
    """The key of the words that say why so many files don't travel together, by what their platform tells of them."""
    if len(uploads) > MOST:
        return "files_too_many"
    return "files_too_large" if sum(upload.size for upload in uploads) > LARGEST else ""


def file_name(given: str, media: str, taken: Collection[str] = ()) -> str:
    """A harmless name that its sender recognises: plain letters, an ending that is true, none that is taken."""
    last = re.split(r"[/\\]", given[-1_000:])[-1]
    plain = unicodedata.normalize("NFKD", last.rpartition(".")[0] or last).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-") or "fichier"
    kind = media.rpartition("/")[2].replace("jpeg", "jpg")
    number, name = 1, f"{stem}.{kind}"
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{kind}"
    return name


def travelling(
    fetched: Sequence[Fetched], held: Sequence[AttachmentInfo]
) -> tuple[tuple[Attachment, ...], tuple[Fetched, ...]]:
    """Of the files that were fetched, those that may be added to what a report holds, and the others with a problem."""
    added: list[Attachment] = []
    refused: list[Fetched] = []
    for one in fetched:
        try:
            added.append(_added(one, held, added))
        except AttachmentError as error:
            refused.append(Fetched(one.upload, problem=error.problem))
    return tuple(added), tuple(refused)


def _added(one: Fetched, held: Sequence[AttachmentInfo], added: Sequence[Attachment]) -> Attachment:
    if one.problem:
        raise AttachmentError(one.problem)
    media = media_type(one.content)
    if len(held) + len(added) >= MOST:
        raise AttachmentError("files_too_many")
    if sum(info.size for info in held) + sum(len(file.content) for file in added) + len(one.content) > LARGEST:
        raise AttachmentError("files_too_large")
    taken = {*(file.name for file in held), *(file.name for file in added)}
    return Attachment(file_name(one.upload.name, media, taken), media, one.content)
