"""A store in a PostgreSQL database, which any number of replicas share (ADR 044)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from mockserver.errors import SettingError, StoreBusyError, StoreError
from mockserver.store.database import Database
from mockserver.store.journal import COLUMNS, ExchangeStorage, add_writer
from mockserver.store.migration import migrate
from mockserver.store.store import BUSY_SECONDS, CONNECTIONS, Store, Transaction
from mockserver.store.tables import IS_INTERVAL, documents_by_length

documents_by_length.dialect_options["postgresql"]["where"] = IS_INTERVAL

_SPARE_CONNECTIONS = 4
"""So many more for what must not wait for requests: the readiness, the cleanup, long loads."""
_JOURNAL_CONNECTIONS = 4
_LEAST_VERSION = 14
_WHOLE_STORE, _NAMES, _EXCHANGES = 7_301, 7_302, 7_303
"""The first halves of the keys of advisory locks; the second is 0, or made from a name."""
_EXCHANGE_LOCKS = 1_024
_ALONE_MILLISECONDS = 50
"""How long a transaction that is to be alone waits for the others; who needs it tries again."""
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# What is lost if the database is killed are exchanges, and no state.
_JOURNAL_SETTINGS = "SET synchronous_commit = off"
_INSERT = sa.text(
    f"INSERT INTO exchanges ({', '.join(COLUMNS)}) "  # noqa: S608 - the names of columns
    f"VALUES ({', '.join(f':{name}' for name in COLUMNS)})"
)


class PostgresTransaction(Transaction):
    """A transaction of PostgreSQL; who writes to a sandbox has an advisory lock of its name."""

    def lock(self, name: str) -> None:
        self.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_make_key(name)})")

    def try_lock(self, name: str) -> bool:
        tried = f"SELECT pg_try_advisory_xact_lock({_make_key(name)})"
        return bool(self.connection.exec_driver_sql(tried).scalar_one())


class PostgresStore(Store):
    """A database: as many readers as there are, and writers of different sandboxes at once."""

    is_remote = True

    def __init__(self, url: str) -> None:
        """Raises SettingError, which never has the password."""
        self.url = url
        self._database = Database(url, CONNECTIONS + _SPARE_CONNECTIONS)
        try:
            self._prepare()
        except (DatabaseError, StoreBusyError, StoreError) as error:
            self.close()
            message = str(getattr(error, "orig", error)).partition("\n")[0].rstrip(".;")
            raise SettingError(f"The store cannot be opened: {message}.") from error
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(
        self, *, writing: bool, sandbox: str = "", alone: bool = False, is_long: bool = False
    ) -> Iterator[Transaction]:
        """A transaction, which is read-only unless it is `writing`."""
        begin = _begin_writing(sandbox, alone=alone) if writing else _READ
        with self._database.begin(begin, is_long=is_long) as connection:
            yield PostgresTransaction(connection)

    def open_journal(self, kept: int) -> PostgresJournal:
        outage = self._database.outage
        return PostgresJournal(
            Database(self.url, _JOURNAL_CONNECTIONS, _JOURNAL_SETTINGS, outage), kept
        )

    def _prepare(self) -> None:
        """Bring the tables to this version, whichever process starts first."""
        with self._database.begin("BEGIN; SET LOCAL lock_timeout = 0", is_long=True) as connection:
            # It is waited for as long as another process takes for the migrations.
            connection.exec_driver_sql(_take_whole_store())
            version, name = self._database.get_version(connection), self._database.name
            if version < _LEAST_VERSION:
                raise StoreError(
                    f"{name} is of PostgreSQL {version}, and {_LEAST_VERSION} is the oldest "
                    "that can be used"
                )
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                raise StoreError(
                    f"{name} has the encoding {encoding}; create one with the encoding UTF8"
                )
            migrate(connection, name)

    def close(self) -> None:
        self._database.close()


class PostgresJournal(ExchangeStorage):
    """The exchanges of all replicas. A response is sent after its exchange was written."""

    def __init__(self, database: Database, kept: int) -> None:
        super().__init__(kept)
        self._database = database
        with self._begin() as connection:
            self.writer = add_writer(connection)

    def _begin(self, sandboxes: Iterable[str] = ()) -> AbstractContextManager[sa.Connection]:
        # Who goes on after an exchange must not miss one that was added before it and committed
        # after it: those of one sandbox are added in the order in which they can be read.
        keys = sorted({_hash(name) % _EXCHANGE_LOCKS for name in sandboxes})
        locks = [f"SELECT pg_advisory_xact_lock({_EXCHANGES}, {key})" for key in keys]
        return self._database.begin("; ".join(["BEGIN", *locks]))

    def _insert(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        connection.execute(_INSERT, rows)

    def _read(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self._database.begin(_READ) as connection:
            return connection.execute(query).all()

    def close(self) -> None:
        self._database.close()


def _begin_writing(sandbox: str, *, alone: bool) -> str:
    """The statements with which a transaction that writes begins, in one round trip.

    It sees, in each statement, what was committed before: what it is going to change is locked by
    then, so that no other transaction changes it.
    """
    if alone:
        # What begins to write meanwhile waits behind this one, and for what it waits for.
        wait = f"SET LOCAL lock_timeout = {_ALONE_MILLISECONDS}"
        go_on = f"SET LOCAL lock_timeout = {BUSY_SECONDS * 1_000}"
        return f"BEGIN; {wait}; {_take_whole_store()}; {go_on}"
    begin = f"BEGIN; SELECT pg_advisory_xact_lock_shared({_WHOLE_STORE}, 0)"
    return f"{begin}; SELECT pg_advisory_xact_lock({_make_key(sandbox)})" if sandbox else begin


def _take_whole_store() -> str:
    return f"SELECT pg_advisory_xact_lock({_WHOLE_STORE}, 0)"


def _make_key(name: str) -> str:
    """The key of an advisory lock. Names that share one wait for each other, and that is all."""
    return f"{_NAMES}, {_hash(name) - 2**31}"


def _hash(name: str) -> int:
    return crc32(name.encode())
