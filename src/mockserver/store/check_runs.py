"""The history of checks: runs, of which the newest are kept, and their reports."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from mockserver.store.tables import check_runs, new_id

MAX_RUNS = 100
"""How many runs are kept."""
RUNNING = "running"
"""The state of a run that has not ended."""

_row = check_runs.c
_HAS_REPORT = _row.report.is_not(None).label("has_report")
_COLUMNS = [*(column for column in _row if column is not _row.report), _HAS_REPORT]


class CheckRunRecord(Struct, frozen=True):
    """A run as it is stored; moments are in microseconds.

    `beat` is when the process that has the run last wrote to it, and `details` is JSON.
    """

    id: int
    state: str
    began: int
    ended: int | None
    beat: int
    is_stopping: bool
    details: Mapping[str, Any]
    has_report: bool

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING


class CheckRuns:
    """The runs in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        state: str,
        details: Mapping[str, Any],
        now: int,
        report: bytes | None = None,
    ) -> int:
        """Add a run that begins now, and delete the oldest ones that are too many.

        One that is not running has ended. Returns its id, which no other run ever has.
        """
        values = {
            "state": state,
            "began": now,
            "ended": None if state == RUNNING else now,
            "beat": now,
            "is_stopping": False,
            "details": _encode(details),
            "report": None if report is None else zlib.compress(report),
        }
        id = new_id(self._connection.execute(sa.insert(check_runs), values))
        newest = sa.select(_row.id).order_by(_row.id.desc()).limit(MAX_RUNS)
        surplus = sa.delete(check_runs).where(_row.id.not_in(newest), _row.state != RUNNING)
        self._connection.execute(surplus)
        return id

    def list_all(self) -> list[CheckRunRecord]:
        """All runs, the newest first."""
        return self._read(sa.select(*_COLUMNS).order_by(_row.id.desc()))

    def list_running(self) -> list[CheckRunRecord]:
        return self._read(sa.select(*_COLUMNS).where(_row.state == RUNNING))

    def get(self, id: int) -> CheckRunRecord | None:
        return next(iter(self._read(sa.select(*_COLUMNS).where(_row.id == id))), None)

    def get_report(self, id: int) -> bytes | None:
        report = self._connection.scalar(sa.select(_row.report).where(_row.id == id))
        return None if report is None else zlib.decompress(report)

    def update(self, id: int, details: Mapping[str, Any], now: int) -> CheckRunRecord | None:
        """Write how far a run is; None unless it is running still."""
        values = {"details": _encode(details), "beat": now}
        return self.get(id) if self._change_running(id, values) else None

    def end(
        self,
        id: int,
        state: str,
        details: Mapping[str, Any],
        ended: int,
        report: bytes | None = None,
    ) -> None:
        """Write how a run ended, unless it has ended or was deleted before."""
        values = {"state": state, "details": _encode(details), "ended": ended}
        packed = None if report is None else zlib.compress(report)
        self._change_running(id, {**values, "report": packed})

    def request_stop(self, id: int) -> None:
        """Have the process that has a run stop it."""
        self._change_running(id, {"is_stopping": True})

    def delete(self, id: int) -> None:
        self._connection.execute(sa.delete(check_runs).where(_row.id == id))

    def _change_running(self, id: int, values: Mapping[str, Any]) -> bool:
        change = sa.update(check_runs).where(_row.id == id, _row.state == RUNNING)
        return self._connection.execute(change.values(**values)).rowcount > 0

    def _read(self, query: sa.Select[Any]) -> list[CheckRunRecord]:
        return [
            CheckRunRecord(**{**row._asdict(), "details": orjson.loads(row.details)})
            for row in self._connection.execute(query)
        ]


def _encode(details: Mapping[str, Any]) -> str:
    return orjson.dumps(details).decode()
