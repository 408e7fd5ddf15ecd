"""The tables: what makes a document one of a kind, and that no question walks all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.store import Document, Documents, FileStore, Store, Transaction, WorldRecord


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = FileStore(tmp_path / "store.sqlite")
    yield store
    store.close()


def _insert(connection: sqlite3.Connection, key: str, owner: str, seq: int) -> None:
    connection.execute(
        "INSERT INTO documents VALUES (1, 'entry', ?, ?, ?, ?, NULL, NULL, NULL, '{}')",
        (len(key), key, owner, seq),
    )


def _plans(store: Store, query: Callable[[Transaction], object]) -> list[str]:
    """How SQLite goes about each statement that a question becomes."""
    executed: list[str] = []
    with store.transaction(writing=True) as transaction:
        driver: Any = transaction.connection.connection.driver_connection
        driver.set_trace_callback(executed.append)
        query(transaction)
        driver.set_trace_callback(None)
    with sqlite3.connect(store.path) as connection:
        plans = [
            " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
            for sql in executed
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"))
        ]
    connection.close()
    return plans


def _here(transaction: Transaction) -> Documents:
    return transaction.documents(1, lambda: 1)


def test_the_tables_of_a_store(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert sorted(name for (name,) in rows) == [
        "check_runs",
        "collections",
        "documents",
        "fault_responses",
        "partitions",
        "removals",
        "sqlite_sequence",
        "world_partitions",
        "worlds",
    ]
    connection.close()


def test_a_number_of_a_partition_is_never_given_twice(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        first = transaction.partitions.create()
        while transaction.partitions.collect_garbage(10):
            pass
        second = transaction.partitions.create()
    assert (first, second) == (1, 2)


def test_a_name_of_a_world_is_taken_once_in_a_role_and_an_owner(store: Store) -> None:
    insert = (
        "INSERT INTO worlds (role, owner, name, scenario, seed, clock_real, clock_virtual, "
        "clock_rate, tokens, mutations, validation, upstreams, faults, fault_states, began, "
        "variants, created, used) "
        "VALUES (?, ?, 'a', 's', 1, 0, 0, 1.0, '{}', '', '', '', '', '', 0, '', 0, 0)"
    )
    places = [("sandbox", ""), ("template", ""), ("snapshot", "x"), ("snapshot", "y")]
    connection = sqlite3.connect(store.path)
    for place in places:
        connection.execute(insert, place)
    for place in places:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(insert, place)
    connection.close()


def test_a_world_has_one_partition_for_each_api(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    connection.execute("INSERT INTO world_partitions VALUES (1, 'calwe', 1)")
    connection.execute("INSERT INTO world_partitions VALUES (1, 'ekran', 1)")
    connection.execute("INSERT INTO world_partitions VALUES (2, 'calwe', 1)")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO world_partitions VALUES (1, 'calwe', 2)")
    connection.close()


def test_a_key_is_taken_once_in_a_kind(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    _insert(connection, "a", "1", 1)
    with pytest.raises(sqlite3.IntegrityError):
        _insert(connection, "a", "2", 1)
    connection.close()


def test_a_page_is_read_off_an_index_in_its_order(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        _here(transaction).extend(Document("entry", "", {}, owner="1") for _ in range(3))
    plan = _plans(store, lambda transaction: _here(transaction).list_page("entry", "1", 1, 1))[-1]
    assert "documents_of_owner" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "query",
    [
        lambda documents: documents.get("entry", "a"),
        lambda documents: documents.list_newest("entry", ["1", "2"], 9, 5),
        lambda documents: documents.page_newest("entry", ["1", "2"], 5, 9, 0, 5),
        lambda documents: documents.count("entry", ["1", "2"], 5, 9),
        lambda documents: documents.list_overlapping("entry", "1", 5, 9),
        lambda documents: documents.get_time_spans("entry", ["1", "2"], 5, 9),
        lambda documents: documents.get_greatest_key("entry"),
        lambda documents: documents.list_first("entry", 5),
    ],
    ids=["get", "newest", "page newest", "count", "overlapping", "extent", "greatest", "first"],
)
def test_no_query_reads_every_document(store: Store, query: Callable[..., Any]) -> None:
    plans = _plans(store, lambda transaction: query(_here(transaction)))
    assert plans
    assert all("SEARCH documents" in plan for plan in plans)
    assert not any("SCAN documents" in plan for plan in plans)


def test_a_size_reads_the_counters_only(store: Store) -> None:
    (plan,) = _plans(store, lambda transaction: _here(transaction).get_size("entry", "1"))
    assert "SEARCH collections" in plan
    assert "documents" not in plan


@pytest.mark.parametrize(
    "query",
    [
        lambda transaction: transaction.worlds.get("sandbox", "a"),
        lambda transaction: transaction.worlds.get_by_id(1),
        lambda transaction: transaction.worlds.get_with_partition("sandbox", "a", "calwe"),
        lambda transaction: transaction.worlds.note_uses({"a": 5}),
        lambda transaction: transaction.worlds.count("snapshot", "a"),
        lambda transaction: transaction.worlds.list_all("snapshot", "a"),
        lambda transaction: transaction.worlds.list_unused("template", 9, 9),
        lambda transaction: transaction.worlds.get_partitions(1),
        lambda transaction: transaction.worlds.set_partitions(1, {"calwe": 2}),
        lambda transaction: transaction.worlds.freeze(1),
        lambda transaction: transaction.worlds.get_sizes([1, 2]),
        lambda transaction: transaction.worlds.remove(transaction.worlds.get_by_id(1)),
    ],
    ids=[
        "get", "by id", "opened", "touch", "count", "all", "unused",
        "partitions", "set partitions", "freeze", "sizes", "remove",
    ],
)  # fmt: skip
def test_a_world_is_found_without_reading_the_others(
    store: Store, query: Callable[[Transaction], object]
) -> None:
    with store.transaction(writing=True) as transaction:
        record = WorldRecord("sandbox", "a", "s", 1, Clock(), {}, 0, 0)
        transaction.worlds.add(record, {"calwe": transaction.partitions.create()})
    plans = _plans(store, query)
    assert plans
    assert not any(
        f"SCAN {table}" in plan
        for plan in plans
        for table in ("worlds", "world_partitions", "partitions", "collections", "documents")
    )


@pytest.mark.parametrize(
    "query",
    [
        lambda transaction: transaction.partitions.copy(1),
        lambda transaction: list(transaction.partitions.list_collections(1)),
        lambda transaction: _here(transaction).page_in_order("entry", "1", 0, 5),
        lambda transaction: _here(transaction).page_in_order("entry", None, 0, 5),
        lambda transaction: transaction.partitions.has_more_than(1, 5),
        lambda transaction: _here(transaction).get_total_size("entry"),
        lambda transaction: list(transaction.partitions.find_differences(1, 2)),
        lambda transaction: transaction.partitions.collect_garbage(5),
    ],
    ids=["copy", "content", "page", "page of all", "more than", "sizes", "differences", "garbage"],
)
def test_a_partition_is_read_without_reading_the_others(
    store: Store, query: Callable[[Transaction], object]
) -> None:
    with store.transaction(writing=True) as transaction:
        partition = transaction.partitions.create()
        documents = transaction.documents(partition, lambda: partition)
        documents.extend(Document("entry", "", {}, owner="1") for _ in range(3))
    plans = _plans(store, query)
    assert plans
    assert not any(f"SCAN {table}" in plan for plan in plans for table in _ROWS)


_ROWS = ("collections", "documents", "world_partitions")


def test_rows_are_copied_and_deleted_in_steps_that_read_no_others(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        partition = transaction.partitions.create()
        documents = transaction.documents(partition, lambda: partition)
        documents.extend(Document("entry", "", {}, owner="1") for _ in range(4))
        copying = transaction.partitions.begin_copy(partition)
        transaction.partitions.copy_some(copying, 2)
    plans = _plans(store, lambda transaction: transaction.partitions.copy_some(copying, 1))
    place = "INDEX sqlite_autoindex_documents_1 (partition=? AND kind=? AND "
    after = f"SEARCH documents USING COVERING {place}(key_length,key)>(?,?))"
    assert plans == [
        after,
        f"SEARCH documents USING {place}(key_length,key)>(?,?) AND (key_length,key)<(?,?))",
    ]
    plans = _plans(store, lambda transaction: transaction.partitions.collect_garbage(2))
    assert f"SEARCH documents USING {place}(key_length,key)<(?,?))" in plans
