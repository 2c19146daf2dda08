from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.core.alerts import Account, Author, Case, CaseState, Report, ReportState
from bot.core.mail_text import Letterhead
from bot.core.messages import Address

PRESS = "presse@inserm.fr"
HEAD = Letterhead("guidebot@inserm.example", "presse@inserm.fr", ZoneInfo("Europe/Paris"))
ANNE = Author(
    "hash-anne", Address("slack", team="T1", channel="D1", user="U1", direct=True), "Anne Martin", "anne@inserm.fr"
)
BOB = Author("hash-bob", Address("slack", team="T1", channel="D2", user="U2", direct=True), "Bob Petit")
ACCOUNT = Account(
    said="Un compte accuse l'Inserm de fraude.\nVoir aussi https://evil.example/preuve",
    seen_on=date(2026, 3, 2),
    link="https://x.com/compte/status/1",
    platform="X",
    seen_at="09:30",
    urgent=True,
)
OPENED = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
CASE = Case("2026-014", CaseState.DRAFT, ACCOUNT.link, "X", urgent=True, opened_at=OPENED)
REPORT = Report(1, ANNE, ACCOUNT, ReportState.DRAFT, 1, OPENED, case="2026-014")
