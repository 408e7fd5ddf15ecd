"""Three replicas on one database behind a balancer, faults of the database, several databases."""

from __future__ import annotations

import os
import random
import re
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import psycopg
import pytest
from postgres import PASSWORD, Cluster

from mockserver.settings import DatabaseUrl

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}
ENDED = {"action_type": "ENDED"}
ENTERED = {"action_type": "ENTERED"}


class Balancer:
    """Sends each connection to the next replica, as a balancer does that knows only TCP."""

    def __init__(self, urls: list[str]) -> None:
        """`urls` may be changed: a replica that has ended is replaced."""
        self._urls, self._turns = urls, count()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _choose(self, client: socket.socket) -> str:
        """The URL that a connection is passed on to."""
        del client
        return self._urls[next(self._turns) % len(self._urls)]

    def _pass_on(self, client: socket.socket) -> None:
        with (
            client,
            suppress(OSError),
            socket.create_connection(
                ("127.0.0.1", httpx.URL(self._choose(client)).port or 0)
            ) as replica,
            selectors.DefaultSelector() as selector,
        ):
            selector.register(client, selectors.EVENT_READ, replica)
            selector.register(replica, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not data:
                        return
                    key.data.sendall(data)

    def close(self) -> None:
        # A thread that accepts is not woken by `close` alone.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class SandboxBalancer(Balancer):
    """Sends the first request of each connection to the server that its sandbox belongs to."""

    def _choose(self, client: socket.socket) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            head = client.recv(65_536, socket.MSG_PEEK)
        name = re.search(rb"(?i)^x-mock-sandbox: *(\S+)", head, re.MULTILINE)
        return self._urls[crc32(name[1] if name else b"default") % len(self._urls)]


Spawn = Callable[..., Any]


def _spawn_replicas(spawn: Spawn, url: str, number: int = 3) -> list[Any]:
    serve = ("--scenario", "documented", "--freeze-at", "2025-08-21T14:30:00Z")
    return [spawn(*serve, MOCKSERVER_STORE=url) for _ in range(number)]


@pytest.fixture
def replicas(spawn: Spawn, database: str) -> list[str]:
    """The URLs of three servers on one database."""
    return [str(server.client.base_url) for server in _spawn_replicas(spawn, database)]


@pytest.fixture
def balancer(replicas: list[str]) -> Iterator[Balancer]:
    balancer = Balancer(replicas)
    yield balancer
    balancer.close()


def _connect(url: str, sandbox: str) -> httpx.Client:
    """A client that takes a new connection, and so another replica, for each request."""
    return httpx.Client(
        base_url=url,
        headers={**BEARER, "X-Mock-Sandbox": sandbox, "Connection": "close"},
        timeout=60,
        verify=False,
    )


def _in_parallel(number: int, run: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_one_of_many_clients_ends_a_session_and_the_others_are_refused(balancer: Balancer) -> None:
    def end(_: int) -> int:
        with _connect(balancer.url, "ended") as client:
            return client.post(LOG, json=ENDED).status_code

    assert Counter(_in_parallel(12, end)) == {200: 1, 422: 11}
    with _connect(balancer.url, "ended") as client:
        texts = [entry["action_type"] for entry in client.get(LOG).json()["data"]["data"]]
        assert texts.count("ENDED") == 1
        assert texts[-1] == "SESSION_PERIOD"


def test_no_write_to_one_sandbox_is_lost_or_counted_twice(balancer: Balancer) -> None:
    def write(_: int) -> list[int]:
        with _connect(balancer.url, "written") as client:
            return [client.post(LOG, json=ENTERED).status_code for _ in range(10)]

    assert _in_parallel(6, write) == [[200] * 10] * 6
    with _connect(balancer.url, "written") as client:
        listed = client.get(f"{LOG}?per_page=100").json()["data"]
        assert (listed["total"], len(listed["data"])) == (62, 62)
        keys = client.get("/__mock__/state/calwe/entry?owner=1&per_page=100").json()["documents"]
        assert len({document["key"] for document in keys}) == 62


def test_replicas_give_the_dynamic_responses_that_one_gives(
    balancer: Balancer, replicas: list[str]
) -> None:
    dynamic = {"Prefer": "dynamic=true"}

    def read(_: int) -> str:
        with _connect(balancer.url, "dynamic") as client:
            return client.get("/ekranapi/sessions", headers=dynamic).text

    with _connect(replicas[0], "dynamic") as client:
        before = [client.get("/ekranapi/sessions", headers=dynamic).text for _ in range(12)]
        client.post("/__mock__/reset").raise_for_status()
    assert sorted(_in_parallel(12, read)) == sorted(before)
    assert len({*before}) == 12


def test_a_changed_world_is_seen_by_all_replicas_at_once(
    replicas: list[str],
) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(_connect(url, "changed")) for url in replicas]
        for n, client in enumerate(clients):
            client.post("/__mock__/clock/freeze", json={"at": f"203{n}-01-01"}).raise_for_status()
            seen = {other.get("/__mock__/clock").json()["now"] for other in clients}
            assert seen == {f"203{n}-01-01T00:00:00Z"}
        clients[0].put("/__mock__/mutations/calwe.createSessionLog.drop-header:405/Allow")
        assert ["allow" in other.put(LOG).headers for other in clients] == [False] * 3
        faults = {"match": {"operation": "listSessionLogs", "first": 3}, "effect": {"status": 500}}
        assert clients[1].post("/__mock__/faults", json=faults).status_code == 201
        statuses = [clients[n % 3].get(LOG).status_code for n in range(5)]
        assert statuses == [500, 500, 500, 200, 200]
        clients[2].post("/__mock__/reset").raise_for_status()
        clocks = {other.get("/__mock__/clock").json()["now"] for other in clients}
        assert clocks == {"2025-08-21T14:30:00Z"}


def test_calls_are_verified_whichever_replica_they_came_to(balancer: Balancer) -> None:
    with _connect(balancer.url, "verified") as client:
        for n in range(1, 13):
            client.get(f"{LOG}?page={n}").raise_for_status()
            # The next request comes to another replica.
            verified = client.post(
                "/__mock__/journal/verify", json={"operation": "listSessionLogs", "times": n}
            )
            assert verified.status_code == 202, verified.text
        entries = client.get("/__mock__/journal").json()["entries"]
        assert [entry["query"] for entry in entries] == [f"page={n}" for n in range(1, 13)]
        assert len({entry["id"].partition("-")[0] for entry in entries}) == 3
        why = client.get("/v1/nothing").headers["X-Mock-Why"]
        path = httpx.URL(why).path
        assert [client.get(path).status_code for _ in range(3)] == [200] * 3


LARGE = (
    "name: large\ndescription: d\napis: {calwe: {documents: {session: ["
    + ", ".join(f"{{id: '{n}', status: PENDING}}" for n in range(3_000))
    + "]}}}\n"
).encode()


def test_a_large_scenario_is_loaded_while_others_are_served(balancer: Balancer) -> None:
    is_loaded = threading.Event()

    def read_and_write(n: int) -> Counter[int]:
        statuses: Counter[int] = Counter()
        with _connect(balancer.url, f"served-{n}") as client:
            while not is_loaded.is_set():
                statuses[client.post(LOG, json=ENTERED).status_code] += 1
                statuses[client.get(LOG).status_code] += 1
        return statuses

    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(read_and_write, n) for n in range(3)]
        try:
            with _connect(balancer.url, "loaded") as client:
                yaml = {"Content-Type": "application/yaml"}
                loaded = client.post("/__mock__/load", headers=yaml, content=LARGE)
        finally:
            is_loaded.set()
        assert (loaded.status_code, loaded.json()["documents"]) == (200, 3_000)
        for other in others:
            assert set(other.result()) == {200}
    with _connect(balancer.url, "loaded") as client:
        sizes = {client.get("/__mock__/sandboxes/loaded").json()["documents"] for _ in range(3)}
        assert sizes == {3_000}


