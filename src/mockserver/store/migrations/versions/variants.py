"""How many responses of each operation were to be another one each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    column = sa.Column("variants", sa.Text(collation="C"), nullable=False, server_default="")
    op.add_column("worlds", column)
    op.alter_column("worlds", "variants", server_default=None)
