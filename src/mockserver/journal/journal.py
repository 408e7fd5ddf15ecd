"""The journal: the exchanges of each sandbox, as the clients saw them, the newest kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock
from typing import Any

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import StoreBusyError, StoreError
from mockserver.journal.entry import JournalEntry, decode_entry, encode_entry
from mockserver.journal.marks import Marks
from mockserver.store import ExchangeStorage

_log = logging.getLogger("mockserver")
_MAX_WAITING = 10_000
"""How many exchanges wait to be written while the file cannot be used."""
_WAIT_SECONDS = 2.0
_PAUSE_SECONDS = 0.001
_MAX_ATTEMPTS = 10
"""How often deleting is tried; each waits for the lock for a hundredth of a second."""


class Journal:
    """The journal of a server, which may have several processes.

    Entries are written in batches. Who reads finds every entry that was added before, by whichever
    process, unless it `is_awaited`: then each response waits until its entry is written. `kept` is
    how many of each sandbox are kept; with 0 there is no journal.
    """

    def __init__(
        self, storage: ExchangeStorage | None, report: Callable[[StoreError], None]
    ) -> None:
        """`report` gets what prevents the writing."""
        self.kept = storage.kept if storage else 0
        self.is_awaited = storage is not None and storage.marks_path is None
        self._report = report
        self._lock, self._writing = Lock(), Lock()
        self._unmade: list[Callable[[], JournalEntry]] = []
        self._unwritten: list[dict[str, Any]] = []
        self._is_due = False
        self._number = 0
        self._storage = storage
        self._marks = Marks(storage.marks_path if storage else None)

    def make_id(self) -> str:
        """The id of the next exchange: the number of the process's start, and its own number."""
        self._number += 1
        return f"{self._storage.writer if self._storage else 0}-{self._number}"

    def add(self, entry: JournalEntry) -> bool:
        """Add an entry; whether `write` has to be called for it, and will not be otherwise."""
        return self.add_later(lambda: entry)

    def add_later(self, make_entry: Callable[[], JournalEntry]) -> bool:
        """Likewise an entry that is made when it is written, and so delays no response."""
        if self._storage is None:
            return False
        with self._lock:
            self._unmade.append(make_entry)
            self._marks.note_added()
            was_due, self._is_due = self._is_due, True
            return not was_due

    def write(self) -> bool:
        """Write the entries that wait; False if another process has the lock of the file.

        What cannot be written waits for the next time.
        """
        if self._storage is None:
            return True
        with self._writing:
            with self._lock:
                unmade, self._unmade, self._is_due = self._unmade, [], False
            before, is_busy = len(self._unwritten), False
            rows, self._unwritten = self._unwritten + _make_rows(unmade), []
            try:
                if rows:
                    self._storage.add(rows)
            except StoreBusyError:
                is_busy = True
                self._unwritten = rows[-_MAX_WAITING:]
            except StoreError as error:
                self._report(error)
                self._unwritten = rows[-_MAX_WAITING:]
            with self._lock:
                self._marks.note_written(len(unmade) + before - len(self._unwritten))
            return not is_busy

    def list(
        self,
        sandbox: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        operations: Sequence[str] = (),
        statuses: tuple[int, int] | None = None,
        is_violating: bool | None = None,
    ) -> list[JournalEntry]:
        """The newest entries of a sandbox, the oldest of them first; `after` one of an id.

        `operations` are names such as `api.operation`, `statuses` the lowest and the highest.
        Raises StoreError.
        """
        if self._storage is None:
            return []
        self.wait()
        found = self._storage.list(
            sandbox,
            limit=self.kept if limit is None else limit,
            after=after,
            operations=operations,
            statuses=statuses,
            is_violating=is_violating,
        )
        return [decode_entry(content) for content in found]

    def count(self, sandbox: str) -> int:
        """How many entries of a sandbox there are. Raises StoreError."""
        if self._storage is None:
            return 0
        self.wait()
        return self._storage.count(sandbox)

    def get(self, id: str) -> JournalEntry | None:
        """The entry of an id, or None. Raises StoreError."""
        if self._storage is None:
            return None
        self.wait()
        content = self._storage.get(id)
        return None if content is None else decode_entry(content)

    def delete(self, sandbox: str) -> None:
        """Delete the entries of a sandbox. Raises StoreError and StoreBusyError."""
        if self._storage is None:
            return
        self.write()
        for attempt in range(_MAX_ATTEMPTS):
            try:
                self._storage.delete(sandbox)
                return
            except StoreBusyError:
                if attempt + 1 == _MAX_ATTEMPTS:
                    raise

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self._storage is not None:
            self.write()
            self._marks.close()
            self._storage.close()

    def wait(self) -> None:
        """Wait until everything is written that was added before, by every process."""
        if self._storage is None:
            return
        end = read_monotonic() + _WAIT_SECONDS * SECOND
        while not self.write() and read_monotonic() < end:
            Event().wait(_PAUSE_SECONDS)
        for place, number in self._marks.list_unwritten().items():
            while not self._marks.is_written(place, number) and read_monotonic() < end:
                Event().wait(_PAUSE_SECONDS)


def _make_rows(unmade: Iterable[Callable[[], JournalEntry]]) -> list[dict[str, Any]]:
    rows = []
    for make_entry in unmade:
        try:
            rows.append(_make_row(make_entry()))
        except Exception:  # a mistake in one entry must not cost the others
            _log.exception("An exchange cannot be added to the journal.")
    return rows


def _make_row(entry: JournalEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "sandbox": entry.sandbox,
        "at": entry.at,
        "operation": entry.operation_name,
        "status": entry.status,
        "is_violating": any(it.severity == "error" for it in entry.violations),
        "content": encode_entry(entry),
    }
