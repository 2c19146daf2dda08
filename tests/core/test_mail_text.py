from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alerts import AttachmentInfo, Report
from bot.core.mail import Mail, is_mail_address, one_line, several_lines
from bot.core.mail_text import correction_mail, gathered_mail, report_mail
from tests.core.alert_samples import ACCOUNT, ANNE, BOB, CASE, HEAD, OPENED, REPORT

KEPT = Path(__file__).with_name("mails")
PICTURE = AttachmentInfo(7, "e-reputation-2026-014-1-1.png", "image/png", 120_400)
SECOND = replace(
    REPORT, id=2, author=BOB, ordinal=2, account=replace(ACCOUNT, urgent=False, seen_at="", said="Toujours là.")
)
HOSTILE = "x\r\nBcc: victim@example.org\u2028\x85\x0b\x00\ud800\u202e javascript:alert(1) <b>@here</b>" + "é" * 40_000
RTL = "".join(map(chr, (0x202A, 0x202E, 0x2066, 0x200F)))


def whole(mail: Mail) -> str:
    heads = (mail.subject, mail.message_id, mail.reply_to, mail.in_reply_to, " ".join(mail.references))
    return "\n".join((*heads, "", mail.text))


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("first", report_mail(replace(CASE, linked="2026-010"), replace(REPORT, attachments=(PICTURE,)), HEAD)),
        ("second", report_mail(CASE, SECOND, HEAD)),
        ("correction", correction_mail(CASE, REPORT, HEAD, OPENED + timedelta(hours=1))),
        (
            "gathered",
            gathered_mail(
                [
                    replace(REPORT, mail=report_mail(CASE, REPORT, HEAD)),
                    replace(SECOND, mail=report_mail(CASE, SECOND, HEAD)),
                ],
                HEAD,
                OPENED,
            ),
        ),
    ],
)
def test_a_mail_is_word_for_word_the_one_that_is_kept(name: str, mail: Mail) -> None:
    assert whole(mail) == (KEPT / f"{name}.txt").read_text(encoding="utf-8")


def test_the_whole_link_stands_only_on_the_last_line() -> None:
    text = report_mail(CASE, REPORT, HEAD).text
    assert text.rstrip("\n").split("\n")[-1] == ACCOUNT.link
    assert text.count("https://") == 1


def test_answers_go_to_the_author_or_where_the_settings_say() -> None:
    assert report_mail(CASE, REPORT, HEAD).reply_to == ANNE.mail
    for address in ("", "a@b", "a@b.fr\nBcc: c@d.fr", "é@inserm.fr"):
        assert report_mail(CASE, replace(REPORT, author=replace(ANNE, mail=address)), HEAD).reply_to == HEAD.reply_to


def test_follow_ups_are_in_one_thread() -> None:
    first, second = report_mail(CASE, REPORT, HEAD), report_mail(CASE, SECOND, HEAD)
    assert second.in_reply_to == first.message_id
    assert second.message_id != first.message_id
    sent = replace(SECOND, mail=second)
    assert correction_mail(CASE, sent, HEAD, OPENED).in_reply_to == second.message_id
    assert "2026-014" in first.message_id


def test_a_gathered_mail_holds_each_previewed_text_whole() -> None:
    reports = [replace(REPORT, id=n, mail=report_mail(CASE, replace(REPORT, ordinal=n), HEAD)) for n in range(1, 12)]
    text = gathered_mail(reports, HEAD, OPENED).text
    assert all(report.mail and report.mail.text.rstrip() in text for report in reports)


def hostile(words: str) -> Report:
    account = replace(ACCOUNT, said=words, platform=words)
    return replace(REPORT, author=replace(ANNE, name=words, mail=words), account=account)


@pytest.mark.parametrize("words", [HOSTILE, RTL, "", "\n\n\n", "-- \n" + "> " * 5_000])
def test_hostile_words_make_a_harmless_text(words: str) -> None:
    assert_harmless(report_mail(CASE, hostile(words), HEAD))
    assert_harmless(correction_mail(CASE, hostile(words), HEAD, OPENED))


@given(st.text(st.characters()))
def test_any_words_make_a_harmless_text(words: str) -> None:
    assert_harmless(report_mail(CASE, hostile(words), HEAD))


def assert_harmless(mail: Mail) -> None:
    assert len(mail.subject) <= 120
    assert not {unicodedata.category(char) for char in mail.subject} & {"Cc", "Cs", "Zl", "Zp"}
    assert mail.subject.startswith(("[E-réputation 2026-014]", "Re: [E-réputation 2026-014]"))
    assert len(mail.text) < 30_000
    assert not set(mail.text) & set("\r\x00\x0b\x0c\x85\u2028\u2029\u202e\u200f\u2066")
    mail.text.encode()
    assert "\nBcc" not in mail.text
    assert mail.reply_to == HEAD.reply_to


def test_cleaning_keeps_what_is_harmless() -> None:
    assert one_line(" a\tb\r\nc  🙂 ") == "a b c 🙂"
    assert one_line("a" * 200, 10) == "aaaaaaaaa…"
    assert several_lines("a\r\nb\u2028c") == "a\nb\nc"


@pytest.mark.parametrize("text", ["a@inserm.fr", "prenom.nom+x@inserm.example"])
def test_plain_addresses_are_mail_addresses(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "a b@c.fr", "a@c.fr>", "a@c.fr\n", "a@-.fr,b@c.fr", "x" * 250 + "@c.fr"]
)
def test_everything_else_is_none(text: str) -> None:
    assert not is_mail_address(text)
