"""How long others wait while a server loads, copies or deletes a hundred thousand documents.

    python benchmarks/waiting.py [--documents 100000] [--workers 1] [--postgres]

A second process reads in one sandbox and writes in another, every 5 milliseconds over two
connections, while the first one loads a scenario as JSON, adds as much to it, writes to it for the
first time after a snapshot, downloads and uploads the snapshot, and deletes all of that; last, it
loads a scenario as YAML. Prints how soon half, 99 of 100 and all of the other responses came, and
the same of a time in which nothing else is done: what is slow then is the machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from database import ROOT, Cluster
from serving import start
from worlds import ENTERED, LOG, Client

QUIET_SECONDS = 10
PAUSE_SECONDS = 0.005
OTHERS = {"GET": None, "POST": ENTERED}


def send_others(url: str, ending: Connection) -> None:
    """Read and write until the other end closes; then send when each began and how long it took."""
    clients = {method: Client(url) for method in OTHERS}
    times = []
    while not ending.poll(PAUSE_SECONDS):
        for method, body in OTHERS.items():
            began = time.monotonic()
            clients[method].send(method, LOG.format(3), f"other-{method}", body)
            times.append((method, began, time.monotonic() - began))
    ending.send(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="the store is a database")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        options = ["--workers", str(arguments.workers), "--control-body-limit", "1000000000"]
        if arguments.postgres:
            finding = [ROOT / "tools" / "postgres.sh", "find"]
            found = subprocess.run(finding, capture_output=True, text=True, check=True).stdout
            cluster = Cluster(Path(found.strip()))
            stack.callback(cluster.close)
            options += ["--store", cluster.make_url(cluster.make_database("template0"))]
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            options += ["--store", str(Path(folder) / "store.sqlite")]
        process, url, _ = start(*options)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        phases: dict[str, tuple[float, float]] = {}
        ending, other_end = multiprocessing.Pipe()
        others = multiprocessing.Process(target=send_others, args=(url, other_end))
        others.start()
        try:
            run_phases(Client(url), arguments.documents, phases)
        finally:
            ending.send("end")
            times = ending.recv()
            others.join()
    for name, (begin, end) in phases.items():
        for method in OTHERS:
            within = [took for it, at, took in times if it == method and begin <= at + took <= end]
            print(f"{name:34s} {end - begin:6.1f} s  {method:4s}  {describe(within)}")


def run_phases(client: Client, number: int, phases: dict[str, tuple[float, float]]) -> None:
    @contextmanager
    def phase(name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        phases[name] = began, time.monotonic()
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)

    body = json.dumps(make_scenario("first", "1", number)).encode()
    more = json.dumps(make_scenario("more", "2", number)).encode()
    text = write_yaml("third", number).encode()
    time.sleep(2)
    with phase("nothing"):
        time.sleep(QUIET_SECONDS)
    with phase("load of JSON"):
        client.send("POST", "/__mock__/load", "big", body)
    with phase("first write, which copies"):
        client.send("POST", LOG.format(1), "big", ENTERED)
    with phase("more is added"):
        client.send("POST", "/__mock__/load?mode=add", "big", more)
    with phase("snapshot, and a write after it"):
        client.control("POST", "/snapshots", "big", {"name": "s"})
        client.send("POST", LOG.format(1), "big", ENTERED)
    with phase("download of the snapshot"):
        snapshot = client.control("GET", "/snapshots/s/file", "big")
    with phase("upload of it"):
        client.send("PUT", "/__mock__/snapshots/t/file", "big", snapshot)
    with phase("all is deleted"):
        client.control("DELETE", "/sandboxes/big", "default")
        time.sleep(QUIET_SECONDS)
    with phase("load of YAML"):
        client.send("POST", "/__mock__/load", "yaml", text, "application/yaml")
    with phase("nothing again"):
        time.sleep(QUIET_SECONDS)


def make_scenario(name: str, session: str, number: int) -> dict[str, object]:
    entries = [
        {"session": session, "at": format_moment(n), "action_type": "LEFT"} for n in range(number)
    ]
    documents = {"session": [{"id": session, "status": "PENDING"}], "entry": entries}
    apis = {"calwe": {"documents": documents}}
    return {"scenario": {"name": name, "description": "Many.", "apis": apis}}


def write_yaml(name: str, number: int) -> str:
    entries = "".join(
        f"        - {{session: '1', at: '{format_moment(n)}', action_type: LEFT}}\n"
        for n in range(number)
    )
    return (
        f"name: {name}\ndescription: Many.\napis:\n  calwe:\n    documents:\n"
        "      session: [{id: '1', status: PENDING}]\n      entry:\n" + entries
    )


def format_moment(n: int) -> str:
    return f"2025-08-21T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"


def describe(times: list[float]) -> str:
    if not times:
        return "no response"
    times.sort()
    half, most, last = (times[int((len(times) - 1) * share)] * 1e3 for share in (0.5, 0.99, 1))
    return f"{len(times):5d} responses: {half:6.1f} ms, {most:6.1f} ms, {last:7.1f} ms"


if __name__ == "__main__":
    main()
