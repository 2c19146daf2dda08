from __future__ import annotations

from pathlib import Path

import pytest

from bot import compose, compose_alerts
from bot.adapters.smtp import try_out
from bot.adapters.sql_store import SqlStore
from bot.core.errors import DeliveryMisconfigured, SettingsError
from bot.settings import Settings, load
from tests.adapters.samples import Clock
from tests.core.alert_samples import PRESS
from tests.fakes.mail_server import MailServer
from tests.mail.kit import client_tls, previewed, reported, server_tls


def settings(tmp_path: Path, **given: object) -> Settings:
    return load(tmp_path / ".env", **given)


async def test_the_settings_make_a_worker_that_delivers(store: SqlStore, clock: Clock, tmp_path: Path) -> None:
    await reported(store, clock)
    async with MailServer(tls=server_tls(), password="p").running() as server:
        found = settings(
            tmp_path,
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_user="bot",
            smtp_password="p",
            mail_from="guidebot@inserm.example",
        )
        worker = compose_alerts.outbox(found, store, {}, clock, tls=client_tls())
        assert await worker.deliver_due() == 1
    assert (server.rcpts, server.encrypted) == ([PRESS], [True])


async def test_trying_the_mail_server_out_tells_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with MailServer(tls=server_tls(), password="p").running() as server:
        given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "mail_from": "g@inserm.example", "smtp_user": "b"}
        good = compose_alerts.mail_server(settings(tmp_path, **given, smtp_password="p"), client_tls())
        bad = compose_alerts.mail_server(settings(tmp_path, **given, smtp_password="old"), client_tls())
        assert good is not None
        assert bad is not None
        await try_out(good)
        with pytest.raises(DeliveryMisconfigured, match="535"):
            await try_out(bad)


async def test_without_a_server_there_is_no_way_to_send_but_a_copy(
    store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    await reported(store, clock)
    found = settings(tmp_path, mail_copies_dir=tmp_path)
    assert compose_alerts.mail_mouth(found, store) is None
    assert await compose_alerts.outbox(found, store, {}, clock).deliver_due() == 0
    letter = await store.claim_letter(["mail"])
    assert letter is not None
    path = await compose_alerts.mail_files(found, store).copy(letter)
    assert f"To: {PRESS}" in path.read_text(encoding="utf-8")


def test_a_server_without_a_sender_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        compose_alerts.mail_mouth(settings(tmp_path, smtp_host="mail.example"), None)  # type: ignore[arg-type]


async def test_the_worker_gathers_a_flood_on_its_rounds(store: SqlStore, clock: Clock, tmp_path: Path) -> None:
    for number in range(12):
        await reported(store, clock, f"k{number}")
    clock.advance(minutes=10)
    await compose_alerts.outbox(settings(tmp_path), store, {}, clock).sweep()
    assert (await store.counts())["letters_queued"] == 11


async def test_the_settings_make_the_alerts(store: SqlStore, clock: Clock, tmp_path: Path) -> None:
    preview = await previewed(store, clock)
    office = compose_alerts.alerts(settings(tmp_path, office_hours="saturday 9-12"))
    async with store.work() as work:
        receipt = await office.send(work, preview.report, preview.version, clock.now)
    assert receipt is not None
    assert (receipt.open_now, receipt.answer_from.isoformat()) == (False, "2026-03-07T09:00:00+01:00")


async def test_the_settings_name_where_the_digest_goes(tmp_path: Path, clock: Clock) -> None:
    found = settings(tmp_path, database_url=f"sqlite:///{tmp_path}/g.db", disc_address="disc@inserm.example")
    async with compose.opened_desk(found, compose.shelf(found), {}) as (desk, _):
        for _ in range(2):
            await desk.digest(clock.now)
    async with compose.opened_store(found) as store:
        letter = await store.claim_letter()
        assert letter is not None
        assert (letter.address.user, letter.mail is None) == ("disc@inserm.example", False)
        assert await store.claim_letter() is None
