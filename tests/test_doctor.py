"""`guidebot doctor` as whole runs, each fault really there: servers that refuse, files that can't be written to."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from bot import compose, compose_doctor
from bot.adapters.schema import downgrade, upgrade
from bot.cli import main
from bot.core.errors import StoreError
from bot.core.findings import Check, Finding, ok
from bot.core.messages import Address
from bot.service.examining import examine
from bot.settings import load
from tests.fakes.mail_server import MailServer
from tests.fakes.mattermost import FakeMattermost
from tests.fakes.mattermost_state import BOT_TOKEN as MATTERMOST_TOKEN
from tests.fakes.mattermost_state import TEAM
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_served import free_port
from tests.fakes.slack_workspace import APP_TOKEN, BOT_TOKEN
from tests.mail.kit import AUTHORITY, server_tls

Doctor = Callable[..., "Told"]
OURS = ("SLACK_", "MATTERMOST_", "SMTP_", "MAIL_", "DISC_", "PRESS_", "ALERTS_", "CA_FILE", "PUBLIC_URL", "SECRET_")


class Told:
    """What a run told, by area."""

    def __init__(self, result: Result) -> None:
        self.status = result.exit_code
        self.text = result.output
        found = json.loads(result.stdout)
        self.areas: dict[str, list[dict[str, str]]] = {one["area"]: one["findings"] for one in found}

    def levels(self, area: str) -> list[str]:
        return [finding["level"] for finding in self.areas[area]]

    def faults(self, area: str) -> list[tuple[str, str]]:
        """Level and words of whatever isn't in order."""
        found = [one for one in self.areas[area] if one["level"] != "ok"]
        return [(one["level"], f"{one['said']} → {one['mend']}") for one in found]

    def fault(self, area: str) -> tuple[str, str]:
        (found,) = self.faults(area)
        return found


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting but a database of the test's own; the knowledge, which takes long, is checked where it is meant."""
    for name in os.environ:
        if name.startswith(OURS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(compose_doctor, "ENV_FILE", tmp_path / ".env")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/guidebot.db")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path / "none"))


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Doctor:
    def run(**settings: str) -> Told:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return Told(CliRunner().invoke(main, ["doctor", "--json"]))

    return run


async def aside(doctor: Doctor, settings: Mapping[str, str]) -> Told:
    """A run while the servers of the test answer."""
    return await asyncio.to_thread(doctor, **settings)


class TestWhole:
    def test_with_no_setting_all_is_well_and_what_is_off_says_what_it_would_need(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("KNOWLEDGE_DIR")
        result = CliRunner().invoke(main, ["doctor"])
        assert result.exit_code == 0, result.output
        words = " ".join(result.output.split())
        assert "wrong " not in words.partition("Nothing is wrong")[0]
        for needed in ("SLACK_BOT_TOKEN and SLACK_APP_TOKEN", "MATTERMOST_URL and MATTERMOST_TOKEN", "SMTP_HOST"):
            assert f"off not set up → it would need {needed}" in words
        assert "Knowledge ok sound, in" in words

    def test_what_is_wrong_is_told_in_words_and_by_the_exit_status(self) -> None:
        result = CliRunner().invoke(main, ["doctor"])
        assert result.exit_code == 1
        words = " ".join(result.output.split())
        assert "→ set KNOWLEDGE_DIR, or leave it unset for the shipped one" in words
        assert words.endswith("One thing is wrong.")

    async def test_a_check_that_hangs_or_breaks_hides_no_other(self) -> None:
        async def hangs() -> list[Finding]:
            await asyncio.sleep(60)
            return []

        async def breaks() -> list[Finding]:
            raise RuntimeError

        async def refuses() -> list[Finding]:
            raise StoreError("the database is gone")

        async def well() -> list[Finding]:
            return [ok("fine")]

        checks: dict[str, Check] = {"a": well, "b": hangs, "c": breaks, "d": refuses, "e": well}
        found = await examine(checks, seconds=0.05, unhurried=["a"])
        assert [(one.area, one.findings[0].level.value) for one in found] == [
            ("a", "ok"),
            *((area, "wrong") for area in "bcd"),
            ("e", "ok"),
        ]
        assert "no answer within 0.05 seconds" in found[1].findings[0].said

    async def test_no_secret_is_printed_whoever_lets_it_out(self, doctor: Doctor) -> None:
        """The mail server quotes the password; the addresses bear theirs."""
        secrets = {
            "SLACK_BOT_TOKEN": "xoxb-planted-1",
            "SLACK_APP_TOKEN": "xapp-planted-2",
            "SLACK_SIGNING_SECRET": "planted-3",
            "MATTERMOST_TOKEN": "planted-4",
            "SECRET_KEY": "planted-planted-5",
            "SMTP_PASSWORD": "planted-6",
        }
        more = {
            "SLACK_API_URL": f"http://127.0.0.1:{free_port()}/",
            "DATABASE_URL": f"postgresql://me:planted-7@127.0.0.1:{free_port()}/db",
            "HTTPS_PROXY": f"http://me:planted-8@127.0.0.1:{free_port()}",
            "SMTP_USER": "planted user",
            "SMTP_SECURITY": "none",
            "SMTP_HOST": "127.0.0.1",
            "MATTERMOST_URL": f"http://127.0.0.1:{free_port()}",
        }
        async with MailServer(greeting="554 go away planted-6 xoxb-planted-1").running() as server:
            told = await aside(doctor, {**secrets, **more, "SMTP_PORT": str(server.port)})
        assert told.status == 1
        assert "go away [secret] [secret]" in told.text
        assert "planted" not in told.text


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "level", "words"),
        [
            ({"HTTP_PORT": "many"}, "wrong", "HTTP_PORT: a whole number is expected"),
            ({"SLACK_BOT_TOKEN_FILE": "/none"}, "wrong", "SLACK_BOT_TOKEN_FILE: can't read /none"),
            ({"SLACK_BOT_TOKN": "x"}, "warning", "did you mean SLACK_BOT_TOKEN?"),
            ({"SLACK_APP_TOKEN": "xapp-1"}, "warning", "SLACK_BOT_TOKEN is not"),
            ({"MATTERMOST_TOKEN": "x"}, "warning", "MATTERMOST_URL is not"),
            ({"PUBLIC_URL": "http://bot.example"}, "warning", "Slack calls only https://"),
            ({"SMTP_PASSWORD": "x"}, "warning", "SMTP_HOST is not"),
            ({"DISC_CHANNEL": "slack:C0DISC", "DISC_TEAM": ""}, "wrong", "DISC_CHANNEL is on a platform"),
            ({"PRESS_TEAM": "slack:U0PRESS"}, "warning", "PRESS_TEAM names people on a platform"),
        ],
    )
    def test_what_makes_no_sense_is_told(
        self, doctor: Doctor, settings: dict[str, str], level: str, words: str
    ) -> None:
        told = doctor(**settings)
        assert told.faults("Settings")[0][0] == level
        assert words in told.faults("Settings")[0][1]
        assert "no folder" in told.fault("Knowledge")[1]  # the others are checked all the same

    def test_several_mistakes_are_told_at_once(self, doctor: Doctor) -> None:
        told = doctor(HTTP_PORT="many", SLACK_BOT_TOKEN="xapp-1", SMTP_PASSWORD_FILE="/none")
        assert [level for level, _ in told.faults("Settings")] == ["wrong"] * 3
        assert "not asked, since its settings make no sense yet" in told.fault("Slack")[1]

    def test_a_file_of_settings_is_read_for_misspellings_and_seen_by_its_owner_alone(
        self, doctor: Doctor, tmp_path: Path
    ) -> None:
        path = tmp_path / ".env"
        path.write_text("SOMETHING=1\n", "utf-8")
        path.chmod(0o644)
        unknown, readable = doctor().faults("Settings")
        assert "SOMETHING in .env is no setting" in unknown[1]
        assert f"chmod 600 {path}" in readable[1]
        path.chmod(0o600)
        assert len(doctor().faults("Settings")) == 1


