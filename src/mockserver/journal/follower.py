"""Reads the exchanges of a sandbox one after another, as they come."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack

from mockserver.journal.entry import JournalEntry
from mockserver.journal.journal import Journal
from mockserver.journal.waiting import Exchange

_log = logging.getLogger("mockserver")


class Follower:
    """Reads the exchanges of a sandbox after one of them, each once: entries, or summaries.

    While this process alone writes to the journal, exchanges are collected for summaries as they
    are added: no entry is made, written or read for these. Otherwise they are read from the
    journal's storage, in which the exchanges of all processes have one order.
    """

    def __init__(self, journal: Journal, sandbox: str, after: str, *, is_summary: bool) -> None:
        self._journal, self._sandbox, self._after = journal, sandbox, after
        self._is_summary = is_summary
        self._read: set[str] = set()
        """The ids of those that were read last; they may have been collected too."""
        self._taken: deque[str] = deque(maxlen=journal.kept)
        """The ids of those that were collected, which the storage has too, sooner or later."""
        self._resources = ExitStack()

    def __enter__(self) -> Follower:
        self._collected = self._resources.enter_context(self._journal.collect(self._sandbox))
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    @property
    def is_collecting(self) -> bool:
        """Whether all that has come since was collected, so that it has to be taken."""
        return self._collected.is_whole and self._journal.is_alone

    def take(self) -> list[Exchange]:
        """Take what was collected."""
        taken = [it for it in self._collected.take() if it.id not in self._read]
        self._taken.extend(it.id for it in taken)
        return taken

    def read(self) -> list[JournalEntry]:
        """Read what has come from the storage; from now on, collect what can be collected.

        Raises StoreError.
        """
        if self._is_summary and self._journal.is_alone:
            self._collected.begin()
        else:
            self._collected.end()
        if not self._journal.wait():
            self._collected.end()  # what is not written yet would be neither read nor collected
        read = self._journal.list(self._sandbox, after=self._after)
        if read:
            self._after = read[-1].id
        self._read, taken = {it.id for it in read}, {*self._taken}
        return [it for it in read if it.id not in taken]

    def make_entries(self, exchanges: Iterable[Exchange]) -> list[JournalEntry]:
        """The entries, or the summaries, of exchanges that were taken or read."""
        made = []
        for exchange in exchanges:
            try:
                made.append(exchange.make_summary() if self._is_summary else exchange.make_entry())
            except Exception:  # a mistake in one exchange must not cost the others
                _log.exception("An exchange cannot be made into an entry of the journal.")
        return made
