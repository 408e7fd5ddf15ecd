"""Sandboxes never see each other, also when many clients write to many of them at the same time."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

CLIENTS = 16
LOG = "/v1/customer/sessions/1/log"
HEADERS = {"Authorization": "Bearer t", "access-token": "t", "Host": "localhost"}


@dataclass
class Model:
    """The expected state of a sandbox, from its own operations alone."""

    actions: list[str] = field(default_factory=lambda: ["ENTERED", "LEFT"])
    users: list[int] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    hour: int = 14
    snapshots: dict[str, tuple[list[str], list[int], list[str], int]] = field(default_factory=dict)

    def is_closed(self) -> bool:
        return "SESSION_PERIOD" in self.actions

    def world(self) -> tuple[list[str], list[int], list[str], int]:
        return list(self.actions), list(self.users), list(self.statuses), self.hour

    def become(self, world: tuple[list[str], list[int], list[str], int]) -> None:
        self.actions, self.users, self.statuses = (list(part) for part in world[:3])
        self.hour = world[3]


class Client:
    """A client of one sandbox, which calls random operations and records them in a model."""

    def __init__(self, client: httpx.Client, name: str, chance: random.Random) -> None:
        self.client = client
        self.headers = {**HEADERS, "X-Mock-Sandbox": name}
        self.name = name
        self.chance = chance
        self.model = Model()
        self.lock = threading.Lock()
        self.numbers = count(1)

    def send(self, method: str, path: str, status: int = 200, body: Any = None) -> Any:
        response = self.client.request(method, path, headers=self.headers, json=body)
        assert response.status_code == status, (self.name, path, response.text)
        assert response.headers["x-mock-sandbox"] == self.name
        return response.json() if response.content else None

    def call_random_operation(self, client: httpx.Client) -> str:
        """Call a random operation over a connection, and apply it to the model."""
        operations: list[Callable[[], None]] = [
            self.log,
            self.log,
            self.log,
            self.log_in,
            self.set_status,
            self.end,
            self.advance,
            self.reset,
            self.take,
            self.restore,
            self.verify,
        ]
        with self.lock:
            self.client = client
            operation = self.chance.choice(operations)
            operation()
        return operation.__name__

    def log(self) -> None:
        action = self.chance.choice(["ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST"])
        refused = self.model.is_closed()
        self.send("POST", LOG, 422 if refused else 200, {"action_type": action})
        if not refused:
            self.model.actions.append(action)

    def end(self) -> None:
        if not self.model.is_closed():
            self.send("POST", "/__mock__/events/calwe.end", body={"with": {"session": "1"}})
            self.model.actions += ["ENDED", "SESSION_PERIOD"]

    def log_in(self) -> None:
        user = next(self.numbers)
        self.send("POST", "/__mock__/events/ekran.log_in", body={"with": {"user": user}})
        self.model.users.append(user)

    def set_status(self) -> None:
        status = self.chance.choice(["away", "busy", "active", "offline"])
        options = {"agent": 739, "status": status}
        self.send("POST", "/__mock__/events/avaamo.set_agent_status", body={"with": options})
        self.model.statuses.append(status)

    def advance(self) -> None:
        if self.model.hour < 20:
            self.send("POST", "/__mock__/clock/advance", body={"by": "1h"})
            self.model.hour += 1

    def reset(self) -> None:
        self.send("POST", "/__mock__/reset")
        self.model.become(Model().world())

    def take(self) -> None:
        name = self.chance.choice("abc")
        self.send("POST", "/__mock__/snapshots", 201, {"name": name, "replace": True})
        self.model.snapshots[name] = self.model.world()

    def restore(self) -> None:
        name = self.chance.choice("abc")
        exists = name in self.model.snapshots
        self.send("POST", f"/__mock__/snapshots/{name}/restore", 200 if exists else 404)
        if exists:
            self.model.become(self.model.snapshots[name])

    def verify(self) -> None:
        """The state of the sandbox is that of the model."""
        actions, users, statuses, hour = self.model.world()
        entries = self.send("GET", "/__mock__/state/calwe/entry?per_page=1000")["documents"]
        assert [entry["body"]["action_type"] for entry in entries] == actions
        # The numbers have no gap: other sandboxes got none of them.
        assert [entry["key"] for entry in entries] == [f"1/{n}" for n in range(1, len(actions) + 1)]
        assert self.send("GET", f"{LOG}?per_page=1000")["data"]["total"] == len(actions)
        sessions = self.send("GET", "/__mock__/state/ekran/session?per_page=1000")["documents"]
        assert [item["body"]["userId"] for item in sessions] == [61, 16, *users]
        changes = self.send("GET", "/__mock__/state/avaamo/change?per_page=1000")["documents"]
        assert [change["body"]["id"] for change in changes] == [
            2202440 + n for n in range(3 + len(statuses))
        ]
        agent = self.send("GET", "/__mock__/state/avaamo/agent/739")["body"]
        assert agent["status"] == (statuses[-1] if statuses else "active")
        clock = self.send("GET", "/__mock__/clock")
        assert clock["now"] == f"2025-08-21T{hour}:30:00Z"
        snapshots = self.send("GET", "/__mock__/snapshots")["snapshots"]
        assert {item["name"] for item in snapshots} == self.model.snapshots.keys()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server of the documents' world."""
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        yield url