class TestDatabase:
    def test_the_first_start_makes_it_and_the_doctor_does_not(self, doctor: Doctor, tmp_path: Path) -> None:
        assert doctor().levels("Database") == ["ok"]
        assert not (tmp_path / "guidebot.db").exists()

    def test_one_that_is_in_order(self, doctor: Doctor, tmp_path: Path) -> None:
        upgrade(f"sqlite:///{tmp_path}/guidebot.db")
        told = doctor()
        assert told.levels("Database") == ["ok", "ok"]
        assert "with a write-ahead log" in told.text

    def test_where_none_can_be_made(self, doctor: Doctor) -> None:
        level, words = doctor(DATABASE_URL="sqlite:////proc/none/guidebot.db").fault("Database")
        assert (level, "none can be made: /proc" in words) == ("wrong", True)

    def test_one_that_can_t_be_written_to(self, doctor: Doctor, tmp_path: Path) -> None:
        upgrade(f"sqlite:///{tmp_path}/guidebot.db")
        url = f"sqlite:///file:{tmp_path}/guidebot.db?mode=ro&uri=true"
        level, words = doctor(DATABASE_URL=url).fault("Database")
        assert (level, "readonly database" in words) == ("wrong", True)

    def test_a_file_that_is_no_database(self, doctor: Doctor, tmp_path: Path) -> None:
        (tmp_path / "guidebot.db").write_text("something else" * 100, "utf-8")
        assert "file is not a database" in doctor().fault("Database")[1]

    def test_a_newer_one_is_wrong_and_an_older_one_is_not(self, doctor: Doctor, tmp_path: Path) -> None:
        path = tmp_path / "guidebot.db"
        upgrade(f"sqlite:///{path}")
        downgrade(f"sqlite:///{path}", "0001")
        assert doctor().levels("Database") == ["ok"]
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        level, words = doctor().fault("Database")
        assert (level, "made by a newer guidebot" in words) == ("wrong", True)

    def test_letters_that_are_dead_are_told(self, doctor: Doctor) -> None:
        async def fill() -> None:
            async with compose.opened_store(load(Path("none"))) as store:
                async with store.work() as work:
                    await work.queue("k", Address("slack", channel="C"), "fr", ())
                letter = await store.claim_letter()
                assert letter
                await store.letter_failed(letter.id, error="no", retry_at=None)

        asyncio.run(fill())
        level, words = doctor().fault("Database")
        assert (level, "1 letters will not be tried again" in words) == ("warning", True)

    def test_postgresql_that_is_away_not_migrated_or_refuses_the_password(
        self, doctor: Doctor, new_postgres: Callable[..., str]
    ) -> None:
        url = make_url(new_postgres())
        assert "run `guidebot migrate`" in doctor(DATABASE_URL=str(url)).faults("Database")[0][1]
        assert "does not exist" in doctor(DATABASE_URL=str(url.set(database="nowhere"))).fault("Database")[1]
        away = doctor(DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/x")
        assert "refused" in away.fault("Database")[1]
        assert "SECRET_KEY is unset" in away.fault("Settings")[1]

    def test_postgresql_that_is_in_order(self, doctor: Doctor, new_postgres: Callable[..., str]) -> None:
        url = new_postgres()
        upgrade(url)
        told = doctor(DATABASE_URL=url, SECRET_KEY="shared by all replicas")
        assert (told.levels("Database"), told.faults("Settings")) == (["ok", "ok"], [])


class TestFoldersAndNetwork:
    def test_folders_that_can_t_be_written_to(self, doctor: Doctor) -> None:
        told = doctor(CACHE_DIR="/proc/none", MAIL_COPIES_DIR="/proc/none")
        assert [level for level, _ in told.faults("Folders")] == ["warning"] * 2

    def test_a_proxy_that_is_away_and_a_file_of_no_certificates(self, doctor: Doctor, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nothing", "utf-8")
        told = doctor(HTTPS_PROXY=f"http://me:word@127.0.0.1:{free_port()}", CA_FILE=str(tmp_path / "ca.pem"))
        proxy, authorities = told.faults("Network")
        assert "the proxy 127.0.0.1 can't be reached" in proxy[1]
        assert "can't be read as certificates" in authorities[1]


class TestSlack:
    @pytest.fixture
    async def slack(self) -> AsyncIterator[FakeSlack]:
        async with FakeSlack() as made:
            yield made

    @staticmethod
    def settings(slack: FakeSlack, **more: str) -> dict[str, str]:
        return {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": slack.app_token,
            "DISC_TEAM": "slack:U0DISC",
            **more,
        }

    async def test_an_app_that_is_in_order(self, slack: FakeSlack, doctor: Doctor) -> None:
        told = await aside(doctor, self.settings(slack))
        assert told.levels("Slack") == ["ok"] * 3
        assert not slack.sockets  # it takes no events from the running bot

    async def test_rights_that_are_missing_or_too_many(self, slack: FakeSlack, doctor: Doctor) -> None:
        slack.scopes = (slack.scopes - {"im:write"}) | {"files:write"}
        missing, needless = (await aside(doctor, self.settings(slack))).faults("Slack")
        assert (missing[0], "not granted: im:write" in missing[1]) == ("wrong", True)
        assert (needless[0], "were granted: files:write" in needless[1]) == ("warning", True)

    async def test_a_setting_needs_its_rights(self, slack: FakeSlack, doctor: Doctor) -> None:
        told = await aside(doctor, self.settings(slack, SLACK_FOLLOW_THREADS="yes"))
        assert "channels:history, groups:history" in told.fault("Slack")[1]

    async def test_tokens_that_slack_refuses(self, slack: FakeSlack, doctor: Doctor) -> None:
        told = await aside(doctor, self.settings(slack, SLACK_BOT_TOKEN="xoxb-old", SLACK_APP_TOKEN="xapp-old"))
        assert [words.partition(":")[0] for _, words in told.faults("Slack")] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
        assert all("Slack answers invalid_auth" in words for _, words in told.faults("Slack"))

    async def test_tokens_of_two_apps(self, slack: FakeSlack, doctor: Doctor) -> None:
        slack.app_token = "xapp-1-A0ELSE-1-abc"
        assert "copy both tokens from the same app" in (await aside(doctor, self.settings(slack))).fault("Slack")[1]

    async def test_somebody_who_is_nobody(self, slack: FakeSlack, doctor: Doctor) -> None:
        told = await aside(doctor, self.settings(slack, DISC_TEAM="slack:W0GONE"))
        assert "slack:W0GONE in DISC_TEAM or PRESS_TEAM is nobody" in told.fault("Slack")[1]

    async def test_a_user_group_that_is_none_or_empty(self, slack: FakeSlack, doctor: Doctor) -> None:
        slack.scopes |= {"usergroups:read"}
        slack.groups["S0EMPTY"] = []
        told = await aside(doctor, self.settings(slack, DISC_TEAM="slack:S0EMPTY,slack:S0GONE"))
        empty, gone = told.faults("Slack")
        assert "S0EMPTY in DISC_TEAM or PRESS_TEAM is empty" in empty[1]
        assert "S0GONE in DISC_TEAM or PRESS_TEAM is nobody" in gone[1]

    async def test_over_http_a_signing_secret_is_needed(self, slack: FakeSlack, doctor: Doctor) -> None:
        told = await aside(doctor, self.settings(slack, SLACK_APP_TOKEN=""))
        assert "nothing to hear Slack by" in told.fault("Settings")[1]
        told = await aside(doctor, self.settings(slack, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="something"))
        assert "doesn't look like one" in told.fault("Slack")[1]
        told = await aside(doctor, self.settings(slack, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="0" * 32))
        assert told.faults("Slack") == []

    def test_a_slack_that_can_t_be_reached_is_said_once(self, doctor: Doctor) -> None:
        url = f"http://127.0.0.1:{free_port()}/api/"
        told = doctor(SLACK_API_URL=url, SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN)
        assert "Slack can't be reached: no connection" in told.fault("Slack")[1]


class TestMattermost:
    async def test_a_server_and_a_bot_in_order_but_not_running(self, doctor: Doctor) -> None:
        async with FakeMattermost() as fake:
            settings = {"MATTERMOST_URL": fake.url, "MATTERMOST_TOKEN": MATTERMOST_TOKEN}
            told = await aside(doctor, settings)
            assert "people type instead" in told.fault("Mattermost")[1]
            assert told.fault("Mattermost")[0] == "off"
            callback = f"http://127.0.0.1:{free_port()}"
            told = await aside(doctor, {**settings, "MATTERMOST_CALLBACK_URL": callback, "HTTP_PORT": str(free_port())})
            assert "aren't registered yet" in told.fault("Mattermost")[1]
            fake.add_command("x", {"team_id": TEAM, "trigger": "guide", "url": callback})
            assert "no bot runs here" in (await aside(doctor, settings)).fault("Mattermost")[1]

    def test_a_server_that_is_away(self, doctor: Doctor) -> None:
        told = doctor(MATTERMOST_URL=f"http://127.0.0.1:{free_port()}", MATTERMOST_TOKEN="x")
        assert "can't be reached" in told.fault("Mattermost")[1]


class TestMail:
    @staticmethod
    def settings(server: MailServer, authority: Path, **more: str) -> dict[str, str]:
        return {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(server.port),
            "MAIL_FROM": "guidebot@inserm.example",
            "CA_FILE": str(authority),
            **more,
        }

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Path:
        path = tmp_path / "authority.pem"
        AUTHORITY.cert_pem.write_to_path(str(path))
        return path

    @pytest.mark.parametrize(
        ("server", "settings", "words"),
        [
            ({"tls": True, "password": "p"}, {"SMTP_USER": "b", "SMTP_PASSWORD": "p"}, ""),
            ({"tls": True, "password": "p"}, {"SMTP_USER": "b", "SMTP_PASSWORD": "o"}, "set SMTP_USER and SMTP_PASS"),
            ({}, {"SMTP_USER": "b", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "none"}, "offers no login"),
            ({"tls": True}, {"CA_FILE": ""}, "name its authority in CA_FILE"),
            ({}, {}, "set SMTP_SECURITY=tls"),
            ({}, {"SMTP_SECURITY": "tls"}, "set SMTP_SECURITY=starttls"),
            ({"greeting": "554 no"}, {"SMTP_SECURITY": "none"}, "554 no"),
            ({"greeting": "drop"}, {"SMTP_SECURITY": "none"}, "can't be spoken to"),
        ],
    )
    async def test_what_a_mail_server_refuses_leads_to_the_setting(
        self, doctor: Doctor, authority: Path, server: dict[str, Any], settings: dict[str, str], words: str
    ) -> None:
        made = MailServer(**{**server, "tls": server_tls() if "tls" in server else None})
        async with made.running():
            told = await aside(doctor, self.settings(made, authority, **settings))
        if words:
            level, said = told.fault("Mail")
            assert (level, words in said) == ("wrong", True), said
        else:
            assert told.levels("Mail") == ["ok"]
        assert made.rcpts == []

    async def test_a_sender_is_needed_and_the_server_is_asked_all_the_same(
        self, doctor: Doctor, authority: Path
    ) -> None:
        async with MailServer(tls=server_tls()).running() as server:
            told = await aside(doctor, self.settings(server, authority, MAIL_FROM=""))
        assert "MAIL_FROM is not" in told.fault("Settings")[1]
        assert told.levels("Mail") == ["ok"]

    async def test_a_served_bot_without_a_mail_server_keeps_reports_from_everybody(self, doctor: Doctor) -> None:
        async with FakeSlack() as slack:
            told = await aside(doctor, TestSlack.settings(slack))
        assert "without reaching anybody" in told.fault("Mail")[1]
