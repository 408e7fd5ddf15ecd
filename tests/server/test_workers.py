"""Several workers: one world whoever responses, and nothing left behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
TWO = ("--workers", "2", "--scenario", "documented")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="reads the table of processes")


def workers(process: subprocess.Popen[str]) -> set[int]:
    """The processes that serve, by the table of processes."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {
        int(pid)
        for pid, parent, arguments in rows
        if int(parent) == process.pid and "spawn_main" in arguments
    }


def is_alive(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")


def wait(look: Callable[[], Any], is_right: Callable[[Any], bool]) -> Any:
    """What is seen once it is right. A look starts a process, so it is not taken all the time."""
    end = time.monotonic() + 60
    while not is_right(found := look()):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def fresh(url: str, path: str, number: int = 30, **headers: str) -> list[httpx.Response]:
    """Responses over as many connections, so that every worker gives some of them."""
    responses = []
    for _ in range(number):
        with httpx.Client(base_url=url, headers=headers, verify=False, timeout=60) as client:
            responses.append(client.get(path))
    return responses


def test_workers_share_their_worlds_are_replaced_and_end_together(
    spawn: Callable[..., Any],
) -> None:
    server = spawn(*TWO)
    url = str(server.client.base_url)
    first = workers(server.process)
    assert len(first) == 2
    assert len(list(server.folder.iterdir())) == 1

    server.client.post("/__mock__/clock/freeze", json={"at": "2030-01-02T03:04:05Z"})
    clocks = [response.json() for response in fresh(url, "/__mock__/clock")]
    assert {(clock["now"], clock["mode"]) for clock in clocks} == {
        ("2030-01-02T03:04:05Z", "frozen")
    }

    # Each write over a connection of its own, and every reader finds those before it.
    for n in range(5):
        with httpx.Client(base_url=url, headers=BEARER, verify=False, timeout=60) as client:
            entry = client.post(LOG, json={"action_type": "LEFT"}).json()["data"]
            assert entry["date"] == "3:04 AM"
        totals = {response.json()["data"]["total"] for response in fresh(url, LOG, 3, **BEARER)}
        assert totals == {n + 3}

    server.client.post("/__mock__/snapshots", json={"name": "one"})
    assert {a.status_code for a in fresh(url, "/__mock__/snapshots/one", 10)} == {200}
    other = {"X-Mock-Sandbox": "other"}
    server.client.post("/__mock__/load?seed=5", headers=other, json={"scenario": "documented"})
    assert {a.status_code for a in fresh(url, "/__mock__/sandboxes/other", 10)} == {200}
    assert {a.headers["x-mock-seed"] for a in fresh(url, "/nope", 10, **other)} == {"5"}
    server.client.post(LOG, headers=BEARER, json={"action_type": "ENDED"})
    server.client.close()

    # One that is killed is replaced, and no world is lost with it.
    os.kill(min(first), signal.SIGKILL)
    second = wait(
        lambda: workers(server.process),
        lambda pids: len(pids) == 2 and not is_alive(min(first)) and pids != first,
    )
    for response in fresh(url, LOG, 10, **BEARER):
        assert response.json()["data"]["total"] == 9
    assert fresh(url, "/__mock__/snapshots/one", 1)[0].json()["documents"] == 20

    [new] = second - first
    code, output, errors = server.stop(signal.SIGTERM)
    assert (code, output) == (0, "")
    [replaced, stopped] = errors.splitlines()
    assert replaced.endswith(
        f"Z ERROR Worker process {min(first)} was ended by SIGKILL; "
        f"worker process {new} replaces it."
    )
    assert stopped == "Stopped."
    assert list(server.folder.iterdir()) == []
    assert [pid for pid in second if is_alive(pid)] == []
    with pytest.raises(httpx.ConnectError):
        fresh(url, "/__mock__/health", 1)


def test_no_client_is_told_that_the_store_is_busy_below_the_documented_limit(
    spawn: Callable[..., Any], tmp_path: Path
) -> None:
    server = spawn(*TWO, "--store", str(tmp_path / "worlds.sqlite"))

    def write(_: int) -> list[int]:
        url = server.client.base_url
        with httpx.Client(base_url=url, headers=BEARER, verify=False, timeout=60) as client:
            entered = {"action_type": "ENTERED"}
            return [client.post(LOG, json=entered).status_code for _ in range(10)]

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(write, range(32))) == [[200] * 10] * 32
    assert server.client.get(LOG, headers=BEARER).json()["data"]["total"] == 322


def test_a_sandbox_that_is_made_again_has_no_entry_of_the_one_before_by_any_worker(
    spawn: Callable[..., Any],
) -> None:
    server = spawn(*TWO)
    url, other = str(server.client.base_url), {"X-Mock-Sandbox": "other"}
    for _ in range(3):
        fresh(url, LOG, 10, **BEARER, **other)
        assert server.client.delete("/__mock__/sandboxes/other").status_code == 204
        [again] = fresh(url, "/v1/customer/sessions/99/log", 1, **BEARER, **other)
        for journal in fresh(url, "/__mock__/journal", 5, **other):
            [entry] = journal.json()["entries"]
            assert again.headers["x-mock-why"].endswith(f"/{entry['id']}/why")
        server.client.delete("/__mock__/sandboxes/other")


