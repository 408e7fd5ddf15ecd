"""What a request costs when there is more: entries, changes, sessions, sandboxes, exchanges.

    python benchmarks/growth.py [--sizes 1000 100000 1000000] [--requests 300] [--plot FILE]

Loads worlds of these sizes into one server, and prints the microseconds of processor time for a
request in each: medians of five rounds, in which each size has its turn. `first` and `last` are
pages of 30 entries or 25 changes; a range is an hour among all sessions, in which every size has
as many. Then it measures how long a client waits for others: the slowest response to requests
during a load of a hundred
thousand documents; and the start of a server whose store has all of this.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from serving import processor_seconds, start
from worlds import Client

ROUNDS = 5
SMALL = ("GET", "Authorization: Bearer t", "/v1/customer/sessions/1/log")
NOW = "2026-01-01T00:00:00Z"
LOG = "/v1/customer/sessions/big/log"
CHANGES = "/api/v1/cap/change_logs.json"
RANGE = "/ekranapi/sessions?startDate=2025-12-30T10:00:00Z&endDate=2025-12-30T11:00:00Z"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=300, help="of each kind, in a round")
    parser.add_argument("--plot", type=Path, help="an SVG file in which to draw the plot")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.sqlite"
        process, url, _ = start("--store", str(store), "--control-body-limit", "2000000000")
        try:
            client = Client(url)
            for size in arguments.sizes:
                began = time.perf_counter()
                client.control("POST", "/load", f"size-{size}", {"scenario": make_world(size)})
                print(
                    f"load of {size:>9,} of each: {time.perf_counter() - began:6.1f} s", flush=True
                )
            costs = measure_sizes(client, process.pid, arguments.sizes, arguments.requests)
            measure_sandboxes(client, process.pid, arguments.requests)
            measure_journal(client, process.pid, arguments.requests)
            measure_waiting(url)
        finally:
            process.terminate()
            process.wait()
        measure_start(store)
        if arguments.plot:
            draw(costs, arguments.plot)


def make_world(size: int) -> dict[str, Any]:
    """A scenario with so many entries in one session, changes, and sessions, 14 of them an hour."""
    ekran = {"count": size, "first": f"-{3 * size // 1_000}d", "running": 5, "users": 25}
    return {
        "name": f"size-{size}",
        "description": "Much of everything.",
        "clock": {"freeze": NOW},
        "apis": {
            "calwe": {"generate": {"log": {"session": "big", "entries": size}}},
            "avaamo": {"generate": {"changes": {"count": size, "agents": 12}}},
            "ekran": {"generate": {"sessions": ekran}},
        },
    }


def list_requests(size: int) -> dict[str, Request]:
    """Each kind of request to a world of this size."""
    log_pages, change_pages = -(-size // 30), -(-size // 25)
    bearer = "Authorization: Bearer t"
    return {
        "log, first page": ("GET", bearer, LOG),
        "log, last page": ("GET", bearer, f"{LOG}?page={log_pages}"),
        "log, POST": ("POST", bearer, LOG),
        "changes, first page": ("GET", "access-token: t", CHANGES),
        "changes, last page": ("GET", "access-token: t", f"{CHANGES}?page={change_pages}"),
        "sessions in a range": ("GET", "ApiKey: t", RANGE),
    }


Request = tuple[str, str, str]
"""A method, a header field with the credential, and a path."""


def send(client: Client, request: Request, sandbox: str) -> None:
    method, header, path = request
    name, _, value = header.partition(": ")
    body = b'{"action_type":"ENTERED"}' if method == "POST" else None
    client.send(method, path, sandbox, body, headers={name: value})


def ask_in(request: Request, sandboxes: Sequence[str], client: Client, n: int) -> None:
    """Send the n-th request, to each sandbox in turn."""
    send(client, request, sandboxes[n % len(sandboxes)])


def measure(client: Client, pid: int, requests: int, ask: Callable[[Client, int], None]) -> float:
    """The microseconds of the server's processor for a request."""
    ask(client, 0)
    before = processor_seconds(pid)
    for n in range(requests):
        ask(client, n)
    return (processor_seconds(pid) - before) / requests * 1e6


