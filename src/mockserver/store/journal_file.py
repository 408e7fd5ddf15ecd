"""The journal in a file beside the store's.

So writing to the journal never waits for the lock of the worlds, and a full or broken journal stops
nothing else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DatabaseError

from mockserver.errors import StoreBusyError, StoreError
from mockserver.store.journal import COLUMNS, ExchangeStorage, add_writer, metadata

_START_SECONDS = 2.0
_BUSY_SECONDS = 0.01
"""How long to wait for the lock of another process: the thread that serves requests waits too."""

_WAL_SECONDS = 0.2
_TOGETHER = 25
"""So many exchanges are inserted by one statement. A thread that loads a scenario gets its turn at
each one, and the event loop waits for its own again."""


class JournalFile(ExchangeStorage):
    """The exchanges in an SQLite file, written by the processes of one machine."""

    def __init__(self, path: Path, kept: int) -> None:
        super().__init__(kept)
        self.marks_path = path.with_name(f"{path.name}-marks")
        self._name = path.name
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
            with self._begin() as connection:
                # Several processes may start at once, and find no tables.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                metadata.create_all(connection)
                self.writer = add_writer(connection)
        except (StoreBusyError, StoreError):
            self.close()
            raise
        self._busy_seconds = _BUSY_SECONDS
        self._engine.dispose()

    @contextmanager
    def _begin(self, sandboxes: Iterable[str] = ()) -> Iterator[sa.Connection]:
        del sandboxes
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise self._explain(error) from error

    def _insert(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            values = tuple(row[column] for row in some for column in COLUMNS)
            # Half as long as by SQLAlchemy, which processes each value.
            connection.exec_driver_sql(_write_insert(len(some)), values)

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

    def close(self) -> None:
        self._engine.dispose()


@lru_cache(maxsize=_TOGETHER)
def _write_insert(number: int) -> str:
    """The statement that inserts so many exchanges."""
    place = f"({', '.join('?' * len(COLUMNS))})"
    return (
        f"INSERT INTO exchanges ({', '.join(COLUMNS)}) "  # noqa: S608 - the names of columns
        f"VALUES {', '.join([place] * number)}"
    )


def turn_wal_on(cursor: Any, seconds: float) -> bool:
    """Turn the write-ahead log on; False if another process has the lock for so many seconds.

    Unlike other statements, this one does not wait for a lock itself.
    """
    for _ in range(round(seconds * 100)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.01)
        else:
            return True
    return False