# Several databases


def test_worlds_are_spread_over_databases_that_know_nothing_of_each_other(
    postgres: Cluster, start: Callable[..., httpx.Client]
) -> None:
    databases = [postgres.make_database("template_store") for _ in range(3)]
    urls = [postgres.make_url(name) for name in databases]
    servers = [str(start(scenario="documented", store=DatabaseUrl(url)).base_url) for url in urls]
    balancer = SandboxBalancer(servers)

    def act(n: int) -> None:
        with _connect(balancer.url, f"world-{n}") as client:
            client.post("/__mock__/clock/advance", json={"by": f"{n}h"}).raise_for_status()
            for _ in range(n):
                client.post(LOG, json=ENTERED).raise_for_status()
            verified = client.post(
                "/__mock__/journal/verify", json={"operation": "createSessionLog", "times": n}
            )
            assert verified.status_code == 202, verified.text

    def get_total(n: int) -> Any:
        with _connect(balancer.url, f"world-{n}") as client:
            response = client.get(LOG)
            return response.json()["data"]["total"] if response.is_success else None

    _in_parallel(12, act)
    assert [get_total(n) for n in range(12)] == [2 + n for n in range(12)]
    stored = [_list_worlds(url) for url in urls]
    assert sorted(name for names in stored for name in names) == sorted(
        f"world-{n}" for n in range(12)
    )
    assert [len(names) for names in stored] == [4, 4, 4]
    # One of the databases goes away: the worlds of the others do not notice.
    lost = databases[0]
    postgres.execute(f"ALTER DATABASE {lost} ALLOW_CONNECTIONS false")
    postgres.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{lost}'"
    )
    expected = [None if f"world-{n}" in stored[0] else 2 + n for n in range(12)]
    assert [get_total(n) for n in range(12)] == expected
    balancer.close()


