"""A call: which of them may change state decides how their transaction is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mockserver.apis import load
from mockserver.contract import Request
from mockserver.errors import BadRequest
from mockserver.server.call import Call

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}


@pytest.mark.parametrize(
    ("operation", "is_writing"),
    [
        ("listSessionLogs", False),
        ("listCoachSessionLogs", False),
        ("createSessionLog", True),
        ("createCoachSessionLog", True),
    ],
)
def test_only_methods_that_http_calls_unsafe_write(operation: str, is_writing: bool) -> None:
    api = load(["calwe"])["calwe"]
    request = Request(method="GET", path="/")

    call = Call(api, api.contract.operation(operation), request, {}, {}, "http://x/")

    assert call.is_writing is is_writing


def test_it_names_its_sandbox_or_what_it_names_is_refused() -> None:
    api = load(["calwe"])["calwe"]

    def sandbox(name: bytes) -> str:
        scope = {"headers": [(b"x-mock-sandbox", name)]}
        operation = api.contract.operation("listSessionLogs")
        return Call(api, operation, Request("GET", "/"), {}, scope, "http://x/").sandbox

    assert sandbox(b"mine") == "mine"
    with pytest.raises(BadRequest, match="'no name' cannot be a sandbox's name"):
        sandbox(b"no name")


def test_reading_does_not_wait_for_somebody_who_writes(start: Any, tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    client = start(scenario="documented", store=store)
    assert client.get(LOG, headers=BEARER).status_code == 200  # which makes the sandbox

    writer = sqlite3.connect(store, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        # With the store held, a request that asked to write would be refused after two seconds.
        assert client.get(LOG, headers=BEARER).status_code == 200
        assert client.head(LOG, headers=BEARER).status_code == 200
    finally:
        writer.close()
    answer = client.post(LOG, headers=BEARER, json={"action_type": "LEFT"})
    assert answer.status_code == 200
