"""Statements that the driver of the database executes itself (ADR 045).

SQLAlchemy writes their SQL, once for each dialect. To execute one through SQLAlchemy costs five
times what SQLite needs for it: a result, a context and their checks are made each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError

_MOST_LISTED = 8
"""A statement for a list of values is written for each length up to this."""

_Written = tuple[str, Sequence[str] | None, Mapping[str, Any]]
"""The SQL, the names of its values in their order, or None where the driver takes names, and the
values that are constant."""

_written: dict[tuple[Executable, str, int], _Written] = {}
_drivers: WeakKeyDictionary[Connection, Any] = WeakKeyDictionary()
"""The driver's own connection of each of SQLAlchemy's, for which that makes four calls."""


def execute(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> Any:
    """The cursor of a statement; its rows are plain tuples.

    The statement has to be one of few that are kept, and no value of it may need a conversion. One
    of the values may be a list. Raises what SQLAlchemy raises.
    """
    number = 0
    for name, value in values.items():
        if type(value) is list:
            number = len(value)
            if not 0 < number <= _MOST_LISTED:
                return connection.execute(statement, values)
            values = {**values, **{f"{name}_{n}": item for n, item in enumerate(value, 1)}}
            break
    key = statement, connection.dialect.name, number
    written = _written.get(key) or _write(key, connection, values)
    return run(connection, written[0], _order(written, values))


def execute_many(
    connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute a statement for each of some rows. It and their values are as for `execute`."""
    key = statement, connection.dialect.name, 0
    written = _written.get(key) or _write(key, connection, rows[0])
    sql, parameters = written[0], [_order(written, row) for row in rows]
    try:
        get_driver(connection).cursor().executemany(sql, parameters)
    except Exception as error:
        raise _convert(connection, error, sql, parameters) from error


def run(connection: Connection, sql: str, parameters: Any = ()) -> Any:
    """The cursor of an SQL text. Raises what SQLAlchemy raises."""
    driver = get_driver(connection)
    try:
        return driver.execute(sql, parameters)
    except Exception as error:
        raise _convert(connection, error, sql, parameters) from error


def get_driver(connection: Connection) -> Any:
    """The driver's own connection."""
    driver: Any = _drivers.get(connection)
    if driver is None:
        driver = _drivers[connection] = connection.connection.driver_connection
    return driver


def _order(written: _Written, values: Mapping[str, Any]) -> Any:
    """The values of a statement as its driver takes them."""
    _, names, constants = written
    if constants:
        values = {**constants, **values}
    return values if names is None else [values[name] for name in names]


def _convert(connection: Connection, error: Exception, sql: str, parameters: Any) -> BaseException:
    dialect: Any = connection.dialect
    if not isinstance(error, dialect.dbapi.Error):
        return error
    is_cut = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if is_cut:
        del _drivers[connection]
        connection.invalidate(error)
    converted: BaseException = DBAPIError.instance(
        sql,
        parameters,
        error,
        dialect.dbapi.Error,
        connection_invalidated=is_cut,
        dialect=dialect,
    )
    return converted


def _write(
    key: tuple[Executable, str, int], connection: Connection, values: Mapping[str, Any]
) -> _Written:
    statement: Any = key[0]
    options: dict[str, Any] = {}
    if key[2]:  # the list is written as single values, which the compiler takes from the statement
        statement, options = statement.params(values), {"render_postcompile": True}
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs=options)
    constants = {name: it.value for name, it in compiled.binds.items() if name not in values}
    _written[key] = str(compiled), compiled.positiontup, constants
    return _written[key]
