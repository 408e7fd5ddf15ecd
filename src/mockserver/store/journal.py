"""The exchanges of the journal, by sandbox, of which the newest are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mockserver.store.tables import Id, Text, new_id

MAX_ALL = 100_000
"""How many exchanges of all sandboxes are kept."""
_MAX_DELETED = 100
"""So many exchanges are deleted by one statement, during which none can be added to a file."""

metadata = sa.MetaData()
_exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("position", Id, sa.Identity(), primary_key=True),
    sa.Column("id", Text, nullable=False, unique=True),
    sa.Column("sandbox", Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("operation", Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("is_violating", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index("exchanges_of_sandbox", "sandbox", "position"),
    sqlite_autoincrement=True,
)
# Each process that writes has a number, with which the ids of its exchanges begin.
_writers = sa.Table(
    "writers",
    metadata,
    sa.Column("number", Id, sa.Identity(), primary_key=True),
    sqlite_autoincrement=True,
)
_row = _exchanges.c
_OF_SANDBOX = _row.sandbox == sa.bindparam("of_sandbox")
COLUMNS = [column.name for column in _exchanges.c if column.name != "position"]
_PRUNE = sa.delete(_exchanges).where(
    _OF_SANDBOX,
    _row.position
    <= sa.select(_row.position)
    .where(_OF_SANDBOX)
    .order_by(_row.position.desc())
    .limit(1)
    .offset(sa.bindparam("kept", type_=sa.Integer))
    .scalar_subquery(),
)
_PRUNE_ALL = sa.delete(_exchanges).where(
    _row.position <= sa.select(sa.func.max(_row.position)).scalar_subquery() - MAX_ALL
)


class ExchangeStorage(ABC):
    """The exchanges of all sandboxes, `kept` of each, written by several processes.

    `marks_path` is the file in which processes see how far others have written, unless a response
    is sent after its exchange was written. Every method raises StoreError if the storage cannot be
    used, and StoreBusyError if another process has its lock.
    """

    marks_path: Path | None = None
    writer = 0
    """The number of this process, with which the ids of its exchanges begin."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._unpruned: dict[str, int] = {}
        self._added = 0

    @abstractmethod
    def _begin(self, sandboxes: Iterable[str] = ()) -> AbstractContextManager[sa.Connection]:
        """A transaction in which exchanges of sandboxes are added, or something is deleted."""

    @abstractmethod
    def _insert(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert exchanges."""

    @abstractmethod
    def _read(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]: ...

    @abstractmethod
    def close(self) -> None: ...

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add exchanges, and delete the oldest ones that are too many."""
        for row in rows:
            self._unpruned[row["sandbox"]] = self._unpruned.get(row["sandbox"], 0) + 1
        self._added += len(rows)
        # Deleting one row for each that is added would take twice the time.
        slack = max(self.kept // 10, 10)
        crowded = [name for name, number in self._unpruned.items() if number >= slack]
        with self._begin(row["sandbox"] for row in rows) as connection:
            self._insert(connection, rows)
            for name in crowded:
                del self._unpruned[name]
                connection.execute(_PRUNE, {"of_sandbox": name, "kept": self.kept})
            if self._added >= MAX_ALL // 100:
                self._added = 0
                self._unpruned.clear()
                connection.execute(_PRUNE_ALL)

    def list(
        self,
        sandbox: str,
        *,
        limit: int,
        after: str | None = None,
        operations: Iterable[str] = (),
        statuses: tuple[int, int] | None = None,
        is_violating: bool | None = None,
    ) -> list[bytes]:
        """The newest exchanges of a sandbox, the oldest of them first; `after` one of an id.

        After an id, they are the oldest ones, so that a reader who goes on misses none.
        """
        newest = sa.select(_row.position).where(_row.sandbox == sandbox)
        newest = newest.order_by(_row.position.desc()).limit(self.kept)
        chosen = sa.select(_row.position).where(_row.position.in_(newest))
        operations = list(operations)
        if operations:
            chosen = chosen.where(_row.operation.in_(operations))
        if statuses:
            chosen = chosen.where(_row.status.between(*statuses))
        if is_violating is not None:
            chosen = chosen.where(_row.is_violating == is_violating)
        # Several processes write, so that the order of writing is not quite that of the requests.
        # Who goes on after an id needs the former.
        if after is None:
            chosen = chosen.order_by(_row.at.desc(), _row.position.desc())
            order = [_row.at, _row.position]
        else:
            found = sa.select(_row.position).where(_row.id == after).scalar_subquery()
            chosen = chosen.where(_row.position > sa.func.coalesce(found, 0))
            chosen = chosen.order_by(_row.position)
            order = [_row.position]
        query = sa.select(_row.content).where(_row.position.in_(chosen.limit(limit)))
        return [row.content for row in self._read(query.order_by(*order))]

    def get_last_id(self, sandbox: str) -> str | None:
        """The id of the exchange of a sandbox that was written last."""
        query = sa.select(_row.id).where(_row.sandbox == sandbox)
        rows = self._read(query.order_by(_row.position.desc()).limit(1))
        return rows[0].id if rows else None

    def count(self, sandbox: str) -> int:
        """How many exchanges of a sandbox are kept."""
        counted = sa.select(sa.func.count()).select_from(_exchanges)
        return min(int(self._read(counted.where(_row.sandbox == sandbox))[0][0]), self.kept)

    def get(self, id: str) -> bytes | None:
        """The exchange of an id, or None."""
        rows = self._read(sa.select(_row.content).where(_row.id == id))
        return rows[0].content if rows else None

    def get_last_position(self) -> int:
        """The position of the newest exchange of all, or 0. Those that are added come after it."""
        return int(self._read(sa.select(sa.func.max(_row.position)))[0][0] or 0)

    def delete_some(self, sandbox: str, last: int) -> bool:
        """Delete some exchanges of a sandbox up to a position; whether there may be more."""
        chosen = sa.select(_row.position).where(_row.sandbox == sandbox, _row.position <= last)
        chosen = chosen.order_by(_row.position).limit(_MAX_DELETED)
        with self._begin() as connection:
            deleted = connection.execute(sa.delete(_exchanges).where(_row.position.in_(chosen)))
        return deleted.rowcount == _MAX_DELETED


def add_writer(connection: sa.Connection) -> int:
    """The number of a process that begins to write, which no other one has had."""
    return new_id(connection.execute(sa.insert(_writers)))
