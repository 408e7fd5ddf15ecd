"""A store in an SQLite file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import SettingError, StoreBusyError, StoreError
from mockserver.store.checkpoints import Checkpoints
from mockserver.store.driver import get_driver, run
from mockserver.store.journal_file import JournalFile, turn_wal_on
from mockserver.store.store import BUSY_SECONDS, Store, Transaction
from mockserver.store.tables import metadata, partitions, world_partitions, worlds

LOOK_SECONDS = 0.1
"""How often it is looked whether the file is still there, by transactions that only read."""
_BROKEN = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
_UNWRITABLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY}
_RESTART = "end the server, and start it with a store that can be used."
_LAYOUT = 13
"""The number of the tables' layout; a file says in its header which one it has."""
_TEMPORARY = 0x4D4F434B
"""The id in the header of a file that is removed with the server that has made it."""


class _Outer(NamedTuple):
    """The transaction that those of a thread join, and what makes it fail."""

    connection: Connection
    thread: int
    failures: list[Exception]


class FileStore(Store):
    """An SQLite file in WAL mode: many readers, one writer at a time, several processes.

    Without a path it is a temporary file, which is removed when the store is closed.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path and (":memory:" in path.name or path.name.startswith("file:")):
            raise SettingError(
                f"'{path}' cannot be used as a store: a store is a file, which the processes of a "
                "server share. Leave the store out for a temporary one."
            )
        self._folder = None if path else TemporaryFolder("mockserver-")
        self.path = path or (self._folder.path if self._folder else Path()) / "store.sqlite"
        self._name = str(self.path)
        self._outer: _Outer | None = None
        self._checkpoints: Checkpoints | None = None
        self._free: list[Connection] = []
        self._busy_seconds = BUSY_SECONDS
        self._looked = 0
        self._identity: tuple[int, int] | None = None
        self._engine = self._make_engine()
        try:
            self._prepare()
            self._identity = _identify(self._name)
        except (DatabaseError, StoreError) as error:
            self.close()
            raise SettingError(
                f"'{self.path}' cannot be used as a store: {_explain(self.path, error)}. Name a "
                "new file, or one that is a store."
            ) from error
        except BaseException:  # a signal too: no file must remain
            self.close()
            raise

    def open_journal(self, kept: int) -> JournalFile:
        """The journal in the file beside the store's."""
        return JournalFile(self.path.with_name(f"{self.path.name}-exchanges"), kept)

    @contextmanager
    def transaction(
        self, *, writing: bool, sandbox: str = "", alone: bool = False, is_long: bool = False
    ) -> Iterator[Transaction]:
        """A transaction; with `writing`, there is no other writer meanwhile, to no sandbox."""
        del sandbox, alone, is_long
        outer = self._outer
        if outer and outer.thread == get_ident():
            with self._join(outer):
                yield Transaction(outer.connection)
            return
        # Looking takes a hundredth of a request, and one that only reads loses nothing.
        if writing or read_monotonic() > self._looked + LOOK_SECONDS * SECOND:
            self._check_file()
        # A transaction that reads first and writes later fails if another one wrote in between. One
        # that is going to write gets the lock at once. The driver begins and commits; SQLAlchemy
        # joins in when it is used for the first time.
        # Connections are kept here: to take one from a pool is a tenth of a request.
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        try:
            run(connection, "BEGIN IMMEDIATE" if writing else "BEGIN")
            before = get_driver(connection).total_changes if writing else 0
            yield Transaction(connection)
            if connection.in_transaction():
                connection.commit()
            else:
                run(connection, "COMMIT")
            if writing and self._checkpoints:
                self._checkpoints.note_commit(get_driver(connection).total_changes - before)
        except DatabaseError as error:
            _roll_back(connection)
            explained = self._explain(error)
            if isinstance(explained, StoreBusyError):
                self._free.append(connection)  # as good as before, and it is asked again soon
            else:
                connection.close()
            if explained is None:
                raise
            raise explained from error
        except BaseException:
            _roll_back(connection)
            self._free.append(connection)
            raise
        self._free.append(connection)

    @contextmanager
    def commit_together(self) -> Iterator[None]:
        """Commit all transactions of this thread in the block at its end, or none of them.

        One that raises is undone alone. Raises what `transaction` raises.
        """
        with self.transaction(writing=True) as transaction:
            self._outer = outer = _Outer(transaction.connection, get_ident(), [])
            try:
                yield
            finally:
                self._outer = None
            if outer.failures:
                raise outer.failures[0]

    @contextmanager
    def _join(self, outer: _Outer) -> Iterator[None]:
        """A part of another transaction, which is undone alone if it raises."""
        if outer.failures:  # a savepoint would begin a transaction of its own
            raise outer.failures[0]
        connection = outer.connection
        run(connection, "SAVEPOINT part")
        try:
            yield
        except DatabaseError as error:
            explained = self._explain(error)
            if explained is None and get_driver(connection).in_transaction:
                _undo_part(connection)
                raise
            # The file cannot be written, or SQLite has undone everything.
            outer.failures.append(explained or error)
            raise outer.failures[-1] from error
        except BaseException:
            _undo_part(connection)
            raise
        run(connection, "RELEASE part")

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except DatabaseError as error:
            raise self._explain(error) or error from None

    def _check_file(self) -> None:
        """Raise StoreError unless the file is still the one that was opened.

        SQLite goes on with a file that is deleted, and a new connection would make another one.
        """
        if _identify(self._name) != self._identity:
            raise StoreError(f"The store '{self.path.name}' was deleted or replaced; {_RESTART}")
        self._looked = read_monotonic()

    def _explain(self, error: DatabaseError) -> StoreBusyError | StoreError | None:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # without its details
        name = f"The store '{self.path.name}'"
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreBusyError(
                f"{name} has been written to by another process for {BUSY_SECONDS} seconds; "
                "try again."
            )
        if code in _BROKEN:
            return StoreError(f"{name} cannot be used: {error.orig}; {_RESTART}")
        if code in _UNWRITABLE:
            return StoreError(f"{name} cannot be written: {error.orig}.")
        return None

    def stop_waiting(self) -> None:
        """From now on, a lock that another process has raises StoreBusyError soon.

        No transaction waits for a checkpoint either.
        """
        self._busy_seconds = 0
        self._close_connections()
        self._checkpoints = self._checkpoints or Checkpoints(self._connect)

    def _prepare(self) -> None:
        """Make the tables in a new file, one process at a time; refuse other files."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            is_new = not version and not inspect(connection).get_table_names()
            if not is_new and version != _LAYOUT:
                raise SettingError(
                    f"'{self.path}' is no store of this version of Mockserver; choose another file."
                )
            if is_new:
                metadata.create_all(connection, checkfirst=False)
            else:
                for table in (worlds, world_partitions, partitions):  # the others may be large
                    checking = f"PRAGMA quick_check({table.name})"
                    if connection.exec_driver_sql(checking).scalar_one() != "ok":
                        raise StoreError("its pages are damaged")
            # Written each time, so that a read-only file is reported now.
            connection.exec_driver_sql(f"PRAGMA user_version = {_LAYOUT}")
            if self._folder:
                connection.exec_driver_sql(f"PRAGMA application_id = {_TEMPORARY}")

    def _make_engine(self) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            connect_args={"check_same_thread": False},
            pool_reset_on_return=None,  # a transaction has always ended by then
        )

        # A listener for the pool, not for the engine: one of those would cost every statement
        # dearly.
        @event.listens_for(engine.pool, "connect")
        def prepare(connection: Any, _: Any) -> None:
            if self._identity:
                self._check_file()
            connection.isolation_level = None  # a transaction begins with BEGIN, and not before
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={self._busy_seconds * 1000}")
            if not self._busy_seconds:
                cursor.execute("PRAGMA wal_autocheckpoint=0")
            turn_wal_on(cursor, BUSY_SECONDS)
            # A temporary file need not survive a power cut, so no process waits for the disk.
            id = cursor.execute("PRAGMA application_id").fetchone()[0]
            is_temporary = self._folder or id == _TEMPORARY
            cursor.execute(f"PRAGMA synchronous={'OFF' if is_temporary else 'NORMAL'}")
            cursor.close()

        return engine

    def _close_connections(self) -> None:
        while self._free:
            self._free.pop().close()
        self._engine.dispose()

    def close(self) -> None:
        """Close the file, and remove it if it is temporary."""
        if self._checkpoints:
            self._checkpoints.close()
            self._checkpoints = None
        self._close_connections()
        if self._folder:
            self._folder.remove()


def _undo_part(connection: Connection) -> None:
    run(connection, "ROLLBACK TO part")
    run(connection, "RELEASE part")


def _roll_back(connection: Connection) -> None:
    connection.rollback()
    driver: Any = connection.connection.driver_connection
    driver.rollback()


def _identify(path: str) -> tuple[int, int] | None:
    """Which file is at a path."""
    try:
        status = os.stat(path)  # noqa: PTH116 - in each transaction, and twice as fast
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _explain(path: Path, error: Exception) -> str:
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return f"there is no folder '{path.parent}'"
    return str(getattr(error, "orig", error)).rstrip(".")


class TemporaryFolder:
    """A folder that is removed at the end of the process, unless it was removed before.

    `tempfile.TemporaryDirectory` makes the folder first and registers the removal afterwards: a
    signal between the two leaves the folder behind.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.gettempdir()) / f"{prefix}{os.urandom(8).hex()}"
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove the folder with its files; a second time does nothing."""
        self._remove()
