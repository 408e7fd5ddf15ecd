"""The file of the journal: exchanges by sandbox, of which the newest are kept.

It is a file beside the store's, so that writing to the journal never waits for the lock of the
worlds, and a full or broken journal stops nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DatabaseError

from mockserver.errors import StoreBusyError, StoreError
from mockserver.store.file_store import turn_wal_on
from mockserver.store.tables import new_id

MAX_ALL = 100_000
"""How many exchanges of all sandboxes are kept."""
_START_SECONDS = 2.0
_BUSY_SECONDS = 0.01
"""How long to wait for the lock of another process: the thread that serves requests waits too."""

_WAL_SECONDS = 0.2

_metadata = sa.MetaData()
_exchanges = sa.Table(
    "exchanges",
    _metadata,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("sandbox", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("is_violating", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index("exchanges_of_sandbox", "sandbox", "position"),
    sqlite_autoincrement=True,
)
# Each process that writes has a number, with which the ids of its exchanges begin.
_writers = sa.Table(
    "writers",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sqlite_autoincrement=True,
)
_row = _exchanges.c
_OF_SANDBOX = _row.sandbox == sa.bindparam("of_sandbox")
_COLUMNS = [column.name for column in _exchanges.c if column.name != "position"]
_INSERT = (
    f"INSERT INTO exchanges ({', '.join(_COLUMNS)}) "  # noqa: S608 - the names of columns
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)
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


class JournalFile:
    """The exchanges of all sandboxes, `kept` of each, written by several processes.

    Every method raises StoreError if the file cannot be used, and StoreBusyError if another process
    has its lock.
    """

    def __init__(self, path: Path, kept: int) -> None:
        self.kept = kept
        self._name = path.name
        self._unpruned: dict[str, int] = {}
        self._added = 0
        self._busy_seconds = _START_SECONDS
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"check_same_thread": False}
        )

        @event.listens_for(self._engine.pool, "connect")
        def prepare(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={round(self._busy_seconds * 1000)}")
            if not turn_wal_on(cursor, _WAL_SECONDS):
                cursor.execute("PRAGMA journal_mode=WAL")  # raises, as the lock is still there
            # What is lost in a power cut are exchanges, and no state.
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

        try:
            with self._engine.begin() as connection:
                # Several processes may start at once, and find no tables.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                _metadata.create_all(connection)
                self.writer = new_id(connection.execute(sa.insert(_writers)))
        except DatabaseError as error:
            self.close()
            raise self._explain(error) from error
        self._busy_seconds = _BUSY_SECONDS
        self._engine.dispose()

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add exchanges, and delete the oldest ones that are too many."""
        for row in rows:
            self._unpruned[row["sandbox"]] = self._unpruned.get(row["sandbox"], 0) + 1
        self._added += len(rows)
        # Deleting one row for each that is added would take twice the time.
        slack = max(self.kept // 10, 10)
        crowded = [name for name, number in self._unpruned.items() if number >= slack]
        try:
            with self._engine.begin() as connection:
                # Half as long as by SQLAlchemy, which processes each value.
                connection.exec_driver_sql(_INSERT, [tuple(map(row.get, _COLUMNS)) for row in rows])
                for name in crowded:
                    del self._unpruned[name]
                    connection.execute(_PRUNE, {"of_sandbox": name, "kept": self.kept})
                if self._added >= MAX_ALL // 100:
                    self._added = 0
                    self._unpruned.clear()
                    connection.execute(_PRUNE_ALL)
        except DatabaseError as error:
            raise self._explain(error) from error

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
        query = sa.select(_row.position, _row.at, _row.content).where(_row.position.in_(newest))
        operations = list(operations)
        if operations:
            query = query.where(_row.operation.in_(operations))
        if statuses:
            query = query.where(_row.status.between(*statuses))
        if is_violating is not None:
            query = query.where(_row.is_violating == is_violating)
        if after is None:
            query = query.order_by(_row.position.desc())
        else:
            found = sa.select(_row.position).where(_row.id == after).scalar_subquery()
            query = query.where(_row.position > sa.func.coalesce(found, 0))
            query = query.order_by(_row.position)
        rows = self._read(query.limit(limit))
        # Several processes write, so that the order of writing is not quite that of the requests.
        # Who goes on after an id needs the former.
        in_order = rows if after else sorted(rows, key=lambda row: (row.at, row.position))
        return [row.content for row in in_order]

    def count(self, sandbox: str) -> int:
        """How many exchanges of a sandbox are kept."""
        counted = sa.select(sa.func.count()).select_from(_exchanges)
        return min(int(self._read(counted.where(_row.sandbox == sandbox))[0][0]), self.kept)

    def get(self, id: str) -> bytes | None:
        """The exchange of an id, or None."""
        rows = self._read(sa.select(_row.content).where(_row.id == id))
        return rows[0].content if rows else None

    def delete(self, sandbox: str) -> None:
        """Delete the exchanges of a sandbox."""
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(_exchanges).where(_row.sandbox == sandbox))
        except DatabaseError as error:
            raise self._explain(error) from error

    def close(self) -> None:
        self._engine.dispose()

    def _read(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(query).all()
        except DatabaseError as error:
            raise self._explain(error) from error

    def _explain(self, error: DatabaseError) -> StoreError | StoreBusyError:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # without its details
        if code == sqlite3.SQLITE_BUSY:
            return StoreBusyError(f"The journal '{self._name}' is locked by another process.")
        return StoreError(f"The journal '{self._name}' cannot be used: {error.orig}.")