def test_requests_that_have_begun_get_their_responses_when_the_workers_end(
    spawn: Callable[..., Any],
) -> None:
    server = spawn(*TWO)
    rule = {"match": {"operation": "createSessionLog"}, "effect": {"delay": "10m"}}
    server.client.post("/__mock__/faults", json=rule).raise_for_status()

    def write(_: int) -> int:
        url = f"{server.client.base_url}{LOG}"
        entered = {"action_type": "ENTERED"}
        return httpx.post(url, json=entered, headers=BEARER, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(write, n) for n in range(8)]
        wait(
            lambda: server.client.get("/__mock__/faults/fault-1").json()["applied"],
            lambda applied: applied == 8,
        )
        server.client.close()
        assert server.stop(signal.SIGTERM)[0] == 0
        assert [response.result() for response in waiting] == [200] * 8


def test_a_worker_that_takes_long_to_start_is_waited_for(
    spawn: Callable[..., Any], tmp_path: Path
) -> None:
    is_slow, has_slept = tmp_path / "slow", tmp_path / "slept"
    (tmp_path / "sitecustomize.py").write_text(
        "import pathlib, sys, time\n"
        f"if 'spawn_main' in str(sys.orig_argv) and pathlib.Path({str(is_slow)!r}).exists():\n"
        "    time.sleep(6)\n"
        f"    pathlib.Path({str(has_slept)!r}).touch()\n"
    )
    server = spawn(*TWO, PYTHONPATH=str(tmp_path))
    first = workers(server.process)
    is_slow.touch()
    os.kill(min(first), signal.SIGKILL)
    second = wait(
        lambda: workers(server.process), lambda pids: len(pids) == 2 and min(first) not in pids
    )
    wait(has_slept.exists, bool)
    assert workers(server.process) == second


def test_a_worker_that_hangs_is_replaced_and_none_makes_a_deleted_store_again(
    spawn: Callable[..., Any], tmp_path: Path
) -> None:
    store = tmp_path / "worlds.sqlite"
    server = spawn(*TWO, "--store", str(store))
    first = workers(server.process)
    os.kill(min(first), signal.SIGSTOP)
    second = wait(
        lambda: workers(server.process), lambda pids: len(pids) == 2 and min(first) not in pids
    )
    [new] = second - first
    store.unlink()
    os.kill(max(first), signal.SIGKILL)

    _, errors = server.process.communicate(timeout=60)
    assert server.process.returncode == 2
    lines = errors.splitlines()
    assert lines[0].endswith(
        f" Worker process {min(first)} gave no sign of life, and was killed; worker process {new} "
        "replaces it."
    )
    assert any(line.endswith(f" The store '{store}' was deleted.") for line in lines)
    assert lines[-1] == "mockserver: A worker process cannot start; its reason is above."
    assert "Traceback" not in errors
    assert not store.exists()


def test_ctrl_c_in_a_terminal_reaches_all_of_them_and_says_no_more(
    spawn: Callable[..., Any],
) -> None:
    server = spawn(*TWO)
    assert server.client.get("/__mock__/ready").status_code == 200

    os.killpg(server.process.pid, signal.SIGINT)
    output, errors = server.process.communicate(timeout=60)
    assert (server.process.returncode, output, errors) == (0, "", "Stopped.\n")
    assert list(server.folder.iterdir()) == []


def test_workers_do_not_outlive_the_one_that_started_them(
    spawn: Callable[..., Any], tmp_path: Path
) -> None:
    """Nobody could stop them, and the port would be taken for ever."""
    store = ("--store", str(tmp_path / "worlds.sqlite"))
    server = spawn(*TWO, *store)
    served = workers(server.process)
    server.client.post(LOG, headers=BEARER, json={"action_type": "ENDED"})
    server.client.post("/__mock__/snapshots", json={"name": "one"})
    server.client.post("/__mock__/clock/freeze", json={"at": "2030-01-02T03:04:05Z"})

    server.process.kill()
    server.process.wait(60)
    wait(lambda: [pid for pid in served if is_alive(pid)], lambda alive: not alive)
    with pytest.raises(httpx.ConnectError):
        fresh(str(server.client.base_url), "/__mock__/health", 1)

    # Another server, of one process, has what they stored.
    again = spawn("--scenario", "documented", *store).client
    assert again.get(LOG, headers=BEARER).json()["data"]["total"] == 4
    assert again.get("/__mock__/clock").json()["now"] == "2030-01-02T03:04:05Z"
    assert again.get("/__mock__/snapshots/one").json()["documents"] == 17
