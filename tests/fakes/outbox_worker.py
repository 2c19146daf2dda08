"""A process that delivers mails, and dies where it is told to: database, port, lease in seconds, stage.

Instead of a mail server's port it takes the path of a file, into which each mail's id is written.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from bot.adapters.database import create_engine
from bot.adapters.smtp import MailServer, SmtpMouth
from bot.adapters.sql_store import SqlStore
from bot.core.messages import Said
from bot.core.ports import Letter
from bot.service.outbox import Outbox


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mouth(SmtpMouth):
    stage = ""

    async def send(self, letter: Letter) -> None:
        if self.stage == "after the claim":
            die()
        await super().send(letter)
        if self.stage == "after the 250":
            die()


class Ledger:
    def __init__(self, path: str) -> None:
        self._path = path

    async def send(self, letter: Letter) -> None:
        line = f"{letter.mail.message_id if letter.mail else ''}\n".encode()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.write(file, line)
        os.close(file)


class Store(SqlStore):
    stage = ""

    async def letter_sent(self, letter: int, said: Said | None = None) -> None:
        if self.stage == "in the mark":
            async with self.work() as work:
                await work.queue("never committed", (await work.case_letters("2026-001"))[0].address, "fr", ())
                die()
        await super().letter_sent(letter, said)


async def main(url: str, port: str, lease: str, stage: str) -> None:
    store = Store(create_engine(url), clock=lambda: datetime.now(UTC), lease=timedelta(seconds=float(lease)))
    number = int(port) if port.isdecimal() else 0
    mouth = Mouth(MailServer("127.0.0.1", number, "guidebot@inserm.example", security="none"), store)
    store.stage = mouth.stage = stage
    speaker = mouth if port.isdecimal() else Ledger(port)
    outbox = Outbox(store, {"mail": speaker}, lambda: datetime.now(UTC))
    if stage == "before the claim":
        die()
    while True:
        await outbox.deliver_due()
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
