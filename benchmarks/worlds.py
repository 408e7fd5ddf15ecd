"""Duration of create, reset, load and snapshot, and a run with a thousand sandboxes at once.

    python benchmarks/worlds.py [--sandboxes 1000] [--clients 16] [--seconds 60]

Starts `mockserver serve` on a free port with the default world and prints, in milliseconds as a
client sees them: the first request in a new sandbox, a reset, loading scenarios of ten thousand
documents, and snapshots of a hundred thousand. Then many clients write to many sandboxes for a
while; at the end every sandbox must have exactly its acknowledged writes, or the run fails.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from serving import memory, start

LOG = "/v1/customer/sessions/{}/log"
ENTERED = {"action_type": "ENTERED"}
BEARER = {"Authorization": "Bearer t"}


class Client:
    """One keep-alive connection."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=120)

    def send(
        self,
        method: str,
        path: str,
        sandbox: str,
        body: Any = None,
        kind: str = "application/json",
        headers: Mapping[str, str] = BEARER,
    ) -> bytes:
        """The body of a response, which must be a success."""
        headers = {"X-Mock-Sandbox": sandbox, "Content-Type": kind, **headers}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        content = response.read()
        assert response.status < 300, (method, path, response.status, content[:500])
        return content

    def control(self, method: str, path: str, sandbox: str, body: Any = None) -> bytes:
        """The same for a path of the control API."""
        return self.send(method, f"/__mock__{path}", sandbox, body)


def measure(action: Callable[[], Any]) -> float:
    """The duration of an action in milliseconds."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def show(name: str, times: list[float]) -> None:
    """The median and the slowest of some times."""
    middle, worst = statistics.median(times), max(times)
    print(f"{name:54s} {middle:8.1f} ms  (slowest of {len(times)}: {worst:.1f})", flush=True)


def measure_create(client: Client, number: int = 100) -> None:
    def get(n: int) -> float:
        return measure(lambda: client.send("GET", LOG.format(1), f"get-{n}"))

    def post(n: int) -> float:
        return measure(lambda: client.send("POST", LOG.format(3), f"post-{n}", ENTERED))

    def reset(n: int) -> float:
        return measure(lambda: client.control("POST", "/reset", f"post-{n}"))

    show("first request in a new sandbox, GET", [get(n) for n in range(number)])
    show("first request in a new sandbox, POST", [post(n) for n in range(number)])
    show("reset of the default world after a write", [reset(n) for n in range(number)])


def measure_load(client: Client) -> None:
    named = {"scenario": "calwe-ten-thousand"}
    times = [measure(lambda: client.control("POST", "/load", "load", named)) for _ in range(5)]
    show("load of 10,000 generated documents, the first time", times[:1])
    show("load of the same again", times[1:])
    entries = "".join(
        f"        - {{session: '1', at: {moment(n)}, action_type: LEFT}}\n" for n in range(10_000)
    )
    text = (
        "name: literal\ndescription: Ten thousand written documents.\napis:\n  calwe:\n"
        "    documents:\n      session: [{id: '1', status: PENDING}]\n      entry:\n" + entries
    )
    body = text.encode()
    show(
        "load of 10,000 documents written in YAML in the body",
        [measure(lambda: client.send("POST", "/__mock__/load", "load", body, "application/yaml"))],
    )


def moment(second: int) -> str:
    return f"2025-08-21T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


def measure_snapshots(client: Client) -> None:
    scenario = {
        "name": "large",
        "description": "A hundred thousand documents.",
        "apis": {"calwe": {"generate": {"log": {"session": "1", "entries": 99_999}}}},
    }
    large = "large"
    show(
        "load of 100,000 generated documents",
        [measure(lambda: client.control("POST", "/load", large, {"scenario": scenario}))],
    )
    take = {"name": "a", "replace": True}
    show(
        "snapshot of 100,000 documents",
        [measure(lambda: client.control("POST", "/snapshots", large, take)) for _ in range(5)],
    )
    write = [measure(lambda: client.send("POST", LOG.format(1), large, ENTERED)) for _ in range(5)]
    show("the first write after it, which copies", write[:1])
    show("the writes after that", write[1:])
    show(
        "diff of the snapshot against now",
        [measure(lambda: client.control("GET", "/diff?from=a", large)) for _ in range(3)],
    )
    restores = []
    for _ in range(5):
        restores.append(measure(lambda: client.control("POST", "/snapshots/a/restore", large)))
        client.send("POST", LOG.format(1), large, ENTERED)
    show("restore of 100,000 documents", restores)
    file: list[bytes] = []
    show(
        "download of the snapshot",
        [measure(lambda: file.append(client.control("GET", "/snapshots/a/file", large)))],
    )
    show(
        f"upload of it, {len(file[0]) / 1e6:.0f} MB, every document validated",
        [measure(lambda: client.control("PUT", "/snapshots/b/file", large, file[0]))],
    )
    client.control("DELETE", f"/sandboxes/{large}", "default")


def run_clients(url: str, pid: int, sandboxes: int, clients: int, seconds: float) -> None:
    """Clients write, read and reset in random sandboxes, and count their operations."""
    written: Counter[str] = Counter()
    locks = [threading.Lock() for _ in range(sandboxes)]
    operations: Counter[str] = Counter()
    failures: list[BaseException] = []
    end = time.perf_counter() + seconds

    def run(number: int) -> None:
        chance = random.Random(number)
        client = Client(url)
        done: Counter[str] = Counter()
        try:
            while time.perf_counter() < end:
                n = chance.randrange(sandboxes)
                name = f"many-{n}"
                with locks[n]:  # a write and its count are one step
                    act(client, chance.random(), name, written, done)
        except BaseException as error:
            failures.append(error)
        finally:
            with lock:
                operations.update(done)

    lock = threading.Lock()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
    before = memory(pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    client = Client(url)
    wrong = [
        name
        for name in (f"many-{n}" for n in range(sandboxes))
        if total(client, name) != 2 + written[name]
    ]
    assert not wrong, f"{len(wrong)} sandboxes do not have what was written to them: {wrong[:5]}"
    done = ", ".join(f"{number} {name}" for name, number in sorted(operations.items()))
    rate = sum(operations.values()) / seconds
    print(f"{sandboxes} sandboxes, {clients} clients, {seconds:.0f} s: {done}; {rate:.0f} a second")
    print(f"every sandbox has exactly its acknowledged writes; memory {before} -> {memory(pid)}")


def act(
    client: Client, chance: float, name: str, written: Counter[str], done: Counter[str]
) -> None:
    if chance < 0.6:
        client.send("POST", LOG.format(1), name, ENTERED)
        written[name] += 1
        done["writes"] += 1
    elif chance < 0.9:
        assert total(client, name) == 2 + written[name], name
        done["reads"] += 1
    else:
        client.control("POST", "/reset", name)
        written[name] = 0
        done["resets"] += 1


def total(client: Client, name: str) -> int:
    found: int = json.loads(client.send("GET", LOG.format(1), name))["data"]["total"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sandboxes", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "worlds.sqlite"
        process, url, _ = start("--store", str(store))
        try:
            client = Client(url)
            measure_create(client)
            measure_load(client)
            measure_snapshots(client)
            run_clients(url, process.pid, arguments.sandboxes, arguments.clients, arguments.seconds)
            print(f"the store's file has {store.stat().st_size / 2**20:.0f} MiB")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
