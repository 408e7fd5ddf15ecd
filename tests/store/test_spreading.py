"""Documents can be spread over machines by their partition: every key and statement names it.

The tables of documents are divided by PostgreSQL into parts, as a distributed one divides them, and
PostgreSQL says which parts each statement of a server reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from postgres import Cluster

from mockserver.settings import DatabaseUrl
from mockserver.store import database as connections
from mockserver.store import journal
from mockserver.store.tables import metadata

PARTS = 16
SPREAD = ("documents", "collections")
LOG = "/v1/customer/sessions/1/log"


def test_every_key_of_a_document_begins_with_its_partition() -> None:
    for name in SPREAD:
        table = metadata.tables[name]
        keys = [list(table.primary_key.columns), *(list(it.columns) for it in table.indexes)]
        assert {columns[0].name for columns in keys} == {"partition"}
    # What has a few rows for each world, exchange, check or removal is found by their names.
    others = {*metadata.tables, *journal.metadata.tables} - {*SPREAD}
    assert others == {
        *("worlds", "world_partitions", "partitions", "fault_responses"),
        *("exchanges", "writers", "check_runs", "removals"),
    }


def _spread_table(connection: psycopg.Connection[Any], name: str) -> None:
    """Divide a table by the hash of the partition, which each of its keys must have."""
    for statement in (
        f"ALTER TABLE {name} RENAME TO whole_{name}",
        f"CREATE TABLE {name} (LIKE whole_{name} INCLUDING ALL) PARTITION BY HASH (partition)",
        f"DROP TABLE whole_{name}",
        *(
            f"CREATE TABLE {name}_part_{n} PARTITION OF {name} "
            f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {n})"
            for n in range(PARTS)
        ),
    ):
        connection.execute(statement.encode())


def _find_parts(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "_part_" in plan.get("Relation Name", ""):
            yield plan["Relation Name"].partition("_part_")[2]
        plan = list(plan.values())
    if isinstance(plan, list | tuple):
        for item in plan:
            yield from _find_parts(item)


@pytest.fixture
def parts_read(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many parts a statement on documents or their counters has read at most, by its SQL."""
    parts: dict[str, int] = {}

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            text = str(query)
            if any(name in text for name in SPREAD):
                super().execute(f"EXPLAIN (FORMAT JSON) {text}", params)
                found = {*_find_parts(self.fetchall())}
                parts[text] = max(parts.get(text, 0), len(found))
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
            rows = list(params_seq)
            if any(name in str(query) for name in SPREAD):
                assert str(query).startswith("INSERT INTO ")
                assert len({row["partition"] for row in rows}) == 1
                parts[str(query)] = 1
            return super().executemany(query, rows, **options)

    class Connection(connections._Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.cursor_factory = Cursor

    monkeypatch.setattr(connections, "_Connection", Connection)
    return parts


def _act(client: httpx.Client) -> None:
    """Everything that a server does with documents, at least once."""
    scenario = {"scenario": "documented"}
    requests: list[tuple[str, str, Any]] = [
        ("GET", LOG, None),
        ("POST", LOG, {"action_type": "ENTERED"}),
        ("POST", "/__mock__/snapshots", {"name": "one"}),
        ("GET", "/v1/customer/sessions/6/log?page=2", None),
        ("GET", "/api/v1/cap/change_logs.json", None),
        ("GET", "/ekranapi/sessions", None),
        ("POST", LOG, {"action_type": "ENDED"}),
        ("POST", "/__mock__/events/ekran.log_in", {"with": {"user": 5}}),
        ("PATCH", "/__mock__/state/autozod/team/1000", {"name": "Renamed"}),
        ("DELETE", "/__mock__/state/avaamo/change/2202440", None),
        ("GET", "/__mock__/state", None),
        ("GET", "/__mock__/state/calwe/entry?owner=1", None),
        ("GET", "/__mock__/state/calwe/session", None),
        ("GET", "/__mock__/ids", None),
        ("GET", "/__mock__/diff?from=one", None),
        ("GET", "/__mock__/snapshots", None),
        ("GET", "/__mock__/snapshots/one/file", None),
        ("POST", "/__mock__/snapshots/one/restore", None),
        ("POST", "/__mock__/load", scenario),
        ("POST", "/__mock__/load?mode=add", {"scenario": ADDED}),
        ("POST", "/__mock__/reset", None),
        ("GET", "/__mock__/metrics", None),
        ("POST", "/__mock__/sandboxes", {"name": "other"}),
        ("DELETE", "/__mock__/sandboxes/other", None),
        ("DELETE", "/__mock__/snapshots/one", None),
    ]
    for method, path, body in requests:
        headers = {"Authorization": "Bearer t", "access-token": "t", "ApiKey": "t"}
        content = None if body is None else orjson.dumps(body)
        if content:
            headers["Content-Type"] = "application/json"
        response = client.request(method, path, headers=headers, content=content)
        assert response.is_success, f"{method} {path}: {response.text}"


ADDED = {
    "name": "added",
    "description": "One more session.",
    "apis": {"calwe": {"documents": {"session": [{"id": "77", "status": "PENDING"}]}}},
}


def test_no_statement_of_a_server_needs_documents_of_two_partitions(
    postgres: Cluster,
    start: Callable[..., httpx.Client],
    parts_read: dict[str, int],
) -> None:
    url = postgres.make_url(postgres.make_database("template_store"))
    with psycopg.connect(url, autocommit=True) as connection:
        for name in SPREAD:
            _spread_table(connection, name)
    client = start(store=DatabaseUrl(url))
    for n in range(2):
        client.headers["X-Mock-Sandbox"] = f"spread-{n}"
        _act(client)
    assert len(parts_read) > 20
    most: dict[str, int] = {}
    for text, number in parts_read.items():
        purpose = _find_purpose(text)
        most[purpose] = max(most.get(purpose, 0), number)
    assert most == {
        "everything else": 1,
        "compares two worlds": 2,
        "counts the documents of several worlds": PARTS,
    }


def _find_purpose(text: str) -> str:
    if "LEFT OUTER JOIN documents" in text:
        return "compares two worlds"
    if text.startswith("SELECT world_partitions.world, sum(") or text.endswith("FROM collections"):
        return "counts the documents of several worlds"
    return "everything else"
