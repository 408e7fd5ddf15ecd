"""The sandboxes that were removed, and whose exchanges are still to be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "removals",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("sandbox", sa.Text(collation="C"), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_index("removals_of_sandbox", "removals", ["sandbox"])
