"""What a request costs with a store in PostgreSQL: processor time, statements and bytes.

    python benchmarks/database.py [--requests 1000] [--rounds 3] [--connections 8]

Starts a PostgreSQL of its own, which writes to its disk as a real one, and servers of one process:

file       the default store, an SQLite file
database   a store in PostgreSQL
no journal the same, with `--journal 0`

and sends each kind of request to all of them in turn, over connections with a sandbox each. A
figure is the least of the rounds, because what else the machine does only adds to it, and for one
request: microseconds of processor time of the server
and of all processes of the database, the statements that the database has executed, and the bytes
of its write-ahead log. How many requests a second fit into one core is a million divided by the
microseconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from multiprocessing.pool import Pool
from pathlib import Path

from serving import REQUESTS, connect, processor_seconds, read_response, start, write_request

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

from postgres import Cluster  # noqa: E402

KINDS = {
    "GET calwe log, 2 entries": REQUESTS["GET calwe log, 2 entries"],
    "GET calwe log, 30 entries": REQUESTS["GET calwe log, 30 entries"],
    "POST calwe log": REQUESTS["POST calwe log"],
    "GET calwe log, 404": ("GET", "/v1/customer/sessions/999/log", "Authorization: Bearer t", b""),
}
REQUESTS.update(KINDS)
STATEMENTS = "SELECT sum(calls)::bigint, pg_current_wal_lsn() - '0/0' FROM pg_stat_statements"


def load(job: tuple[str, str, int, int]) -> None:
    """Send so many requests over connections that have a sandbox each."""
    name, url, number, connections = job
    messages = [write_request(name, url, f"X-Mock-Sandbox: s{n}") for n in range(connections)]
    sockets = [connect(url) for _ in range(connections)]
    for message, connection in zip(messages, sockets, strict=True):
        connection.sendall(message)
    for n in range(number):
        connection = sockets[n % connections]
        read_response(connection)
        if n + connections < number:
            connection.sendall(messages[n % connections])
    for connection in sockets:
        connection.close()


def database_seconds(cluster: Cluster) -> float:
    """How long the processes of a database have run, with those that have ended."""
    program = ["ps", "-o", "pid=", "--ppid", str(cluster.process.pid)]
    listed = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    running = 0.0
    for pid in [cluster.process.pid, *listed.split()]:
        with suppress(OSError):  # it has ended meanwhile
            running += processor_seconds(int(pid))
    times = Path(f"/proc/{cluster.process.pid}/stat").read_text().rpartition(")")[2].split()
    return running + (int(times[13]) + int(times[14])) / os.sysconf("SC_CLK_TCK")


def measure(
    kind: str, pid: int, url: str, cluster: Cluster, pool: Pool, arguments: argparse.Namespace
) -> list[float]:
    """The figures of a kind of request at one server."""
    rounds = []
    for n in range(arguments.rounds + 1):
        number = arguments.requests if n else 200  # the first ones warm it up
        [(statements, written)] = cluster.execute(STATEMENTS)
        server, database = processor_seconds(pid), database_seconds(cluster)
        pool.map(load, [(kind, url, number, arguments.connections)])
        server, database = processor_seconds(pid) - server, database_seconds(cluster) - database
        [(statements_after, written_after)] = cluster.execute(STATEMENTS)
        costs = (server * 1e6, database * 1e6, statements_after - statements)
        rounds.append([float(it) / number for it in (*costs, written_after - written)])
    return [min(values) for values in zip(*rounds[1:], strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=1_000, help="of each kind, in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    finding = [ROOT / "tools" / "postgres.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=True).stdout.strip()
    preload = "shared_preload_libraries=pg_stat_statements"
    with ExitStack() as stack:
        cluster = Cluster(Path(found), "fsync=on", "full_page_writes=on", preload)
        stack.callback(cluster.close)
        cluster.execute("CREATE EXTENSION pg_stat_statements")
        servers = {}
        for name, options in {
            "file": [],
            "database": ["--store", cluster.make_url(cluster.make_database("template0"))],
            "no journal": [
                *("--store", cluster.make_url(cluster.make_database("template0"))),
                *("--journal", "0"),
            ],
        }.items():
            process, url, _ = start(*options)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            servers[name] = process.pid, url
        columns = ("server µs", "database µs", "statements", "log bytes")
        print(f"{'':36s}", *(f"{column:>12s}" for column in columns))
        with multiprocessing.Pool(1) as pool:
            for kind in KINDS:
                for name, (pid, url) in servers.items():
                    figures = measure(kind, pid, url, cluster, pool, arguments)
                    formats = ("12.0f", "12.0f", "12.1f", "12.0f")
                    texts = [format(it, form) for it, form in zip(figures, formats, strict=True)]
                    print(f"{kind:25s} {name:10s}", *texts, flush=True)


if __name__ == "__main__":
    main()
