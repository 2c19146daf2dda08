"""Each thing that a mail server does wrong, really done."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from bot.adapters.sql_store import SqlStore
from bot.core.outbox import LATE_AFTER
from bot.service.outbox import Outbox
from tests.adapters.samples import Clock
from tests.core.alert_samples import ACCOUNT, PRESS
from tests.fakes.mail_server import MailServer
from tests.mail.kit import Deaf, Told, letters_of, mouth, outbox, reported, server_tls


async def test_a_mail_arrives_as_it_was_previewed(store: SqlStore, clock: Clock) -> None:
    preview = await reported(store, clock)
    async with MailServer().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 1
    (mail,) = server.mails
    assert mail["Subject"] == preview.mail.subject
    assert mail.get_content().replace("\r\n", "\n") == preview.mail.text
    assert mail["Message-ID"] == preview.mail.message_id
    assert (mail["To"], mail["Reply-To"]) == (PRESS, "anne@inserm.fr")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == clock.now
    (letter,) = await letters_of(store)
    assert (letter.state, letter.sent_at) == ("sent", clock.now)


async def test_a_server_that_is_down_is_tried_until_it_returns(store: SqlStore, clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await reported(store, clock)
    told = Told()
    worker = outbox(store, clock, mouth(store, port), told)
    for _ in range(20):
        await worker.deliver_due()
        await worker.sweep()
        clock.advance(seconds=90)
    assert [(one.what, one.case) for one in told.of] == [("late", "2026-001")]
    async with MailServer().running(port) as server:
        assert await worker.deliver_due() == 1
    assert len(server.mails) == 1


@pytest.mark.parametrize("step", ["rcpt", "content"])
async def test_a_refusal_for_good_ends_the_letter_and_is_told_once(store: SqlStore, clock: Clock, step: str) -> None:
    await reported(store, clock)
    told = Told()
    async with replace(MailServer(), **{step: "550 5.1.1 no such user"}).running() as server:
        worker = outbox(store, clock, mouth(store, server.port), told)
        assert await worker.deliver_due() == 1
        await worker.sweep()
        clock.advance(days=1)
        assert await worker.deliver_due() == 0
    (letter,) = await letters_of(store)
    assert (letter.state, letter.last_error) == ("dead", "550 5.1.1 no such user")
    assert [(one.what, one.error) for one in told.of] == [("dead", "550 5.1.1 no such user")]


@pytest.mark.parametrize("step", ["rcpt", "content", "greeting"])
async def test_a_refusal_for_now_is_tried_again(store: SqlStore, clock: Clock, step: str) -> None:
    await reported(store, clock)
    server = replace(MailServer(), **{step: "450 4.2.0 greylisted"})
    async with server.running():
        worker = outbox(store, clock, mouth(store, server.port))
        assert await worker.deliver_due() == 1
        assert (await letters_of(store))[0].state == "queued"
        setattr(server, step, "")
        clock.advance(seconds=90)
        assert await worker.deliver_due() == 1
    assert [letter.state for letter in await letters_of(store)] == ["sent"]


@pytest.mark.parametrize("step", ["greeting", "rcpt", "content"])
@pytest.mark.parametrize("fault", ["hang", "drop"])
async def test_silence_and_dropped_lines_are_tried_again(store: SqlStore, clock: Clock, step: str, fault: str) -> None:
    await reported(store, clock)
    server = replace(MailServer(), **{step: fault})
    async with server.running():
        worker = outbox(store, clock, mouth(store, server.port, step=0.3))
        assert await worker.deliver_due() == 1
        assert (await letters_of(store))[0].state == "queued"
        setattr(server, step, "")
        clock.advance(seconds=90)
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 1
    assert len(server.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_is_encrypted_as_the_settings_say(store: SqlStore, clock: Clock, security: str) -> None:
    await reported(store, clock)
    server = MailServer(tls=server_tls(), from_the_first_byte=security == "tls")
    async with server.running():
        await outbox(store, clock, mouth(store, server.port, security)).deliver_due()  # type: ignore[arg-type]
    assert len(server.mails) == 1
    assert server.encrypted == [True] or security == "tls"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_bad_certificate_gets_no_mail_and_kills_none(store: SqlStore, clock: Clock, security: str) -> None:
    await reported(store, clock)
    server = MailServer(tls=server_tls("elsewhere.example"), from_the_first_byte=security == "tls")
    async with server.running():
        worker = outbox(store, clock, mouth(store, server.port, security))  # type: ignore[arg-type]
        await worker.deliver_due()
        clock.advance(days=6)
        await worker.deliver_due()
    assert server.mails == []
    (letter,) = await letters_of(store)
    assert (letter.state, letter.attempts) == ("queued", 2)
    assert "certificate" in letter.last_error


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_without_encryption_nothing_leaves(store: SqlStore, clock: Clock, security: str) -> None:
    await reported(store, clock)
    async with MailServer().running() as server:
        await outbox(store, clock, mouth(store, server.port, security, step=1)).deliver_due()  # type: ignore[arg-type]
    assert server.mails == []
    assert (await letters_of(store))[0].state == "queued"


async def test_a_rotated_password_kills_no_letter(
    store: SqlStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await reported(store, clock)
    server = MailServer(tls=server_tls(), password="new")
    async with server.running():
        old = outbox(store, clock, mouth(store, server.port, "starttls", password="old"))
        await old.deliver_due()
        clock.advance(days=9)
        await old.deliver_due()
        (letter,) = await letters_of(store)
        assert (letter.state, letter.last_error[:3]) == ("queued", "535"), letter.last_error
        clock.advance(seconds=90)
        await outbox(store, clock, mouth(store, server.port, "starttls", password="new")).deliver_due()
    assert len(server.mails) == 1
    assert "the settings keep letters from leaving" in caplog.text
    assert "old" not in caplog.text


async def test_a_greeting_that_refuses_is_a_matter_of_settings(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    async with MailServer(greeting="554 5.7.1 not from your address").running() as server:
        worker = outbox(store, clock, mouth(store, server.port))
        await worker.deliver_due()
        clock.advance(days=9)
        await worker.deliver_due()
    assert (await letters_of(store))[0].state == "queued"


async def test_a_refused_copy_does_not_hold_up_the_press_office(store: SqlStore, clock: Clock) -> None:
    preview = await reported(store, clock, account=replace(ACCOUNT, copy_me=True, copy_regional="x@inserm.example"))
    assert preview.recipients == (PRESS, "anne@inserm.fr", "x@inserm.example")

    class Choosy(MailServer):
        async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def] # noqa: ANN001, N802
            if address == "anne@inserm.fr":
                return "550 no"
            return await super().handle_RCPT(server, session, envelope, address, options)

    async with Choosy().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 3
    assert server.rcpts == [PRESS, "x@inserm.example"]
    assert [letter.state for letter in await letters_of(store)] == ["sent", "dead", "sent"]


async def test_a_letter_that_cannot_be_built_holds_up_no_other(store: SqlStore, clock: Clock) -> None:
    preview = await reported(store, clock)
    async with store.work() as work:
        bad = replace(preview.mail, subject="a\r\nBcc: b@example.org")
        await work.queue_mail("bad", PRESS, bad, kind=(await work.case_letters("2026-001"))[0].kind, case="2026-001")
        await work.queue_mail("nobody", "a@b\n", preview.mail, kind=(await work.case_letters("2026-001"))[0].kind)
    async with MailServer().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 3
    assert len(server.mails) == 1
    assert [letter.state for letter in await letters_of(store)] == ["sent", "dead"]


async def test_a_mail_not_accepted_in_a_quarter_of_an_hour_is_told_to_its_author(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    told = Told()
    worker = Outbox(store, {}, clock, tell=told)
    clock.advance(seconds=LATE_AFTER.total_seconds() - 1)
    assert await worker.sweep() == 0
    clock.advance(seconds=1)
    assert (await worker.sweep(), await worker.sweep()) == (1, 0)
    notice = await store.claim_letter(["slack"])
    assert notice is not None
    assert notice.key.endswith("late")


async def test_without_a_mail_server_mails_wait_and_chat_goes_on(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    async with store.work() as work:
        await work.queue("digest", replace_address(), "fr", ())
    chat = Deaf()
    assert await Outbox(store, {"slack": chat}, clock).deliver_due() == 1
    assert [letter.key for letter in chat.said] == ["digest"]
    assert [(letter.state, letter.attempts) for letter in await letters_of(store)] == [("queued", 0)]


def replace_address():  # type: ignore[no-untyped-def] # noqa: ANN201
    from bot.core.messages import Address  # noqa: PLC0415

    return Address("slack", channel="C1")


async def test_a_running_worker_wakes_for_a_letter_of_its_process_and_stops_cleanly(
    store: SqlStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.service.outbox.LOOK_EVERY", 3600.0)
    async with MailServer().running() as server:
        worker = outbox(store, clock, mouth(store, server.port))
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.05)
        await reported(store, clock)
        async with asyncio.timeout(2):
            while not server.mails:  # noqa: ASYNC110 - the server has no event to wait for
                await asyncio.sleep(0.02)
        worker.stop()
        async with asyncio.timeout(2):
            await running
    assert (await letters_of(store))[0].state == "sent"


async def test_only_what_is_there_for_good_wakes_the_worker(store: SqlStore, clock: Clock) -> None:
    woken: list[set[str]] = []
    store.when_queued(lambda platforms: woken.append(set(platforms)))
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is the transaction
        async with store.work() as work:
            await work.queue("never", replace_address(), "fr", ())
            raise RuntimeError
    async with store.work() as work:
        await work.case("2026-001")
    assert woken == []
    await reported(store, clock)
    assert woken == [{"mail"}]