def _list_worlds(url: str) -> list[str]:
    """The sandboxes that a database has, but for the one that each server makes."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT name FROM worlds WHERE role = 'sandbox' AND name <> 'default'"
        )
        return [name for (name,) in rows]


# Faults of the database


@pytest.fixture
def own(postgres_programs: Path) -> Iterator[Cluster]:
    """A server for a test that stops it; what it has committed survives a kill."""
    cluster = Cluster(postgres_programs, "fsync=on", "full_page_writes=on")
    yield cluster
    cluster.close()


def test_a_killed_database_starts_again_when_its_port_is_free(
    own: Cluster, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    own.kill()
    others: list[socket.socket] = []

    def take_its_port() -> bool:
        with suppress(OSError):  # another connection of this machine may have it for a moment
            others.append(socket.create_server(("127.0.0.1", own.port)))
        return bool(others)

    eventually(take_its_port)
    with others[0] as other, ThreadPoolExecutor() as pool:
        killed = own.process

        def give_the_port_back() -> None:
            while own.process is killed:
                time.sleep(0.001)
            own.process.wait()  # it cannot have the port
            other.close()

        waiting = pool.submit(give_the_port_back)
        own.start()
        waiting.result()
    assert own.execute("SELECT 1") == [(1,)]


def test_a_database_that_goes_away_and_comes_back(
    spawn: Spawn, own: Cluster, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    server = _spawn_replicas(spawn, own.make_url(own.make_database()), 1)[0]
    client = server.client
    client.headers.update(BEARER)
    assert client.post(LOG, json=ENTERED).status_code == 200
    own.kill()
    for response in (client.get(LOG), client.post(LOG, json=ENTERED)):
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert list(response.json()) == ["success", "message", "data", "statusCode"]
        assert "There is no connection to the database" in response.json()["message"]
    assert client.get("/ekranapi/sessions").json().keys() == {"message"}
    assert client.get("/__mock__/clock").status_code == 503
    assert client.get("/__mock__/ready").status_code == 503
    assert client.get("/__mock__/health").json()["status"] == "ok"
    own.start()
    eventually(lambda: client.get("/__mock__/ready").status_code == 200)
    assert client.post(LOG, json=ENTERED).status_code == 200
    assert client.get(LOG).json()["data"]["total"] == 4
    code, output, errors = server.stop()
    assert code == 0
    assert "There is no connection to the database" in errors
    for said in (output, errors, server.announcement):
        assert PASSWORD not in said
        assert "secret" not in said


def test_a_database_that_stalls_does_not_stall_the_server(
    spawn: Spawn, own: Cluster, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    server = _spawn_replicas(spawn, own.make_url(own.make_database()), 1)[0]
    client = server.client
    client.headers.update(BEARER)
    url = str(client.base_url)
    assert client.get(LOG).status_code == 200

    def read_or_write(n: int) -> int:
        with _connect(url, "default") as other:
            response = other.post(LOG, json=ENTERED) if n % 2 else other.get(LOG)
            return response.status_code

    own.signal(signal.SIGSTOP)
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(read_or_write, n) for n in range(20)]
        for _ in range(10):
            assert client.get("/__mock__/health", timeout=4).status_code == 200
        assert {response.result() for response in waiting} == {503}
    assert client.get("/__mock__/ready").status_code == 503
    own.signal(signal.SIGCONT)
    eventually(lambda: client.get("/__mock__/ready").status_code == 200)
    assert client.post(LOG, json=ENTERED).status_code == 200


@contextmanager
def _counting_writes(urls: list[str]) -> Iterator[None]:
    """Write to six sandboxes during a block, and count afterwards what was acknowledged."""
    balancer = Balancer(urls)
    is_over, names = threading.Event(), [f"written-{n}" for n in range(6)]

    def write(name: str) -> Counter[int]:
        """How many writes had each status; 0 is none."""
        statuses: Counter[int] = Counter()
        with _connect(balancer.url, name) as client:
            while not is_over.is_set():
                try:
                    status = client.post(LOG, json=ENTERED).status_code
                except httpx.HTTPError:
                    status = 0
                statuses[status] += 1
                if status != 200:
                    time.sleep(0.05)
        return statuses

    with ThreadPoolExecutor(len(names)) as pool:
        writers = [pool.submit(write, name) for name in names]
        try:
            yield
        finally:
            is_over.set()
        counts = [writer.result() for writer in writers]
    with _connect(balancer.url, names[0]) as client:
        found = [
            client.get(LOG, headers={"X-Mock-Sandbox": name}).json()["data"]["total"] - 2
            for name in names
        ]
    balancer.close()
    for statuses, number in zip(counts, found, strict=True):
        # What was refused may be there all the same: COMMIT was sent, and its response got lost.
        assert statuses[200] <= number <= statuses.total()
    sent = sum(statuses.total() for statuses in counts)
    acknowledged = sum(statuses[200] for statuses in counts)
    print(f"{sent} sent, {acknowledged} acknowledged, {sum(found)} found")
    assert set().union(*counts) <= {0, 200, 503}
    assert 0 < acknowledged < sent


def test_no_acknowledged_write_is_lost_when_the_database_is_killed_at_any_moment(
    spawn: Spawn, own: Cluster, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    replicas = _spawn_replicas(spawn, own.make_url(own.make_database()))
    urls = [str(server.client.base_url) for server in replicas]
    moments = random.Random(7)
    with _counting_writes(urls):
        for _ in range(3):
            time.sleep(0.5 + moments.random())
            own.kill()
            time.sleep(moments.random())
            own.start()
            for url in urls:
                eventually(lambda url=url: _is_ready(url))
        time.sleep(0.5)


def test_no_acknowledged_write_is_lost_when_replicas_are_killed_at_any_moment(
    spawn: Spawn, database: str
) -> None:
    replicas = _spawn_replicas(spawn, database)
    urls = [str(server.client.base_url) for server in replicas]
    moments = random.Random(7)
    with _counting_writes(urls):
        for _ in range(2):
            time.sleep(0.3 + moments.random())
            n = moments.randrange(3)
            replicas[n].stop(signal.SIGKILL)
            [replicas[n]] = _spawn_replicas(spawn, database, 1)
            urls[n] = str(replicas[n].client.base_url)
        time.sleep(0.3 + moments.random())
        for server in replicas:  # all at once, while they write
            server.process.kill()
        replicas = _spawn_replicas(spawn, database)
        urls[:] = [str(server.client.base_url) for server in replicas]
        time.sleep(0.5)


def test_a_password_on_the_command_line_is_not_shown_to_other_users(database: str) -> None:
    serve = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", database]
    with subprocess.Popen([*serve, "--only=ekran"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert "listens on" in process.stdout.readline()
            command = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        finally:
            process.terminate()
    assert command[3:] == [b"serve", b"--port", b"0", b"--only=ekran", b""]
    assert process.returncode == 0


def test_a_worker_that_dies_while_there_is_no_database_is_replaced_when_it_is_back(
    spawn: Spawn, own: Cluster, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    url = own.make_url(own.make_database())
    server = spawn("--workers", "2", "--scenario", "documented", MOCKSERVER_STORE=url)
    before = _list_children(server.process.pid)
    own.kill()
    os.kill(max(before), signal.SIGKILL)
    eventually(lambda: len(_list_children(server.process.pid) - before) == 1)
    time.sleep(1)
    own.start()
    for _ in range(10):  # each of the two has some of the connections
        eventually(lambda: _is_ready(str(server.client.base_url)))
    assert server.process.poll() is None


def _list_children(pid: int) -> set[int]:
    """The processes that a process has started as workers."""
    program = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    listed = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(row[0]) for row in rows if int(row[1]) == pid and "spawn_main" in row[2]}


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/__mock__/ready", verify=False).status_code == 200
    except httpx.HTTPError:
        return False
