"""The kinds of values that settings have, each with the words that say what is expected."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr

from bot.core.mail import is_mail_address
from bot.core.office import parse_hours


def an_id(value: str) -> str:
    if value and not re.fullmatch(r"slack:[A-Z][A-Z0-9]{2,}|mattermost:[a-z0-9]{26}", value):
        raise ValueError("an id with its platform in front is expected: slack:C0123ABCD, or mattermost: and 26 letters")
    return value


def ids(value: Any) -> Any:
    found = value if not isinstance(value, str) else tuple(part for part in re.split(r"[\s,]+", value) if part)
    return tuple(an_id(part) for part in found)


def names(value: Any) -> Any:
    return value if not isinstance(value, str) else tuple(part for part in re.split(r"[\s,]+", value) if part)


def team(value: Any) -> Any:
    if others := [part for part in ids(value) if re.match(r"slack:[^UWS]", part)]:
        raise ValueError(f"{others[0]} is neither a person (U…, W…) nor a user group (S…)")
    return ids(value)


def mail(value: str) -> str:
    if value and not is_mail_address(value):
        raise ValueError("a mail address is expected, such as guidebot@example.org")
    return value


def office_hours(value: str) -> str:
    parse_hours(value)
    return value


def url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise ValueError("an address that begins with https:// or http:// is expected")
    return value


def database(value: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgres(?:ql)?)(\+\w+)?://", value.get_secret_value()):
        raise ValueError("sqlite:///… or postgresql://… is expected")
    return value


def timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("the name of a time zone is expected, such as Europe/Paris") from error
    return value


def token(prefix: str) -> AfterValidator:
    """Two tokens swapped are the commonest mistake: they differ in their first letters."""

    def begins(value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"a token that begins with {prefix} is expected")
        return value

    return AfterValidator(begins)


Url = Annotated[str, AfterValidator(url)]
MailAddress = Annotated[str, AfterValidator(mail)]
Port = Annotated[int, Field(ge=1, le=65535)]
Days = Annotated[int, Field(ge=1, le=3650)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
