from __future__ import annotations

import asyncio

from bot.adapters.sql_store import SqlStore
from bot.core.messages import Address
from bot.service.digest import Digest
from bot.service.outbox import Outbox
from tests.adapters.samples import Clock
from tests.core.alert_samples import HEAD
from tests.fakes.mail_server import MailServer
from tests.fakes.shipped import shipped_assistant
from tests.mail.kit import Deaf, mouth, outbox

DISC = "disc@inserm.example"


async def test_the_digest_arrives_by_mail_once_however_many_replicas_there_are(
    store: SqlStore, replica: SqlStore, clock: Clock
) -> None:
    digest = Digest(HEAD, channel=Address("slack", channel="C9"), mail_to=DISC)
    due = clock.now
    async with store.work() as work:
        await work.open_gap("Puis-je prêter mon badge ?", "fr")
    await asyncio.gather(*(digest.queue(one, shipped_assistant(), due) for one in (store, replica) * 2))
    async with MailServer().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 1
        clock.advance(days=6)
        await digest.queue(replica, shipped_assistant(), due)
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 0
    (mail,) = server.mails
    assert (mail["To"], server.rcpts) == (DISC, [DISC])
    assert mail["Subject"].startswith("[guidebot] Questions sans réponse")
    assert "Puis-je prêter mon badge ?" in mail.get_content()
    channel = Deaf()
    assert await Outbox(store, {"slack": channel}, clock).deliver_due() == 1


async def test_without_a_channel_it_goes_by_mail_alone(store: SqlStore, clock: Clock) -> None:
    await Digest(HEAD, mail_to=DISC).queue(store, shipped_assistant(), clock.now)
    letter = await store.claim_letter()
    assert letter is not None
    assert letter.address == Address("mail", user=DISC)
    assert await store.claim_letter() is None
