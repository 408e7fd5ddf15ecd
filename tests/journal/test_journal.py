"""The journal's file: how many entries are kept, what several processes find, and broken files."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread, Timer
from typing import Any

import pytest
from sqlalchemy import event

import mockserver.journal.journal as journal_module
from mockserver.clock import read_monotonic
from mockserver.errors import StoreError
from mockserver.journal import Journal
from mockserver.store.journal_file import JournalFile

from .conftest import BrokenExchange, NotedExchange, add, fail, ids, make_entry, storage_ids


def test_an_entry_is_found_before_it_is_written(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    entry = make_entry(journal, query="a=b", world_at=5)
    assert journal.is_idle
    assert journal.add("default", 0, entry)
    assert not add(journal)
    assert not journal.is_idle
    assert journal.list("default")[0] == entry
    assert journal.is_idle
    assert journal.get("1-1") == entry
    assert journal.get("1-3") is None


def test_the_newest_of_each_sandbox_are_kept(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(20)
    add(journal, "other")
    for at in range(100):
        add(journal, at=at)
        if at % 7 == 0:
            journal.write()
    assert [entry.at for entry in journal.list("default")] == [*range(80, 100)]
    assert journal.count("default") == 20
    assert len(journal.list("other")) == 1
    assert journal.get("1-2") is None  # it is deleted


def test_entries_come_in_the_order_of_their_requests(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(10)
    for at in (3, 1, 2):  # as of two processes, of which the second writes later
        add(journal, at=at)
    assert ids(journal.list("default")) == ["1-2", "1-3", "1-1"]
    assert ids(journal.list("default", limit=2)) == ["1-3", "1-1"]
    # Who goes on after an id gets all that was written since.
    assert ids(journal.list("default", after="1-1")) == ["1-2", "1-3"]
    assert journal.get_last_id("default") == "1-3"
    assert journal.get_last_id("other") is None


def test_a_reader_goes_on_after_an_id(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    for _ in range(5):
        add(journal)
    assert ids(journal.list("default", after="1-2", limit=2)) == ["1-3", "1-4"]
    assert ids(journal.list("default", after="1-5")) == []
    # An id that was deleted, or never was, is before all.
    assert ids(journal.list("default", after="0-0", limit=2)) == ["1-1", "1-2"]


def test_entries_are_filtered(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    add(journal, api="calwe", operation="listSessionLogs")
    add(journal, status=404)
    add(journal, status=0)
    assert ids(journal.list("default", operations=["calwe.listSessionLogs"])) == ["1-1"]
    assert ids(journal.list("default", statuses=(400, 499))) == ["1-2"]
    assert ids(journal.list("default", statuses=(0, 0))) == ["1-3"]
    assert ids(journal.list("default", is_violating=True)) == []
    assert len(journal.list("default", is_violating=False)) == 3


def test_the_journal_of_a_sandbox_is_deleted(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    add(journal)
    add(journal, "other")
    journal.delete("default")
    assert journal.list("default") == []
    assert len(journal.list("other")) == 1


def test_a_long_journal_is_deleted_in_steps_up_to_an_entry(
    open_journal: Callable[[int], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.store.journal._MAX_DELETED", 2)
    journal = open_journal(10)
    for _ in range(4):
        add(journal)
        add(journal, "other")
    journal.write()
    last = journal.get_last_position()
    add(journal)
    journal.write()
    left = [["1-5", "1-7", "1-9"], ["1-9"], ["1-9"]]
    for number, ids_left in enumerate(left, 1):
        assert journal.delete_some("default", last) is (number < 3)
        assert storage_ids(journal) == ids_left
    assert len(journal.list("other")) == 4
    for _ in range(4):
        add(journal)
    journal.delete("default")
    assert storage_ids(journal) == []


def test_what_another_process_has_added_is_deleted_too(
    other: Any, open_journal: Callable[[int], Journal]
) -> None:
    journal = open_journal(100)
    Timer(0.3, other.send, ["write"]).start()
    journal.delete("default")
    assert other.recv() == "written"
    assert storage_ids(journal) == []


def test_an_entry_that_cannot_be_made_costs_no_other(
    open_journal: Callable[[int], Journal], caplog: pytest.LogCaptureFixture
) -> None:
    journal = open_journal(10)
    entry = make_entry(journal)
    journal.add("default", 0, BrokenExchange(journal.make_id()))
    journal.add("default", 0, entry)
    assert ids(journal.list("default")) == ["1-1"]
    assert "cannot be added to the journal" in caplog.text


def test_an_entry_that_would_be_deleted_anyway_is_never_made(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(3)
    made: list[str] = []
    for at, sandbox in enumerate(["other", *["default"] * 9]):
        entry = make_entry(journal, sandbox, at=at)
        journal.add(sandbox, 0, NotedExchange(entry, made))
    assert made == []
    assert [entry.at for entry in journal.list("default")] == [7, 8, 9]
    assert made == ["entry 1-1", "entry 1-8", "entry 1-9", "entry 1-10"]
    assert [entry.at for entry in journal.list("other")] == [0]


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.journal.journal.read_monotonic", lambda: 0)


def test_exchanges_wait_until_none_has_come_for_a_tenth_of_a_second(
    open_journal: Callable[[int], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, now = open_journal(10), 1_000_000
    monkeypatch.setattr("mockserver.journal.journal.read_monotonic", lambda: now)
    add(journal)
    now += 99_999
    assert not journal.is_due
    add(journal)
    now += 99_999
    assert not journal.is_due
    now += 1
    assert journal.is_due
    assert journal.write()
    assert journal.is_idle
    assert not journal.is_due  # otherwise a server without requests would write again and again


def test_exchanges_wait_for_half_a_minute_while_others_come(
    open_journal: Callable[[int], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, now = open_journal(10), 1_000_000
    monkeypatch.setattr("mockserver.journal.journal.read_monotonic", lambda: now)
    add(journal)
    now += 29_999_999
    add(journal)
    assert not journal.is_due
    now += 1
    assert journal.is_due


@pytest.mark.usefixtures("stopped_clock")
def test_eight_mebibytes_of_exchanges_do_not_wait(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(2)
    for _ in range(4):  # two of them are dropped
        add(journal, size=4 * 1024 * 1024 - 1)
    assert not journal.is_due
    add(journal, "other", size=2)
    assert journal.is_due


@pytest.mark.usefixtures("stopped_clock")
def test_entries_may_be_written_a_few_at_a_time(open_journal: Callable[[int], Journal]) -> None:
    journal = open_journal(10)
    for _ in range(5):
        add(journal)
    journal.write(2)
    add(journal)
    assert journal.is_due
    assert storage_ids(journal) == ["1-1", "1-2"]
    journal.write(2)
    journal.write(2)
    assert storage_ids(journal) == ["1-1", "1-2", "1-3", "1-4", "1-5"]
    assert not journal.is_due
    assert not journal.is_idle
    assert ids(journal.list("default")) == ["1-1", "1-2", "1-3", "1-4", "1-5", "1-6"]


def test_without_a_journal_nothing_is_written(tmp_path: Path) -> None:
    journal = Journal(None, fail)
    assert not add(journal)
    assert journal.list("default") == []
    assert journal.count("default") == 0
    journal.delete("default")
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_outlives_its_process_and_no_id_comes_twice(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(JournalFile(tmp_path / "exchanges", 10), fail)
        add(journal)
        found = ids(journal.list("default"))
        journal.close()
    assert found == ["1-1", "2-1"]


def test_many_entries_are_inserted_in_their_order_by_few_statements(
    open_journal: Callable[[int], Journal],
) -> None:
    journal = open_journal(100)
    file = journal._storage
    assert isinstance(file, JournalFile)
    statements: list[str] = []
    event.listen(
        file._engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    for _ in range(60):
        add(journal)
    journal.write()
    assert sum(statement.startswith("INSERT") for statement in statements) == 3
    assert ids(journal.list("default")) == [f"1-{n}" for n in range(1, 61)]


def test_a_file_that_is_no_journal_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "exchanges").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="The journal 'exchanges' cannot be used"):
        Journal(JournalFile(tmp_path / "exchanges", 10), fail)


def test_what_cannot_be_written_is_reported_and_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[StoreError] = []
    journal = Journal(JournalFile(tmp_path / "exchanges", 10), reported.append)
    file = journal._storage
    assert file

    def fail_to_add(_: Any) -> None:
        raise StoreError("The journal 'exchanges' cannot be used: the disk is full.")

    monkeypatch.setattr(file, "add", fail_to_add)
    add(journal)
    assert journal.list("default") == []
    assert "the disk is full" in str(reported[0])
    assert not journal.is_idle
    assert not journal.is_due
    now = read_monotonic() + 31_000_000
    monkeypatch.setattr("mockserver.journal.journal.read_monotonic", lambda: now)
    assert journal.is_due
    monkeypatch.undo()
    assert ids(journal.list("default")) == ["1-1"]
    journal.close()


def add_when_told(path: Path, pipe: Any) -> None:
    """A process that adds entries, and once it is told to, writes them when a reader waits."""
    journal_module._QUIET_SECONDS = 60.0
    journal = Journal(JournalFile(path, 100), fail)
    while pipe.recv() == "add":
        add(journal)
        pipe.send(journal.is_due)
    while not journal.is_due:
        time.sleep(0.001)
    journal.write()
    pipe.send("written")
    pipe.recv()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Any]:
    """A pipe to another process, which has added an entry and not written it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=add_when_told, args=(tmp_path / "exchanges", there))
    process.start()
    here.send("add")
    assert here.recv() is False  # no reader waits yet
    here.process = process
    yield here
    process.kill()
    process.join()


