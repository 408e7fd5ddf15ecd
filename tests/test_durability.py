"""A server that is killed comes back with its worlds, clocks and snapshots."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

Spawn = Callable[..., Any]
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}
ENTERED = {"action_type": "ENTERED"}
SANDBOXES = ("default", "frozen", "loaded", "shifted")


def _name(sandbox: str) -> dict[str, str]:
    return {**BEARER, "X-Mock-Sandbox": sandbox, "Host": "localhost"}


def _read(client: httpx.Client) -> dict[str, bytes]:
    """All that can be read of each sandbox; of a clock that runs, what does not change."""
    paths = (
        LOG,
        "/ekranapi/sessions",
        "/__mock__/state",
        "/__mock__/state/calwe/entry",
        "/__mock__/snapshots/one/file",
        "/__mock__/diff",
    )
    found = {
        f"{name} {path}": client.get(path, headers=_name(name)).content
        for name in SANDBOXES
        for path in paths
    }
    for name in SANDBOXES:
        clock = client.get("/__mock__/clock", headers=_name(name)).json()
        shown = clock["offset" if name == "shifted" else "now"]
        found[f"{name} clock"] = f"{clock['mode']} {shown}".encode()
    return found


def _write_until_killed(url: str, sandbox: str, acknowledged: threading.Semaphore) -> int:
    """How many writes were acknowledged."""
    with httpx.Client(base_url=url, headers=_name(sandbox), verify=False) as client:
        number = 0
        while True:
            try:
                response = client.post(LOG, json=ENTERED)
            except httpx.HTTPError:
                return number
            assert response.status_code == 200
            number += 1
            acknowledged.release()


def test_a_killed_server_comes_back_with_all_that_it_acknowledged(
    spawn: Spawn, tmp_path: Path
) -> None:
    serve = ("--store", str(tmp_path / "worlds.sqlite"), "--scenario", "documented")
    server = spawn(*serve)
    client = server.client
    scenario = {"scenario": "ekran-running"}
    client.post("/__mock__/load?seed=6", headers=_name("loaded"), json=scenario)
    client.post("/__mock__/clock/freeze", headers=_name("frozen"), json={"at": "2031-01-01"})
    client.post("/__mock__/clock/shift", headers=_name("shifted"), json={"by": "-10d"})
    client.post("/__mock__/sandboxes", json={"name": "made", "scenario": "calwe-ended"})
    for name in SANDBOXES:
        client.post("/__mock__/snapshots", headers=_name(name), json={"name": "one"})
        client.post(LOG, headers=_name(name), json={"action_type": "LEFT"})
        log_in = {"with": {"user": 5}}
        client.post("/__mock__/events/ekran.log_in", headers=_name(name), json=log_in)
    before = _read(client)
    assert b'"added":2,' in before["default /__mock__/diff"]
    # It is killed while six clients write.
    written = [f"written-{n}" for n in range(6)]
    acknowledged = threading.Semaphore(0)
    with ThreadPoolExecutor(len(written)) as pool:
        writers = [
            pool.submit(_write_until_killed, str(client.base_url), name, acknowledged)
            for name in written
        ]
        assert all(acknowledged.acquire(timeout=60) for _ in range(200))
        server.stop(signal.SIGKILL)

    client = spawn(*serve).client
    for name, writer in zip(written, writers, strict=True):
        total = client.get(LOG, headers=_name(name)).json()["data"]["total"]
        # One more may have been committed before its response was sent.
        assert total - 2 - writer.result() in (0, 1)
    assert _read(client) == before
    listed = client.get("/__mock__/sandboxes").json()["sandboxes"]
    scenarios = {sandbox["name"]: sandbox["scenario"] for sandbox in listed}
    assert scenarios == {
        **dict.fromkeys((*SANDBOXES, *written), "documented"),
        "loaded": "ekran-running",
        "made": "calwe-ended",
    }
    # All of it can be gone on with.
    restored = client.post("/__mock__/snapshots/one/restore", headers=_name("frozen")).json()
    assert (restored["documents"], restored["clock"]["now"]) == (15, "2031-01-01T00:00:00Z")
    reset = client.post("/__mock__/reset", headers=_name("loaded")).json()
    assert (reset["scenario"], reset["seed"]) == ("ekran-running", 6)
    assert client.post(LOG, headers=_name("default"), json=ENTERED).is_success


def test_workers_that_are_killed_again_and_again_lose_nothing(spawn: Spawn, tmp_path: Path) -> None:
    serve = ("--store", str(tmp_path / "worlds.sqlite"), "--scenario", "documented")
    names = [f"written-{n}" for n in range(4)]
    written = dict.fromkeys(names, 0)
    for _ in range(2):
        server = spawn(*serve, "--workers", "2")
        acknowledged = threading.Semaphore(0)
        with ThreadPoolExecutor(len(names)) as pool:
            url = str(server.client.base_url)
            writers = [pool.submit(_write_until_killed, url, name, acknowledged) for name in names]
            assert all(acknowledged.acquire(timeout=60) for _ in range(50))
            os.killpg(server.process.pid, signal.SIGKILL)
        client = spawn(*serve).client
        for name, writer in zip(names, writers, strict=True):
            total = client.get(LOG, headers=_name(name)).json()["data"]["total"] - 2
            # One more may have been committed before its response was sent.
            assert total - written[name] - writer.result() in (0, 1)
            written[name] = total
