"""Checks by a server as a process: its own URL, several workers, replicas, and how each ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

Spawn = Callable[..., Any]
Eventually = Callable[[Callable[[], bool]], None]

QUICK = {"apis": ["ekran"], "phases": ["examples", "workflows"], "quick": True}
LONG = {"apis": ["calwe"], "phases": ["generated"]}
TOKEN = {"Authorization": "Bearer سر-token".encode()}


pytestmark = pytest.mark.skipif(os.name != "posix", reason="reads the table of processes")


def follow(client: httpx.Client, id: int, **headers: Any) -> dict[str, Any]:
    """The run at its end."""
    with client.stream("GET", f"/__mock__/checks/{id}/events", headers=headers) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    run: dict[str, Any] = json.loads(lines[-1].removeprefix("data: "))
    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "0.0.0.0", "--base-path", "/mock", "--workers", "2"),
        ("--https", "--host", "localhost", "--only", "ekran"),
        ("--host", "::1", "--admin-token", "سر-token"),
    ],
)
def test_a_server_finds_itself_and_uses_sandboxes_of_the_run_alone(
    spawn: Spawn, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    client = spawn(*arguments, XDG_STATE_HOME=str(tmp_path)).client
    client.headers.update(TOKEN if "--admin-token" in arguments else {})
    begun = client.post("/__mock__/checks", json=QUICK).json()
    assert begun["url"] == str(client.base_url).rstrip("/")
    run = follow(client, begun["id"])
    assert (run["state"], run["error"]) == ("passed", None), run
    # Everything was sent to other sandboxes, which are gone.
    assert client.get("/__mock__/journal").json()["total"] == 0
    names = [it["name"] for it in client.get("/__mock__/sandboxes").json()["sandboxes"]]
    assert names == ["default"]
    report = client.get(f"/__mock__/checks/{run['id']}/report").text
    assert "token" not in report


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of servers that share a store."""
    if request.param == "sqlite":
        return {"MOCKSERVER_STORE": str(tmp_path / "store.sqlite")}
    return {"MOCKSERVER_STORE": request.getfixturevalue("database")}


def get(client: httpx.Client, id: int) -> dict[str, Any]:
    run: dict[str, Any] = client.get(f"/__mock__/checks/{id}").json()
    return run


def list_sandboxes(client: httpx.Client) -> list[str]:
    return [it["name"] for it in client.get("/__mock__/sandboxes").json()["sandboxes"]]


def find_process(server: Any) -> list[int]:
    """The process of a check that a server has started."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return [
        int(pid)
        for pid, parent, state, arguments in rows
        if int(parent) == server.process.pid and "check_process" in arguments and state[0] != "Z"
    ]


def has_process(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_another_server_of_the_store_follows_and_stops_a_run(
    spawn: Spawn, store: dict[str, str], eventually: Eventually
) -> None:
    one, two = spawn(**store).client, spawn(**store).client
    id = one.post("/__mock__/checks", json=LONG).json()["id"]
    eventually(lambda: "runs" in [it["state"] for it in get(two, id)["progress"]])
    assert two.post("/__mock__/checks", json=QUICK).status_code == 409
    assert two.delete(f"/__mock__/checks/{id}").status_code == 409
    assert two.post(f"/__mock__/checks/{id}/stop").json()["stopping"] is True
    run = follow(two, id)
    assert (run["state"], run["error"]) == ("stopped", None)
    assert run == get(one, id)
    report = two.get(f"/__mock__/checks/{id}/report").json()
    assert report["apis"][0]["inconclusive"] == ["it was interrupted in the phase 'generated'"]
    assert list_sandboxes(one) == ["default"]


def test_a_process_that_is_killed_is_an_error_and_leaves_no_sandbox(
    spawn: Spawn, eventually: Eventually
) -> None:
    server = spawn()
    id = server.client.post("/__mock__/checks", json=LONG).json()["id"]
    eventually(lambda: len(list_sandboxes(server.client)) > 1)
    (process,) = find_process(server)
    os.kill(process, signal.SIGKILL)
    run = follow(server.client, id)
    assert (run["state"], run["has_report"]) == ("error", False)
    assert run["error"] == "The process of the check was ended by SIGKILL."
    assert list_sandboxes(server.client) == ["default"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_interrupts_its_run(
    spawn: Spawn, tmp_path: Path, eventually: Eventually, number: int
) -> None:
    store = ("--store", str(tmp_path / "store.sqlite"))
    server = spawn(*store)
    id = server.client.post("/__mock__/checks", json=LONG).json()["id"]
    eventually(lambda: len(list_sandboxes(server.client)) > 1)
    (process,) = find_process(server)
    server.stop(number)
    assert not has_process(process)
    client = spawn(*store).client
    run = get(client, id)
    assert (run["state"], run["error"]) == ("interrupted", "The server ended.")
    assert list_sandboxes(client) == ["default"]


def test_no_process_outlives_a_server_that_is_killed(
    spawn: Spawn, tmp_path: Path, eventually: Eventually
) -> None:
    store = ("--store", str(tmp_path / "store.sqlite"))
    server = spawn(*store)
    id = server.client.post("/__mock__/checks", json=LONG).json()["id"]
    eventually(lambda: len(list_sandboxes(server.client)) > 1)
    (process,) = find_process(server)
    server.stop(signal.SIGKILL)
    eventually(lambda: not has_process(process))
    client = spawn(*store).client
    eventually(lambda: get(client, id)["state"] == "interrupted")
    assert len(list_sandboxes(client)) > 1
    # The next run writes it down, and removes what it has left.
    following = follow(client, client.post("/__mock__/checks", json=QUICK).json()["id"])
    assert following["state"] == "passed"
    assert get(client, id)["error"] == (
        "The server that ran it gave no sign of life for 15 seconds."
    )
    assert list_sandboxes(client) == ["default"]
