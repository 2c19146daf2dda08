"""Every setting of the bot: its variable, its meaning and its default."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as UnreadableSettings

from bot import setting_kinds as kinds
from bot.core.errors import SettingsError
from bot.core.office import DEFAULT_HOURS
from bot.setting_words import complaint

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


class Settings(BaseSettings):
    """The settings as they were at start: the environment's, else those of `.env`, else the defaults."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=False, hide_input_in_errors=True
    )

    slack_bot_token: Annotated[SecretStr | None, kinds.token("xoxb-")] = Field(
        None, description="The Slack app's bot token (xoxb-…). Without it the bot doesn't speak in Slack."
    )
    slack_app_token: Annotated[SecretStr | None, kinds.token("xapp-")] = Field(
        None, description="The app-level token (xapp-…) for Socket Mode, which needs no public address."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="The app's signing secret: for HTTP mode, used where SLACK_APP_TOKEN is unset."
    )
    slack_api_url: kinds.Url = Field("https://slack.com/api/", description="The base of Slack's Web API.")
    slack_follow_threads: bool = Field(
        default=False,
        description="yes: go on without a mention in its threads; that needs the right to read channels.",
    )
    slack_files: bool = Field(
        default=False,
        description="yes: a report's form in Slack takes screenshots; that needs the right to read files.",
    )
    mattermost_url: kinds.Url = Field(
        "", description="The Mattermost server's address. Without it the bot doesn't speak in Mattermost."
    )
    mattermost_token: SecretStr | None = Field(None, description="The token of the bot's account in Mattermost.")
    mattermost_callback_url: kinds.Url = Field(
        "",
        description="The bot's address as the Mattermost server reaches it, for slash commands and buttons. "
        "Without it there are neither, and people type.",
    )
    mattermost_teams: Annotated[tuple[str, ...], NoDecode, BeforeValidator(kinds.names)] = Field(
        (), description="The teams that get the slash commands, by name or id, separated by commas; all where unset."
    )
    allow_guests: bool = Field(default=True, description="no: refuse the guests of one's own workspace politely.")
    http_host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 in a container.")
    http_port: kinds.Port = Field(8080, description="The port for the platforms' requests.")
    admin_port: kinds.Port | None = Field(
        None, description="A port of its own for /livez, /readyz and /metrics; HTTP_PORT where unset."
    )
    database_url: Annotated[SecretStr, AfterValidator(kinds.database)] = Field(
        SecretStr(f"sqlite:///{VAR / 'guidebot.db'}"),
        description="sqlite:///path or postgresql://user:password@host/name. A file under var/ where unset.",
    )
    knowledge_dir: Path = Field(
        ROOT / "knowledge", description="The folder of what the bot knows; knowledge/ where unset."
    )
    cache_dir: Path | None = Field(
        VAR / "cache", description="A folder of the bot's own, where the indexed knowledge is kept between starts."
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Keys the hashes of people's ids and signs what clients hold; the same on every replica. "
        "Made and kept beside the database's file where unset, with SQLite only.",
    )
    ca_file: Path | None = Field(
        None, description="A file of certificates of a private authority, trusted besides the public ones."
    )
    public_url: kinds.Url = Field(
        "", description="The bot's address as Slack reaches it, for the manifest in HTTP mode."
    )
    guide_url: kinds.Url = Field("", description="Where the guide can be read: each answer's source line links to it.")
    disc_contact: str = Field(
        "", description="A mail address of the DISC; without it answers name the regional communication officer."
    )
    disc_team: Annotated[tuple[str, ...], NoDecode, BeforeValidator(kinds.team)] = Field(
        (),
        description="Who may close gaps: people or a Slack user group, separated by commas "
        "(slack:U0123ABCD, slack:S0123ABCD, mattermost:…).",
    )
    disc_channel: Annotated[str, AfterValidator(kinds.an_id)] = Field(
        "", description="The channel that gets the weekly digest of open gaps (slack:C0123ABCD or mattermost:…)."
    )
    question_text_days: kinds.Days = Field(7, description="How many days the masked text of a question is kept.")
    gap_days: kinds.Days = Field(90, description="How many days the texts of a gap are kept.")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = Field(
        "INFO", description="From which level on things are logged: DEBUG, INFO, WARNING or ERROR."
    )
    timezone: Annotated[str, AfterValidator(kinds.timezone)] = Field(
        "Europe/Paris", description="The time zone of the digest's hour and of dates that people read."
    )
    digest_day: Annotated[kinds.Day, BeforeValidator(str.lower)] = Field(
        "monday", description="The day of the weekly digest."
    )
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(9, description="The hour of the weekly digest, 0 to 23.")

    smtp_host: str = Field(
        "",
        description="The mail server. Without it mails stay queued; `guidebot chat` writes copies to var/outbox/.",
    )
    smtp_port: kinds.Port | None = Field(
        None, description="Its port; where unset 465 with tls, 587 with starttls, 25 with none."
    )
    smtp_user: str = Field("", description="The account to log in with; nobody logs in where unset.")
    smtp_password: SecretStr | None = Field(None, description="That account's password.")
    smtp_security: Annotated[Literal["tls", "starttls", "none"], BeforeValidator(str.lower)] = Field(
        "starttls",
        description="tls (from the first byte), starttls or none (a server on this machine). "
        "Mail never leaves with less than that, whatever the server offers.",
    )
    mail_from: kinds.MailAddress = Field("", description="The address that mails come from; needed with SMTP_HOST.")
    mail_reply_to: kinds.MailAddress = Field(
        "", description="Where answers to a mail go if its author has no known address; MAIL_FROM where unset."
    )
    mail_copies_dir: Path = Field(
        VAR / "outbox", description="Where the terminal copies mails to while SMTP_HOST is unset."
    )
    press_address: kinds.MailAddress = Field("presse@inserm.fr", description="The press office's mail address.")
    press_team: Annotated[tuple[str, ...], NoDecode, BeforeValidator(kinds.team)] = Field(
        (),
        description="Who may take and close alerts: people or a Slack user group, separated by commas "
        "(slack:U0123ABCD, slack:S0123ABCD, mattermost:…).",
    )
    alerts_channel: Annotated[str, AfterValidator(kinds.an_id)] = Field(
        "", description="The channel that shows each alert as a card (slack:C0123ABCD or mattermost:…)."
    )
    office_hours: Annotated[str, AfterValidator(kinds.office_hours)] = Field(
        DEFAULT_HOURS, description="When the press office works, public holidays excepted, in TIMEZONE."
    )
    disc_address: kinds.MailAddress = Field(
        "", description="A mail address that gets the digest of open gaps, besides DISC_CHANNEL or instead of it."
    )
    alert_days: kinds.Days = Field(365, description="How many days a closed alert is kept, with its mails.")
    attachment_days: kinds.Days = Field(90, description="How many days an alert's files are kept.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del file_secret_settings  # a folder of secrets is the same as a *_FILE for each, only less visible
        return init_settings, env_settings, _SecretFiles(settings_cls, env_settings, dotenv_settings), dotenv_settings

    @property
    def database(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def on_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def slack_groups(self) -> bool:
        """Whether a team is a user group of Slack's, or has one."""
        return any(one.startswith("slack:S") for one in (*self.press_team, *self.disc_team))

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for those who must not let one out."""
        held = (getattr(self, name) for name in SECRETS if name != "database_url")
        password = re.search(r"://[^:/@]*:([^@]+)@", self.database)
        return (*(value.get_secret_value() for value in held if value), *(password.groups() if password else ()))


class _SecretFiles(PydanticBaseSettingsSource):
    """The secrets of which only the file's path is given, in a variable that ends with _FILE."""

    def __init__(self, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._variables: dict[str, str | None] = {}
        for source in reversed(sources):
            if isinstance(source, EnvSettingsSource):
                self._variables |= source.env_vars

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        del field
        path = self._variables.get(f"{field_name}_file")
        return (_content(field_name, Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(None, name)[0] for name in SECRETS if name not in self.current_state}
        return {name: value for name, value in values.items() if value}


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text"
        raise SettingsError(f"{name.upper()}_FILE: can't read {path}: {reason}", fields=[name]) from None


SECRETS = tuple(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))


def load_what_makes_sense(env_file: Path = ROOT / ".env") -> tuple[Settings, Sequence[str]]:
    """The settings with defaults in place of those that make no sense, and a line for each of these."""
    complaints: list[str] = []
    defaults: dict[str, object] = {}
    while True:
        try:
            return load(env_file, **defaults), complaints
        except SettingsError as error:
            complaints += str(error).splitlines()
            anew = {name: Settings.model_fields[name].default for name in error.fields if name not in defaults}
            if not anew:
                raise
            defaults |= anew


def load(env_file: Path = ROOT / ".env", **given: object) -> Settings:
    """The settings; raise SettingsError with a line for each that makes no sense."""
    values: Mapping[str, Any] = given
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8", **values)
    except ValidationError as error:
        fields = [str(found["loc"][0]) for found in error.errors() if found["loc"]]
        raise SettingsError("\n".join(complaint(found) for found in error.errors()), fields=fields) from None
    except (UnreadableSettings, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings can't be read: {error}") from None
