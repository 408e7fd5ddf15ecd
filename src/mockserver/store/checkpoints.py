"""Checkpoints of a server's SQLite file: what was committed goes from the log to the file itself.

By default, the transaction that makes the log long does it at its end: one of a request, for which
the event loop would wait for the disk. So a thread does it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from mockserver.errors import StoreError
from mockserver.store.driver import run

_ROWS = 500
"""So many rows are written between two checkpoints: 500 to 2,000 pages of the log."""
_MOST_FRAMES = 4_000
"""So many pages the log has, or a few more, before it is begun anew."""
_ATTEMPTS = 10
_PAUSE_SECONDS = 0.001


class Checkpoints:
    """Makes checkpoints in a thread of its own, each after some rows have been written."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._rows = 0
        self._is_due, self._is_ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def note_commit(self, rows: int) -> None:
        """Note that a transaction has written so many rows."""
        self._rows += rows
        if self._rows >= _ROWS:
            self._rows = 0
            self._is_due.set()

    def close(self) -> None:
        """End, after the checkpoint that is being made."""
        self._is_ending.set()
        self._is_due.set()
        self._thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        while self._is_due.wait() and not self._is_ending.is_set():
            self._is_due.clear()
            # Requests find what is wrong with the file, too.
            with suppress(DatabaseError, StoreError):
                connection = connection or self._connect()
                self._make_one(connection)
        if connection:
            connection.close()

    def _make_one(self, connection: Connection) -> None:
        if _checkpoint(connection, "PASSIVE").frames < _MOST_FRAMES:  # others write meanwhile
            return
        # The second time is short: less has been committed since.
        _checkpoint(connection, "PASSIVE")
        # Now none writes, so that the whole log is in the file and can be begun anew. It has to
        # wait for its turn among the writers, and a reader can prevent it.
        for _ in range(_ATTEMPTS):
            done = _checkpoint(connection, "FULL")
            if not done.is_prevented or self._is_ending.wait(_PAUSE_SECONDS):
                return


class _Checkpoint(NamedTuple):
    is_prevented: int
    frames: int
    copied: int


def _checkpoint(connection: Connection, mode: str) -> _Checkpoint:
    return _Checkpoint(*run(connection, f"PRAGMA wal_checkpoint({mode})").fetchone())
