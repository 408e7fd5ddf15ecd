"""A store in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from mockserver.errors import SettingError, StoreBusyError, StoreError
from mockserver.store import Document, FileStore, Store

from .conftest import Stop, list_sessions, make_record, open_documents, put


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = FileStore(tmp_path / "store.sqlite")
    yield store
    store.close()


# Files


def test_a_named_file_survives_closing(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    first = FileStore(path)
    with first.transaction(writing=True) as transaction:
        partition = transaction.partitions.create()
        made = transaction.worlds.add(make_record("s"), {"calwe": partition})
        open_documents(transaction, partition).extend(
            Document("entry", "", {"n": n}, "1", n) for n in range(3)
        )
    first.close()
    assert path.is_file()
    second = FileStore(path)
    with second.transaction(writing=True) as transaction:
        assert transaction.worlds.get("sandbox", "s") == made
        assert transaction.worlds.get_partitions(made.id) == {"calwe": partition}
        documents = open_documents(transaction, partition)
        documents.append(Document("entry", "", {"n": 3}, "1", 3))
        found, size = documents.list_page("entry", "1", 0, 30)
        assert ([document.body["n"] for document in found], size) == ([0, 1, 2, 3], 4)
    second.close()


def test_two_stores_on_one_file_are_one_store(tmp_path: Path) -> None:
    one, other = FileStore(tmp_path / "s.sqlite"), FileStore(tmp_path / "s.sqlite")
    put(one, "1")
    put(other, "2")
    assert list_sessions(one) == list_sessions(other) == ["1", "2"]
    one.close()
    assert list_sessions(other) == ["1", "2"]
    other.close()


def test_many_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    # Workers of one server do so when they start together.
    barrier = threading.Barrier(6)
    raised: list[BaseException] = []

    def run() -> None:
        for n in range(20):
            barrier.wait()
            try:
                FileStore(tmp_path / f"{n}.sqlite").close()
            except Exception as error:
                raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def test_a_temporary_file_goes_when_the_store_is_closed() -> None:
    store = FileStore()
    put(store, "1")
    folder = store.path.parent
    assert store.path.is_file()
    store.close()
    assert not folder.exists()


def test_two_temporary_stores_are_two() -> None:
    one, other = FileStore(), FileStore()
    put(one, "1")
    assert list_sessions(other) == []
    one.close()
    other.close()


def test_a_file_of_an_older_layout_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE sandboxes (name TEXT PRIMARY KEY)")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(SettingError) as raised:
        FileStore(path)
    assert str(raised.value) == (
        f"'{path}' is no store of this version of Mockserver; choose another file."
    )
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT name FROM sqlite_master").fetchone() == ("sandboxes",)
    connection.close()


def test_the_database_of_another_program_is_refused_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(SettingError, match="is no store of this version"):
        FileStore(path)
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert rows == [("songs",)]
    connection.close()


def test_a_writer_that_does_not_come_to_an_end_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.store.file_store.BUSY_SECONDS", 0)
    one, other = FileStore(tmp_path / "s.sqlite"), FileStore(tmp_path / "s.sqlite")
    with one.transaction(writing=True) as transaction:
        open_documents(transaction).append(Document("session", "1", {}))
        with pytest.raises(StoreBusyError) as raised, other.transaction(writing=True):
            pass
        assert list_sessions(other) == []
    assert str(raised.value) == (
        "The store 's.sqlite' has been written to by another process for 0 seconds; try again."
    )
    put(other, "2")
    assert list_sessions(one) == ["1", "2"]
    one.close()
    other.close()


def test_a_store_that_does_not_wait_says_at_once_that_it_is_busy(store: Store) -> None:
    put(store, "1")
    store.stop_waiting()
    connection = sqlite3.connect(store.path)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError), store.transaction(writing=True):
        pass
    assert list_sessions(store) == ["1"]
    connection.close()
    put(store, "2")
    assert list_sessions(store) == ["1", "2"]


def test_transactions_are_committed_together(store: Store) -> None:
    with ThreadPoolExecutor() as pool:
        with store.commit_together():
            put(store, "1")
            with pytest.raises(Stop), store.transaction(writing=True) as transaction:
                open_documents(transaction).append(Document("session", "2", {}))
                raise Stop
            put(store, "3")
            assert list_sessions(store) == ["1", "3"]
            assert pool.submit(list_sessions, store).result() == []
        assert pool.submit(list_sessions, store).result() == ["1", "3"]


def test_what_is_committed_together_is_undone_together(store: Store) -> None:
    with pytest.raises(Stop), store.commit_together():
        put(store, "1")
        raise Stop
    assert list_sessions(store) == []
    put(store, "2")
    assert list_sessions(store) == ["2"]


def test_a_transaction_of_another_thread_is_not_committed_with_these(store: Store) -> None:
    store.stop_waiting()
    with ThreadPoolExecutor() as pool, store.commit_together(), pytest.raises(StoreBusyError):
        pool.submit(put, store, "1").result()


def test_nothing_is_committed_together_when_the_disk_is_full(store: Store) -> None:
    with pytest.raises(StoreError, match="database or disk is full"), store.commit_together():
        put(store, "1")
        with pytest.raises(StoreError), store.transaction(writing=True) as transaction:
            transaction.connection.exec_driver_sql("PRAGMA max_page_count = 1")
            body = {"text": "x" * 1_000_000}
            open_documents(transaction).append(Document("session", "2", body))
        with suppress(StoreError):
            put(store, "3")
    assert list_sessions(store) == []
    put(store, "4")
    assert list_sessions(store) == ["4"]


def _find_synchronous(store: Store) -> int:
    with store.transaction(writing=False) as transaction:
        pragma = transaction.worlds._connection.exec_driver_sql("PRAGMA synchronous")
        return int(pragma.scalar_one())


def test_no_process_waits_for_the_disk_to_write_a_temporary_file(tmp_path: Path) -> None:
    parent = FileStore()
    worker = FileStore(parent.path)
    assert (_find_synchronous(parent), _find_synchronous(worker)) == (0, 0)
    worker.close()
    parent.close()
    named = FileStore(tmp_path / "s.sqlite")
    assert _find_synchronous(named) == 1
    named.close()


# A file that cannot be used any more


def _delete(path: Path) -> None:
    path.unlink()


def _replace(path: Path) -> None:
    FileStore(path.with_name("other")).close()
    path.with_name("other").rename(path)


@pytest.mark.parametrize("lose", [_delete, _replace])
def test_a_file_that_is_deleted_or_replaced_is_not_used_on(
    store: Store, lose: Callable[[Path], None]
) -> None:
    put(store, "1")
    lose(store.path)
    for _ in range(2):
        with pytest.raises(StoreError) as raised:
            put(store, "2")
        assert str(raised.value) == (
            "The store 'store.sqlite' was deleted or replaced; end the server, and start it with "
            "a store that can be used."
        )
    assert store.path.exists() is (lose is _replace)


def _overwrite(path: Path, start: int) -> None:
    """Write over a file from a place on, as a faulty disk does."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(start)
        file.write(b"\xff" * (size - start))