def run_clients(url: str, size: int, number: int, operations: int) -> Counter[str]:
    """Clients call operations in many sandboxes at once; then each has its expected state."""
    connections = [httpx.Client(base_url=url, verify=False, timeout=60) for _ in range(number)]
    sandboxes = [f"isolated-{n}" for n in range(size)]
    clients = {name: Client(connections[0], name, random.Random(name)) for name in sandboxes}
    for client in clients.values():
        client.send("POST", "/__mock__/reset")  # so that it exists
    together = threading.Barrier(number)

    def work(n: int) -> Counter[str]:
        """Call operations in random sandboxes."""
        mine = random.Random(n)
        done: Counter[str] = Counter()
        together.wait(60)
        for _ in range(operations):
            done[clients[mine.choice(sandboxes)].call_random_operation(connections[n])] += 1
        return done

    with ThreadPoolExecutor(number) as pool:
        done = sum(pool.map(work, range(number)), Counter[str]())

    for name in random.Random(2025).sample(sandboxes, size):
        clients[name].verify()
        for snapshot in sorted(clients[name].model.snapshots)[:1]:
            clients[name].send("POST", f"/__mock__/snapshots/{snapshot}/restore")
            clients[name].model.become(clients[name].model.snapshots[snapshot])
            clients[name].verify()
    # The sandbox that got no request is unchanged.
    Client(connections[0], "default", random.Random(0)).verify()
    listed = connections[0].get("/__mock__/sandboxes").json()["sandboxes"]
    assert {item["name"] for item in listed} == {"default", *sandboxes}
    for connection in connections:
        connection.close()
    return done


def test_twenty_sandboxes_and_sixteen_clients_of_one_process(
    start: Callable[..., httpx.Client],
) -> None:
    url = str(start(scenario="documented").base_url)
    done = run_clients(url, size=20, number=CLIENTS, operations=15)

    assert done.total() == 240
    assert set(done) == {
        "log",
        "log_in",
        "set_status",
        "end",
        "advance",
        "reset",
        "take",
        "restore",
        "verify",
    }


def test_ten_sandboxes_and_eight_clients_of_two_workers(spawn: Callable[..., Any]) -> None:
    """Each connection is that of one worker; the workers share the store."""
    server = spawn("--scenario", "documented", "--workers", "2")
    url = str(server.client.base_url)

    assert run_clients(url, size=10, number=8, operations=15).total() == 120


def test_no_write_of_many_to_one_sandbox_is_lost(server: str) -> None:
    """Each concurrent write is stored once, and each number is assigned once."""
    together = threading.Barrier(CLIENTS)

    def work(n: int) -> list[str]:
        headers = {**HEADERS, "X-Mock-Sandbox": "shared"}
        with httpx.Client(base_url=server, headers=headers, verify=False, timeout=60) as client:
            together.wait(60)
            for k in range(6):
                user = {"with": {"user": 100 * n + k + 1}}
                assert client.post("/__mock__/events/ekran.log_in", json=user).is_success
                body = {"session": "1", "at": "2025-08-21T09:00:00Z", "action_type": "LEFT"}
                put = client.put(f"/__mock__/state/calwe/entry/{n}-{k}", json=body)
                assert put.status_code == 200
                assert client.post(LOG, json={"action_type": "ENTERED"}).is_success
            return [f"{n}-{k}" for k in range(6)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        written = [key for keys in pool.map(work, range(CLIENTS)) for key in keys]

    headers = {**HEADERS, "X-Mock-Sandbox": "shared"}
    with httpx.Client(base_url=server, headers=headers, verify=False, timeout=60) as client:
        sessions = client.get("/__mock__/state/ekran/session?per_page=1000").json()["documents"]
        entries = client.get("/__mock__/state/calwe/entry?per_page=1000").json()
    assert [item["body"]["sessionId"] for item in sessions] == [124, 142, *range(143, 239)]
    assert sorted(item["body"]["userId"] for item in sessions[2:]) == sorted(
        100 * n + k + 1 for n in range(CLIENTS) for k in range(6)
    )
    keys = [entry["key"] for entry in entries["documents"]]
    assert entries["total"] == len(set(keys)) == 194
    assigned = set(keys) - set(written)
    assert len(assigned) == 98
    assert all(key.startswith("1/") for key in assigned)


def test_load_restore_and_delete_do_not_affect_other_sandboxes(server: str) -> None:
    """One sandbox changes its world all the time, while another is read and stays the same."""
    is_over = threading.Event()
    seen: set[tuple[int, str, bytes]] = set()

    def read() -> None:
        headers = {**HEADERS, "X-Mock-Sandbox": "quiet"}
        with httpx.Client(base_url=server, headers=headers, verify=False, timeout=60) as client:
            while not is_over.is_set():
                for path in (LOG, "/ekranapi/sessions", "/__mock__/state/avaamo/change"):
                    response = client.get(path)
                    seen.add(
                        (response.status_code, response.headers["x-mock-seed"], response.content)
                    )

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    headers = {**HEADERS, "X-Mock-Sandbox": "loud"}
    with httpx.Client(base_url=server, headers=headers, verify=False, timeout=60) as client:
        for n, scenario in enumerate(
            ["calwe-one-page", "calwe-ended", "ekran-running", "documented"] * 2
        ):
            load = client.post(f"/__mock__/load?seed={n}", json={"scenario": scenario})
            assert load.status_code == 200
            client.post("/__mock__/snapshots", json={"name": f"s{n}"})
            client.post("/__mock__/clock/advance", json={"by": "1d"})
            client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 1}})
            client.post(f"/__mock__/snapshots/s{n // 2}/restore")
            if n % 5 == 4:
                assert client.delete("/__mock__/sandboxes/loud").status_code == 204
    is_over.set()
    for thread in readers:
        thread.join()

    assert {(status, seed) for status, seed, _ in seen} == {(200, "1")}
    assert len(seen) == 3
