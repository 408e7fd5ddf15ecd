"""Connections to a PostgreSQL database, and what its faults are called (ADR 044)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper, TextLoader
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import SettingError, StoreBusyError, StoreError, StoreUnreachableError
from mockserver.store.store import BUSY_SECONDS

_STALL_SECONDS = 3
_LONG_SECONDS = 60
"""How long to wait for the response to a statement, and to one that may take long."""
_IDLE_SECONDS = 30
"""How long a transaction may wait for its process, which may hang, before it is undone."""
_CONNECT_SECONDS = 3
_DOWN_SECONDS = 1
"""How long no call tries to connect again after it was not possible."""

_BUSY_STATES = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "55P03",  # lock_not_available
}
_UNREACHABLE_STATES = {
    "25006",  # read_only_sql_transaction: it has become a standby
    "53300",  # too_many_connections
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
}
_SETTINGS = (
    f"SET lock_timeout = {BUSY_SECONDS * 1_000}; "
    f"SET idle_in_transaction_session_timeout = {_IDLE_SECONDS * 1_000}"
)
_SEES_CLIENTS_LEAVE = "SET client_connection_check_interval = 2000"


class _TextDumper(StrDumper):
    """Sends a text. NUL, which PostgreSQL does not have, becomes U+FFFF and 0."""

    def dump(self, obj: str) -> Any:
        if "\0" in obj or "\uffff" in obj:
            obj = obj.replace("\uffff", "\uffff1").replace("\0", "\uffff0")
        return super().dump(obj)


class _TextLoader(TextLoader):
    """Reads a text that `_TextDumper` has sent."""

    def load(self, data: Any) -> str | bytes:
        text = super().load(data)
        if isinstance(text, str) and "\uffff" in text:
            return text.replace("\uffff0", "\0").replace("\uffff1", "\uffff")
        return text


class _Connection(psycopg.Connection[Any]):
    """A connection on which no statement waits forever for a server that does not respond."""

    seconds = _STALL_SECONDS
    has_stalled = False

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.seconds)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.has_stalled = True
                self.pgconn.finish()  # what comes later would be taken for another response
                message = f"it has not responded for {self.seconds} seconds"
                raise psycopg.OperationalError(message) from None
            raise


class Outage:
    """Whether there is no connection to a database: one caller a second tries to connect.

    The others are told at once, for whatever purpose they connect: so no request waits for a
    database that does not respond, and then for it once more.
    """

    def __init__(self) -> None:
        self._down: tuple[str, int] | None = None

    def begin(self, error: Exception) -> None:
        self._down = str(error), read_monotonic()

    @contextmanager
    def note(self) -> Iterator[None]:
        """Note whether connecting, in this block, was possible. Raises StoreUnreachableError."""
        down = self._down
        if down:
            reason, since = down
            if read_monotonic() < since + _DOWN_SECONDS * SECOND:
                raise StoreUnreachableError(reason)
            self._down = reason, read_monotonic()
        try:
            yield
        except StoreUnreachableError as error:
            self.begin(error)
            raise
        except StoreBusyError:
            self._down = None
            raise
        self._down = None


class Database:
    """The connections of this process to a database for one purpose, `size` at most.

    `settings` are statements that are executed on each new connection. Several of one database
    share its `outage`.
    """

    def __init__(
        self, url: str, size: int, settings: str = "", outage: Outage | None = None
    ) -> None:
        """Raises SettingError, which never has the password."""
        try:
            parsed = make_url(url).set(drivername="postgresql+psycopg")
            dialect: Any = psycopg_dialect
            _, self._parameters = dialect().create_connect_args(parsed)
        except (ArgumentError, ValueError):
            raise SettingError(
                "The URL of the store cannot be read; write one like "
                "postgresql://user@host:5432/database, with what is special in its user or its "
                "password percent-encoded"
            ) from None
        self._parameters.pop("context", None)
        self.name = f"the database '{parsed.database or ''}' on '{parsed.host or 'this machine'}'"
        self._size = size
        self._settings = settings
        self._engine = self._make_engine()
        self.outage = outage or Outage()

    @contextmanager
    def begin(self, begin: str, *, is_long: bool = False) -> Iterator[Connection]:
        """A connection in a transaction, which `begin` begins.

        Raises StoreBusyError and StoreError.
        """
        with self.outage.note():
            connection = self._open_transaction(begin, is_long)
        driver = _get_driver(connection)
        try:
            yield connection
            # A block may have caught the failure of a statement, and COMMIT would undo everything
            # without a word.
            if driver.pgconn.transaction_status != TransactionStatus.INTRANS:
                raise StoreError(f"A transaction in {self.name} failed.")
            connection.commit()
        except DatabaseError as error:
            explained = self._explain(error)
            if explained is None:
                raise
            if driver.has_stalled:
                self.outage.begin(explained)
            raise explained from error
        finally:
            _close(connection)

    def _open_transaction(self, begin: str, is_long: bool) -> Connection:
        """A connection in which a transaction has begun.

        One that was cut since it was last used is replaced: nothing has been written yet.
        """
        is_last = False
        while True:
            connection = self._connect()
            driver = _get_driver(connection)
            driver.seconds = _STALL_SECONDS
            try:
                connection.exec_driver_sql(begin)
                driver.seconds = _LONG_SECONDS if is_long else _STALL_SECONDS
            except DatabaseError as error:
                was_cut = error.connection_invalidated and not driver.has_stalled
                _close(connection)
                if is_last or not was_cut:
                    raise self._explain(error) or error from None
            except BaseException:
                _close(connection)
                raise
            else:
                return connection
            is_last = True

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except PoolTimeoutError:
            raise StoreBusyError(
                f"All {self._size} connections to {self.name} have been in "
                f"use for {BUSY_SECONDS} seconds; try again."
            ) from None
        except DatabaseError as error:
            raise self._explain(error) or error from None

    def _explain(self, error: DatabaseError) -> StoreBusyError | StoreError | None:
        """The error of this package; None for one that is no fault of the database."""
        cause = error.orig
        state = getattr(cause, "sqlstate", None) or ""
        reason = str(cause).strip().partition("\n")[0].rstrip(".")
        if state in _BUSY_STATES:
            return StoreBusyError(
                f"In {self.name}, other transactions have written to the same for {BUSY_SECONDS} "
                "seconds; try again."
            )
        is_gone = error.connection_invalidated or (not state and _is_operational(cause))
        if is_gone or state in _UNREACHABLE_STATES or state.startswith(("08", "28", "3D")):
            return StoreUnreachableError(f"There is no connection to {self.name}: {reason}.")
        if state.startswith(("53", "54", "57", "58", "XX")) or state in ("42P01", "42501", "25P03"):
            return StoreError(f"There is a fault in {self.name}: {reason}.")
        return None

    def _make_engine(self) -> Engine:
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._open_connection,
            pool_size=self._size,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_use_lifo=True,  # so that connections that are not needed are closed
            pool_reset_on_return=None,  # a transaction has always ended by then
            use_native_hstore=False,
        )

        @event.listens_for(engine.pool, "connect")
        def prepare(connection: _Connection, _: Any) -> None:
            connection.execute(f"{_SETTINGS}; {self._settings}")
            try:
                connection.execute(_SEES_CLIENTS_LEAVE)
            except psycopg.DatabaseError:
                if connection.closed:
                    raise  # otherwise its operating system does not have that

        return engine

    def _open_connection(self) -> _Connection:
        given = {"application_name": "mockserver", "connect_timeout": _CONNECT_SECONDS}
        connection: _Connection = _Connection.connect(
            **{**given, **self._parameters}, autocommit=True
        )
        connection.adapters.register_dumper(str, _TextDumper)
        connection.adapters.register_loader("text", _TextLoader)
        return connection

    def close(self) -> None:
        self._engine.dispose()

    def get_version(self, connection: Connection) -> int:
        """The major version of the server."""
        return _get_driver(connection).info.server_version // 10_000


def _get_driver(connection: Connection) -> _Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, _Connection)  # noqa: S101 - the engine opens no others
    return driver


def _is_operational(error: BaseException | None) -> bool:
    return isinstance(error, psycopg.OperationalError)


def _close(connection: Connection) -> None:
    """Undo what was not committed, and give the connection back; one that is broken is closed."""
    try:
        connection.rollback()
    except DatabaseError:
        connection.invalidate()
    connection.close()
