"""Calls of the store: who waits for a lock, and for how long."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import StoreBusyError, StoreError
from mockserver.server import store_calls
from mockserver.server.store_calls import StoreCalls
from mockserver.store import Document, FileStore, Store
from mockserver.store.postgres import PostgresStore

NAME = ContextVar[str]("NAME")


class CountingStore(FileStore):
    """A file that counts what is committed together; the commits fail with `error`."""

    error: Exception | None = None
    commits = 0

    @contextmanager
    def commit_together(self) -> Iterator[None]:
        with super().commit_together():
            yield
            if self.error:
                raise self.error
        self.commits += 1


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingStore]:
    monkeypatch.setattr(store_calls, "_MOST_TOGETHER", 60_000_000)  # however slow the machine is
    with closing(CountingStore(tmp_path / "store.sqlite")) as store:
        store.stop_waiting()
        yield store


def call_all(store: Store, *functions: Callable[[], object]) -> list[Any]:
    """The results of calls that are made at the same time, or their errors."""

    async def run() -> list[Any]:
        with closing(StoreCalls(store)) as calls:
            attempts = [calls.attempt(function) for function in functions]
            return await asyncio.gather(*attempts, return_exceptions=True)

    return asyncio.run(run())


def put(store: FileStore, key: str, error: Exception | None = None) -> str:
    """The key of a new document; or an error is raised after it was added."""
    with store.transaction(writing=True) as transaction:
        transaction.documents(1, lambda: 1).append(Document("session", key, {}))
        if error:
            raise error
    return key


def list_keys(store: FileStore) -> list[str]:
    with store.transaction(writing=False) as transaction:
        return [it.key for it in transaction.documents(1, lambda: 1).list_all("session")]


def test_writers_that_are_there_at_the_same_time_are_committed_together(
    store: CountingStore,
) -> None:
    error = ValueError("refused")
    results = call_all(
        store, lambda: put(store, "1"), lambda: put(store, "2", error), lambda: put(store, "3")
    )
    assert results == ["1", error, "3"]
    assert (list_keys(store), store.commits) == (["1", "3"], 1)
    assert call_all(store, lambda: put(store, "4", error)) == [error]
    assert call_all(store, lambda: put(store, "5")) == ["5"]
    assert (list_keys(store), store.commits) == (["1", "3", "5"], 1)


def test_a_commit_that_fails_is_the_failure_of_all_of_them(store: CountingStore) -> None:
    store.error = StoreError("the disk is full")
    assert call_all(store, lambda: put(store, "1"), lambda: put(store, "2")) == [store.error] * 2
    assert (list_keys(store), store.commits) == ([], 0)


def test_writers_that_take_long_are_committed_in_steps(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_calls, "_MOST_TOGETHER", 0)
    results = call_all(
        store, lambda: put(store, "1"), lambda: put(store, "2"), lambda: put(store, "3")
    )
    assert (results, list_keys(store)) == (["1", "2", "3"], ["1", "2", "3"])
    assert store.commits == 2  # the last one is a transaction of its own


def test_a_writer_waits_for_the_lock_of_another_process(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            other.execute("COMMIT")

    monkeypatch.setattr("time.sleep", nap)
    assert call_all(store, lambda: put(store, "1"), lambda: put(store, "2")) == ["1", "2"]
    assert (len(naps), store.commits) == (3, 1)
    other.close()


def test_writers_that_have_waited_too_long_are_refused(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_calls, "BUSY_SECONDS", 0.1)
    naps: list[float] = []
    monkeypatch.setattr("time.sleep", naps.append)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = call_all(store, lambda: put(store, "1"), lambda: put(store, "2"))
    assert [type(result) for result in results] == [StoreBusyError] * 2
    assert sum(naps) <= 0.002  # in which the event loop serves no one
    other.close()
    assert call_all(store, lambda: put(store, "3")) == ["3"]
    assert list_keys(store) == ["3"]


def test_a_writer_whose_client_has_left_writes_nothing(store: CountingStore) -> None:
    async def run() -> list[Any]:
        with closing(StoreCalls(store)) as calls:
            attempts: list[Awaitable[str]] = [
                asyncio.create_task(calls.attempt(lambda key=key: put(store, key)))  # type: ignore[misc]
                for key in ("1", "2")
            ]
            await asyncio.sleep(0)
            attempts[0].cancel()  # type: ignore[attr-defined]
            return await asyncio.gather(*attempts, return_exceptions=True)

    assert [type(it) for it in asyncio.run(run())] == [asyncio.CancelledError, str]
    assert list_keys(store) == ["2"]


def test_a_writer_has_the_context_of_its_request(store: CountingStore) -> None:
    async def request(calls: StoreCalls, name: str) -> str:
        NAME.set(name)
        return await calls.attempt(NAME.get)

    async def run() -> list[str]:
        with closing(StoreCalls(store)) as calls:
            return await asyncio.gather(request(calls, "one"), request(calls, "two"))

    assert asyncio.run(run()) == ["one", "two"]


def test_who_only_reads_does_not_wait(store: CountingStore) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def run() -> list[str]:
        with closing(StoreCalls(store)) as calls:
            return await calls.attempt(lambda: list_keys(store), is_writing=False)

    assert (asyncio.run(run()), store.commits) == ([], 0)
    other.close()


def test_calls_that_wait_for_the_same_lock_of_a_database_are_refused_together(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_calls, "BUSY_SECONDS", 0.1)
    tried: list[int] = []

    def find_lock_taken(n: int) -> None:
        tried.append(n)
        raise StoreBusyError("busy")

    with closing(PostgresStore(database)) as store:
        results = call_all(store, *(lambda n=n: find_lock_taken(n) for n in range(5)))  # type: ignore[misc]
    assert [type(error) for error in results] == [StoreBusyError] * 5
    # The others have waited while the first one tried again and again, and try once more.
    assert tried.count(0) > 2
    assert [tried.count(n) for n in range(1, 5)] == [2, 2, 2, 2]
    assert tried[-4:] == [1, 2, 3, 4]
