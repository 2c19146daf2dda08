"""Every setting of the bot: its variable, its meaning and its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as UnreadableSettings

from bot.core.errors import SettingsError
from bot.setting_words import complaint

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


def _id(value: str) -> str:
    if value and not re.fullmatch(r"slack:[A-Z][A-Z0-9]{2,}|mattermost:[a-z0-9]{26}", value):
        raise ValueError("an id with its platform in front is expected: slack:C0123ABCD, or mattermost: and 26 letters")
    return value


def _people(value: Any) -> Any:
    found = value if not isinstance(value, str) else tuple(part for part in re.split(r"[\s,]+", value) if part)
    if groups := [part for part in found if re.match(r"slack:[^UW]", _id(part))]:
        raise ValueError(f"{groups[0]} is no person: ids of people begin with U or W")
    return found


def _url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise ValueError("an address that begins with https:// or http:// is expected")
    return value


def _database(value: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgres(?:ql)?)(\+\w+)?://", value.get_secret_value()):
        raise ValueError("sqlite:///… or postgresql://… is expected")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("the name of a time zone is expected, such as Europe/Paris") from error
    return value


def _token(prefix: str) -> AfterValidator:
    """Two tokens swapped are the commonest mistake: they differ in their first letters."""

    def begins(value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"a token that begins with {prefix} is expected")
        return value

    return AfterValidator(begins)


Url = Annotated[str, AfterValidator(_url)]
Port = Annotated[int, Field(ge=1, le=65535)]
Days = Annotated[int, Field(ge=1, le=3650)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Settings(BaseSettings):
    """The settings as they were at start: the environment's, else those of `.env`, else the defaults."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=False, hide_input_in_errors=True
    )

    slack_bot_token: Annotated[SecretStr | None, _token("xoxb-")] = Field(
        None, description="The Slack app's bot token (xoxb-…). Without it the bot doesn't speak in Slack."
    )
    slack_app_token: Annotated[SecretStr | None, _token("xapp-")] = Field(
        None, description="The app-level token (xapp-…) for Socket Mode, which needs no public address."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="The app's signing secret: for HTTP mode, used where SLACK_APP_TOKEN is unset."
    )
    slack_api_url: Url = Field("https://slack.com/api/", description="The base of Slack's Web API.")
    slack_follow_threads: bool = Field(
        default=False,
        description="yes: go on without a mention in its threads; that needs the right to read channels.",
    )
    allow_guests: bool = Field(default=True, description="no: refuse the guests of one's own workspace politely.")
    http_host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 in a container.")
    http_port: Port = Field(8080, description="The port for the platforms' requests.")
    admin_port: Port | None = Field(
        None, description="A port of its own for /livez, /readyz and /metrics; HTTP_PORT where unset."
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        SecretStr(f"sqlite:///{VAR / 'guidebot.db'}"),
        description="sqlite:///path or postgresql://user:password@host/name. A file under var/ where unset.",
    )
    knowledge_dir: Path = Field(
        ROOT / "knowledge", description="The folder of what the bot knows; knowledge/ where unset."
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
    public_url: Url = Field("", description="The bot's address as Slack reaches it, for the manifest in HTTP mode.")
    guide_url: Url = Field("", description="Where the guide can be read: each answer's source line links to it.")
    disc_contact: str = Field(
        "", description="A mail address of the DISC; without it answers name the regional communication officer."
    )
    disc_team: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_people)] = Field(
        (), description="The people who may close gaps, separated by commas (slack:U0123ABCD, mattermost:…)."
    )
    disc_channel: Annotated[str, AfterValidator(_id)] = Field(
        "", description="The channel that gets the weekly digest of open gaps (slack:C0123ABCD or mattermost:…)."
    )
    question_text_days: Days = Field(7, description="How many days the masked text of a question is kept.")
    gap_days: Days = Field(90, description="How many days the texts of a gap are kept.")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = Field(
        "INFO", description="From which level on things are logged: DEBUG, INFO, WARNING or ERROR."
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "Europe/Paris", description="The time zone of the digest's hour and of dates that people read."
    )
    digest_day: Annotated[Day, BeforeValidator(str.lower)] = Field(
        "monday", description="The day of the weekly digest."
    )
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(9, description="The hour of the weekly digest, 0 to 23.")

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

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for those who must not let one out."""
        held = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret, self.secret_key)
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
        names = [name for name, field in self.settings_cls.model_fields.items() if "SecretStr" in str(field.annotation)]
        values = {name: self.get_field_value(None, name)[0] for name in names}
        return {name: value for name, value in values.items() if value}


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text"
        raise SettingsError(f"{name.upper()}_FILE: can't read {path}: {reason}") from None


def load(env_file: Path = ROOT / ".env", **given: object) -> Settings:
    """The settings; raise SettingsError with a line for each that makes no sense."""
    values: Mapping[str, Any] = given
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8", **values)
    except ValidationError as error:
        raise SettingsError("\n".join(complaint(found) for found in error.errors())) from None
    except (UnreadableSettings, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings can't be read: {error}") from None
