"""Journals in a file, and exchanges that are added to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import StoreError
from mockserver.journal import Exchange, Journal, JournalEntry
from mockserver.journal.entry import decode_entry
from mockserver.store.journal_file import JournalFile


def make_entry(journal: Journal, sandbox: str = "default", **fields: Any) -> JournalEntry:
    values = {"at": 0, "method": "GET", "path": "/", "status": 200, **fields}
    return JournalEntry(id=journal.make_id(), sandbox=sandbox, **values)


def add(journal: Journal, sandbox: str = "default", *, size: int = 0, **fields: Any) -> bool:
    """Add an entry; whether it is the first to wait."""
    return journal.add(sandbox, size, make_entry(journal, sandbox, **fields))


@dataclass
class NotedExchange:
    """An exchange that notes what is made of it."""

    entry: JournalEntry
    made: list[str]

    @property
    def id(self) -> str:
        return self.entry.id

    def make_entry(self) -> JournalEntry:
        self.made.append(f"entry {self.id}")
        return self.entry

    def make_summary(self) -> JournalEntry:
        self.made.append(f"summary {self.id}")
        return self.entry.make_summary()


@dataclass
class BrokenExchange:
    """An exchange of which nothing can be made."""

    id: str

    def make_entry(self) -> JournalEntry:
        raise ValueError("no entry")

    make_summary = make_entry


def fail(error: StoreError) -> None:
    raise error


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[Callable[[int], Journal]]:
    opened: list[Journal] = []

    def open_one(kept: int) -> Journal:
        opened.append(Journal(JournalFile(tmp_path / "exchanges", kept), fail))
        return opened[-1]

    yield open_one
    for journal in opened:
        journal.close()


def ids(exchanges: Sequence[Exchange]) -> list[str]:
    return [it.id for it in exchanges]


def storage_ids(journal: Journal) -> list[str]:
    """The ids of the entries that are written."""
    assert journal._storage
    return ids([decode_entry(it) for it in journal._storage.list("default", limit=10)])
