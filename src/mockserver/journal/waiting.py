"""The exchanges that wait to be written: only those that will be kept are made into entries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import chain

from mockserver.journal.entry import JournalEntry

MakeEntry = Callable[[], JournalEntry]


_WaitingExchange = tuple[int, int, MakeEntry]
"""The number of an exchange, its size, and what makes its entry."""


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

    def add(self, sandbox: str, size: int, make_entry: MakeEntry) -> None:
        """Add an exchange, which holds so many bytes until its entry is made."""
        self._number += 1
        self.size += size
        waiting = self._of_sandbox.get(sandbox)
        if waiting is None:
            waiting = self._of_sandbox[sandbox] = deque()
        elif len(waiting) >= self._kept:
            self.size -= waiting.popleft()[1]
        waiting.append((self._number, size, make_entry))

    def take(self) -> list[MakeEntry]:
        """Take all of them, in the order in which they were added."""
        taken = sorted(chain.from_iterable(self._of_sandbox.values()))
        self._of_sandbox, self.size = {}, 0
        return [make_entry for _, _, make_entry in taken]
