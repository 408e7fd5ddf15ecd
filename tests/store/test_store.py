"""The store: an SQLite file with many sandboxes in it, read and written in transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.clock import Clock
from mockserver.errors import SettingError
from mockserver.store import Document, Documents, SandboxRecord, Store, Transaction


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def _record(name: str, base: str | None = None, own: frozenset[str] = frozenset()) -> SandboxRecord:
    return SandboxRecord(
        name=name,
        base=base,
        own=own,
        scenario="a scenario",
        seed=2**63 - 1,
        clock=Clock(real=5, virtual=-7, rate=0.5),
        tokens={"calwe": {"valid": ["مفتاح"], "required": True}},
        created=1_755_786_600_000_000,
    )


def _documents(transaction: Transaction, sandbox: str = "s", api: str = "calwe") -> Documents:
    return transaction.documents(sandbox, api, lambda: sandbox)


def _put(store: Store, key: str) -> None:
    with store.transaction(writing=True) as transaction:
        _documents(transaction).append(Document("session", key, {}))


def _sessions(store: Store) -> list[str]:
    with store.transaction(writing=False) as transaction:
        return [document.key for document in _documents(transaction).all("session")]


class Stop(Exception):
    """What a block raises to be stopped."""


# Transactions


def test_what_a_transaction_wrote_is_kept(store: Store) -> None:
    _put(store, "1")
    assert _sessions(store) == ["1"]


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    _put(store, "1")
    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        documents = _documents(transaction)
        documents.append(Document("session", "2", {}))
        documents.replace(Document("session", "1", {"changed": True}))
        transaction.create_sandbox(_record("s"))
        raise Stop
    with store.transaction(writing=False) as transaction:
        assert _documents(transaction).all("session") == [Document("session", "1", {})]
        assert _documents(transaction).size("session") == 1
        assert transaction.sandbox("s") is None
    _put(store, "2")
    assert _sessions(store) == ["1", "2"]


def test_a_clearing_that_raises_clears_nothing(store: Store) -> None:
    _put(store, "1")
    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        _documents(transaction).clear()
        raise Stop
    with store.transaction(writing=False) as transaction:
        assert _documents(transaction).size("session") == 1
        assert _documents(transaction).get("session", "1") == Document("session", "1", {})


def test_a_reader_sees_one_moment_however_much_is_written_meanwhile(store: Store) -> None:
    _put(store, "1")
    with store.transaction(writing=False) as transaction:
        documents = _documents(transaction)
        assert documents.size("session") == 1
        _put(store, "2")
        assert documents.size("session") == 1
        assert documents.get("session", "2") is None
    assert _sessions(store) == ["1", "2"]


def test_nobody_sees_what_is_not_yet_kept(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        _documents(transaction).append(Document("session", "1", {}))
        assert _sessions(store) == []
    assert _sessions(store) == ["1"]


# Files


def test_a_named_file_survives_closing(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    first = Store(path)
    with first.transaction(writing=True) as transaction:
        transaction.create_sandbox(_record("s", base="@b", own=frozenset({"calwe"})))
        _documents(transaction).extend(Document("entry", "", {"n": n}, "1", n) for n in range(3))
    first.close()
    assert path.is_file()
    second = Store(path)
    with second.transaction(writing=True) as transaction:
        assert transaction.sandbox("s") == _record("s", base="@b", own=frozenset({"calwe"}))
        documents = _documents(transaction)
        documents.append(Document("entry", "", {"n": 3}, "1", 3))
        found, size = documents.page("entry", "1", 0, 30)
        assert ([document.body["n"] for document in found], size) == ([0, 1, 2, 3], 4)
    second.close()


def test_two_stores_on_one_file_are_one_store(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "s.sqlite"), Store(tmp_path / "s.sqlite")
    _put(one, "1")
    _put(other, "2")
    assert _sessions(one) == _sessions(other) == ["1", "2"]
    one.close()
    assert _sessions(other) == ["1", "2"]
    other.close()


def test_many_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    # Workers of one server do so when they start together.
    barrier = threading.Barrier(6)
    raised: list[BaseException] = []

    def run() -> None:
        for n in range(20):
            barrier.wait()
            try:
                Store(tmp_path / f"{n}.sqlite").close()
            except Exception as error:
                raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def test_a_temporary_file_goes_when_the_store_is_closed() -> None:
    store = Store()
    _put(store, "1")
    folder = store.path.parent
    assert store.path.is_file()
    store.close()
    assert not folder.exists()


def test_two_temporary_stores_are_two() -> None:
    one, other = Store(), Store()
    _put(one, "1")
    assert _sessions(other) == []
    one.close()
    other.close()


def test_the_file_lets_readers_read_while_somebody_writes(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize(
    "name", ["with space.db", "قاعدة.db", "per%20cent.db", "hash#1.db", "what?mode=ro.db", "a:b@c"]
)
def test_the_file_is_called_what_it_was_asked_to_be_called(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path / name)
    _put(store, "1")
    store.close()
    assert (tmp_path / name).is_file()


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database, but long enough to have a header of a hundred bytes. " * 4)
    with pytest.raises(SettingError) as raised:
        Store(path)
    assert str(raised.value) == f"'{path}' cannot be used as a store: file is not a database."
    assert path.read_text().startswith("Not a database")


def test_a_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as raised:
        Store(tmp_path)
    assert str(raised.value) == f"'{tmp_path}' cannot be used as a store: {_UNOPENED}."


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "store.sqlite"
    with pytest.raises(SettingError) as raised:
        Store(path)
    assert str(raised.value) == f"'{path}' cannot be used as a store: {_UNOPENED}."


_UNOPENED = "unable to open database file"


# Sandboxes


def test_a_sandbox_comes_back_as_it_was_put(store: Store) -> None:
    record = _record("s", base="@base", own=frozenset({"ekran", "calwe"}))
    with store.transaction(writing=True) as transaction:
        transaction.create_sandbox(record)
    with store.transaction(writing=False) as transaction:
        assert transaction.sandbox("s") == record
        assert transaction.sandbox("S") is None


def test_updating_a_sandbox_changes_no_other(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        transaction.create_sandbox(_record("a"))
        transaction.create_sandbox(_record("b"))
        transaction.update_sandbox(_record("a", own=frozenset({"calwe"})))
        assert transaction.sandbox("a") == _record("a", own=frozenset({"calwe"}))
        assert transaction.sandbox("b") == _record("b")


def test_deleting_a_sandbox_takes_its_documents_and_no_others(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        for name in ("a", "b"):
            transaction.create_sandbox(_record(name))
            for api in ("calwe", "ekran"):
                _documents(transaction, name, api).append(Document("session", "1", {}))
        transaction.delete_sandbox("a")
        assert transaction.sandbox("a") is None
        for api in ("calwe", "ekran"):
            assert _documents(transaction, "a", api).all("session") == []
            assert _documents(transaction, "a", api).size("session") == 0
            assert _documents(transaction, "b", api).size("session") == 1
        assert transaction.sandbox("b") == _record("b")


def test_copying_takes_one_api_with_its_order_and_its_counters(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        source = _documents(transaction, "a")
        source.extend(Document("entry", key, {"it": key}, "1", 5, 6) for key in "cab")
        source.remove("entry", "a")
        _documents(transaction, "a", "ekran").append(Document("session", "1", {}))
        transaction.copy_documents("calwe", "a", "b")
        copy = _documents(transaction, "b")
        assert copy.page("entry", "1", 0, 5) == (
            [
                Document("entry", "c", {"it": "c"}, "1", 5, 6),
                Document("entry", "b", {"it": "b"}, "1", 5, 6),
            ],
            2,
        )
        assert _documents(transaction, "b", "ekran").size("session") == 0
        copy.append(Document("entry", "d", {}, "1", 5))
        assert [document.key for document in copy.of_owner("entry", "1")] == ["c", "b", "d"]
        assert copy.sizes("entry") == {"1": 3}
        assert source.sizes("entry") == {"1": 2}
        assert [document.key for document in source.of_owner("entry", "1")] == ["c", "b"]


def test_copying_nothing_gives_nothing(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        transaction.copy_documents("calwe", "a", "b")
        assert _documents(transaction, "b").sizes("session") == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Store(path).close()
    path.chmod(0o444)
    with pytest.raises(SettingError, match="cannot be used as a store"):
        Store(path)
