"""The exchanges that wait in memory, of which entries are made when they are needed."""

from __future__ import annotations

from collections import deque
from itertools import chain
from threading import Lock
from typing import Protocol

from mockserver.journal.entry import JournalEntry

HOLD_BYTES = 8 * 1024 * 1024
"""Up to this size, exchanges wait."""


class Exchange(Protocol):
    """What an entry is made of, which has no secrets."""

    id: str

    def make_entry(self) -> JournalEntry:
        """The entry."""

    def make_summary(self) -> JournalEntry:
        """The entry without header fields and bodies; of these, it has the sizes."""


_WaitingExchange = tuple[int, int, Exchange]
"""The number of an exchange, its size, and itself."""


class WaitingExchanges:
    """At most `kept` exchanges of each sandbox wait; the older ones would be deleted anyway."""

    def __init__(self, kept: int) -> None:
        self.size = 0
        """The size of all that wait, in bytes."""
        self._kept = kept
        self._number = 0
        self._of_sandbox: dict[str, deque[_WaitingExchange]] = {}

    def __bool__(self) -> bool:
        return bool(self._of_sandbox)

    def add(self, sandbox: str, size: int, exchange: Exchange) -> None:
        """Add an exchange, which holds so many bytes until its entry is made."""
        self._number += 1
        self.size += size
        waiting = self._of_sandbox.get(sandbox)
        if waiting is None:
            waiting = self._of_sandbox[sandbox] = deque()
        elif len(waiting) >= self._kept:
            self.size -= waiting.popleft()[1]
        waiting.append((self._number, size, exchange))

    def take(self) -> list[Exchange]:
        """Take all of them, in the order in which they were added."""
        taken = sorted(chain.from_iterable(self._of_sandbox.values()))
        self._of_sandbox, self.size = {}, 0
        return [exchange for _, _, exchange in taken]


class CollectedExchanges:
    """The exchanges of one sandbox that are added while a reader follows it.

    They are collected from `begin` on, until they are more than can be held. Then they are not
    whole any more, and the reader has to begin anew.
    """

    def __init__(self, kept: int) -> None:
        self.is_whole = False
        self._waiting = WaitingExchanges(kept)
        self._lock = Lock()

    def begin(self) -> None:
        """Collect what is added from now on."""
        with self._lock:
            self._clear(is_whole=True)

    def end(self) -> None:
        """Collect no more."""
        with self._lock:
            self._clear(is_whole=False)

    def add(self, sandbox: str, size: int, exchange: Exchange) -> None:
        """Collect an exchange, unless the reader has to begin anew."""
        with self._lock:
            if self.is_whole:
                self._waiting.add(sandbox, size, exchange)
                if self._waiting.size > HOLD_BYTES:
                    self._clear(is_whole=False)

    def take(self) -> list[Exchange]:
        """Take what was collected, in the order in which it was added."""
        with self._lock:
            return self._waiting.take()

    def _clear(self, *, is_whole: bool) -> None:
        self._waiting.take()
        self.is_whole = is_whole
