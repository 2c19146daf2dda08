"""Gets the files that a form names, before anything is decided: no transaction waits for a download."""

from __future__ import annotations

import logging
from typing import Protocol

from bot.core.attachments import LARGEST, MOST, AttachmentError, Fetched
from bot.core.forms import Form, Upload

LOG = logging.getLogger(__name__)


class Fetcher(Protocol):
    """The part of a Mouth that files need."""

    async def fetch(self, upload: Upload, longest: int) -> bytes: ...


async def fetched(fetcher: Fetcher, form: Form | None) -> tuple[Fetched, ...]:
    """The files that are new with this form, each with its content or what is wrong with it."""
    given = [upload for upload in form.files if upload.ref] if form else []
    return tuple([await _fetched(fetcher, upload, number) for number, upload in enumerate(given, 1)])


async def _fetched(fetcher: Fetcher, upload: Upload, number: int) -> Fetched:
    if number > MOST:
        return Fetched(upload, problem="files_too_many")
    try:
        return Fetched(upload, await fetcher.fetch(upload, LARGEST))
    except AttachmentError as error:
        LOG.warning("a file could not be fetched: %s", error.problem)
        return Fetched(upload, problem=error.problem)
