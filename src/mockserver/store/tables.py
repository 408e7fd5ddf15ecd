"""The tables: worlds, the partitions they hold, the documents in those, and what counts them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    CursorResult,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

__all__ = [
    "collections",
    "documents",
    "metadata",
    "new_id",
    "partitions",
    "world_partitions",
    "worlds",
]

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")
"""Only an INTEGER key of SQLite counts by itself."""

worlds = Table(
    "worlds",
    metadata,
    Column("id", _Id, primary_key=True),
    # A template, a sandbox or a snapshot; a snapshot's owner is its sandbox.
    Column("role", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The template that a reset leads back to.
    Column("origin", BigInteger, nullable=True),
    Column("scenario", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("clock_real", BigInteger, nullable=False),
    Column("clock_virtual", BigInteger, nullable=False),
    Column("clock_rate", Float, nullable=False),
    Column("tokens", Text, nullable=False),
    Column("mutations", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Index("worlds_by_name", "role", "owner", "name", unique=True),
    Index("worlds_of_origin", "origin"),
)

# The documents of one API. Several worlds may hold one partition; a frozen one is never written to.
# A number is never given twice, so that nobody takes a new partition for one that has gone.
partitions = Table(
    "partitions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("is_frozen", Boolean(create_constraint=False), nullable=False),
    sqlite_autoincrement=True,
)

world_partitions = Table(
    "holdings",
    metadata,
    Column("world", BigInteger, primary_key=True),
    Column("api", Text, primary_key=True),
    Column("partition", BigInteger, nullable=False),
    Index("holdings_of_partition", "partition"),
)

documents = Table(
    "documents",
    metadata,
    Column("partition", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=True),
    Column("until", BigInteger, nullable=True),
    Column("body", Text, nullable=False),
    # The n-th page of an owner's documents, and what of them overlaps a range.
    Index("documents_of_owner", "partition", "kind", "owner", "at", "seq"),
    # A time range, newest first, and the intervals that overlap a range.
    Index("documents_in_time", "partition", "kind", "at", "until"),
)

# How many documents an owner has, and the last number given: counting never walks the documents.
collections = Table(
    "collections",
    metadata,
    Column("partition", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)


def new_id(inserted: CursorResult[Any]) -> int:
    """The id that the database gave to the row that was inserted."""
    key = inserted.inserted_primary_key
    assert key is not None  # noqa: S101 - a table with such a key has given one
    return int(key[0])
