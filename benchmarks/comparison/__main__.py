"""Mockserver and its peers side by side: the same requests, contracts and data, in one run.

    make bench ARGS="[--rounds 5] [--seconds 2] [--only NAME] [--page FILE] [--plot FILE]"

Every server runs on one core and what sends the requests on another, where there are two. In each
round every server gets each request in turn, so that a slow minute of the machine is a slow minute
for all; ratios are those of one round. A round before the first does not count: most of the peers
compile what they run often. `make bench` installs the peers, and wrk where it can; what
is not there is left out and named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import load
from exchanges import EXCHANGES, Exchange
from report import write_report
from results import Cell, Results
from servers import Running, Server, make_ours, make_peers

OTHER_CONNECTIONS = (1, 64)
BOTH_KINDS = ("GET, 30 rows", "POST that writes")
"""One that reads and one that writes, for what is not measured with every request."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="how long each request is sent")
    parser.add_argument("--page", type=Path, help="a page in which to write the tables")
    parser.add_argument("--plot", type=Path, help="an SVG file in which to draw the plot")
    parser.add_argument("--only", nargs="*", help="names of peers, for instance Prism")
    arguments = parser.parse_args()
    results = Results(_describe_machine(), load.name_client(), arguments.rounds, arguments.seconds)
    with tempfile.TemporaryDirectory() as folder:
        servers = [make_ours(), *_find_peers(Path(folder), arguments.only, results)]
        results.kinds = {server.name: server.kind for server in servers}
        for api in ("calwe", "ekran"):
            _compare(api, servers, results)
    cores = len(os.sched_getaffinity(0))
    if cores > 1:
        _compare_workers(cores, results)
    write_report(results, arguments.page, arguments.plot)


def _find_peers(folder: Path, only: list[str] | None, results: Results) -> Iterator[Server]:
    with Running(make_ours(), "calwe", _choose_cores()[0]) as ours:
        recorded = {it.name: json.loads(ours.ask(it)[1]) for it in EXCHANGES}
    for peer in make_peers(folder, recorded):
        if only is not None and peer.name not in only:
            continue
        if missing := peer.find_missing():
            results.missing[peer.name] = missing
            print(f"{peer.name} is left out: {missing}", file=sys.stderr)
        else:
            yield peer


def _compare(api: str, servers: list[Server], results: Results) -> None:
    """Every server with every request of an API."""
    exchanges = [it for it in EXCHANGES if it.api == api]
    server_cores, client_cores = _choose_cores()
    with ExitStack() as stack:
        running = []
        for server in servers:
            try:
                if api == "calwe":
                    for _ in range(2):
                        with Running(server, api, server_cores) as one:
                            results.first_response[server.name].append(one.first_response)
                one = stack.enter_context(Running(server, api, server_cores))
            except RuntimeError as error:
                results.missing[server.name] = f"{api}: {error}"
                continue
            running.append(one)
            if api == "calwe":
                results.first_response[server.name].append(one.first_response)
                results.memory_idle[server.name] = one.find_memory()
        rows = [(results.requests, it.name, it, 8) for it in exchanges]
        rows += [
            (results.connections, f"{it.name}, {many} at once", it, many)
            for it in exchanges
            for many in OTHER_CONNECTIONS
            if it.name in BOTH_KINDS
        ]
        for round in range(results.rounds + 1):
            for table, row, exchange, connections in rows:
                for one in running:
                    cell = table[row].setdefault(one.server.name, Cell())
                    counted = cell if round else Cell(cell.note)
                    _measure(one, exchange, connections, results.seconds, client_cores, counted)
                    cell.note = counted.note
            print(f"{api}: round {round} of {results.rounds}", file=sys.stderr)
        if api == "calwe":
            for one in running:
                results.memory_after[one.server.name] = one.find_memory()


def _measure(
    one: Running, exchange: Exchange, connections: int, seconds: int, cores: set[int], cell: Cell
) -> None:
    if not cell.note and not cell.rates:
        cell.note = _find_difference(one, exchange)
    if cell.note:
        return
    url, headers = one.find_url(exchange), one.find_headers(exchange)
    job = load.Job(url, exchange.method, headers, exchange.sent_body, seconds, connections)
    before = one.find_processor_seconds()
    got = load.run(job, cores)
    cell.add(got, one.find_processor_seconds() - before)


def _find_difference(one: Running, exchange: Exchange) -> str:
    """Why a server is not measured with a request: it does not do what it is asked."""
    if not one.server.can(exchange):
        return "cannot"
    status, _ = one.ask(exchange)
    return "" if status == exchange.status else f"responds {status}"


def _compare_workers(cores: int, results: Results) -> None:
    """One worker and as many as there are cores; what sends the requests shares the cores."""
    everywhere = os.sched_getaffinity(0)
    names = ("1 worker", f"{cores} workers")
    with (
        Running(make_ours(name=names[0]), "calwe", everywhere) as single,
        Running(make_ours(cores, names[1]), "calwe", everywhere) as several,
    ):
        for round in range(results.rounds):
            for exchange in (it for it in EXCHANGES if it.name in BOTH_KINDS):
                for one in (single, several):
                    cell = results.workers[exchange.name].setdefault(one.server.name, Cell())
                    _measure(one, exchange, 8 * cores, results.seconds, everywhere, cell)
            print(f"workers: round {round + 1} of {results.rounds}", file=sys.stderr)


def _choose_cores() -> tuple[set[int], set[int]]:
    """The core of the server, and that of what sends the requests."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, {cores[-1]}


def _describe_machine() -> str:
    info = Path("/proc/cpuinfo").read_text()
    model = next((line for line in info.splitlines() if line.startswith("model name")), ": ?")
    version = ".".join(map(str, sys.version_info[:3]))
    name = model.partition(":")[2].strip()
    return f"{len(os.sched_getaffinity(0))} cores of {name}, Python {version}"


if __name__ == "__main__":
    main()
