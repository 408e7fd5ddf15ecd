"""The tables: what makes a document one of a kind, and that no question walks all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from mockserver.store import Document, Documents, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def _insert(connection: sqlite3.Connection, key: str, owner: str, seq: int) -> None:
    connection.execute(
        "INSERT INTO documents VALUES ('s', 'calwe', 'entry', ?, ?, ?, NULL, NULL, '{}')",
        (key, owner, seq),
    )


def _plans(store: Store, ask: Callable[..., Any]) -> list[str]:
    """How SQLite goes about each statement that a question becomes."""
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, sql: str, values: object, *_: object) -> None:
        asked.append((sql, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with store.transaction(writing=False) as transaction:
            ask(transaction.documents("s", "calwe", lambda: "s"))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with sqlite3.connect(store.path) as connection:
        plans = [
            " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in asked
            if sql.startswith("SELECT")
        ]
    connection.close()
    return plans


def test_there_are_three_tables(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert sorted(name for (name,) in rows) == ["collections", "documents", "sandboxes"]
    connection.close()


def test_a_key_is_taken_once_in_a_kind(store: Store) -> None:
    connection = sqlite3.connect(store.path)
    _insert(connection, "a", "1", 1)
    with pytest.raises(sqlite3.IntegrityError):
        _insert(connection, "a", "2", 1)
    connection.close()


def test_a_page_is_read_off_an_index_in_its_order(store: Store) -> None:
    with store.transaction(writing=True) as transaction:
        documents = transaction.documents("s", "calwe", lambda: "s")
        documents.extend(Document("entry", "", {}, owner="1") for _ in range(3))
    plan = _plans(store, lambda documents: documents.page("entry", "1", 1, 1))[-1]
    assert "documents_of_owner" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "ask",
    [
        lambda documents: documents.get("entry", "a"),
        lambda documents: documents.newest("entry", ["1", "2"], 5, 9, 0, 5),
        lambda documents: documents.count("entry", ["1", "2"], 5, 9),
        lambda documents: documents.overlapping("entry", 5, 9),
        lambda documents: documents.overlapping("entry", 5, 9, owner="1"),
        lambda documents: documents.first_and_last("entry", ["1", "2"], 5, 9),
    ],
    ids=["get", "newest", "count", "overlapping", "overlapping of an owner", "first and last"],
)
def test_no_question_walks_every_document(store: Store, ask: Callable[..., Any]) -> None:
    plans = _plans(store, ask)
    assert plans
    assert all("SEARCH documents" in plan for plan in plans)
    assert not any("SCAN documents" in plan for plan in plans)


def test_a_size_is_asked_of_the_counters_alone(store: Store) -> None:
    def ask(documents: Documents) -> None:
        documents.size("entry", "1")

    (plan,) = _plans(store, ask)
    assert "SEARCH collections" in plan
    assert "documents" not in plan
