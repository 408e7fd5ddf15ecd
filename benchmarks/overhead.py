"""What journal, faults, log and validation cost, in processor time of the server for a request.

    python benchmarks/overhead.py [--requests 1000] [--rounds 5] [--connections 8]

Starts servers that differ in what they do for a request, and sends each kind of request to all of
them in turn, so that what else the machine does meets them alike:

bare       no journal, and no schema validates anything
validated  no journal
journal    the server as it is started by default
rule       the same, in whose world a rule of faults is, for requests that do not come
log        the same as journal, with `--log-level info`: a line for each exchange

A figure is the median of the rounds: microseconds of processor time for a request. The loss is the
share of the throughput of `bare` that the other has not: of an invalid request, which `bare`
would serve, that of `validated`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from multiprocessing.pool import Pool

from serving import (
    PROGRAM,
    REQUESTS,
    connect,
    processor_seconds,
    read_response,
    start,
    write_request,
)

WITHOUT_VALIDATION = (
    "-c",
    "from mockserver.cli import main\n"
    "from mockserver.contract import Validator\n"
    "from mockserver.contract.schema import Schema\n"
    "Schema.accepts = lambda *_: True\n"
    "Validator.validate_response = lambda *_: []\n"
    "main()",
)
SERVERS: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "bare": (["--journal", "0"], WITHOUT_VALIDATION),
    "validated": (["--journal", "0"], PROGRAM),
    "journal": ([], PROGRAM),
    "rule": ([], PROGRAM),
    "log": (["--log-level", "info"], PROGRAM),
}
RULE = {"name": "rare", "match": {"path": "/rare/**"}, "effect": {"status": 503}}


def load(job: tuple[str, str, int, int]) -> float:
    """Send so many requests over some connections; the seconds that it takes."""
    name, url, number, connections = job
    message, sockets = write_request(name, url), [connect(url) for _ in range(connections)]
    began = time.perf_counter()
    for connection in sockets:
        connection.sendall(message)
    for n in range(number):
        connection = sockets[n % connections]
        read_response(connection)
        if n + connections < number:
            connection.sendall(message)
    seconds = time.perf_counter() - began
    for connection in sockets:
        connection.close()
    return seconds


def add_rule(url: str) -> None:
    content = json.dumps(RULE).encode()
    request = urllib.request.Request(f"{url}/__mock__/faults", content)
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request).read()


def measure(
    kind: str, servers: Mapping[str, tuple[int, str]], pool: Pool, arguments: argparse.Namespace
) -> None:
    """Print what a kind of request costs on each server."""
    used, walls = defaultdict(list), defaultdict(list)
    # It would be served, and so cost something else.
    compared = [name for name in servers if name != "bare" or "invalid" not in kind]
    for n in range(arguments.rounds + 1):
        for name in compared:
            pid, url = servers[name]
            job = (kind, url, arguments.requests if n else 200, arguments.connections)
            before = processor_seconds(pid)
            wall = pool.map(load, [job])[0]
            if n:  # the first one warms it up
                used[name].append((processor_seconds(pid) - before) / arguments.requests * 1e6)
                walls[name].append(arguments.requests / wall)
    cost = {name: statistics.median(values) for name, values in used.items()}
    columns = []
    for name in servers:
        loss = 1 - cost[compared[0]] / cost[name] if name in compared else 0
        columns.append(f"{cost[name]:7.0f} {loss:4.0%}" if name in compared else f"{'-':>12s}")
    walls_text = [f"{statistics.median(walls[name] or [0]):5.0f}" for name in servers]
    print(f"{kind:29s}", *columns, "  ", *walls_text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=1_000, help="of each kind, in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--only", default="", help="kinds of requests with this in their name")
    arguments = parser.parse_args()
    processes, servers = [], {}
    try:
        for name, (options, program) in SERVERS.items():
            stderr = subprocess.DEVNULL if name == "log" else None
            process, url, _ = start(*options, program=program, stderr=stderr)
            processes.append(process)
            servers[name] = (process.pid, url)
        add_rule(servers["rule"][1])
        print(f"{'':29s}", *(f"{name:>12s}" for name in servers), "   a second, by the wall clock")
        with multiprocessing.Pool(1) as pool:
            for kind in REQUESTS:
                if arguments.only in kind:
                    measure(kind, servers, pool, arguments)
    finally:
        for process in processes:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
