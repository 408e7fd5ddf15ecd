"""Scenarios and snapshots that take long: others are served meanwhile, and nothing half remains."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mockserver.sandbox import sandboxes, world
from mockserver.server.middleware import dispatch, request_guard
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings
from mockserver.store import Documents

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
YAML = {"Content-Type": "application/yaml"}
SCENARIO = (
    "name: big\ndescription: d\napis: {calwe: {documents: {session: ["
    + ", ".join(f"{{id: '{n}', status: PENDING}}" for n in range(1_000, 2_000))
    + "]}}}\n"
).encode()

Eventually = Callable[[Callable[[], bool]], None]


class Halt:
    """Stops the first batch of documents that is written, until it is released."""

    def __init__(self) -> None:
        self.is_armed = False
        self.reached = threading.Event()
        self.released = threading.Event()

    def __call__(self, documents: Documents, new: Any) -> None:
        if self.is_armed:
            self.reached.set()
            assert self.released.wait(60)
        WRITE(documents, new)


WRITE = Documents.extend_checked


@pytest.fixture
def halt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Halt]:
    it = Halt()
    monkeypatch.setattr(Documents, "extend_checked", lambda *given: it(*given))
    yield it
    it.released.set()


@pytest.fixture
def server() -> Iterator[str]:
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        yield url


def load(url: str, mode: str = "replace") -> httpx.Response:
    path = f"{url}/__mock__/load?mode={mode}"
    return httpx.post(path, headers=YAML, content=SCENARIO, timeout=60, verify=False)


def send_load(url: str) -> socket.socket:
    """Sends a request to load the scenario, and does not wait for the response."""
    address = httpx.URL(url)
    connection = socket.create_connection((address.host, address.port or 0), timeout=60)
    connection.sendall(
        b"POST /__mock__/load HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(SCENARIO), SCENARIO)
    )
    return connection


def get_scenario(url: str) -> str:
    found: str = httpx.get(f"{url}/__mock__/sandboxes/default", verify=False).json()["scenario"]
    return found


@pytest.mark.parametrize("mode", ["replace", "add"])
def test_others_are_served_while_a_scenario_is_loaded(server: str, halt: Halt, mode: str) -> None:
    results: list[httpx.Response] = []
    halt.is_armed = True
    thread = threading.Thread(target=lambda: results.append(load(server, mode)))
    thread.start()
    assert halt.reached.wait(60)

    assert httpx.get(server + LOG, headers=BEARER, verify=False).status_code == 200
    assert httpx.get(f"{server}/__mock__/clock", verify=False).status_code == 200
    assert get_scenario(server) == "documented"
    assert not results
    halt.released.set()
    thread.join()
    assert results[0].status_code == 200
    assert results[0].json()["documents"] == (1_000 if mode == "replace" else 1_015)


@pytest.mark.parametrize("mutated", [False, True])
def test_others_are_served_while_the_first_write_copies_a_large_world(
    server: str, halt: Halt, monkeypatch: pytest.MonkeyPatch, mutated: bool
) -> None:
    monkeypatch.setattr(world, "MAX_COPIED", 0)
    monkeypatch.setattr(sandboxes, "MAX_COPIED", 0)
    monkeypatch.setattr(sandboxes, "_MAX_ROWS_COPIED", 2)

    def wait(_: float) -> None:  # between two steps
        halt.reached.set()
        assert halt.released.wait(60)

    if mutated:
        name = "calwe.createSessionLog.other-status:200"
        httpx.put(f"{server}/__mock__/mutations/{name}", verify=False).raise_for_status()
    monkeypatch.setattr(sandboxes, "time", SimpleNamespace(sleep=wait))
    results: list[int] = []

    def write() -> None:
        body = {"action_type": "ENTERED"}
        response = httpx.post(server + LOG, json=body, headers=BEARER, timeout=60, verify=False)
        results.append(response.status_code)

    thread = threading.Thread(target=write)
    thread.start()
    assert halt.reached.wait(60)
    assert httpx.get(server + LOG, headers=BEARER, verify=False).status_code == 200
    other = {**BEARER, "X-Mock-Sandbox": "other"}
    monkeypatch.setattr(world, "MAX_COPIED", 5_000)
    body = {"action_type": "ENTERED"}
    written = httpx.post(server + LOG, json=body, headers=other, verify=False)
    assert written.status_code == 200
    assert not results
    halt.released.set()
    thread.join()
    assert results == [202 if mutated else 200]


def test_a_client_that_leaves_stops_what_it_asked_for(
    server: str, halt: Halt, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    halt.is_armed = True
    connection = send_load(server)
    assert halt.reached.wait(60)
    before = threading.active_count()
    connection.close()
    httpx.get(server + LOG, headers=BEARER, verify=False)  # the server has seen it by now
    halt.released.set()

    eventually(lambda: get_scenario(server) == "documented")
    sizes = httpx.get(f"{server}/__mock__/sandboxes/default", verify=False).json()["documents"]
    assert sizes == 15
    assert threading.active_count() <= before + 1
    assert caplog.text == ""


def test_a_server_that_stops_does_not_wait_for_a_load(
    halt: Halt, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = dispatch._watch_client

    async def watch_and_release(*given: Any) -> None:
        await watch(*given)
        halt.released.set()

    monkeypatch.setattr(dispatch, "_watch_client", watch_and_release)
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        halt.is_armed = True
        connection = send_load(url)
        assert halt.reached.wait(60)
    assert b"".join(iter(lambda: connection.recv(65536), b"")).startswith(b"HTTP/1.1 503 ")
    connection.close()


def test_a_long_body_is_in_a_file_and_a_full_disk_is_said(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(request_guard.SpooledTemporaryFile):  # type: ignore[type-arg]
        def write(self, _: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(request_guard, "SpooledTemporaryFile", Full)
    with suppress(httpx.WriteError):
        response = load(server)
    assert (response.status_code, response.json()["detail"]) == (
        503,
        "The body cannot be kept in a temporary file: No space left on device",
    )


def test_only_scenarios_and_snapshots_may_be_long(server: str) -> None:
    long = json.dumps({"name": "x" * 1_100_000})
    headers = {"Content-Type": "application/json"}
    for path, status in (("sandboxes", 413), ("load", 400)):
        response = httpx.post(
            f"{server}/__mock__/{path}", content=long, headers=headers, verify=False
        )
        assert response.status_code == status
