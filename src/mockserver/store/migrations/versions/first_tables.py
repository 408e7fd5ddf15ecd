"""The first tables: worlds, partitions, documents, counters, and the exchanges of the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str) -> sa.Column[str]:
    """A text that is compared by its bytes."""
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _counting(name: str) -> sa.Column[int]:
    """A key that the database gives, never one a second time."""
    return sa.Column(name, sa.BigInteger, sa.Identity(), primary_key=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "worlds",
        _counting("id"),
        *(_text("role"), _text("owner"), _text("name"), _number("origin", nullable=True)),
        *(_text("scenario"), _number("seed"), _number("clock_real"), _number("clock_virtual")),
        sa.Column("clock_rate", sa.Float, nullable=False),
        *(_text("tokens"), _text("mutations"), _text("validation")),
        *(_text("upstreams"), _text("faults")),
        *(_text("fault_states"), _number("began"), _number("created"), _number("used")),
    )
    op.create_index("worlds_by_name", "worlds", ["role", "owner", "name"], unique=True)
    op.create_index("worlds_of_origin", "worlds", ["origin"])
    op.create_table(
        "fault_responses",
        *(_counting("id"), _number("world"), _text("rule"), _text("request")),
        sa.Column("response", sa.LargeBinary, nullable=False),
    )
    op.create_index(
        "fault_responses_of_world", "fault_responses", ["world", "rule", "request"], unique=True
    )
    op.create_table(
        "partitions", _counting("id"), sa.Column("is_frozen", sa.Boolean, nullable=False)
    )
    op.create_table(
        "world_partitions",
        *(_number("world"), _text("api"), _number("partition")),
        sa.PrimaryKeyConstraint("world", "api"),
    )
    op.create_index("world_partitions_of_partition", "world_partitions", ["partition"])
    op.create_table(
        "documents",
        *(_number("partition"), _text("kind"), _number("key_length"), _text("key")),
        *(_text("owner"), _number("seq")),
        *(_number("at", nullable=True), _number("until", nullable=True)),
        *(_number("length", nullable=True), _text("body")),
        sa.PrimaryKeyConstraint("partition", "kind", "key_length", "key"),
    )
    op.create_index("documents_in_order", "documents", ["partition", "kind", "owner", "seq"])
    at = sa.text("at NULLS FIRST")
    op.create_index("documents_of_owner", "documents", ["partition", "kind", "owner", at, "seq"])
    op.create_index(
        "documents_in_time", "documents", ["partition", "kind", at, "key_length", "key", "owner"]
    )
    op.create_index(
        "documents_by_length",
        "documents",
        ["partition", "kind", "owner", "length", "at"],
        postgresql_where=sa.text("length IS NOT NULL"),
    )
    op.create_table(
        "collections",
        *(_number("partition"), _text("kind"), _text("owner"), _number("size"), _number("last")),
        sa.PrimaryKeyConstraint("partition", "kind", "owner"),
    )
    op.create_table(
        "exchanges",
        *(_counting("position"), _text("id"), _text("sandbox"), _number("at"), _text("operation")),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("is_violating", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("exchanges_of_sandbox", "exchanges", ["sandbox", "position"])
    op.create_table("writers", _counting("number"))
