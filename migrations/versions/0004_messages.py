"""Messages that are changed in place: where a report's author sees it, which case a letter is the card of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reports") as table:
        table.add_column(sa.Column("shown", sa.JSON(), nullable=True))
        table.add_column(sa.Column("forgetting", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("letters") as table:
        table.add_column(sa.Column("replaces", sa.JSON(), nullable=True))
        table.add_column(sa.Column("card", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("letters") as table:
        table.drop_column("card")
        table.drop_column("replaces")
    with op.batch_alter_table("reports") as table:
        table.drop_column("forgetting")
        table.drop_column("shown")
