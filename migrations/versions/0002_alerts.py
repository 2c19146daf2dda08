"""Alerts: cases, reports, files, history; letters that are mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LETTERS = sa.table("letters", sa.column("platform", sa.Text), sa.column("address", sa.JSON))


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    cases()
    reports()
    attachments()
    case_history()
    letters()


def downgrade() -> None:
    with op.batch_alter_table("letters") as table:
        for name in ("case", "report"):
            table.drop_index(f"ix_letters_{name}")
            table.drop_constraint(f"fk_letters_{name}_{name}s", type_="foreignkey")
        for name in ("told", "doubtful", "report", "case", "mail", "kind", "platform"):
            table.drop_column(name)
    for name in ("case_history", "attachments", "reports", "cases", "case_years"):
        op.drop_table(name)


def cases() -> None:
    op.create_table(
        "case_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_case_years"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("opened_at", moment(), nullable=False),
        sa.Column("last_report_at", moment(), nullable=True),
        sa.Column("linked", sa.Text(), nullable=False),
        sa.Column("taken_at", moment(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("closed_at", moment(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("end", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reminded_at", moment(), nullable=True),
        sa.Column("card", sa.JSON(), nullable=True),
        sa.Column("card_message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_post_last_report_at", "cases", ["post", "last_report_at"])
    op.create_index("ix_cases_state", "cases", ["state"])


def reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=True),
        sa.Column("author", sa.JSON(), nullable=True),
        sa.Column("account", sa.JSON(), nullable=False),
        sa.Column("mail", sa.JSON(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.Column("sent_at", moment(), nullable=True),
        sa.Column("gathered", sa.Boolean(), nullable=False),
        sa.Column("in_letter", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("key", name="uq_reports_key"),
        sa.UniqueConstraint("case", "ordinal", name="uq_reports_case_ordinal"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_reports_case_cases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reports_asker", "reports", ["asker"])
    op.create_index("ix_reports_sent_at", "reports", ["sent_at"])


def attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.UniqueConstraint("report", "name", name="uq_attachments_report_name"),
        sa.ForeignKeyConstraint(["report"], ["reports.id"], name="fk_attachments_report_reports"),
        sqlite_autoincrement=True,
    )


def case_history() -> None:
    op.create_table(
        "case_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_history"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_history_case_cases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_history_case", "case_history", ["case"])


def letters() -> None:
    """New columns; letters that wait get their platform, by which they are claimed from now on."""
    with op.batch_alter_table("letters") as table:
        table.add_column(sa.Column("platform", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="notice"))
        table.add_column(sa.Column("mail", sa.JSON(), nullable=True))
        table.add_column(sa.Column("case", sa.Integer(), nullable=True))
        table.add_column(sa.Column("report", sa.Integer(), nullable=True))
        table.add_column(sa.Column("doubtful", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("told", sa.Text(), nullable=False, server_default=""))
        table.create_foreign_key("fk_letters_case_cases", "cases", ["case"], ["id"])
        table.create_foreign_key("fk_letters_report_reports", "reports", ["report"], ["id"])
        table.create_index("ix_letters_case", ["case"])
        table.create_index("ix_letters_report", ["report"])
    known = LETTERS.c.address["platform"].as_string()
    op.execute(LETTERS.update().where(LETTERS.c.address.is_not(None)).values(platform=known))
