from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.answers import GapLine, plain
from bot.core.digest import MOST_GAPS, Week, digest_mail, digest_parts
from bot.core.ports import Gap
from tests.core.alert_samples import HEAD
from tests.fakes.shipped import shipped_assistant

KEPT = Path(__file__).with_name("mails")
DUE = datetime(2026, 3, 9, 8, tzinfo=UTC)
LATE = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)  # the 8th, in Paris
HOSTILE = "x\r\nBcc: victim@example.org\u2028\x00\ud800\u202e https://evil.example/a"
BADGE = Gap(12, "Puis-je prêter mon badge ?", "fr", "open", LATE, LATE, times=5, people=3)
ADS = Gap(7, "how do I buy ads? see https://ads.example/x", "en", "open", LATE, LATE, times=2, people=2)
BUSY = Week(DUE - timedelta(days=7), [BADGE, ADS], calm=False, topics=[("Créer un compte", 4)], last=LATE)
CALM = Week(DUE - timedelta(days=7), [], calm=True, topics=[], last=datetime(2026, 1, 5, tzinfo=UTC))
say = shipped_assistant().say


@pytest.mark.parametrize(("name", "week"), [("digest", BUSY), ("digest-calm", CALM)])
def test_the_mail_is_word_for_word_the_one_that_is_kept(name: str, week: Week) -> None:
    mail = digest_mail(week, say, HEAD, DUE)
    whole = f"{mail.subject}\n{mail.message_id}\n\n{mail.text}"
    assert whole == (KEPT / f"{name}.txt").read_text(encoding="utf-8")


def test_the_channel_and_the_mail_tell_the_same() -> None:
    shown = "\n".join(plain(part) for part in digest_parts(BUSY, say, HEAD.zone))
    text = digest_mail(BUSY, say, HEAD, DUE).text
    for words in ("semaine du 02/03/2026", "Lacunes ouvertes (2)", BADGE.text, "08/03/2026", "Créer un compte : 4"):
        assert words in shown
        assert words in text


def test_nobody_s_words_reach_a_header_or_pass_for_the_bot_s() -> None:
    mail = digest_mail(replace(BUSY, gaps=[replace(BADGE, text=HOSTILE)]), say, HEAD, DUE)
    assert mail.subject == digest_mail(BUSY, say, HEAD, DUE).subject
    (line,) = [line for line in mail.text.splitlines() if "Bcc" in line]
    assert line.startswith("> x Bcc: victim@example.org")
    assert "https://" not in mail.text


def test_a_long_list_says_how_many_more_there_are() -> None:
    week = replace(BUSY, gaps=[replace(BADGE, id=n) for n in range(1, MOST_GAPS + 5)])
    parts = digest_parts(week, say, HEAD.zone)
    assert len([part for part in parts if isinstance(part, GapLine)]) == MOST_GAPS
    assert any("4 de plus" in plain(part) for part in parts)
    assert "4 de plus" in digest_mail(week, say, HEAD, DUE).text
