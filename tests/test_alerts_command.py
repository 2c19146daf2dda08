from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot import compose, compose_alerts
from bot.cli import main
from bot.core.alerts import Account, Author
from bot.core.answers import Paragraph
from bot.settings import Settings, load
from tests.core.alert_samples import ACCOUNT, ANNE, BOB, PRESS

OTHER = replace(ACCOUNT, link="https://example.org/a", platform="=1+1", said="\x1b[31mred\n[bold]b", urgent=False)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Alert 001 has two reporters, its mail was refused; 002 has a hostile account; 003 is a draft."""
    path = tmp_path_factory.mktemp("alerts") / "guidebot.db"
    asyncio.run(_fill(settings_for(path)))
    return path


@pytest.fixture(autouse=True)
def database(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    path = tmp_path / "guidebot.db"
    path.write_bytes(filled.read_bytes())
    for name in ("SMTP_HOST", "PRESS_TEAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("ALERTS_CHANNEL", "slack:C0PRESS")
    monkeypatch.setenv("COLUMNS", "200")
    return settings_for(path)


def settings_for(path: Path) -> Settings:
    return load(Path("none"), database_url=f"sqlite:///{path}")


async def _fill(settings: Settings) -> None:
    alerts = compose_alerts.alerts(settings)
    sent: list[tuple[Author, Account]] = [(ANNE, ACCOUNT), (BOB, ACCOUNT), (ANNE, OTHER), (BOB, OTHER)]
    async with compose.opened_store(settings) as store:
        for number, (author, account) in enumerate(sent, 1):
            async with store.work() as work:
                drafted = await alerts.draft(work, f"v{number}", author, account)
                join = drafted.same.number if drafted.same and number == 2 else ""
                preview = await alerts.preview(work, drafted.report, compose.now(), join=join)
                assert preview
                if number < 4:
                    await alerts.send(work, drafted.report, preview.version, compose.now())
        letter = await store.claim_letter()
        assert letter
        await store.letter_failed(letter.id, error="550 no such user", retry_at=None)


def alerts(*words: str) -> Result:
    return CliRunner().invoke(main, ["alerts", *words])


def shown(number: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(alerts("show", number, "--json").output)
    return found


def year() -> int:
    return compose.now().year


def first() -> str:
    return f"{year()}-001"


async def _letters(settings: Settings, platform: str) -> list[tuple[str, str, str]]:
    found = []
    async with compose.opened_store(settings) as store:
        while letter := await store.claim_letter([platform]):
            words = " ".join(part.text for part in letter.parts if isinstance(part, Paragraph))
            found.append((letter.address.user or letter.address.channel, letter.key.partition(" ")[0], words))
    return found


def queued(settings: Settings, platform: str = "slack") -> list[tuple[str, str, str]]:
    """Who is told what by the running bot."""
    return asyncio.run(_letters(settings, platform))


def test_the_list_shows_states_and_where_the_mails_are_latest_first() -> None:
    lines = [line.split() for line in alerts("list").output.splitlines()[1:]]
    assert [line[:3] for line in lines] == [[f"{year()}-002", "open", "queued"], [first(), "open", "urgent"]]
    assert lines[1][3:5] == ["dead", "2"]
    assert lines[1][-1] == ACCOUNT.link


def test_the_list_can_be_narrowed_and_drafts_are_shown_when_asked_for() -> None:
    def numbers(*words: str) -> list[str]:
        return [alert["number"][-3:] for alert in json.loads(alerts("list", "--json", *words).output)]

    assert numbers("--status", "open") == ["002", "001"]
    assert numbers("--status", "draft") == ["003"]
    assert numbers("--since", "2000-01-01") == ["002", "001"]
    assert numbers("--since", "2999-01-01") == []
    assert alerts("list", "--status", "closed").output == "No alert.\n"


def test_an_alert_is_shown_with_reports_letters_and_history() -> None:
    text = alerts("show", first()).output
    for words in (
        f"Alert {first()}  open, urgent",
        ACCOUNT.link,
        "Anne Martin <anne@inserm.fr> slack:U1",
        "Bob Petit slack:U2",
        "seen 2026-03-02 09:30",
        f"dead  to {PRESS}",
        "last error: 550 no such user",
        "guidebot  dead",
    ):
        assert words in text
    found = shown(first())
    assert [report["said"] for report in found["reports"]] == [ACCOUNT.said] * 2
    assert [letter["state"] for letter in found["letters"]] == ["dead", "queued"]
    assert [(line["who"], line["what"]) for line in found["history"]] == [
        ("slack:U1", "drafted"),
        ("slack:U1", "sent"),
        ("slack:U2", "joined"),
        ("slack:U2", "sent"),
        ("guidebot", "dead"),
    ]


def test_what_a_reporter_typed_can_t_act_on_the_terminal() -> None:
    text = alerts("show", f"{year()}-002").output
    assert "[31mred\n" in text
    assert "[bold]b" in text
    assert "\x1b" not in text


def test_an_alert_is_taken_as_from_its_card_and_the_history_names_the_operator(database: Settings) -> None:
    result = alerts("take", first(), "--by", "Zoé")
    assert result.output.splitlines() == [
        f"Alert {first()} is taken.",
        "2 reporters will be told by the running bot.",
        "Its card is shown anew in the alerts channel.",
    ]
    found = shown(first())
    assert (found["alert"]["state"], found["alert"]["taken_by"]) == ("taken", "operator:Zoé")
    assert (found["history"][-1]["who"], found["history"][-1]["what"]) == ("operator:Zoé", "taken")
    told = queued(database)
    assert [who for who, what, words in told if what == "taken" and "Le service de presse s’occupe" in words] == [
        "U1",
        "U2",
    ]
    assert ("C0PRESS", "card", "") in told


def test_whoever_is_logged_in_is_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "camille")
    alerts("take", first())
    assert shown(first())["alert"]["taken_by"] == "operator:camille"


@pytest.mark.parametrize(("end", "words"), [("no-action", "ne donne pas suite"), ("mistake", "d’une erreur")])
def test_an_alert_is_closed_once_and_its_reporters_are_told_how(database: Settings, end: str, words: str) -> None:
    first_time, second_time = (alerts("close", first(), "--as", end, "--by", "Zoé") for _ in range(2))
    assert first_time.output.startswith(
        f"Alert {first()} is closed: {end.replace('-', ' ')}.\n2 reporters will be told"
    )
    assert (second_time.exit_code, second_time.output) == (
        1,
        f"Error: alert {first()} is closed already, by operator:Zoé\n",
    )
    assert sum(words in said for _, _, said in queued(database)) == 2


def test_without_a_channel_no_card_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERTS_CHANNEL")
    assert "card" not in alerts("take", first()).output


def test_a_dead_mail_goes_back_into_the_queue(database: Settings) -> None:
    result = alerts("resend", first(), "--by", "Zoé")
    assert f"the mail to {PRESS} is back in the queue" in result.output
    assert "SMTP_HOST is not set" in result.output
    line = shown(first())["history"][-1]
    assert (line["who"], line["what"], line["words"]) == ("operator:Zoé", "resent", PRESS)
    assert [who for who, *_ in queued(database, "mail")].count(PRESS) == 3
    again = alerts("resend", first())
    assert (again.exit_code, "has no dead mail, so nothing was done" in again.output) == (1, True)


def test_a_mail_that_has_arrived_is_sent_again_only_if_it_is_named(database: Settings) -> None:
    async def deliver() -> int:
        async with compose.opened_store(database) as store:
            letter = await store.claim_letter(["mail"])
            assert letter
            await store.letter_sent(letter.id)
            return letter.id

    letter = str(asyncio.run(deliver()))
    assert alerts("resend", first(), "--letter", letter).output.startswith(
        f"Alert {first()}: the mail to {PRESS} is in the queue once more, with the same Message-ID."
    )


def test_csv_and_json_have_no_cell_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(alerts("export", "--csv").output)))
    assert [row["platform"] for row in rows] == ["'=1+1", "X"]
    assert "said" not in rows[0]
    path = tmp_path / "alerts"
    assert alerts("export", "--csv", "--output", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbfnumber,state,end")
    assert alerts("export", "--json", "--output", str(path)).exit_code == 0
    assert json.loads(path.read_text("utf-8")) == json.loads(alerts("export", "--json").output)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "1999-001"], 1, "Error: there is no alert 1999-001; `guidebot alerts list` shows those"),
        (["take", "1999-1"], 1, "Error: there is no alert 1999-001"),
        (["take", "003"], 2, "2026-014 is one"),
        (["take", "{year}-003"], 1, "is a draft: its author has not sent it"),
        (["close", "{year}-001"], 2, "Missing option '--as'"),
        (["close", "{year}-001", "--as", "answered"], 2, "Invalid value for '--as'"),
        (["resend", "1999-001"], 1, "there is no alert 1999-001"),
        (["resend", "{year}-001", "--letter", "2"], 1, "waits in the queue already"),
        (["resend", "{year}-001", "--letter", "99"], 1, "has no letter 99"),
        (["export"], 2, "Say --csv or --json."),
        (["export", "--csv", "--json"], 2, "Say --csv or --json."),
        (["list", "--status", "lost"], 2, "Invalid value for '--status'"),
    ],
)
def test_what_can_t_be_done_is_told(words: list[str], status: int, said: str) -> None:
    result = alerts(*(word.format(year=year()) for word in words))
    assert (result.exit_code, said in result.output) == (status, True), result.output
