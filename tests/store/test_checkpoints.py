"""Checkpoints of a server's SQLite file: by a thread, and never by a request."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from mockserver.errors import StoreError
from mockserver.store import Document, FileStore, Store, checkpoints

_numbers = count()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    monkeypatch.setattr(checkpoints, "_ROWS", 4)
    monkeypatch.setattr(checkpoints, "_MOST_FRAMES", 20)
    store = FileStore(tmp_path / "store.sqlite")
    store.stop_waiting()
    yield store
    store.close()


def put(store: Store) -> str:
    key = f"key-{next(_numbers)}"
    with store.wait_for_transaction(writing=True) as transaction:
        transaction.documents(1, lambda: 1).append(Document("session", key, {}))
    return key


def count_new_logs(store: FileStore) -> int:
    """How often the log was begun anew, as its header says."""
    header = store.path.with_name("store.sqlite-wal").read_bytes()[:16]
    return int.from_bytes(header[12:16], "big")


def wait(is_right: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_right():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_what_was_committed_comes_to_the_file_soon(store: FileStore) -> None:
    key = put(store).encode()
    put(store)
    wait(lambda: key in store.path.read_bytes())


def test_no_transaction_of_a_server_makes_a_checkpoint(store: FileStore) -> None:
    with store.transaction(writing=True) as transaction:
        pragma = transaction.worlds._connection.exec_driver_sql("PRAGMA wal_autocheckpoint")
        assert pragma.scalar_one() == 0


def test_the_log_is_begun_anew_while_requests_write(store: FileStore) -> None:
    before = count_new_logs(store) if put(store) else 0

    def write_on() -> bool:
        put(store)
        return count_new_logs(store) >= before + 3

    wait(write_on)


def test_a_long_reader_keeps_its_view_and_the_log_is_begun_anew_after_it(store: FileStore) -> None:
    first = put(store)
    with store.transaction(writing=False) as transaction:
        documents = transaction.documents(1, lambda: 1)
        assert [it.key for it in documents.list_all("session")] == [first]
        before = count_new_logs(store)
        for _ in range(100):
            put(store)
        assert [it.key for it in documents.list_all("session")] == [first]
        assert count_new_logs(store) == before
    wait(lambda: put(store) != "" and count_new_logs(store) > before)


def test_a_file_that_is_lost_ends_no_thread_and_is_said_by_the_transactions(
    store: FileStore,
) -> None:
    store.path.unlink()
    for _ in range(3):
        with pytest.raises(StoreError):
            put(store)
    assert "checkpoints" in {thread.name for thread in threading.enumerate()}


def test_a_file_that_is_closed_is_whole(store: FileStore) -> None:
    key = put(store)
    before = threading.active_count()
    store.close()
    assert threading.active_count() == before - 1
    assert [path.name for path in store.path.parent.iterdir()] == ["store.sqlite"]
    connection = sqlite3.connect(store.path)
    assert connection.execute("SELECT key FROM documents").fetchall() == [(key,)]
    connection.close()
