"""Copies of mails as files, for whoever tries the bot without a mail server."""

from __future__ import annotations

import os
import re
from email.policy import SMTP
from pathlib import Path

from bot.adapters.mail_message import build
from bot.core.alert_ports import AttachmentStore
from bot.core.ports import Letter


class MailFiles:
    """Writes letters into a folder. It delivers nothing: the letters stay queued."""

    def __init__(self, folder: Path, store: AttachmentStore, *, sender: str, reply_to: str = "") -> None:
        self._folder = folder
        self._store = store
        self._sender = sender
        self._reply_to = reply_to

    async def copy(self, letter: Letter) -> Path:
        """Write the letter's mail, the same file for the same letter; DeliveryRefused where it can't be built."""
        ids = letter.mail.attachments if letter.mail else ()
        files = await self._store.attachments(ids) if ids else ()
        message = build(letter, files, sender=self._sender, reply_to=self._reply_to)
        path = self._folder / f"{re.sub(r'[^A-Za-z0-9@.-]+', '-', letter.key)[:100]}.eml"
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.write_bytes(message.as_bytes(policy=SMTP.clone(linesep=os.linesep, max_line_length=998)))
        scratch.replace(path)
        return path
