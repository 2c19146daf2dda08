from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from bot import logs
from bot.core.errors import SettingsError
from bot.secret_key import secret_key
from bot.setting_words import example
from bot.settings import ROOT, Settings, load

PLANTED = "planted-secret-0123456789"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_nothing_needs_to_be_set(env_file: Path) -> None:
    settings = load(env_file)
    assert settings.database == f"sqlite:///{ROOT}/var/guidebot.db"
    assert settings.knowledge_dir == ROOT / "knowledge"
    assert (settings.question_text_days, settings.gap_days, settings.timezone) == (7, 90, "Europe/Paris")
    assert settings.slack_bot_token is None
    assert settings.allow_guests


def test_the_example_shows_every_setting_as_it_is() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example(Settings.model_fields)


def test_the_example_uncommented_changes_nothing(env_file: Path) -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    env_file.write_text("\n".join(line.removeprefix("#") for line in lines if not line.startswith("# ")), "utf-8")
    assert load(env_file) == load(env_file.with_name("none"))


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("HTTP_PORT=1111\nADMIN_PORT=2222\n", "utf-8")
    monkeypatch.setenv("HTTP_PORT", "3333")
    assert (load(env_file).http_port, load(env_file).admin_port) == (3333, 2222)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP_PORT", "many", "HTTP_PORT: a whole number is expected"),
        ("ADMIN_PORT", "70000", "ADMIN_PORT: 65535 or less is expected"),
        ("GAP_DAYS", "0", "GAP_DAYS: 1 or more is expected"),
        ("ALLOW_GUESTS", "perhaps", "ALLOW_GUESTS: yes or no is expected"),
        ("DIGEST_DAY", "someday", "DIGEST_DAY: one of 'monday', "),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: one of 'DEBUG', "),
        ("TIMEZONE", "Europe/Atlantis", "TIMEZONE: the name of a time zone"),
        ("TIMEZONE", "../etc/passwd", "TIMEZONE: the name of a time zone"),
        ("DATABASE_URL", "mysql://root@there/db", "DATABASE_URL: sqlite:///… or postgresql://… is expected"),
        ("PUBLIC_URL", "bot.example.org", "PUBLIC_URL: an address that begins with https://"),
        ("MAIL_FROM", "Marie <marie@x", "MAIL_FROM: a mail address is expected"),
        ("OFFICE_HOURS", "always", "OFFICE_HOURS: days and hours are expected"),
        ("OFFICE_HOURS", "monday 18-9", "OFFICE_HOURS: the office must close after it opens"),
        ("OFFICE_HOURS", "monday 9-99", "OFFICE_HOURS: days and hours are expected"),
        ("SMTP_SECURITY", "perhaps", "SMTP_SECURITY: one of 'tls', "),
        ("PRESS_TEAM", "marie", "PRESS_TEAM: an id with its platform in front"),
        ("DISC_CHANNEL", "C0999ABCD", "DISC_CHANNEL: an id with its platform in front"),
        ("DISC_TEAM", "slack:C0123ABCD", "DISC_TEAM: slack:C0123ABCD is neither a person"),
        ("DISC_TEAM", "slack:U0123ABCD, marie", "DISC_TEAM: an id with its platform in front"),
        ("SECRET_KEY", "short", "SECRET_KEY: at least 16 characters"),
        ("SLACK_BOT_TOKEN", f"xapp-{PLANTED}", "SLACK_BOT_TOKEN: a token that begins with xoxb-"),
        ("SLACK_APP_TOKEN", f"xoxb-{PLANTED}", "SLACK_APP_TOKEN: a token that begins with xapp-"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_by_name(
    name: str, value: str, words: str, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load(env_file)
    assert str(caught.value).startswith(words)
    assert "-secret-" not in str(caught.value)


def test_every_mistake_is_told_at_once(env_file: Path) -> None:
    env_file.write_text("HTTP_PORT=a\nGAP_DAYS=b\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(env_file)
    assert len(str(caught.value).splitlines()) == 2


def test_words_that_people_write_are_understood(env_file: Path) -> None:
    env_file.write_text(
        "ALLOW_GUESTS=no\nSLACK_FOLLOW_THREADS=yes\nLOG_LEVEL=debug\nDIGEST_DAY=Friday\nGUIDE_URL=\n"
        "DISC_TEAM=slack:W0123ABCD, slack:S0123ABCD mattermost:" + "a1" * 13,
        "utf-8",
    )
    settings = load(env_file)
    assert (settings.allow_guests, settings.slack_follow_threads) == (False, True)
    assert (settings.log_level, settings.digest_day, settings.guide_url) == ("DEBUG", "friday", "")
    assert settings.disc_team == ("slack:W0123ABCD", "slack:S0123ABCD", "mattermost:" + "a1" * 13)


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_secret_may_lie_in_a_file_of_its_own(
    where: str, env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"xoxb-{PLANTED}\n", "utf-8")
    if where == "file":
        env_file.write_text(f"SLACK_BOT_TOKEN_FILE={secret}\n", "utf-8")
    else:
        monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(secret))
    token = load(env_file).slack_bot_token
    assert token is not None
    assert token.get_secret_value() == f"xoxb-{PLANTED}"


def test_a_secret_s_file_that_is_missing_is_told_by_name(env_file: Path, tmp_path: Path) -> None:
    env_file.write_text(f"SECRET_KEY_FILE={tmp_path}/none\n", "utf-8")
    with pytest.raises(SettingsError, match=r"SECRET_KEY_FILE: can't read .*/none: No such file"):
        load(env_file)


def test_settings_never_show_a_secret(env_file: Path) -> None:
    env_file.write_text(
        f"SLACK_BOT_TOKEN=xoxb-{PLANTED}\nSECRET_KEY={PLANTED}\nDATABASE_URL=postgresql://bot:{PLANTED}@there/db",
        "utf-8",
    )
    settings = load(env_file)
    assert PLANTED not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert set(settings.secrets()) == {PLANTED, f"xoxb-{PLANTED}"}


def test_settings_don_t_change(env_file: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(env_file).http_port = 1  # type: ignore[misc]


class TestTheKey:
    def test_is_the_one_that_is_set(self, env_file: Path, tmp_path: Path) -> None:
        env_file.write_text(f"SECRET_KEY={PLANTED}\nDATABASE_URL=sqlite:///{tmp_path}/a.db", "utf-8")
        assert secret_key(load(env_file)) == PLANTED
        assert not (tmp_path / "secret.key").exists()

    def test_is_made_once_beside_the_database_for_its_owner_alone(self, env_file: Path, tmp_path: Path) -> None:
        env_file.write_text(f"DATABASE_URL=sqlite:///{tmp_path}/new/a.db", "utf-8")
        made = secret_key(load(env_file))
        kept = tmp_path / "new" / "secret.key"
        assert secret_key(load(env_file)) == made
        assert (len(made), stat.S_IMODE(kept.stat().st_mode)) == (64, 0o600)
        assert [path.name for path in kept.parent.iterdir()] == ["secret.key"]

    def test_of_a_database_in_memory_is_kept_nowhere(self, env_file: Path, tmp_path: Path) -> None:
        env_file.write_text("DATABASE_URL=sqlite://", "utf-8")
        assert secret_key(load(env_file)) != secret_key(load(env_file))
        assert [path.name for path in tmp_path.iterdir()] == [".env"]

    def test_must_be_set_with_postgresql(self, env_file: Path) -> None:
        env_file.write_text("DATABASE_URL=postgresql://there/db", "utf-8")
        with pytest.raises(SettingsError, match=r"SECRET_KEY: it is needed with PostgreSQL"):
            secret_key(load(env_file))

    def test_that_can_t_be_kept_is_told(self, env_file: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        env_file.write_text(f"DATABASE_URL=sqlite:///{tmp_path}/file/a.db", "utf-8")
        with pytest.raises(SettingsError, match=r"SECRET_KEY: it is unset, and .* can't be kept"):
            secret_key(load(env_file))


class TestTheLog:
    @pytest.fixture
    def stream(self) -> Iterator[StringIO]:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        stream = StringIO()
        logs.set_up("INFO", [PLANTED], stream)
        yield stream
        root.handlers[:] = handlers
        root.setLevel(level)

    def test_is_a_json_object_a_line(self, stream: StringIO) -> None:
        logging.getLogger("bot.test").warning("two\nlines, %s", "é", extra={"platform": "slack", "tries": 2})
        (line,) = stream.getvalue().splitlines()
        said = json.loads(line)
        assert said.pop("time").endswith("+00:00")
        assert said == {
            "level": "warning",
            "logger": "bot.test",
            "message": "two\nlines, é",
            "platform": "slack",
            "tries": 2,
        }

    def test_has_exceptions_but_no_secrets(self, stream: StringIO) -> None:
        try:
            int(f"{PLANTED} xoxb-123-abc")
        except ValueError:
            logging.getLogger("bot.test").exception("token %s, key", "xapp-1-A-2", extra={"key": PLANTED})
        said = stream.getvalue()
        assert "ValueError: invalid literal for int() with base 10: '[secret] [secret]'" in said
        assert PLANTED not in said
        assert "xapp-1" not in said

    def test_survives_what_can_t_be_encoded(self) -> None:
        record = logging.makeLogRecord({"msg": "a lone \ud800"})  # logged, pytest-xdist could not pass it on
        assert json.loads(logs.JsonLines().format(record))["message"] == "a lone ?"

    def test_leaves_out_what_libraries_tell_of_messages(self, stream: StringIO) -> None:
        logging.getLogger("slack_bolt.AsyncApp").info("a body")
        assert stream.getvalue() == ""