def test_a_reader_waits_for_what_another_process_has_added(
    other: Any, open_journal: Callable[[int], Journal]
) -> None:
    journal = open_journal(100)
    Timer(0.3, other.send, ["write"]).start()
    assert ids(journal.list("default")) == ["1-1"]
    assert other.recv() == "written"


def test_a_process_that_was_killed_keeps_no_reader_waiting(
    other: Any, open_journal: Callable[[int], Journal]
) -> None:
    journal = open_journal(100)
    assert journal._marks.want_all() != {}
    other.process.kill()
    other.process.join()
    assert journal._marks.want_all() == {}
    assert journal.list("default") == []  # what was not written is lost


def test_the_lock_of_another_process_is_not_waited_for(
    tmp_path: Path, open_journal: Callable[[int], Journal]
) -> None:
    journal = open_journal(100)
    with closing(sqlite3.connect(tmp_path / "exchanges", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        add(journal)
        assert not journal.write()
        assert journal.is_due  # so it is tried again
        assert not journal.is_idle
        add(journal)
        other.execute("ROLLBACK")
    assert ids(journal.list("default")) == ["1-1", "1-2"]


def test_a_reader_waits_for_the_lock_of_another_process(
    tmp_path: Path, open_journal: Callable[[int], Journal]
) -> None:
    journal = open_journal(100)
    options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
    with closing(sqlite3.connect(tmp_path / "exchanges", **options)) as other:
        other.execute("BEGIN IMMEDIATE")
        add(journal)
        release = Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()
        assert ids(journal.list("default")) == ["1-1"]
        release.join()


def test_several_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    barrier, numbers = Barrier(4), list[int]()

    def open_file(path: Path) -> None:
        barrier.wait()
        file = JournalFile(path, 10)
        numbers.append(file.writer)
        file.close()

    for n in range(20):
        path = tmp_path / f"journal-{n}.sqlite"
        threads = [Thread(target=open_file, args=(path,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(numbers) == sorted([1, 2, 3, 4] * 20)
