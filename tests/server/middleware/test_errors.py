"""Errors: whatever goes wrong below gets a response in the right shape, and the server goes on."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.apis.autozod import model as autozod
from mockserver.apis.avaamo import model as avaamo
from mockserver.apis.calwe import model as calwe
from mockserver.apis.calwe import wire
from mockserver.apis.ekran import model as ekran
from mockserver.server.control import server as control

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"
AUTOZOD = (
    "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
    "&start_date=21-08-2025&end_date=21-08-2025"
)


def crash(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a bug of ours")


@pytest.mark.parametrize(
    ("module", "function", "path", "keys", "key"),
    [
        (calwe, "page_entries", LOG, ["success", "message", "data", "statusCode"], "message"),
        (autozod, "compute_accounts", AUTOZOD, ["success", "message"], "message"),
        (avaamo, "page_changes", "/api/v1/cap/change_logs.json", ["error"], "error"),
        (ekran, "list_sessions", "/ekranapi/sessions", ["message"], "message"),
    ],
    ids=["calwe", "autozod", "avaamo", "ekran"],
)
def test_a_crash_in_a_handler_is_a_500_in_the_vendor_s_shape(
    documented: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    module: Any,
    function: str,
    path: str,
    keys: list[str],
    key: str,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(module, function, crash)
        response = documented.get(path, headers=BEARER)

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == keys
    assert "RuntimeError: a bug of ours" in response.json()[key]
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info
    assert "Traceback" in caplog.text
    assert "raise RuntimeError" in caplog.text
    assert documented.get(path, headers=BEARER).status_code == 200


def test_a_crash_has_the_envelope_with_its_status(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calwe, "page_entries", crash)
    body = documented.get(LOG, headers=BEARER).json()

    assert (body["success"], body["data"], body["statusCode"]) == (False, None, 500)


def test_a_crash_undoes_what_the_handler_wrote(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = calwe.append_entry

    def write_and_crash(*arguments: Any) -> Any:
        append(*arguments)
        raise RuntimeError("too late")

    with monkeypatch.context() as broken:
        broken.setattr(calwe, "append_entry", write_and_crash)
        response = documented.post(LOG, headers=BEARER, json={"action_type": "ENDED"})

    assert response.status_code == 500
    assert documented.get(LOG, headers=BEARER).json()["data"]["total"] == 2
    # The session is not closed either, and nothing holds the store.
    assert documented.post(LOG, headers=BEARER, json={"action_type": "LEFT"}).status_code == 200


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), MemoryError(), AssertionError("no"), KeyError("x")]
)
def test_any_exception_gets_a_response(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(calwe, "page_entries", fail)
        response = documented.get(LOG, headers=BEARER)

    assert response.status_code == 500
    assert type(error).__name__ in response.json()["message"]
    assert documented.get(LOG, headers=BEARER).status_code == 200


def test_a_body_that_is_not_json_serialisable_is_a_500(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(wire, "paginate", lambda *_, **__: {"success": object()})
        response = documented.get(LOG, headers=BEARER)

    assert response.status_code == 500
    assert response.json()["statusCode"] == 500


def test_a_crash_in_a_page_of_the_mock_is_a_problem(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(control, "Counter", crash)
        response = documented.get("/__mock__/apis")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert list(response.json()) == ["type", "title", "status", "detail"]
    assert "a bug of ours" in response.json()["detail"]
    assert "Traceback" in caplog.text
    assert documented.get("/__mock__/apis").status_code == 200


def test_a_refusal_is_not_logged(
    documented: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    documented.get(LOG)
    documented.get("/v1/nope")
    documented.get("/v1/%00")
    documented.post(LOG, headers=BEARER, json={})

    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_store_that_another_process_locks_is_a_503_in_the_vendors_shape(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    store = tmp_path / "worlds.sqlite"
    client = start(scenario="documented", store=store)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        response = client.post(
            "/v1/customer/sessions/1/log",
            headers={"Authorization": "Bearer t", "Content-Type": "application/json"},
            content=b'{"action_type":"ENTERED"}',
            timeout=30,
        )
        other.execute("ROLLBACK")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.json() == {
        "success": False,
        "message": "حدث خطأ في الخادم: The store 'worlds.sqlite' has been written to by another "
        "process for 2 seconds; try again.",
        "data": None,
        "statusCode": 503,
    }


def test_a_write_waits_for_the_lock_of_another_process_and_no_read_waits_for_the_write(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    store = tmp_path / "worlds.sqlite"
    client = start(scenario="documented", store=store)
    with (
        closing(sqlite3.connect(store, isolation_level=None, check_same_thread=False)) as other,
        ThreadPoolExecutor() as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        writing = pool.submit(client.post, LOG, headers=BEARER, json={"action_type": "ENTERED"})
        for _ in range(20):
            assert client.get(LOG, headers=BEARER).json()["data"]["total"] == 2
        assert not writing.done()
        other.execute("ROLLBACK")
        assert writing.result().status_code == 200
    assert client.get(LOG, headers=BEARER).json()["data"]["total"] == 3


def test_a_store_that_is_deleted_while_it_is_served_is_a_503_everywhere(
    start: Callable[..., httpx.Client],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.store.file_store.LOOK_SECONDS", 0)
    store = tmp_path / "worlds.sqlite"
    client = start(scenario="documented", store=store)
    store.unlink()
    response = client.get(LOG, headers=BEARER)

    sentence = (
        "The store 'worlds.sqlite' was deleted or replaced; end the server, and start it with a "
        "store that can be used."
    )
    assert response.status_code == 503
    assert response.json()["message"] == f"حدث خطأ في الخادم: {sentence}"
    ready = client.get("/__mock__/ready")
    assert ready.status_code == 503
    assert ready.json()["detail"] == f"The sandbox 'default' cannot be read: {sentence}"
    assert client.get("/__mock__/health").status_code == 200
    # Neither each request is logged, nor each attempt to clean up.
    assert {client.get(LOG, headers=BEARER).status_code for _ in range(20)} == {503}
    assert [
        record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR
    ] == [sentence]
    assert "Traceback" not in caplog.text
    assert not store.exists()
