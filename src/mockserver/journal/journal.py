"""The journal: the exchanges of each sandbox, as the clients saw them, the newest kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from threading import Event, Lock
from typing import Any

from mockserver.clock import SECOND, read_monotonic
from mockserver.errors import StoreBusyError, StoreError
from mockserver.journal.entry import JournalEntry, decode_entry, encode_entry
from mockserver.journal.marks import Marks
from mockserver.journal.waiting import (
    HOLD_BYTES,
    CollectedExchanges,
    Exchange,
    WaitingExchanges,
)
from mockserver.store import ExchangeStorage

_log = logging.getLogger("mockserver")
_QUIET_SECONDS = 0.1
"""Exchanges are written when no other has come for so long."""
_HOLD_SECONDS = 30.0
"""So long at most they wait while others come."""
_WAIT_SECONDS = 2.0
_PAUSE_SECONDS = 0.001
_MAX_ATTEMPTS = 10
"""How often deleting is tried; each waits for the lock for a hundredth of a second."""


class Journal:
    """The journal of a server, which may have several processes.

    Exchanges wait until somebody reads, in whichever process, or until no more of them come; so
    most of a busy server's are never made into entries. Who reads finds every exchange that was
    added before. Where the journal `is_awaited`, each response waits until its entry is written
    instead. `kept` is how many of each sandbox are kept; with 0 there is no journal.
    """

    def __init__(
        self, storage: ExchangeStorage | None, report: Callable[[StoreError], None]
    ) -> None:
        """`report` gets what prevents the writing."""
        self.kept = storage.kept if storage else 0
        self.is_awaited = storage is not None and storage.marks_path is None
        self._report = report
        self._lock, self._writing = Lock(), Lock()
        self._waiting = WaitingExchanges(self.kept)
        self._waits_since = self._added_at = 0
        self._collected: dict[str, list[CollectedExchanges]] = {}
        self._taken: list[Exchange] = []
        self._unwritten: list[dict[str, Any]] = []
        self._is_busy = False
        self._number = 0
        self._storage = storage
        self._marks = Marks(storage.marks_path if storage else None)

    def make_id(self) -> str:
        """The id of the next exchange: the number of the process's start, and its own number."""
        self._number += 1
        return f"{self._storage.writer if self._storage else 0}-{self._number}"

    def add(self, sandbox: str, size: int, exchange: Exchange) -> bool:
        """Add an exchange, whose entry is made when it is written; whether it is the first to wait.

        Then it has to be asked `is_due` again and again, until it `is_idle`. `size` is how many
        bytes are held for it.
        """
        if self._storage is None:
            return False
        with self._lock:
            is_first = not self._waiting
            self._waiting.add(sandbox, size, exchange)
            for collected in self._collected.get(sandbox, ()):
                collected.add(sandbox, size, exchange)
            self._added_at = read_monotonic()
            if is_first:
                self._waits_since = self._added_at
                self._marks.note_waiting()
            return is_first

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be written."""
        return not (self._waiting or self._taken or self._unwritten)

    @property
    def is_due(self) -> bool:
        """Whether what waits has to be written now."""
        if self._marks.is_wanted or self._is_busy or (self._taken and not self._unwritten):
            return True
        now = read_monotonic()
        if now >= self._waits_since + _HOLD_SECONDS * SECOND:
            return not self.is_idle
        is_quiet = now >= self._added_at + _QUIET_SECONDS * SECOND
        return bool(self._waiting) and (is_quiet or self._waiting.size >= HOLD_BYTES)

    def write(self, most: int | None = None) -> bool:
        """Write what waits; False if another process has the lock of the file.

        At `most` so many entries are made, and the next call goes on with the others. What cannot
        be written waits for the next time.
        """
        if self._storage is None:
            return True
        with self._writing:
            with self._lock:
                if most is None or not self._taken:
                    self._taken += self._waiting.take()
                    self._waits_since = read_monotonic()
                    self._marks.note_begun()
            made = self._taken[:most]
            self._taken = self._taken[len(made) :]
            rows, self._unwritten, self._is_busy = self._unwritten + _make_rows(made), [], False
            try:
                if rows:
                    self._storage.add(rows)
            except StoreBusyError:
                self._is_busy = True
                self._unwritten = _find_newest(rows)
            except StoreError as error:
                self._report(error)
                self._unwritten = _find_newest(rows)
            if not (self._taken or self._unwritten):
                with self._lock:
                    self._marks.note_written(is_waiting=bool(self._waiting))
            return not self._is_busy

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

    def get_last_id(self, sandbox: str) -> str | None:
        """The id of the entry of a sandbox that was written last. Raises StoreError."""
        if self._storage is None:
            return None
        self.wait()
        return self._storage.get_last_id(sandbox)

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
        """Delete the entries of a sandbox that were added before, by every process.

        Raises StoreError and StoreBusyError.
        """
        self.wait()
        last = self.get_last_position()
        while self.delete_some(sandbox, last):
            Event().wait(_PAUSE_SECONDS)  # others write meanwhile

    def get_last_position(self) -> int:
        """The position of the newest entry that is written, or 0. Raises StoreError."""
        return self._storage.get_last_position() if self._storage else 0

    def delete_some(self, sandbox: str, last: int) -> bool:
        """Delete some entries of a sandbox up to a position; whether there may be more.

        Raises StoreError and StoreBusyError.
        """
        if self._storage is None:
            return False
        for attempt in range(_MAX_ATTEMPTS):
            try:
                has_more = self._storage.delete_some(sandbox, last)
                break
            except StoreBusyError:
                if attempt + 1 == _MAX_ATTEMPTS:
                    raise
        if not has_more:
            with self._lock:
                for collected in self._collected.get(sandbox, ()):
                    collected.end()  # its reader goes on with what is written
        return has_more

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self._storage is not None:
            self.write()
            self._marks.close()
            self._storage.close()

    @contextmanager
    def collect(self, sandbox: str) -> Iterator[CollectedExchanges]:
        """Collect the exchanges of a sandbox as they are added to this process's journal."""
        collected = CollectedExchanges(self.kept)
        with self._lock:
            self._collected.setdefault(sandbox, []).append(collected)
        try:
            yield collected
        finally:
            with self._lock:
                self._collected[sandbox].remove(collected)
                if not self._collected[sandbox]:
                    del self._collected[sandbox]

    @property
    def is_alone(self) -> bool:
        """Whether it is known that this process alone writes to the journal."""
        return self._marks.is_alone

    def wait(self) -> bool:
        """Wait until everything is written that was added before, by every process.

        False if this process could not write all of its own.
        """
        if self._storage is None:
            return True
        end = read_monotonic() + _WAIT_SECONDS * SECOND
        while not self.write() and read_monotonic() < end:
            Event().wait(_PAUSE_SECONDS)
        for place, batch in self._marks.want_all().items():
            while not self._marks.is_written(place, batch) and read_monotonic() < end:
                Event().wait(_PAUSE_SECONDS)
        with self._writing:
            return not (self._taken or self._unwritten)


def _make_rows(taken: Iterable[Exchange]) -> list[dict[str, Any]]:
    rows = []
    for exchange in taken:
        try:
            rows.append(_make_row(exchange.make_entry()))
        except Exception:  # a mistake in one entry must not cost the others
            _log.exception("An exchange cannot be added to the journal.")
    return rows


def _find_newest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest rows, up to the size that may wait."""
    sizes = accumulate(len(row["content"]) for row in reversed(rows))
    number = sum(size <= HOLD_BYTES for size in sizes)
    return list(rows[len(rows) - number :])


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
