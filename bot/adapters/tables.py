"""The database's tables, as the code sees them; `migrations/` makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from bot.adapters.codec import clean, clean_deeply

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A time in UTC, on SQLite too, which keeps no offset. A time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text that both databases accept, whatever people or platforms sent."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else clean(value)


class CleanJson(TypeDecorator[Any]):
    """JSON whose texts both databases accept; None is the database's NULL."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        del dialect
        return clean_deeply(value)


inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", CleanText, nullable=False, unique=True),
    Column("second_key", CleanText, unique=True),
    Column("payload", CleanJson),
    Column("state", CleanText, nullable=False),  # waiting, done, failed
    Column("attempts", Integer, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("finished_at", Moment),
    Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", CleanText),
    Column("language", CleanText, nullable=False),
    Column("status", CleanText, nullable=False),  # open, answered, duplicate, outside
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", CleanText, nullable=False),
    Column("entry", CleanText, nullable=False),
    Column("merged_into", Integer, ForeignKey("gaps.id")),
    Column("people_gone", Integer, nullable=False),  # askers who count and of whom nothing is kept any more
    Index(None, "status"),
    sqlite_autoincrement=True,
)

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("inbox", Integer, nullable=False),  # no foreign key: the inbox is purged earlier, its ids are never reused
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("address", CleanJson),
    Column("asker", CleanText),
    Column("language", CleanText, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("entries", CleanJson, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("topic", CleanText, nullable=False),
    Column("text", CleanText),
    Column("gap", Integer, ForeignKey("gaps.id")),
    Column("chosen", CleanText),
    UniqueConstraint("inbox", "number"),
    Index(None, "asker"),
    Index(None, "gap"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("question", Integer, ForeignKey("questions.id"), primary_key=True),
    Column("asker", CleanText, primary_key=True),
    Column("useful", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "asker"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", CleanText, nullable=False, unique=True),
    Column("address", CleanJson),
    Column("language", CleanText, nullable=False),
    Column("parts", CleanJson),
    Column("state", CleanText, nullable=False),  # queued, sent, dead
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("last_error", CleanText, nullable=False),
    Column("sent_at", Moment),
    Index(None, "state", "next_at"),
    sqlite_autoincrement=True,
)
