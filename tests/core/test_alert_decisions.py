from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.calendar import is_public_holiday
from bot.core.alert_form import Form, Problem, check, prefilled
from bot.core.alerts import (
    Case,
    CaseState,
    case_number,
    floods,
    recipients,
    still_same,
    together,
)
from bot.core.attachments import AttachmentInfo
from bot.core.errors import DeliveryError, DeliveryMisconfigured, DeliveryRefused
from bot.core.office import OfficeHours, parse_hours, reminder_due
from bot.core.outbox import LONGEST_WAIT, RETRY_FOR, retry_at, wait
from tests.core.alert_samples import ACCOUNT, ANNE, CASE, PRESS, REPORT

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 2, 10, 20, tzinfo=PARIS)  # a Monday
FORM = Form(link="https://x.com/a/status/1?s=20", said="On accuse l'Inserm de fraude.", seen="2026-03-02 09:30")


def hours(text: str = "monday-friday 9-18") -> OfficeHours:
    return OfficeHours(*parse_hours(text), PARIS, is_public_holiday)


class TestTheForm:
    def test_becomes_an_account(self) -> None:
        account = check(replace(FORM, urgent=True, copy_me=True), NOW).account
        assert account is not None
        assert (account.link, account.platform, account.urgent) == ("https://x.com/a/status/1", "X", True)
        assert (account.seen_on, account.seen_at) == (date(2026, 3, 2), "09:30")

    def test_names_every_wrong_field_and_loses_nothing(self) -> None:
        form = Form(link="javascript:x", said=" \u202e ", seen="demain", copy_regional="Bcc: x")
        checked = check(form, NOW)
        assert checked.form is form
        assert checked.account is None
        assert checked.problems == (
            Problem("link", "link_scheme"),
            Problem("seen", "seen_unreadable"),
            Problem("said", "said_missing"),
            Problem("copy_regional", "copy_unknown"),
        )

    def test_refuses_what_is_too_long_instead_of_cutting_it(self) -> None:
        assert check(replace(FORM, said="a" * 3_001), NOW).problems == (Problem("said", "said_too_long"),)

    def test_needs_no_link(self) -> None:
        assert check(replace(FORM, link=" "), NOW).account is not None

    @pytest.mark.parametrize(
        ("typed", "seen"),
        [
            ("", (date(2026, 3, 2), "")),
            ("Aujourd'hui à 9h", (date(2026, 3, 2), "09:00")),
            ("hier à 18 h 05", (date(2026, 3, 1), "18:05")),
            ("yesterday", (date(2026, 3, 1), "")),
            ("01/03/2026", (date(2026, 3, 1), "")),
            ("1/3", (date(2026, 3, 1), "")),
            ("31/12", (date(2025, 12, 31), "")),
            ("28/02/26 23:59", (date(2026, 2, 28), "23:59")),
        ],
    )
    def test_reads_days_as_people_write_them(self, typed: str, seen: tuple[date, str]) -> None:
        account = check(replace(FORM, seen=typed), NOW).account
        assert account is not None
        assert (account.seen_on, account.seen_at) == seen

    @pytest.mark.parametrize(
        ("typed", "words"),
        [("2026-03-03", "seen_future"), ("aujourd'hui 23:00", "seen_future"), ("30/02", "seen_unreadable")],
    )
    def test_refuses_days_that_are_none(self, typed: str, words: str) -> None:
        assert check(replace(FORM, seen=typed), NOW).problems == (Problem("seen", words),)

    @given(st.text(), st.text(), st.text())
    def test_never_fails_of_what_is_typed(self, link: str, said: str, seen: str) -> None:
        checked = check(Form(link, said, seen), NOW)
        assert (checked.account is None) == bool(checked.problems)

    def test_begins_with_a_message_cut_to_what_it_holds(self) -> None:
        form = prefilled("un lien https://x.com/a " + "é" * 40_000, "https://slack.example/p1")
        assert form.link == "https://x.com/a"
        assert form.said.endswith("[…]")
        assert check(form, NOW).account is not None
        assert prefilled("rien", "https://slack.example/p1").link == "https://slack.example/p1"


class TestTheSameLink:
    @pytest.mark.parametrize("state", list(CaseState))
    def test_is_joined_while_the_case_lives(self, state: CaseState) -> None:
        case = replace(CASE, state=state, last_report_at=NOW - timedelta(days=7))
        assert still_same(case, NOW) == (state in {CaseState.OPEN, CaseState.TAKEN})

    def test_is_forgotten_after_seven_days(self) -> None:
        case: Case = replace(CASE, state=CaseState.OPEN, last_report_at=NOW - timedelta(days=7, seconds=1))
        assert not still_same(case, NOW)


class TestAFlood:
    @pytest.mark.parametrize(("mine", "everybodys", "flood"), [(9, 199, False), (10, 10, True), (0, 200, True)])
    def test_is_the_eleventh_of_a_person_or_the_two_hundred_and_first(
        self, mine: int, everybodys: int, *, flood: bool
    ) -> None:
        assert floods(by_author=mine, by_all=everybodys) == flood

    def test_fills_a_letter_as_far_as_its_files_allow(self) -> None:
        heavy = replace(REPORT, attachments=(AttachmentInfo(1, "a.png", "image/png", 9_000_000),))
        assert together([heavy, heavy]) == [heavy]
        assert len(together([REPORT] * 250)) == 100


