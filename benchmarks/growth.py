"""What a request costs when there is more: entries, changes, sessions, sandboxes, exchanges.

    python benchmarks/growth.py [--sizes 1000 100000 1000000] [--requests 300] [--postgres]
                                [--store FILE] [--page FILE] [--plot FILE]

Fills a store with worlds of these sizes, starts a server of one process on it, and prints the
microseconds of processor time for a request in each: medians of five rounds, in which each size has
its turn. First, middle and last are pages of 30 entries or 25 changes; a range is an hour among all
sessions or changes, in which every size has as many. Then: requests to 1, 100 and 1,000 sandboxes;
to one with a new and with a full journal; and the start of a server whose store has all of this.

With `--postgres` the store is a database of its own, whose processes are counted too. Then another
table has the blocks that its statements read, which do not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

import psycopg
from database import ROOT, Cluster, database_seconds
from serving import processor_seconds, start
from worlds import Client

sys.path.append(str(ROOT / "benchmarks" / "comparison"))

from report import load_pyplot, make_table, write_page

from mockserver.apis.avaamo.model import build_change
from mockserver.apis.calwe import model as calwe
from mockserver.apis.ekran.model import build_activity, build_session
from mockserver.clock import SECOND, Clock, parse_moment
from mockserver.settings import DatabaseUrl
from mockserver.store import Document, Store, WorldRecord, open_store

ROUNDS = 5
TOGETHER = 5_000
SMALL = ("GET", "Authorization: Bearer t", "/v1/customer/sessions/1/log", b"")
NOW = parse_moment("2026-01-01T00:00:00Z")
HOUR = 3_600 * SECOND
AN_HOUR = 14
"""So many sessions begin in an hour, and so many changes are made in it."""
LOG = "/v1/customer/sessions/big/log"
CHANGES = "/api/v1/cap/change_logs.json"
RANGE = "/ekranapi/sessions?start=2025-12-30T10:00&end=2025-12-30T11:00"
START = NOW // SECOND - 38 * 3_600
USER = {"id": 741, "display_name": "Agent One", "email": "agent741@avaamo.example"}

PRELOAD = "shared_preload_libraries=pg_stat_statements"
BLOCKS = """
SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint FROM pg_stat_statements
WHERE query ~ 'documents|collections'
"""
MARK = "<!-- measured with --postgres -->\n"

Request = tuple[str, str, str, bytes]
"""A method, a header field with the credential, a path, and a body."""


def list_requests(size: int) -> dict[str, Request]:
    """Each kind of request to a world of this size."""
    log_pages, change_pages = -(-size // 30), -(-size // 25)
    bearer, token = "Authorization: Bearer t", "access-token: t"
    in_range = f"{CHANGES}?start_time={START}&end_time={START + 3_600}"
    return {
        "log, first page": ("GET", bearer, LOG, b""),
        "log, middle page": ("GET", bearer, f"{LOG}?page={log_pages // 2}", b""),
        "log, last page": ("GET", bearer, f"{LOG}?page={log_pages}", b""),
        "log, POST": ("POST", bearer, LOG, b'{"action_type":"ENTERED"}'),
        "changes, first page": ("GET", token, CHANGES, b""),
        "changes, middle page": ("GET", token, f"{CHANGES}?page={change_pages // 2}", b""),
        "changes, last page": ("GET", token, f"{CHANGES}?page={change_pages}", b""),
        "changes in a range": ("GET", token, in_range, b""),
        "sessions in a range": ("GET", "ApiKey: t", RANGE, b""),
        "a user logs in": ("POST", bearer, "/__mock__/events/ekran.log_in", b'{"with":{"user":7}}'),
        "documents, first page": ("GET", bearer, "/__mock__/state/calwe/entry", b""),
        "ids": ("GET", bearer, "/__mock__/ids", b""),
    }


@dataclass
class Results:
    """Microseconds for a request by its kind and size, or whatever grows in a row; and the rest."""

    store: str
    costs: dict[str, dict[int, float]] = field(default_factory=dict)
    blocks: dict[str, dict[int, float]] = field(default_factory=dict)
    sandboxes: dict[int, float] = field(default_factory=dict)
    journal: tuple[float, float] = (0.0, 0.0)
    size: str = ""
    start: tuple[float, float] = (0.0, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=300, help="of each kind, in a round")
    parser.add_argument("--postgres", action="store_true", help="the store is a database")
    parser.add_argument("--store", type=Path, help="a file, which is filled unless it is there")
    parser.add_argument("--page", type=Path, help="a page in which to write the tables")
    parser.add_argument("--plot", type=Path, help="an SVG file in which to draw the plot")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        place: Path | DatabaseUrl
        cluster: Cluster | None = None
        if arguments.postgres:
            finding = [ROOT / "tools" / "postgres.sh", "find"]
            found = subprocess.run(finding, capture_output=True, text=True, check=True).stdout
            cluster = Cluster(Path(found.strip()), PRELOAD)
            stack.callback(cluster.close)
            cluster.execute("CREATE EXTENSION pg_stat_statements")
            url = cluster.make_url(cluster.make_database("template0"))
            place, count_seconds = DatabaseUrl(url), partial(database_seconds, cluster)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = str(arguments.store or Path(folder) / "store.sqlite")
            place, count_seconds = Path(url), lambda: 0.0
        results = Results("a PostgreSQL database" if arguments.postgres else "an SQLite file")
        first, *_ = start("--store", url)  # which makes the tables
        first.terminate()
        first.wait()
        with closing(open_store(place)) as store:
            for size in arguments.sizes:
                began = time.perf_counter()
                fill(store, size)
                took = time.perf_counter() - began
                print(f"filled with {size:,} of each in {took:.0f} s", file=sys.stderr, flush=True)
        if isinstance(place, DatabaseUrl):  # it does so itself, some minutes later
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        process, server, _ = start("--store", url)
        try:
            meter = Meter(Client(server), lambda: processor_seconds(process.pid) + count_seconds())
            measure_sizes(meter, arguments, results)
            if cluster:
                measure_blocks(meter, cluster, arguments.sizes, results)
            measure_sandboxes(meter, arguments.requests, results)
            measure_journal(meter, arguments.requests, results)
        finally:
            process.terminate()
            process.wait()
        if isinstance(place, Path):
            measure_start(place, results)
    report = make_report(results)
    print(report)
    if arguments.page:
        marks = [MARK] if arguments.postgres else []
        write_page(report, arguments.page, *marks)
    if arguments.plot:
        draw(results, arguments.plot)


def fill(store: Store, size: int) -> None:
    """A sandbox with so many entries in one session, so many changes and so many sessions."""
    record = WorldRecord(
        *("sandbox", f"size-{size}", "growth", 1, Clock.frozen_at(NOW), {}),
        *(NOW, NOW),
    )
    documents = {"calwe": make_log, "avaamo": make_changes, "ekran": make_sessions}
    with store.transaction(writing=True) as transaction:
        if transaction.worlds.get("sandbox", record.name):
            return
        by_api = {api: transaction.partitions.create() for api in documents}
        transaction.worlds.add(record, by_api)
    for api, make in documents.items():
        made, partition = make(size), by_api[api]
        while some := list(islice(made, TOGETHER)):
            with store.transaction(writing=True, is_long=True) as transaction:
                own = transaction.documents(partition, partial(int, partition))
                own.extend_checked(some)


def make_log(size: int) -> Iterator[Document]:
    yield calwe.SESSION.document({"id": "big", "status": "IN_PROGRESS"})
    for n in range(size):
        yield calwe.build_entry("big", ("ENTERED", "LEFT")[n % 2], NOW - (size - n) * 60 * SECOND)


def make_changes(size: int) -> Iterator[Document]:
    for n in range(size):
        action, at = ("update", "create", "destroy")[n % 3], NOW - (size - n) * HOUR // AN_HOUR
        yield build_change(n + 1, (12, "Team"), action, "Team Support was changed", at, USER)


def make_sessions(size: int) -> Iterator[Document]:
    """They last from some minutes to ten hours; a user does something in the middle of each."""
    for n in range(size):
        begin = NOW - (size - n) * HOUR // AN_HOUR
        end = min(begin + (n * 7 % 100 + 1) * HOUR // 10, NOW)
        yield build_session(n + 1, "0f8fad5b-d9cb-469f-a165-70867728950e", n % 25 + 1, begin, end)
        yield build_activity(n + 1, (begin + end) // 2)


@dataclass
class Meter:
    """Sends requests, and counts the seconds of processor time that they take."""

    client: Client
    count_seconds: Callable[[], float]

    def send(self, request: Request, sandbox: str) -> bytes:
        method, header, path, body = request
        name, _, value = header.partition(": ")
        return self.client.send(method, path, sandbox, body or None, headers={name: value})

    def measure(self, request: Request, sandboxes: Sequence[str], number: int) -> float:
        """The microseconds for a request, sent so many times, to each sandbox in turn."""
        self.send(request, sandboxes[0])
        before = self.count_seconds()
        for n in range(number):
            self.send(request, sandboxes[n % len(sandboxes)])
        return (self.count_seconds() - before) / number * 1e6


def measure_sizes(meter: Meter, arguments: argparse.Namespace, results: Results) -> None:
    used: dict[tuple[str, int], list[float]] = defaultdict(list)
    kinds = list(list_requests(1))
    for kind in (it for it in kinds if "range" in it):
        sandboxes = {f"size-{it}": list_requests(it)[kind] for it in arguments.sizes}
        bodies = [meter.send(it, name) for name, it in sandboxes.items()]
        found = [it.count(b'"timestamp"') or it.count(b'"sessionId"') for it in bodies]
        assert found[0] and len({*found}) == 1, f"{kind}: another number of rows in each size"
    for round in range(ROUNDS):
        for kind in kinds:
            for size in arguments.sizes:
                number = arguments.requests
                if "middle" in kind or kind == "ids":
                    number = max(number // 10, 10)
                cost = meter.measure(list_requests(size)[kind], [f"size-{size}"], number)
                used[kind, size].append(cost)
        print(f"round {round + 1} of {ROUNDS}", file=sys.stderr, flush=True)
    for kind in kinds:
        by_size = {size: statistics.median(used[kind, size]) for size in arguments.sizes}
        results.costs[kind] = by_size


def measure_blocks(meter: Meter, cluster: Cluster, sizes: Sequence[int], results: Results) -> None:
    """The blocks that the statements on documents read for a request, on the disk or not."""
    number = 10
    for kind in list_requests(1):
        for size in sizes:
            meter.send(list_requests(size)[kind], f"size-{size}")
            cluster.execute("SELECT pg_stat_statements_reset()")
            for _ in range(number):
                meter.send(list_requests(size)[kind], f"size-{size}")
            [(blocks,)] = cluster.execute(BLOCKS)
            results.blocks.setdefault(kind, {})[size] = blocks / number


def measure_sandboxes(meter: Meter, requests: int, results: Results) -> None:
    for number in (1, 100, 1_000):
        names = [f"many-{n}" for n in range(number)]
        for name in names:
            meter.send(SMALL, name)
        rounds = [meter.measure(SMALL, names, max(requests, number)) for _ in range(ROUNDS)]
        results.sandboxes[number] = statistics.median(rounds)


def measure_journal(meter: Meter, requests: int, results: Results) -> None:
    new = [meter.measure(SMALL, [f"journal-{n}"], requests // 2) for n in range(ROUNDS)]
    for _ in range(3_000):  # more than are kept
        meter.send(SMALL, "journal")
    full = [meter.measure(SMALL, ["journal"], requests // 2) for _ in range(ROUNDS)]
    results.journal = statistics.median(new), statistics.median(full)


def measure_start(store: Path, results: Results) -> None:
    size = store.stat().st_size / 2**20
    results.size = f"{size:,.0f} MiB"
    seconds: dict[tuple[str, ...], list[float]] = {("--store", str(store)): [], (): []}
    for _ in range(ROUNDS):
        for options, runs in seconds.items():
            process, *_ = start(*options)
            runs.append(processor_seconds(process.pid))
            process.terminate()
            process.wait()
    with_all, with_none = (statistics.median(runs) for runs in seconds.values())
    results.start = with_all, with_none


def make_report(results: Results) -> str:
    """The tables, with the date and the machine."""
    machine = f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"
    sizes = list(next(iter(results.costs.values())))
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {results.store}. Microseconds of processor time "
        f"for a request, medians of {ROUNDS} rounds.",
        make_table(
            ["request", *(f"{size:,}" for size in sizes), "ratio"],
            [
                [
                    kind,
                    *(f"{cost:,.0f}" for cost in costs.values()),
                    f"{costs[sizes[-1]] / costs[sizes[0]]:.2f}",
                ]
                for kind, costs in results.costs.items()
            ],
        ),
        *(
            [
                "Blocks of tables and indexes that its statements on documents read for a request, "
                "8 KiB each.",
                make_table(
                    ["request", *(f"{size:,}" for size in sizes)],
                    [
                        [kind, *(f"{it:,.0f}" for it in blocks.values())]
                        for kind, blocks in results.blocks.items()
                    ],
                ),
            ]
            if results.blocks
            else []
        ),
        make_table(
            ["", *(f"{number:,}" for number in results.sandboxes)],
            [["sandboxes in turn", *(f"{it:,.0f}" for it in results.sandboxes.values())]],
        ),
        make_table(["", "new", "full"], [["journal", *(f"{it:,.0f}" for it in results.journal)]]),
    ]
    if results.size:
        with_all, with_none = results.start
        parts.append(
            f"Processor time of a server until its first response: {with_all:.2f} seconds with the "
            f"store of {results.size} that has all of this, {with_none:.2f} seconds with a new one."
        )
    return "\n\n".join(parts) + "\n"


def draw(results: Results, path: Path) -> None:
    """The cost by size, a line for each kind of request."""
    pyplot = load_pyplot()
    for part in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        pyplot.rcParams[part] = "#808080"  # which can be read on a light and on a dark page
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
    for panel, is_late in zip(panels, (False, True), strict=True):
        for kind, costs in results.costs.items():
            if ("middle" in kind or "last" in kind) == is_late:
                milliseconds = [it / 1e3 for it in costs.values()]
                panel.plot(list(costs), milliseconds, marker="o", markersize=4, label=kind)
        panel.set(xscale="log", yscale="log", xlabel="documents of each kind")
        panel.grid(axis="y", color="#888888", alpha=0.3)
        panel.legend(fontsize=7, frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("milliseconds of a core")
    figure.savefig(path, metadata={"Date": None, "Creator": None}, transparent=True)


if __name__ == "__main__":
    main()
