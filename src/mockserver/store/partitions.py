"""Partitions: the documents of one API, referenced by one world or, frozen, by several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from mockserver.store.document import Collection, Document, read_row
from mockserver.store.driver import execute
from mockserver.store.statements import COLUMNS
from mockserver.store.tables import collections, documents, new_id, partitions, world_partitions

NO_PARTITION = 0
"""The partition of a world that has none: it is always empty."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not the same in two partitions; a body is None where there is none."""

    kind: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Copying(Struct):
    """How far a partition has been copied: the table, the kind and the place of the last row."""

    source: int
    target: int
    table: int = 0
    kind: str = ""
    last: tuple[Any, ...] = ()


_TABLES: tuple[tuple[Table, tuple[Any, ...]], ...] = (
    (documents, (documents.c.key_length, documents.c.key)),
    (collections, (collections.c.owner,)),
)
"""The tables that have rows of a partition, with the columns by which those of a kind are found."""


class Partitions:
    """The partitions, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self) -> int:
        return new_id(self._connection.execute(insert(partitions).values(is_frozen=False)))

    def has_more_than(self, partition: int, number: int) -> bool:
        """Whether a partition has more documents than a number; reads only so many of an index."""
        of_partition = select(documents.c.kind).where(documents.c.partition == partition)
        return self._connection.execute(of_partition.limit(1).offset(number)).first() is not None

    def count_documents(self) -> int:
        """How many documents all partitions have."""
        counted = select(func.sum(collections.c.size))
        return int(self._connection.execute(counted).scalar() or 0)

    def copy(self, source: int) -> int:
        """A new one with the same documents, places and counters."""
        target = self.create()
        for table, _ in _TABLES:
            self._copy_rows(table, [table.c.partition == source], target)
        return target

    def begin_copy(self, source: int) -> Copying:
        """A new one, into which a partition is going to be copied. That must be frozen."""
        return Copying(source, self.create())

    def copy_some(self, copying: Copying, limit: int) -> bool:
        """Copy up to so many rows, from where the last call ended; whether there may be more."""
        if copying.table == len(_TABLES):
            return False
        table, place = _TABLES[copying.table]
        if not copying.last:
            kind = self._find_kind(table, copying.source, copying.kind)
            if kind is None:
                copying.table, copying.kind = copying.table + 1, ""
                return copying.table < len(_TABLES)
            copying.kind = kind
        rows = _select_some(table, copying.source, copying.kind)
        if copying.last:
            rows.append(tuple_(*place) > copying.last)
        copying.last = self._find_last(place, rows, limit)
        if copying.last:
            rows.append(tuple_(*place) <= copying.last)
        self._copy_rows(table, rows, copying.target)
        return True

    def _copy_rows(self, table: Table, rows: Sequence[ColumnElement[bool]], target: int) -> None:
        names = [column.name for column in table.c if column.name != "partition"]
        copied = select(literal(target), *(table.c[name] for name in names)).where(*rows)
        self._connection.execute(insert(table).from_select(["partition", *names], copied))

    def _find_kind(self, table: Table, partition: int, after: str = "") -> str | None:
        """The first kind after another one of which a partition has rows."""
        found = select(func.min(table.c.kind))
        here = table.c.partition == partition, table.c.kind > after
        kind: str | None = self._connection.execute(found.where(*here)).scalar()
        return kind

    def _find_last(self, place: Sequence[Any], rows: Sequence[Any], number: int) -> tuple[Any, ...]:
        """The place of the last one of so many rows; empty where there are fewer."""
        found = select(*place).where(*rows).order_by(*place).limit(1).offset(number - 1)
        return tuple(self._connection.execute(found).first() or ())

    def list_collections(self, partition: int) -> Iterator[Collection]:
        """Everything in a partition, by kind, owner and number."""
        counters = self._connection.execute(
            select(collections.c.kind, collections.c.owner, collections.c.last)
            .where(collections.c.partition == partition)
            .order_by(collections.c.kind, collections.c.owner)
        ).all()
        rows = self._connection.execute(
            select(*COLUMNS, documents.c.seq)
            .where(documents.c.partition == partition)
            .order_by(documents.c.kind, documents.c.owner, documents.c.seq)
        )
        found: dict[tuple[str, str], dict[int, Document]] = {}
        for *columns, seq in rows:
            document = read_row(*columns)
            found.setdefault((document.kind, document.owner), {})[seq] = document
        for kind, owner, last in counters:
            yield Collection(kind, owner, last, found.get((kind, owner), {}))

    def find_differences(self, before: int, after: int) -> Iterator[Difference]:
        """What is not the same in two partitions: changed, removed, then added, by kind and key."""
        if before == after:
            return
        pairs, old, new = _select_pairs(before, after)
        rows = self._connection.execute(pairs.where(new.is_(None) | (new != old)))
        for kind, key, old_body, new_body in rows:
            yield Difference(kind, key, _load(old_body), _load(new_body))
        pairs, new, old = _select_pairs(after, before)
        for kind, key, new_body, _ in self._connection.execute(pairs.where(old.is_(None))):
            yield Difference(kind, key, None, _load(new_body))

    def has_garbage(self) -> bool:
        """Whether there is a partition that no world references."""
        return execute(self._connection, _UNREFERENCED, {}).fetchone() is not None

    def collect_garbage(self, limit: int) -> bool:
        """Delete up to so many rows that no world references; whether there may be more."""
        id = self._connection.execute(_UNREFERENCED).scalar()
        if id is None:
            return False
        for table, place in _TABLES:
            kind = self._find_kind(table, id)
            if kind is None:
                continue
            # From the first row to the last of so many: with a list of rows, a database may come to
            # walk all of them for each step.
            rows = _select_some(table, id, kind)
            if last := self._find_last(place, rows, limit):
                rows.append(tuple_(*place) <= last)
            self._connection.execute(delete(table).where(*rows))
            return True
        self._connection.execute(delete(partitions).where(partitions.c.id == id))
        return True


_UNREFERENCED = (
    select(partitions.c.id)
    .outerjoin(world_partitions, world_partitions.c.partition == partitions.c.id)
    .where(world_partitions.c.partition.is_(None))
    .limit(1)
)


def _select_some(table: Table, partition: int, kind: str) -> list[ColumnElement[bool]]:
    return [table.c.partition == partition, table.c.kind == kind]


def _load(body: str | None) -> dict[str, Any] | None:
    return None if body is None else orjson.loads(body)


def _select_pairs(here: int, there: int) -> tuple[Select[Any], Any, Any]:
    """The documents of a partition with those of the same key in another, and their bodies."""
    one, other = documents.alias(), documents.alias()
    same = (other.c[name] == one.c[name] for name in ("kind", "key_length", "key"))
    is_same = and_(other.c.partition == there, *same)
    pairs = (
        select(one.c.kind, one.c.key, one.c.body, other.c.body)
        .outerjoin(other, is_same)
        .where(one.c.partition == here)
        .order_by(one.c.kind, one.c.key)
    )
    return pairs, one.c.body, other.c.body
