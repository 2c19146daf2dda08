"""The database's tables, as the code sees them; `migrations/` makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
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
    Column("state", CleanText, nullable=False),  # queued, sent, dead, withdrawn
    Column("platform", CleanText, nullable=False, server_default=""),
    Column("kind", CleanText, nullable=False, server_default="notice"),
    Column("mail", CleanJson),
    Column("case", Integer, ForeignKey("cases.id")),
    Column("report", Integer, ForeignKey("reports.id")),
    Column("replaces", CleanJson),  # the message that it takes the place of
    Column("card", CleanText, nullable=False, server_default=""),  # the number of the case whose card it is
    Column("doubtful", Boolean, nullable=False, server_default=false()),  # may have arrived: nobody said
    Column("told", CleanText, nullable=False, server_default=""),  # late, dead: what people were told of it
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("last_error", CleanText, nullable=False),
    Column("sent_at", Moment),
    Index(None, "state", "next_at"),
    Index(None, "case"),
    Index(None, "report"),
    sqlite_autoincrement=True,
)

case_years = Table(
    "case_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),  # never goes back: a number once shown is never given again
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", CleanText, nullable=False, unique=True),
    Column("state", CleanText, nullable=False),  # draft, open, taken, closed, cancelled
    Column("link", CleanText, nullable=False),
    Column("post", CleanText, nullable=False),  # what two spellings of the link have in common
    Column("platform", CleanText, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_report_at", Moment),
    Column("linked", CleanText, nullable=False),
    Column("taken_at", Moment),
    Column("taken_by", CleanText, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", CleanText, nullable=False),
    Column("end", CleanText),
    Column("words", CleanText, nullable=False),
    Column("reminded_at", Moment),
    Column("card", CleanJson),
    Column("card_message", CleanText, nullable=False),
    Index(None, "post", "last_report_at"),
    Index(None, "state"),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", CleanText, nullable=False, unique=True),
    Column("case", Integer, ForeignKey("cases.id")),
    Column("ordinal", Integer),  # among the case's reports
    Column("state", CleanText, nullable=False),  # draft, sent, cancelled
    Column("version", Integer, nullable=False),
    Column("asker", CleanText),
    Column("author", CleanJson),
    Column("account", CleanJson, nullable=False),
    Column("mail", CleanJson),
    Column("at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("gathered", Boolean, nullable=False),
    Column("in_letter", Boolean, nullable=False),  # of those gathered: whether a letter holds it yet
    Column("shown", CleanJson),  # the message in which its author sees it
    Column("forgetting", Boolean, nullable=False, server_default=false()),  # its author, once the case has ended
    UniqueConstraint("case", "ordinal"),
    Index(None, "asker"),
    Index(None, "sent_at"),
    sqlite_autoincrement=True,
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Integer, ForeignKey("reports.id"), nullable=False),
    Column("name", CleanText, nullable=False),
    Column("media_type", CleanText, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary),
    Column("at", Moment, nullable=False),
    UniqueConstraint("report", "name"),
    sqlite_autoincrement=True,
)

case_history = Table(
    "case_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", Integer, ForeignKey("cases.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", CleanText, nullable=False),
    Column("what", CleanText, nullable=False),
    Column("words", CleanText, nullable=False),
    Index(None, "case"),
    sqlite_autoincrement=True,
)

talks = Table(
    "talks",
    metadata,
    Column("asker", CleanText, primary_key=True),
    Column("place", CleanText, primary_key=True),
    Column("inbox", Integer, nullable=False),  # the event that it answered: decided anew, that sees `before`
    Column("at", Moment, nullable=False),
    Column("talk", CleanJson),
    Column("before_at", Moment),
    Column("before", CleanJson),
    Index(None, "at"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
