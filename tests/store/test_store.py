"""A store: many worlds, read and written in transactions, in a file and in a database."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from mockserver.errors import StoreBusyError
from mockserver.store import Document, Store

from .conftest import Stop, list_sessions, make_record, open_documents, put

# Transactions


def test_the_writes_of_a_transaction_are_stored(store: Store) -> None:
    put(store, "1")
    assert list_sessions(store) == ["1"]


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    put(store, "1")
    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        documents = open_documents(transaction)
        documents.append(Document("session", "2", {}))
        documents.replace(Document("session", "1", {"changed": True}))
        transaction.worlds.add(make_record("s"), {"calwe": transaction.partitions.create()})
        raise Stop
    with store.transaction(writing=False) as transaction:
        assert open_documents(transaction).list_all("session") == [Document("session", "1", {})]
        assert open_documents(transaction).get_size("session") == 1
        assert transaction.worlds.get("sandbox", "s") is None
        assert transaction.worlds.count("sandbox") == 0
    put(store, "2")
    assert list_sessions(store) == ["1", "2"]


def test_a_clearing_that_raises_clears_nothing(store: Store) -> None:
    put(store, "1")
    with pytest.raises(Stop), store.transaction(writing=True) as transaction:
        open_documents(transaction).clear()
        raise Stop
    with store.transaction(writing=False) as transaction:
        assert open_documents(transaction).get_size("session") == 1
        assert open_documents(transaction).get("session", "1") == Document("session", "1", {})


def test_a_reader_sees_one_moment_however_much_is_written_meanwhile(store: Store) -> None:
    put(store, "1")
    with store.transaction(writing=False) as transaction:
        documents = open_documents(transaction)
        assert documents.get_size("session") == 1
        put(store, "2")
        assert documents.get_size("session") == 1
        assert documents.get("session", "2") is None
    assert list_sessions(store) == ["1", "2"]


def test_uncommitted_writes_are_not_visible_to_others(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        open_documents(transaction).append(Document("session", "1", {}))
        assert list_sessions(store) == []
    assert list_sessions(store) == ["1"]


# Locks


def _run_in_thread(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_writers_of_one_sandbox_take_turns(make_store: Callable[[], Store]) -> None:
    stores = [make_store(), make_store()]
    order: list[str] = []
    is_inside = threading.Event()

    def write(store: Store, name: str) -> None:
        with store.wait_for_transaction(writing=True, sandbox="a"):
            order.append(f"{name} begins")
            is_inside.set()
            threading.Event().wait(0.1)
            order.append(f"{name} ends")

    first = _run_in_thread(lambda: write(stores[0], "one"))
    is_inside.wait(60)
    second = _run_in_thread(lambda: write(stores[1], "other"))
    first.join()
    second.join()
    assert order == ["one begins", "one ends", "other begins", "other ends"]


def test_a_writer_sees_what_the_one_before_it_wrote(make_store: Callable[[], Store]) -> None:
    stores = [make_store(), make_store()]

    def write(store: Store) -> None:
        for _ in range(20):
            with store.wait_for_transaction(writing=True, sandbox="a") as transaction:
                documents = open_documents(transaction)
                documents.append(Document("session", str(documents.get_size("session")), {}))

    threads = [_run_in_thread(lambda store=store: write(store)) for store in stores]  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert sorted(list_sessions(stores[0]), key=int) == [str(n) for n in range(40)]


def test_who_writes_alone_waits_for_all_others(make_store: Callable[[], Store]) -> None:
    stores = [make_store(), make_store()]
    has_begun: list[bool] = []

    def write() -> None:
        with stores[1].wait_for_transaction(writing=True, alone=True):
            has_begun.append(True)

    with stores[0].transaction(writing=True, sandbox="a"):
        thread = _run_in_thread(write)
        thread.join(0.1)
        assert not has_begun
    thread.join()
    assert has_begun == [True]


def test_a_lock_that_another_has_for_long_is_given_up(make_store: Callable[[], Store]) -> None:
    stores = [make_store(), make_store()]
    with (
        stores[0].transaction(writing=True, sandbox="a"),
        pytest.raises(StoreBusyError, match="for 2 seconds; try again"),
        stores[1].transaction(writing=True, sandbox="a"),
    ):
        pass
    with stores[1].transaction(writing=True, sandbox="a"):
        pass  # it was not left behind
