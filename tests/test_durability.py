"""A server that is killed comes back with its worlds, clocks and snapshots."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

Spawn = Callable[..., Any]
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}
ENTERED = {"action_type": "ENTERED"}


def _total(client: httpx.Client, sandbox: str) -> int:
    headers = {**BEARER, "X-Mock-Sandbox": sandbox}
    total: int = client.get(LOG, headers=headers).json()["data"]["total"]
    return total


@pytest.mark.parametrize("workers", ["1", "2"])
def test_worlds_clocks_and_snapshots_are_there_again(
    spawn: Spawn, tmp_path: Path, workers: str
) -> None:
    serve = ("--store", str(tmp_path / "worlds.sqlite"), "--scenario", "documented")
    server = spawn(*serve, "--workers", workers)
    mine = {**BEARER, "X-Mock-Sandbox": "mine"}
    client = server.client
    client.post("/__mock__/clock/freeze", headers=mine, json={"at": "2030-01-02T03:04:05Z"})
    client.post(LOG, headers=mine, json=ENTERED).raise_for_status()
    client.post("/__mock__/snapshots", headers=mine, json={"name": "a"}).raise_for_status()
    client.post(LOG, headers=mine, json=ENTERED).raise_for_status()
    client.post(LOG, headers=BEARER, json=ENTERED).raise_for_status()
    client.post("/__mock__/sandboxes", json={"name": "other", "scenario": "calwe-ended"})
    shifted = {**BEARER, "X-Mock-Sandbox": "shifted"}
    client.post("/__mock__/clock/shift", headers=shifted, json={"by": "-10d"})
    server.stop(signal.SIGKILL)

    client = spawn(*serve).client
    assert (_total(client, "mine"), _total(client, "default")) == (4, 3)
    clock = client.get("/__mock__/clock", headers=mine).json()
    assert (clock["now"], clock["mode"]) == ("2030-01-02T03:04:05Z", "frozen")
    assert client.get("/__mock__/clock", headers=shifted).json()["offset"] == -864_000.0
    listed = client.get("/__mock__/sandboxes").json()["sandboxes"]
    found = {sandbox["name"]: sandbox for sandbox in listed}
    assert sorted(found) == ["default", "mine", "other", "shifted"]
    assert (found["other"]["scenario"], found["mine"]["snapshots"]) == ("calwe-ended", 1)
    client.post("/__mock__/snapshots/a/restore", headers=mine).raise_for_status()
    assert _total(client, "mine") == 3
    client.post("/__mock__/reset", headers=mine).raise_for_status()
    assert _total(client, "mine") == 2


def test_what_was_acknowledged_before_a_kill_is_there(spawn: Spawn, tmp_path: Path) -> None:
    serve = ("--store", str(tmp_path / "worlds.sqlite"), "--scenario", "documented")
    server = spawn(*serve)
    url = str(server.client.base_url)
    acknowledged = [0] * 6
    enough = threading.Event()

    def write(n: int) -> None:
        headers = {**BEARER, "X-Mock-Sandbox": f"box-{n}"}
        with httpx.Client(base_url=url, headers=headers) as client:
            while True:
                try:
                    response = client.post(LOG, json=ENTERED)
                except httpx.HTTPError:
                    return  # the server was killed
                assert response.status_code == 200
                acknowledged[n] += 1
                if sum(acknowledged) >= 300:
                    enough.set()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    assert enough.wait(timeout=60)
    server.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()

    client = spawn(*serve).client
    for n, number in enumerate(acknowledged):
        # One more may have been committed before its response was sent.
        assert _total(client, f"box-{n}") - 2 in (number, number + 1)
