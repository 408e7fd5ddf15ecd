"""The documents of one API in one world: pages, time ranges, overlapping intervals, writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete

from mockserver.store import statements
from mockserver.store.document import (
    LENGTHS,
    Collection,
    Document,
    make_row,
    name_key,
    read_row,
    round_length,
)
from mockserver.store.driver import execute, execute_many
from mockserver.store.tables import collections, documents

_LATEST = 2**63 - 1
_EARLIEST = -(2**63) + LENGTHS[-1]
"""Before all moments; a length before it is still a number of the database."""
_TOGETHER = 10_000
"""How many documents are added by one statement, which has a limit of values."""


class Documents:
    """Documents of one API in one world, inside one transaction.

    `claim` is called before the first write: it makes sure that the world has a partition of its
    own, and returns it. `check` is called with every document that is to be written, and raises for
    one that must not be. `changes` has each document that was `added`, `changed` or `removed`
    for a vendor; an added one lacks a key that the store assigned to it.
    """

    def __init__(
        self,
        connection: Connection,
        partition: int,
        claim: Callable[[], int],
        check: Callable[[Document], None] | None = None,
    ) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._grow_statement = statements.get_grow_statement(self._dialect)
        self._partition = partition
        self._claim = claim
        self._is_claimed = False
        self._check = check
        self.changes: list[tuple[Document, str]] = []

    def get(self, kind: str, key: str) -> Document | None:
        """The document of that key, or None."""
        return next(iter(self._documents(statements.GET, kind=kind, **name_key(key))), None)

    def get_size(self, kind: str, owner: str = "") -> int:
        """How many documents of a kind an owner has, without reading them."""
        return self._extent(kind, owner)[0]

    def get_last_number(self, kind: str, owner: str = "") -> int:
        """The last number that was assigned to a document of a kind and an owner; 0 for none."""
        return self._extent(kind, owner)[1]

    def get_sizes(self, kind: str) -> dict[str, int]:
        """How many documents of a kind each owner has."""
        return dict(self._execute(statements.SIZES, kind=kind).fetchall())

    def get_total_size(self, kind: str) -> int:
        """How many documents of a kind all owners have."""
        return int(self._execute(statements.TOTAL_SIZE, kind=kind).fetchone()[0] or 0)

    def list_page(
        self, kind: str, owner: str, offset: int, limit: int
    ) -> tuple[list[Document], int]:
        """An owner's documents from an offset on, and how many there are in all.

        They come in the order of their moments; of equal ones, the first to come is first.
        """
        size = self.get_size(kind, owner)
        both = statements.PAGE, statements.PAGE_FROM_END
        return self._read_page(both, size, offset, limit, kind=kind, owner=owner), size

    def list_by_owner(self, kind: str, owner: str) -> list[Document]:
        """All of an owner's documents, in the order of their moments."""
        return self.list_page(kind, owner, 0, _LATEST)[0]

    def page_in_order(
        self, kind: str, owner: str | None, offset: int, limit: int
    ) -> tuple[list[Document], int]:
        """Documents of one owner or of all from an offset on, and how many there are in all.

        They come in the order of owners, then of coming.
        """
        if owner is None:
            size = self.get_total_size(kind)
            both = statements.IN_ORDER, statements.IN_ORDER_FROM_END
            return self._read_page(both, size, offset, limit, kind=kind), size
        size = self.get_size(kind, owner)
        both = statements.IN_ORDER_OF_OWNER, statements.IN_ORDER_OF_OWNER_FROM_END
        return self._read_page(both, size, offset, limit, kind=kind, owner=owner), size

    def find(
        self, kind: str, search: statements.Search, offset: int, limit: int
    ) -> tuple[list[Document], int]:
        """Documents of a search from an offset on, and how many there are in all."""
        if not search.sort and not search.is_narrow:
            return self.page_in_order(kind, search.owner, offset, limit)
        page, number = statements.select_matching(search, self._dialect)
        place = {"partition": self._partition, "kind": kind}
        size = int(self._connection.execute(number, place).scalar_one())
        if offset >= size:
            return [], size
        rows = self._connection.execute(page, {**place, "offset": offset, "limit": limit})
        return [read_row(*row) for row in rows], size

    def list_first(self, kind: str, limit: int) -> list[Document]:
        """The first documents of a kind in that order, without counting."""
        return self._documents(statements.IN_ORDER, kind=kind, limit=limit, offset=0)

    def list_newest(
        self, kind: str, owners: Sequence[str], upto: int | None, limit: int
    ) -> list[Document]:
        """The owners' newest documents up to a moment, newest first."""
        page = {"owners": list(owners), "offset": 0, "limit": limit}
        return self._documents(statements.NEWEST, kind=kind, **page, **_bounds(None, upto))

    def page_newest(
        self,
        kind: str,
        owners: Sequence[str],
        since: int | None,
        upto: int | None,
        offset: int,
        limit: int,
    ) -> tuple[list[Document], int]:
        """The owners' documents between two moments, newest first, and how many there are in all.

        Both moments are included. The page begins at an offset.
        """
        size = self.count(kind, owners, since, upto)
        both = statements.NEWEST, statements.OLDEST
        place = {"kind": kind, "owners": list(owners), **_bounds(since, upto)}
        return self._read_page(both, size, offset, limit, **place), size

    def _read_page(
        self, both: tuple[Any, Any], size: int, offset: int, limit: int, **place: Any
    ) -> list[Document]:
        """A page of so many documents, by a statement that reads them from the first or the last.

        An index is walked from the nearer end.
        """
        if offset >= size:
            return []  # also where the offset would be no number that a database knows
        limit = min(limit, size - offset)
        after = size - offset - limit
        from_first, from_last = both
        if after < offset:
            return self._documents(from_last, **place, limit=limit, offset=after)[::-1]
        return self._documents(from_first, **place, limit=limit, offset=offset)

    def count(self, kind: str, owners: Sequence[str], since: int | None, upto: int | None) -> int:
        """How many documents of the owners lie between two moments, both included.

        Without a lower bound it reads the counters, and an index after the upper bound; with one,
        an index over the range.
        """
        if since is not None:
            return self._count(kind, owners, _bounds(since, upto))
        sizes = self.get_sizes(kind)
        later = 0 if upto is None else self._count(kind, owners, _bounds(upto + 1, None))
        return sum(sizes.get(owner, 0) for owner in owners) - later

    def list_all(self, kind: str) -> list[Document]:
        """Every document of a kind, by its moment, then by its key."""
        return self._documents(statements.ALL, kind=kind)

    def list_overlapping(
        self, kind: str, owner: str, start: int | None, end: int | None
    ) -> list[Document]:
        """An owner's intervals that begin before `end` and are open or finish after `start`.

        They come by their beginning, then by their key. What only touches a bound is left out.
        """
        if start is None and end is None:
            return self._documents(statements.INTERVALS, kind=kind, owner=owner)
        bounds = _bounds(start, end)
        statement = statements.OVERLAPPING[self._dialect]
        return self._documents(statement, kind=kind, owner=owner, **bounds)

    def get_time_spans(
        self, kind: str, owners: Sequence[str], start: int | None, end: int | None
    ) -> dict[str, tuple[int, int]]:
        """Each owner's first and last moment strictly between two others; absent without one."""
        bounds = _bounds(start, end)
        rows = self._execute(statements.EXTENT, kind=kind, owners=list(owners), **bounds)
        return {owner: (first, last) for owner, first, last in rows.fetchall() if first is not None}

    def get_greatest_key(self, kind: str) -> str | None:
        """The greatest key of a kind, keys that are natural numbers compared as numbers."""
        row = self._execute(statements.GREATEST_KEY, kind=kind).fetchone()
        return row[0] if row else None

    def append(self, document: Document) -> None:
        """Add one document."""
        self.extend([document])

    def extend(self, new: Iterable[Document]) -> None:
        """Add documents. Those with equal moments are listed in the order of their addition."""
        new = list(new)
        if self._check:
            for document in new:
                self._check(document)
        self.extend_checked(new)
        self.changes.extend((document, "added") for document in new)

    def extend_checked(self, new: Iterable[Document]) -> None:
        """Add documents that have been checked already."""
        self._write()
        by_kind: defaultdict[str, list[Document]] = defaultdict(list)
        for document in new:
            by_kind[document.kind].append(document)
        for kind, members in by_kind.items():
            for start in range(0, len(members), _TOGETHER):
                self._insert(kind, members[start : start + _TOGETHER])

    def _insert(self, kind: str, new: Sequence[Document]) -> None:
        """Add documents of one kind, which get the next numbers of their owners."""
        added = Counter(document.owner for document in new)
        last = self._get_last_numbers(kind, list(added))
        rows: list[dict[str, Any]] = []
        for document in new:
            last[document.owner] += 1
            rows.append(make_row(self._partition, last[document.owner], document))
        place = {"partition": self._partition, "kind": kind}
        counters = [{**place, "owner": it, "size": n, "last": n} for it, n in added.items()]
        self._write_rows(self._grow_statement, counters)
        self._write_rows(statements.ADD, rows)

    def _get_last_numbers(self, kind: str, owners: Sequence[str]) -> dict[str, int]:
        if len(owners) == 1:  # a third faster
            return {owners[0]: self.get_last_number(kind, owners[0])}
        found = self._execute(statements.LAST_NUMBERS, kind=kind, owners=owners)
        return dict.fromkeys(owners, 0) | dict(found.fetchall())

    def fill(self, content: Iterable[Collection]) -> None:
        """Add documents with their numbers; `last` is added to the last number of a collection."""
        self._write()
        counters: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for item in content:
            place = {"partition": self._partition, "kind": item.kind, "owner": item.owner}
            counters.append({**place, "size": len(item.documents), "last": item.last})
            for seq, document in item.documents.items():
                rows.append(make_row(self._partition, seq, document))
        self._write_rows(self._grow_statement, counters)
        self._write_rows(statements.ADD, rows)

    def replace(self, document: Document) -> None:
        """Replace the document of the same kind and key; its owner stays."""
        self._write()
        if self._check:
            self._check(document)
        values = {
            "the_partition": self._partition,
            "the_kind": document.kind,
            "the_key_length": len(document.key),
            "the_key": document.key,
            "new_at": document.at,
            "new_until": document.until,
            "new_length": round_length(document),
            "new_body": orjson.dumps(document.body).decode(),
        }
        execute(self._connection, statements.REPLACE, values)
        self.changes.append((document, "changed"))

    def clear(self) -> None:
        """Remove every document."""
        self._write()
        for table in (documents, collections):
            self._connection.execute(delete(table).where(table.c.partition == self._partition))

    def remove(self, kind: str, key: str) -> None:
        """Remove the document of that key, if there is one."""
        self._write()
        document = self.get(kind, key)
        if document is not None:
            self._execute(statements.REMOVE, kind=kind, **name_key(key))
            self._grow(kind, document.owner, -1, 0)
            self.changes.append((document, "removed"))

    def _write(self) -> None:
        if not self._is_claimed:
            self._partition = self._claim()
            self._is_claimed = True

    def _write_rows(self, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
        if len(rows) == 1:
            execute(self._connection, statement, rows[0])
        elif rows:
            execute_many(self._connection, statement, rows)

    def _extent(self, kind: str, owner: str) -> tuple[int, int]:
        row = self._execute(statements.SIZE, kind=kind, owner=owner).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def _grow(self, kind: str, owner: str, by: int, numbers: int) -> None:
        self._execute(self._grow_statement, kind=kind, owner=owner, size=by, last=numbers)

    def _count(self, kind: str, owners: Sequence[str], bounds: Mapping[str, int]) -> int:
        counted = self._execute(statements.COUNT_IN_TIME, kind=kind, owners=list(owners), **bounds)
        return int(counted.fetchone()[0])

    def _documents(self, statement: Any, **values: Any) -> list[Document]:
        return [read_row(*row) for row in self._execute(statement, **values).fetchall()]

    def _execute(self, statement: Any, **values: Any) -> Any:
        return execute(self._connection, statement, {"partition": self._partition, **values})


def _bounds(start: int | None, end: int | None) -> dict[str, int]:
    return {"start": _EARLIEST if start is None else start, "end": _LATEST if end is None else end}
