"""The tables: worlds, their partitions, documents, counters; removals; runs of checks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""Only an INTEGER key of SQLite counts by itself."""

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""A text that is compared by its bytes, as SQLite does."""

worlds = sa.Table(
    "worlds",
    metadata,
    sa.Column("id", Id, sa.Identity(), primary_key=True),
    # A draft, a template, a sandbox or a snapshot; a snapshot's owner is its sandbox.
    sa.Column("role", Text, nullable=False),
    sa.Column("owner", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    # The template that a reset returns to.
    sa.Column("origin", sa.BigInteger, nullable=True),
    sa.Column("scenario", Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("clock_real", sa.BigInteger, nullable=False),
    sa.Column("clock_virtual", sa.BigInteger, nullable=False),
    sa.Column("clock_rate", sa.Float, nullable=False),
    sa.Column("tokens", Text, nullable=False),
    sa.Column("mutations", Text, nullable=False),
    # How requests are validated: strict, warn or off.
    sa.Column("validation", Text, nullable=False),
    # The deployments that requests are forwarded to, by API.
    sa.Column("upstreams", Text, nullable=False),
    # The rules of faults, what is remembered of them, and when the world began, by its own clock.
    sa.Column("faults", Text, nullable=False),
    sa.Column("fault_states", Text, nullable=False),
    sa.Column("began", sa.BigInteger, nullable=False),
    # JSON: how many responses of each operation were to be another one each time.
    sa.Column("variants", Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Index("worlds_by_name", "role", "owner", "name", unique=True),
    sa.Index("worlds_of_origin", "origin"),
)

# The last responses in a world, for faults that send them again.
fault_responses = sa.Table(
    "fault_responses",
    metadata,
    sa.Column("id", Id, sa.Identity(), primary_key=True),
    sa.Column("world", sa.BigInteger, nullable=False),
    sa.Column("rule", Text, nullable=False),
    sa.Column("request", Text, nullable=False),
    sa.Column("response", sa.LargeBinary, nullable=False),
    sa.Index("fault_responses_of_world", "world", "rule", "request", unique=True),
    sqlite_autoincrement=True,
)

# The documents of one API. Several worlds may share a frozen partition, which never changes.
# A number is never given twice, so that a new partition is never taken for a deleted one.
partitions = sa.Table(
    "partitions",
    metadata,
    sa.Column("id", Id, sa.Identity(), primary_key=True),
    sa.Column("is_frozen", sa.Boolean(create_constraint=False), nullable=False),
    sqlite_autoincrement=True,
)

world_partitions = sa.Table(
    "world_partitions",
    metadata,
    sa.Column("world", sa.BigInteger, primary_key=True),
    sa.Column("api", Text, primary_key=True),
    sa.Column("partition", sa.BigInteger, nullable=False),
    sa.Index("world_partitions_of_partition", "partition"),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("partition", sa.BigInteger, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    # Keys that are natural numbers sort as numbers: the shorter one is the smaller one.
    sa.Column("key_length", sa.BigInteger, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("owner", Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=True),
    sa.Column("until", sa.BigInteger, nullable=True),
    # Of an interval: its length, rounded up to a power of four, or 0 while it is open.
    sa.Column("length", sa.BigInteger, nullable=True),
    sa.Column("body", Text, nullable=False),
    sa.Index("documents_in_order", "partition", "kind", "owner", "seq"),
)
# The n-th page of an owner's documents; a time range of several owners, whose keys are found
# without reading documents. What has no moment comes first, which SQLite cannot be told, and
# PostgreSQL must be.
for _dialect, _at in (("sqlite", documents.c.at), ("postgresql", documents.c.at.nulls_first())):
    for _name, _columns in (
        ("documents_of_owner", (documents.c.owner, _at, documents.c.seq)),
        ("documents_in_time", (_at, *(documents.c[it] for it in ("key_length", "key", "owner")))),
    ):
        _place = (documents.c.partition, documents.c.kind)
        sa.Index(_name, *_place, *_columns).ddl_if(dialect=_dialect)

# The intervals that overlap a range: those of a length that begin in that length before it.
IS_INTERVAL = documents.c.length.is_not(None)
documents_by_length = sa.Index(
    "documents_by_length",
    *(documents.c.partition, documents.c.kind, documents.c.owner),
    *(documents.c.length, documents.c.at),
    # `postgres` adds its own: to name it here would import its dialect, at the start of any server.
    sqlite_where=IS_INTERVAL,
)

# How many documents an owner has, and the last number given: counting never reads the documents.
collections = sa.Table(
    "collections",
    metadata,
    sa.Column("partition", sa.BigInteger, primary_key=True),
    sa.Column("kind", Text, primary_key=True),
    sa.Column("owner", Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)

# Sandboxes that were removed, and up to which position their exchanges have to be deleted. An id is
# never given twice: two processes may end the same removal, and the slower one no other.
removals = sa.Table(
    "removals",
    metadata,
    sa.Column("id", Id, sa.Identity(), primary_key=True),
    sa.Column("sandbox", Text, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Index("removals_of_sandbox", "sandbox"),
    sqlite_autoincrement=True,
)

# Runs of `mockserver check`, and reports of others that are kept beside them.
check_runs = sa.Table(
    "check_runs",
    metadata,
    sa.Column("id", Id, sa.Identity(), primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("began", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.BigInteger, nullable=True),
    # When the process that has the run last wrote, and whether it is to stop it.
    sa.Column("beat", sa.BigInteger, nullable=False),
    sa.Column("is_stopping", sa.Boolean(create_constraint=False), nullable=False),
    # JSON: the target, the options, the progress, the summary.
    sa.Column("details", Text, nullable=False),
    sa.Column("report", sa.LargeBinary, nullable=True),
    sqlite_autoincrement=True,
)


def new_id(inserted: sa.CursorResult[Any]) -> int:
    """The id that the database gave to the row that was inserted."""
    key = inserted.inserted_primary_key
    assert key is not None  # noqa: S101 - a table with such a key has given one
    return int(key[0])
