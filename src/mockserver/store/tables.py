"""The tables: one for all documents, one that counts them, one for sandboxes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, MetaData, Table, Text

__all__ = ["collections", "documents", "metadata", "sandboxes"]

metadata = MetaData()

sandboxes = Table(
    "sandboxes",
    metadata,
    Column("name", Text, primary_key=True),
    # The sandbox whose documents are read as long as an API has none of its own here.
    Column("base", Text, nullable=True),
    Column("own", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("clock_real", BigInteger, nullable=False),
    Column("clock_virtual", BigInteger, nullable=False),
    Column("clock_rate", Float, nullable=False),
    Column("tokens", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("sandbox", Text, primary_key=True),
    Column("api", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=True),
    Column("until", BigInteger, nullable=True),
    Column("body", Text, nullable=False),
    # The n-th page of an owner's documents, and what of them overlaps a range.
    Index("documents_of_owner", "sandbox", "api", "kind", "owner", "at", "seq"),
    # A time range, newest first, and the intervals that overlap a range.
    Index("documents_in_time", "sandbox", "api", "kind", "at", "until"),
)

# How many documents an owner has, and the last number given: counting never walks the documents.
collections = Table(
    "collections",
    metadata,
    Column("sandbox", Text, primary_key=True),
    Column("api", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)
