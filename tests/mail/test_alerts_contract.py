from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.mail_files import MailFiles
from bot.adapters.sql_store import SqlStore
from bot.adapters.tables import attachments, cases, letters, reports
from bot.core.alerts import CaseEnd, CaseState, ReportState
from bot.core.answers import Paragraph
from bot.core.attachments import Fetched
from bot.core.forms import Form, Upload
from bot.core.messages import Address, Said
from bot.service.alerts import Receipt
from tests.adapters.samples import Clock
from tests.core.alert_samples import ACCOUNT, ANNE, BOB, HEAD, PRESS
from tests.fakes.mail_server import MailServer
from tests.mail.kit import ALERTS, Deaf, letters_of, mouth, outbox, previewed, reported, send

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
CARDS = Address("slack", channel="C9")
SHOT = Upload("Capture.pdf", "F1")
FORM = Form(files=(SHOT,))
HOSTILE = "x\r\nBcc: victim@example.org\u2028\x85\x0b\x00\ud800\u202e javascript:alert(1) <b>@here</b>" + "é" * 40_000


async def count(engine: AsyncEngine, table: object) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[arg-type]


async def history(store: SqlStore, number: str = "2026-001") -> list[tuple[str, str]]:
    async with store.work() as work:
        return [(line.who, line.what) for line in await work.history(number)]