def measure_sizes(
    client: Client, pid: int, sizes: list[int], requests: int
) -> dict[str, dict[int, float]]:
    used: dict[tuple[str, int], list[float]] = defaultdict(list)
    kinds = list(list_requests(1))
    for _ in range(ROUNDS):
        for kind in kinds:
            for size in sizes:
                request = list_requests(size)[kind]
                fewer = max(requests // 20, 10) if "last" in kind else requests
                ask = partial(ask_in, request, [f"size-{size}"])
                used[kind, size].append(measure(client, pid, fewer, ask))
    costs = {kind: {size: statistics.median(used[kind, size]) for size in sizes} for kind in kinds}
    print(f"{'microseconds for a request':28s}", *(f"{size:>10,}" for size in sizes), "  ratio")
    for kind, by_size in costs.items():
        values = list(by_size.values())
        print(f"{kind:28s}", *(f"{it:10,.0f}" for it in values), f"{values[-1] / values[0]:7.2f}")
    return costs


def measure_sandboxes(client: Client, pid: int, requests: int) -> None:
    costs = []
    for number in (1, 100, 1_000):
        names = [f"many-{n}" for n in range(number)]
        for name in names:
            send(client, SMALL, name)
        costs.append(measure(client, pid, max(requests, number), partial(ask_in, SMALL, names)))
    print(f"{'with 1, 100, 1,000 sandboxes':28s}", *(f"{it:10,.0f}" for it in costs))


def measure_journal(client: Client, pid: int, requests: int) -> None:
    ask = partial(ask_in, SMALL, ["journal"])
    costs = [measure(client, pid, requests, ask)]
    for n in range(3_000):  # more than are kept
        ask(client, n)
    costs.append(measure(client, pid, requests, ask))
    print(f"{'journal: new, full':28s}", *(f"{it:10,.0f}" for it in costs))


def measure_waiting(url: str) -> None:
    """The slowest of the responses that other clients get during a load."""
    ended = threading.Event()
    times: list[float] = []

    def ask() -> None:
        client = Client(url)
        send(client, SMALL, "other")
        while not ended.is_set():
            began = time.perf_counter()
            send(client, SMALL, "other")
            times.append((time.perf_counter() - began) * 1e3)

    thread = threading.Thread(target=ask)
    thread.start()
    entries = [
        {"session": "1", "at": f"2025-08-21T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"}
        | {"action_type": "LEFT"}
        for n in range(100_000)
    ]
    world = {
        "name": "literal",
        "description": "A hundred thousand written documents.",
        "apis": {
            "calwe": {
                "documents": {"session": [{"id": "1", "status": "PENDING"}], "entry": entries}
            }
        },
    }
    client = Client(url)
    began = time.perf_counter()
    client.control("POST", "/load", "loading", {"scenario": world})
    took = time.perf_counter() - began
    send(client, ("POST", *SMALL[1:]), "loading")
    ended.set()
    thread.join()
    times.sort()
    print(
        f"during a load of 100,000 documents ({took:.1f} s) and the first write after it, "
        f"{len(times)} other responses came within {times[len(times) // 2]:.1f} ms (half), "
        f"{times[len(times) * 99 // 100]:.1f} ms (99 of 100), {times[-1]:.1f} ms (all)"
    )


def measure_start(store: Path) -> None:
    size = sum(it.stat().st_size for it in store.parent.iterdir()) / 2**20
    seconds = []
    for options in (("--store", str(store)), ()):
        runs = []
        for _ in range(3):
            process, _, took = start(*options)
            runs.append(took)
            process.terminate()
            process.wait()
        seconds.append(statistics.median(runs))
    with_all, with_none = seconds
    print(
        f"start with a store of {size:,.0f} MiB {with_all:.2f} s, with a new one {with_none:.2f} s"
    )


def draw(costs: dict[str, dict[int, float]], path: Path) -> None:
    """The cost by size, a line for each kind of request."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "the same names in every file"
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for kind, by_size in costs.items():
        axes.plot(list(by_size), [it / 1e3 for it in by_size.values()], marker="o", label=kind)
    axes.set(xscale="log", yscale="log", xlabel="documents", ylabel="milliseconds of a core")
    axes.legend(fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main()