def test_a_number_has_three_digits_until_it_needs_four() -> None:
    assert (case_number(2026, 14), case_number(2026, 1400)) == ("2026-014", "2026-1400")


def test_each_recipient_is_named_once() -> None:
    account = replace(ACCOUNT, copy_me=True, copy_regional="lyon@inserm.fr")
    assert recipients(account, ANNE, PRESS) == (PRESS, ANNE.mail, "lyon@inserm.fr")
    assert recipients(account, replace(ANNE, mail=""), PRESS) == (PRESS, "lyon@inserm.fr")
    assert recipients(account, replace(ANNE, mail=PRESS), PRESS) == (PRESS, "lyon@inserm.fr")


class TestOfficeHours:
    @pytest.mark.parametrize(
        ("now", "opening"),
        [
            (datetime(2026, 3, 2, 10, tzinfo=PARIS), datetime(2026, 3, 2, 10, tzinfo=PARIS)),
            (datetime(2026, 3, 2, 18, tzinfo=PARIS), datetime(2026, 3, 3, 9, tzinfo=PARIS)),
            (datetime(2026, 3, 6, 19, tzinfo=PARIS), datetime(2026, 3, 9, 9, tzinfo=PARIS)),
            (datetime(2026, 4, 3, 18, tzinfo=PARIS), datetime(2026, 4, 7, 9, tzinfo=PARIS)),  # Easter Monday between
            (datetime(2026, 7, 14, 10, tzinfo=PARIS), datetime(2026, 7, 15, 9, tzinfo=PARIS)),
            (datetime(2026, 3, 2, 7, 30, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=PARIS)),
        ],
    )
    def test_tell_when_somebody_is_there(self, now: datetime, opening: datetime) -> None:
        assert hours().next_opening(now) == opening
        assert hours().is_open(now) == (now == opening)

    def test_may_be_written_in_french(self) -> None:
        assert parse_hours("lundi-jeudi 8:30-17h30") == parse_hours("mon - thu 08:30 - 17:30")
        assert parse_hours("samedi-lundi 0-24")[0] == {5, 6, 0}

    @pytest.mark.parametrize(
        ("sent", "now", "due"),
        [
            (datetime(2026, 3, 2, 9, tzinfo=PARIS), datetime(2026, 3, 2, 10, 59, tzinfo=PARIS), False),
            (datetime(2026, 3, 2, 9, tzinfo=PARIS), datetime(2026, 3, 2, 11, tzinfo=PARIS), True),
            (datetime(2026, 3, 6, 17, tzinfo=PARIS), datetime(2026, 3, 9, 9, 59, tzinfo=PARIS), False),
            (datetime(2026, 3, 6, 17, tzinfo=PARIS), datetime(2026, 3, 9, 10, tzinfo=PARIS), True),
            (datetime(2026, 3, 7, 3, tzinfo=PARIS), datetime(2026, 3, 9, 11, tzinfo=PARIS), True),
        ],
    )
    def test_count_the_two_hours_before_a_reminder(self, sent: datetime, now: datetime, *, due: bool) -> None:
        assert reminder_due(sent, now, hours()) == due

    def test_of_an_office_that_never_opens_end(self) -> None:
        closed = OfficeHours(*parse_hours("monday 9-18"), PARIS, lambda _: True)
        assert closed.next_opening(NOW) == NOW


class TestRetries:
    @given(st.integers(1, 10_000), st.floats(0, 1))
    def test_come_ever_more_slowly_but_within_ninety_seconds(self, attempts: int, chance: float) -> None:
        assert 1 <= wait(attempts, chance) <= LONGEST_WAIT
        assert wait(attempts, 0) <= wait(attempts + 1, 0)
        assert wait(attempts, 1) == wait(attempts, 0) / 2

    @pytest.mark.parametrize(
        ("error", "age", "again"),
        [
            (DeliveryError("450"), RETRY_FOR - timedelta(seconds=1), True),
            (DeliveryError("450"), RETRY_FOR, False),
            (DeliveryRefused("550"), timedelta(), False),
            (DeliveryMisconfigured("535"), RETRY_FOR * 3, True),
        ],
    )
    def test_end_when_they_are_useless(self, error: DeliveryError, age: timedelta, *, again: bool) -> None:
        found = retry_at(error, attempts=3, created_at=NOW - age, now=NOW, chance=0)
        assert (found is not None) == again

    @pytest.mark.parametrize(("asked", "seconds"), [(None, 8), (60.0, 60), (1e9, 900), (1.0, 8)])
    def test_wait_as_long_as_a_platform_asks_within_reason(self, asked: float | None, seconds: float) -> None:
        found = retry_at(DeliveryError("429", after=asked), attempts=3, created_at=NOW, now=NOW, chance=0)
        assert found == NOW + timedelta(seconds=seconds)
