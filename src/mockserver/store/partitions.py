"""Partitions: the documents of one API, held by one world or, frozen, by several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from mockserver.store.document import Document
from mockserver.store.tables import collections, documents, new_id, partitions, world_partitions

__all__ = ["NO_PARTITION", "Collection", "Difference", "NumberedDocument", "Partitions"]

NO_PARTITION = 0
"""The partition of a world that holds none: there is never anything in it."""


@dataclass(frozen=True, slots=True)
class NumberedDocument:
    """A document with its number among those of its owner."""

    seq: int
    document: Document


@dataclass(frozen=True, slots=True)
class Collection:
    """The documents of a kind that an owner has, and the last number that was given there."""

    kind: str
    owner: str
    last: int
    documents: tuple[NumberedDocument, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not the same in two partitions; a body is None where there is none."""

    kind: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Partitions:
    """The partitions, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self) -> int:
        """A new one with nothing in it."""
        return new_id(self._connection.execute(insert(partitions).values(is_frozen=False)))

    def copy(self, source: int) -> int:
        """A new one with the same documents, places and counters."""
        target = self.create()
        for table in (documents, collections):
            names = [column.name for column in table.c if column.name != "partition"]
            rows = select(literal(target), *(table.c[name] for name in names)).where(
                table.c.partition == source
            )
            self._connection.execute(insert(table).from_select(["partition", *names], rows))
        return target

    def fill(self, partition: int, content: Iterable[Collection]) -> None:
        """Put collections into a partition that has none of them."""
        counters: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for item in content:
            place = {"partition": partition, "kind": item.kind, "owner": item.owner}
            counters.append({**place, "size": len(item.documents), "last": item.last})
            rows.extend(_row(place, numbered) for numbered in item.documents)
        for table, values in ((collections, counters), (documents, rows)):
            if values:
                self._connection.execute(insert(table), values)

    def list_collections(self, partition: int) -> Iterator[Collection]:
        """Everything in a partition, by kind, owner and number."""
        counters = self._connection.execute(
            select(collections.c.kind, collections.c.owner, collections.c.last)
            .where(collections.c.partition == partition)
            .order_by(collections.c.kind, collections.c.owner)
        ).all()
        rows = self._connection.execute(
            select(documents)
            .where(documents.c.partition == partition)
            .order_by(documents.c.kind, documents.c.owner, documents.c.seq)
        )
        found: dict[tuple[str, str], list[NumberedDocument]] = {}
        for row in rows:
            found.setdefault((row.kind, row.owner), []).append(_numbered(row))
        for kind, owner, last in counters:
            yield Collection(kind, owner, last, tuple(found.get((kind, owner), ())))

    def list_page(
        self, partition: int, kind: str, owner: str | None, offset: int, limit: int
    ) -> list[Document]:
        """Documents of a kind, of one owner or of all, in the order of owners, then of coming."""
        wanted = select(documents).where(
            documents.c.partition == partition, documents.c.kind == kind
        )
        if owner is not None:
            wanted = wanted.where(documents.c.owner == owner)
        ordered = wanted.order_by(documents.c.owner, documents.c.seq).limit(limit).offset(offset)
        return [_numbered(row).document for row in self._connection.execute(ordered)]

    def get_sizes(self, partition: int) -> dict[str, int]:
        """How many documents of each kind there are."""
        counted = (
            select(collections.c.kind, func.sum(collections.c.size))
            .where(collections.c.partition == partition)
            .group_by(collections.c.kind)
        )
        return {kind: int(size) for kind, size in self._connection.execute(counted)}

    def find_differences(self, before: int, after: int) -> Iterator[Difference]:
        """What is not the same in two partitions: changed, removed, then added, by kind and key."""
        if before == after:
            return
        one, other = documents.alias(), documents.alias()
        same_place = and_(
            other.c.partition == after, other.c.kind == one.c.kind, other.c.key == one.c.key
        )
        gone_or_changed = (
            select(one.c.kind, one.c.key, one.c.body, other.c.body)
            .outerjoin(other, same_place)
            .where(one.c.partition == before)
            .where((other.c.body.is_(None)) | (other.c.body != one.c.body))
            .order_by(one.c.kind, one.c.key)
        )
        for kind, key, old, new in self._connection.execute(gone_or_changed):
            yield Difference(kind, key, _body(old), _body(new))
        there_before = and_(
            other.c.partition == before, other.c.kind == one.c.kind, other.c.key == one.c.key
        )
        added = (
            select(one.c.kind, one.c.key, one.c.body)
            .outerjoin(other, there_before)
            .where(one.c.partition == after, other.c.body.is_(None))
            .order_by(one.c.kind, one.c.key)
        )
        for kind, key, new in self._connection.execute(added):
            yield Difference(kind, key, None, _body(new))

    def collect_garbage(self, limit: int) -> bool:
        """Remove up to so many rows that no world holds; whether there may be more."""
        waste = (
            select(partitions.c.id)
            .outerjoin(world_partitions, world_partitions.c.partition == partitions.c.id)
            .where(world_partitions.c.partition.is_(None))
            .limit(1)
        )
        id = self._connection.execute(waste).scalar()
        if id is None:
            return False
        for table, place in ((documents, "key"), (collections, "owner")):
            columns = (table.c.kind, table.c[place])
            some = select(*columns).where(table.c.partition == id).limit(limit)
            removed = self._connection.execute(
                delete(table).where(table.c.partition == id, tuple_(*columns).in_(some))
            )
            if removed.rowcount == limit:
                return True
        self._connection.execute(delete(partitions).where(partitions.c.id == id))
        return True


def _row(place: dict[str, Any], numbered: NumberedDocument) -> dict[str, Any]:
    document = numbered.document
    return {
        **place,
        "key": document.key,
        "seq": numbered.seq,
        "at": document.at,
        "until": document.until,
        "body": orjson.dumps(document.body).decode(),
    }


def _numbered(row: Any) -> NumberedDocument:
    body = orjson.loads(row.body)
    return NumberedDocument(
        row.seq, Document(row.kind, row.key, body, row.owner, row.at, row.until)
    )


def _body(text: str | None) -> dict[str, Any] | None:
    return None if text is None else orjson.loads(text)
