"""Files that somebody names in a terminal, by their path."""

from __future__ import annotations

import re
from pathlib import Path

from bot.core.attachments import AttachmentError
from bot.core.forms import Upload


def upload_of(typed: str) -> Upload:
    """The file of a path, as it was typed, or as a terminal writes it when a file is dropped onto it."""
    quoted = re.fullmatch(r"(['\"])(.+)\1", typed.strip())
    plain = quoted[2] if quoted else re.sub(r"\\(.)", r"\1", typed.strip())
    path = Path(plain.removeprefix("file://")).expanduser()
    return Upload(path.name, str(path.absolute()))


def read_file(path: str, longest: int) -> bytes:
    """Its content; raise AttachmentError where there is no such file, it can't be read, or is longer."""
    try:
        if not Path(path).is_file():  # what never ends isn't read: a device, a pipe
            raise AttachmentError("file_missing")
        with Path(path).open("rb") as file:
            content = file.read(longest + 1)
    except (OSError, ValueError) as error:
        raise AttachmentError("file_missing") from error
    if len(content) > longest:
        raise AttachmentError("files_too_large")
    return content