def _fill(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        for n in range(200):
            open_documents(transaction).append(Document("session", str(n), {"text": "x" * 500}))


def test_a_damaged_file_is_said_while_it_is_used_and_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    store = FileStore(path)
    _fill(store)
    store.close()
    store = FileStore(path)
    store.stop_waiting()  # and so the connection that has read the file before is closed
    _overwrite(path, 4096)
    with pytest.raises(StoreError) as raised:
        list_sessions(store)
    assert str(raised.value) == (
        "The store 's.sqlite' cannot be used: database disk image is malformed; end the server, "
        "and start it with a store that can be used."
    )
    store.close()
    with pytest.raises(SettingError, match=r"' cannot be used as a store: .*\.$"):
        FileStore(path)


def test_a_start_does_not_read_the_documents_not_even_to_find_damage(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    store = FileStore(path)
    _fill(store)
    store.close()
    _overwrite(path, path.stat().st_size // 2)
    store = FileStore(path)
    with pytest.raises(StoreError, match="database disk image is malformed"):
        list_sessions(store)
    store.close()


@pytest.mark.parametrize("size", [50, 4096, 10_000, 100_000])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "s.sqlite"
    store = FileStore(path)
    _fill(store)
    store.close()
    assert path.stat().st_size > size
    os.truncate(path, size)
    with pytest.raises(SettingError, match="cannot be used as a store: ") as raised:
        FileStore(path)
    assert "\n" not in str(raised.value)


def test_a_full_disk_loses_the_write_and_is_said(store: Store) -> None:
    put(store, "1")
    with pytest.raises(StoreError) as raised, store.transaction(writing=True) as transaction:
        pages = transaction.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        transaction.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        open_documents(transaction).append(Document("session", "2", {"text": "x" * 100_000}))
    assert str(raised.value) == (
        "The store 'store.sqlite' cannot be written: database or disk is full."
    )
    assert list_sessions(store) == ["1"]


def test_readers_read_while_another_connection_writes(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize(
    "name", ["with space.db", "قاعدة.db", "per%20cent.db", "hash#1.db", "what?mode=ro.db", "a:b@c"]
)
def test_the_store_has_the_path_that_was_given(tmp_path: Path, name: str) -> None:
    store = FileStore(tmp_path / name)
    put(store, "1")
    store.close()
    assert (tmp_path / name).is_file()


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database, but long enough to have a header of a hundred bytes. " * 4)
    with pytest.raises(SettingError) as raised:
        FileStore(path)
    assert str(raised.value) == (
        f"'{path}' cannot be used as a store: file is not a database. Name a new file, or one that "
        "is a store."
    )
    assert path.read_text().startswith("Not a database")


def test_a_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as raised:
        FileStore(tmp_path)
    assert str(raised.value) == f"'{tmp_path}' cannot be used as a store: it is a folder. {_NEXT}"


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "store.sqlite"
    with pytest.raises(SettingError) as raised:
        FileStore(path)
    assert str(raised.value) == (
        f"'{path}' cannot be used as a store: there is no folder '{path.parent}'. {_NEXT}"
    )


_NEXT = "Name a new file, or one that is a store."


@pytest.mark.parametrize("name", [":memory:", "file::memory:", "file:a?mode=memory&cache=shared"])
def test_a_store_in_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError) as raised:
        FileStore(Path(name))
    assert str(raised.value) == (
        f"'{name}' cannot be used as a store: a store is a file, which the processes of a server "
        "share. Leave the store out for a temporary one."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    FileStore(path).close()
    path.chmod(0o444)
    with pytest.raises(SettingError, match="cannot be used as a store"):
        FileStore(path)
