"""The runs of checks, with their reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "check_runs",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger, nullable=True),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("is_stopping", sa.Boolean, nullable=False),
        sa.Column("details", sa.Text(collation="C"), nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=True),
    )