async def test_one_click_many_times_in_two_replicas_makes_one_case_and_one_letter(
    store: SqlStore, replica: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    both = (store, replica) * 3
    previews = await asyncio.gather(*(previewed(one, clock) for one in both))
    assert len({(preview.report, preview.case.number, preview.mail) for preview in previews}) == 1
    receipts = await asyncio.gather(*(send(one, clock, previews[0]) for one in both))
    assert all(receipts)
    assert [receipt.fresh for receipt in receipts if receipt].count(True) == 1
    assert (await count(engine, cases), await count(engine, letters), await count(engine, reports)) == (1, 1, 1)


async def test_a_number_is_never_given_again(store: SqlStore, replica: SqlStore, clock: Clock) -> None:
    first = await previewed(store, clock, "a")
    async with store.work() as work:
        await ALERTS.cancel(work, first.report, clock.now)
    clock.advance(days=8)
    await store.purge(texts_before=clock.now, gaps_before=clock.now, alerts_before=clock.now)
    stores = (store, replica)
    more = await asyncio.gather(*(previewed(stores[n % 2], clock, f"k{n}") for n in range(10)))
    assert sorted(one.case.number for one in more) == [f"2026-{n:03}" for n in range(2, 12)]
    clock.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert (await previewed(store, clock, "new year")).case.number == "2027-001"


async def test_what_is_sent_is_the_version_that_was_shown(store: SqlStore, clock: Clock) -> None:
    old = await previewed(store, clock)
    async with store.work() as work:
        assert await ALERTS.redraft(work, old.report, ANNE, replace(ACCOUNT, said="Autre chose."))
        new = await ALERTS.preview(work, old.report, clock.now)
    assert new is not None
    assert (new.case.number, new.version) == (old.case.number, 2)
    assert await send(store, clock, old) is None
    assert await send(store, clock, new)
    (letter,) = await letters_of(store)
    assert letter.mail == new.mail
    async with store.work() as work:
        assert await ALERTS.redraft(work, old.report, ANNE, ACCOUNT) is None


async def test_nothing_is_stored_of_a_sending_that_fails(store: SqlStore, clock: Clock) -> None:
    preview = await previewed(store, clock)
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is the transaction
        async with store.work() as work:
            await ALERTS.send(work, preview.report, preview.version, clock.now)
            raise RuntimeError
    assert await letters_of(store) == []
    assert isinstance(await send(store, clock, preview), Receipt)


async def test_the_same_link_is_joined_within_seven_days_as_a_follow_up(store: SqlStore, clock: Clock) -> None:
    first = await reported(store, clock)
    clock.advance(days=7)
    again = replace(ACCOUNT, link="http://www.twitter.com/compte/status/1/", said="Moi aussi.")
    async with store.work() as work:
        drafted = await ALERTS.draft(work, "v2", BOB, again)
        assert drafted.same is not None
        preview = await ALERTS.preview(work, drafted.report, clock.now, join=drafted.same.number)
        assert preview is not None
        receipt = await ALERTS.send(work, preview.report, preview.version, clock.now)
        case = await work.case("2026-001")
    assert receipt is not None
    assert case is not None
    assert (preview.case.number, case.reports, case.last_report_at) == ("2026-001", 2, clock.now)
    assert preview.mail.in_reply_to == first.mail.message_id
    clock.advance(days=7, seconds=1)
    async with store.work() as work:
        assert (await ALERTS.draft(work, "v3", BOB, again)).same is None


async def test_a_case_that_closed_meanwhile_is_followed_by_a_linked_one(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    async with store.work() as work:
        drafted = await ALERTS.draft(work, "v2", BOB, ACCOUNT)
        await ALERTS.close(work, "2026-001", CaseEnd.KNOWN, "slack:U9")
        preview = await ALERTS.preview(work, drafted.report, clock.now, join="2026-001")
    assert preview is not None
    assert (preview.case.number, preview.case.linked) == ("2026-002", "2026-001")


async def test_a_case_is_taken_and_closed_once_and_its_history_is_whole(
    store: SqlStore, replica: SqlStore, clock: Clock
) -> None:
    await reported(store, clock)
    async with MailServer().running() as server:
        await outbox(store, clock, mouth(store, server.port)).deliver_due()

    async def take(one: SqlStore, who: str) -> bool:
        async with one.work() as work:
            return await ALERTS.take(work, "2026-001", who) is not None

    assert sorted(await asyncio.gather(take(store, "slack:U8"), take(replica, "slack:U9"))) == [False, True]
    async with store.work() as work:
        assert await ALERTS.close(work, "2026-001", CaseEnd.HANDLED, "slack:U8", "Signalé à X.") == [ANNE]
        assert await ALERTS.close(work, "2026-001", CaseEnd.MISTAKE, "slack:U9") is None
        case = await work.case("2026-001")
    assert case is not None
    assert (case.state, case.end, case.words) == (CaseState.CLOSED, CaseEnd.HANDLED, "Signalé à X.")
    assert [what for _, what in await history(store)] == ["drafted", "sent", "delivered", "taken", "closed"]


class TestCancelling:
    async def test_withdraws_a_letter_that_waits(self, store: SqlStore, clock: Clock) -> None:
        preview = await reported(store, clock)
        async with store.work() as work:
            cancelled = await ALERTS.cancel(work, preview.report, clock.now)
            assert await ALERTS.cancel(work, preview.report, clock.now) is None
        assert cancelled is not None
        assert cancelled.corrected == ()
        assert [letter.state for letter in await letters_of(store)] == ["withdrawn"]
        assert await store.claim_letter() is None

    async def test_corrects_a_letter_that_was_sent(self, store: SqlStore, clock: Clock) -> None:
        preview = await reported(store, clock)
        async with MailServer().running() as server:
            worker = outbox(store, clock, mouth(store, server.port))
            await worker.deliver_due()
            async with store.work() as work:
                cancelled = await ALERTS.cancel(work, preview.report, clock.now)
            await worker.deliver_due()
        assert cancelled is not None
        assert cancelled.corrected == (PRESS,)
        assert [mail["In-Reply-To"] for mail in server.mails] == [None, preview.mail.message_id]
        assert "ANNULÉ" in server.mails[1]["Subject"]

    @pytest.mark.parametrize("doubtful", [True, False])
    async def test_corrects_a_letter_that_may_have_been_sent(
        self, store: SqlStore, clock: Clock, *, doubtful: bool
    ) -> None:
        preview = await reported(store, clock)
        letter = await store.claim_letter()
        assert letter is not None
        later = clock.now + timedelta(seconds=1)
        await store.letter_failed(letter.id, error="x", retry_at=later, attempt=1, doubtful=doubtful)
        async with store.work() as work:
            cancelled = await ALERTS.cancel(work, preview.report, clock.now)
        assert cancelled is not None
        assert cancelled.corrected == ((PRESS,) if doubtful else ())

    async def test_a_letter_under_way_is_corrected_and_not_tried_again(self, store: SqlStore, clock: Clock) -> None:
        preview = await reported(store, clock)
        letter = await store.claim_letter()
        assert letter is not None
        async with store.work() as work:
            cancelled = await ALERTS.cancel(work, preview.report, clock.now)
        assert cancelled is not None
        assert cancelled.corrected == (PRESS,)
        await store.letter_failed(letter.id, error="x", retry_at=clock.now, attempt=1)
        assert [one.state for one in await letters_of(store)] == ["withdrawn", "queued"]

    async def test_leaves_the_case_to_the_others_who_reported_it(self, store: SqlStore, clock: Clock) -> None:
        first = await reported(store, clock)
        async with store.work() as work:
            second = await ALERTS.draft(work, "v2", BOB, ACCOUNT)
            preview = await ALERTS.preview(work, second.report, clock.now, join="2026-001")
            assert preview is not None
            await ALERTS.send(work, preview.report, preview.version, clock.now)
            await ALERTS.cancel(work, first.report, clock.now)
            case = await work.case("2026-001")
        assert case is not None
        assert (case.state, case.reports) == (CaseState.OPEN, 1)


async def test_a_late_failure_of_a_dead_worker_does_not_free_anothers_letter(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    first = await store.claim_letter()
    clock.advance(minutes=3)
    second = await store.claim_letter()
    assert first is not None
    assert second is not None
    await store.letter_failed(first.id, error="late", retry_at=clock.now, attempt=first.attempts)
    assert await store.claim_letter() is None


async def test_a_flood_travels_in_one_letter_that_holds_each_text_whole(store: SqlStore, clock: Clock) -> None:
    previews = [
        await reported(store, clock, f"k{n}", account=replace(ACCOUNT, link=f"https://x.com/a/{n}", said=f"Texte {n}."))
        for n in range(15)
    ]
    async with store.work() as work:
        assert await ALERTS.gather(work, clock.now) == 0
    clock.advance(minutes=10)
    async with store.work() as work:
        assert (await ALERTS.gather(work, clock.now), await ALERTS.gather(work, clock.now)) == (5, 0)
    async with MailServer().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 11
    text = server.mails[-1].get_content().replace("\r\n", "\n")
    assert all(preview.mail.text.rstrip() in text for preview in previews[10:])
    assert "5 signalements réunis" in server.mails[-1]["Subject"]


async def test_a_picture_travels_with_the_mail_and_is_erased_in_time(
    store: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    async with store.work() as work:
        drafted = await ALERTS.draft(work, "v1", ANNE, ACCOUNT)
        for _ in range(2):  # decided on twice, as after a crash
            assert not await ALERTS.attach(work, drafted.report, FORM, [Fetched(SHOT, PICTURE)], new=True)
        draft = await work.report(drafted.report)
        assert draft is not None
        (held,) = draft.attachments
        preview = await ALERTS.preview(work, drafted.report, clock.now)
        assert preview is not None
        await ALERTS.send(work, preview.report, preview.version, clock.now)
    assert "Pièce jointe : Capture.png (image/png, 1 ko)" in preview.mail.text
    clock.advance(days=91)
    old = {"texts_before": clock.now, "gaps_before": clock.now, "files_before": clock.now - timedelta(days=90)}
    assert (await store.purge(**old))["files"] == 0  # its letter still waits
    async with MailServer().running() as server:
        await outbox(store, clock, mouth(store, server.port)).deliver_due()
    (attached,) = server.mails[0].iter_attachments()
    assert (attached.get_content(), attached.get_content_type()) == (PICTURE, "image/png")
    assert (await store.purge(**old))["files"] == 1
    assert await store.attachments([held.id]) == []
    assert await count(engine, attachments) == 1


async def test_a_closed_case_goes_with_everything_after_its_time(
    store: SqlStore, engine: AsyncEngine, clock: Clock
) -> None:
    await reported(store, clock)
    async with MailServer().running() as server:
        await outbox(store, clock, mouth(store, server.port)).deliver_due()
    async with store.work() as work:
        await ALERTS.close(work, "2026-001", CaseEnd.NO_ACTION, "slack:U8")
    clock.advance(days=365)
    times = {"texts_before": clock.now, "gaps_before": clock.now}
    assert (await store.purge(**times, alerts_before=clock.now - timedelta(days=365)))["alerts"] == 0
    assert (await store.purge(**times, alerts_before=clock.now - timedelta(days=364)))["alerts"] == 1
    assert [await count(engine, table) for table in (cases, reports, letters)] == [0, 0, 0]


async def test_who_reported_is_forgotten_once_the_case_has_ended(store: SqlStore, clock: Clock) -> None:
    preview = await reported(store, clock)
    times = {"texts_before": clock.now, "gaps_before": clock.now}
    async with store.work() as work:
        await work.forget(ANNE.asker)
    await store.purge(**times)
    async with store.work() as work:
        kept = await work.report(preview.report)
        await ALERTS.close(work, "2026-001", CaseEnd.KNOWN, "slack:U8")
    await store.purge(**times)
    letter = await store.claim_letter()
    assert letter is not None
    assert letter.mail == preview.mail  # it leaves whole
    await store.letter_sent(letter.id)
    await store.purge(**times)
    async with store.work() as work:
        forgotten = await work.report(preview.report)
        assert [(one.mail, one.address.user) for one in await work.case_letters("2026-001")] == [(None, "")]
        assert await work.reports_of(ANNE.asker) == []
    assert kept is not None
    assert forgotten is not None
    assert (kept.author, kept.forgetting) == (ANNE, True)
    assert (forgotten.author.name, forgotten.mail, forgotten.account) == ("", None, ACCOUNT)
    assert await history(store) == [("", "drafted"), ("", "sent"), ("slack:U8", "closed"), ("guidebot", "delivered")]


async def test_who_is_forgotten_leaves_no_draft_and_no_file(store: SqlStore, engine: AsyncEngine, clock: Clock) -> None:
    preview = await previewed(store, clock)
    others = await previewed(store, clock, "v2", author=BOB)
    async with store.work() as work:
        await ALERTS.attach(work, preview.report, FORM, [Fetched(SHOT, PICTURE)], new=True)
        await work.forget(ANNE.asker)
        assert await work.report(preview.report) is None
        assert await work.report(others.report) is not None
    assert (await count(engine, cases), await count(engine, attachments)) == (1, 0)


async def test_reminders_come_once(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)  # at ten, in Paris
    clock.advance(hours=2)
    async with store.work() as work:
        assert [case.number for case in await ALERTS.due_reminders(work, clock.now)] == ["2026-001"]
        assert await ALERTS.due_reminders(work, clock.now) == []


async def test_a_dead_letter_can_be_sent_again(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    letter = await store.claim_letter()
    assert letter is not None
    await store.letter_failed(letter.id, error="550", retry_at=None)
    async with store.work() as work:
        assert [await work.resend("2026-001", who="cli") for _ in range(2)] == [[PRESS], []]
        assert not await work.resend("no such", who="cli")
    assert await store.claim_letter() is not None
    assert ("cli", "resent") in await history(store)


async def test_a_letter_that_has_arrived_is_sent_again_as_the_same_mail_if_it_is_named(
    store: SqlStore, clock: Clock
) -> None:
    preview = await reported(store, clock)
    async with MailServer().running() as server:
        posting = outbox(store, clock, mouth(store, server.port))
        assert await posting.deliver_due() == 1
        async with store.work() as work:
            (letter,) = await work.case_letters("2026-001")
            assert not await work.resend("2026-001", who="cli")
            assert not await work.resend("2026-002", who="cli", letter=letter.id)
            assert not await work.resend("2026-001", who="cli", letter=letter.id + 1)
            assert await work.resend("2026-001", who="cli", letter=letter.id) == [PRESS]
        assert await posting.deliver_due() == 1
    assert [mail["Message-ID"] for mail in server.mails] == [preview.mail.message_id] * 2
    assert [what for _, what in await history(store)][-3:] == ["delivered", "resent", "delivered"]


async def test_a_letter_that_was_withdrawn_is_never_sent(store: SqlStore, clock: Clock) -> None:
    preview = await reported(store, clock)
    async with store.work() as work:
        await ALERTS.cancel(work, preview.report, clock.now)
        (letter,) = await work.case_letters("2026-001")
        assert not await work.resend("2026-001", who="cli", letter=letter.id)


async def test_a_report_that_travels_with_others_can_be_sent_again(store: SqlStore, clock: Clock) -> None:
    for number in range(11):
        await reported(store, clock, f"v{number}")
    clock.advance(minutes=11)
    async with store.work() as work:
        assert await ALERTS.gather(work, clock.now) == 1
    while (letter := await store.claim_letter()) and not letter.key.startswith("gathered"):
        await store.letter_sent(letter.id)
    assert letter
    await store.letter_failed(letter.id, error="550", retry_at=None)
    async with store.work() as work:
        assert [one.state for one in await work.case_letters("2026-011")] == ["dead"]
        assert [one.state for one in await work.case_letters("2026-010")] == ["sent"]
        assert await work.resend("2026-011", who="cli") == [PRESS]


async def test_a_card_takes_the_place_of_the_one_before_and_never_overtakes_it(
    store: SqlStore, replica: SqlStore, clock: Clock
) -> None:
    await reported(store, clock)
    await reported(store, clock, "other", account=replace(ACCOUNT, link=""))
    there = Said(replace(CARDS, thread="t"), "17.1")
    async with store.work() as work:
        for key, number in (("first", "2026-001"), ("second", "2026-001"), ("other", "2026-002")):
            assert await work.queue_card(key, number, CARDS, (Paragraph(key),))
        assert not await work.queue_card("first", "2026-001", CARDS, ())
    first = await store.claim_letter(["slack"])
    other = await replica.claim_letter(["slack"])
    assert await replica.claim_letter(["slack"]) is None
    assert first is not None
    assert other is not None
    assert (first.key, first.replaces, other.key) == ("first", None, "other")
    await store.letter_failed(first.id, error="503", retry_at=clock.now + timedelta(seconds=9))
    assert await replica.claim_letter(["slack"]) is None
    clock.advance(seconds=9)
    again = await replica.claim_letter(["slack"])
    assert again is not None
    await replica.letter_sent(again.id, there)
    second = await store.claim_letter(["slack"])
    assert second is not None
    assert (again.key, second.key, second.replaces) == ("first", "second", there)
    async with store.work() as work:
        case = await work.case("2026-001")
        letters_of_it = await work.case_letters("2026-001")
    assert case is not None
    assert (case.card, case.card_message, [one.key for one in letters_of_it if one.mail is None]) == (
        there.address,
        "17.1",
        [],
    )


async def test_a_dead_card_holds_up_none_that_follows(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    async with store.work() as work:
        await work.queue_card("first", "2026-001", CARDS, ())
        await work.queue_card("second", "2026-001", CARDS, ())
    first = await store.claim_letter(["slack"])
    assert first is not None
    await store.letter_failed(first.id, error="is_archived", retry_at=None)
    second = await store.claim_letter(["slack"])
    assert second is not None
    assert second.key == "second"


async def test_a_letter_may_take_the_place_of_a_message(store: SqlStore, clock: Clock) -> None:
    preview = await previewed(store, clock)
    shown = Said(ANNE.address, "17.1")
    async with store.work() as work:
        await work.keep_shown(preview.report, shown)
        assert [report.shown for report in await work.reports_of(ANNE.asker)] == [shown]
        assert await work.drafts(clock.now) == []
        (draft,) = await work.drafts(clock.now + timedelta(seconds=1))
        await work.queue("k", ANNE.address, "fr", (), replaces=draft.shown)
    letter = await store.claim_letter(["slack"])
    assert letter is not None
    assert letter.replaces == shown


async def test_unknown_numbers(store: SqlStore, clock: Clock) -> None:
    await reported(store, clock)
    async with store.work() as work:
        assert [one.number for one in await work.cases()] == ["2026-001"]
        assert await work.cases(CaseState.TAKEN) == []
        assert (await work.case("\x00"), await work.report(2**40)) == (None, None)
        assert await work.take_case("1999-001", who="x") is False


async def test_hostile_text_in_every_field_makes_one_harmless_letter(store: SqlStore, clock: Clock) -> None:
    author = replace(ANNE, name=HOSTILE, mail=HOSTILE)
    account = replace(ACCOUNT, said=HOSTILE, platform=HOSTILE, copy_me=False)
    await reported(store, clock, HOSTILE[:100], account=account, author=author)
    async with MailServer().running() as server:
        assert await outbox(store, clock, mouth(store, server.port)).deliver_due() == 1
    (mail,) = server.mails
    assert (mail["To"], mail["Bcc"], mail["Reply-To"], server.rcpts) == (PRESS, None, HEAD.reply_to, [PRESS])
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().rstrip().endswith(ACCOUNT.link)


async def test_a_copy_in_a_file_is_the_mail_and_leaves_the_letter_queued(
    store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    preview = await reported(store, clock)
    deaf = Deaf()
    letter = await store.claim_letter()
    assert letter is not None
    await deaf.send(letter)
    path = await MailFiles(tmp_path / "outbox", store, sender=HEAD.sender).copy(letter)
    assert path.name == "report-2026-001.1-to-presse@inserm.fr.eml"
    assert preview.mail.message_id in path.read_text(encoding="utf-8")
    assert [one.state for one in await letters_of(store)] == ["queued"]


async def test_a_draft_that_nobody_sends_goes_after_a_week(store: SqlStore, engine: AsyncEngine, clock: Clock) -> None:
    await previewed(store, clock)
    clock.advance(days=7, seconds=1)
    assert (await store.purge(texts_before=clock.now, gaps_before=clock.now))["drafts"] == 1
    assert (await count(engine, cases), await count(engine, reports)) == (0, 0)


def test_states_of_reports_and_cases_have_words_of_their_own() -> None:
    assert {state.value for state in ReportState} == {"draft", "sent", "cancelled"}
