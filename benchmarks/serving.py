"""Speed and memory of one server process.

    python benchmarks/serving.py [--seconds 5] [--connections 8]

Starts `mockserver serve` on a free port with the default world, sends requests over keep-alive
connections from a second process, and prints: the time from start to first response, the memory
of the server, requests a second by the wall clock, and requests a second of the server's own
processor time, which is what one core achieves if nothing else uses it.
"""

from __future__ import annotations

import argparse
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path
from urllib.parse import urlsplit

BEARER = "Authorization: Bearer t"
LOG = "/v1/customer/sessions/{}/log"
PROGRAM = ("-m", "mockserver")
REQUESTS = {
    "GET calwe log, 30 entries": ("GET", LOG.format(6), BEARER, b""),
    "GET calwe log, 2 entries": ("GET", LOG.format(1), BEARER, b""),
    "GET calwe log, invalid": ("GET", LOG.format(6) + "?page=x", BEARER, b""),
    "POST calwe log": ("POST", LOG.format(3), BEARER, b'{"action_type":"ENTERED"}'),
    "GET avaamo changes, 25": ("GET", "/api/v1/cap/change_logs.json", "access-token: t", b""),
    "GET ekran sessions, all 302": ("GET", "/ekranapi/sessions", "ApiKey: t", b""),
}


def start(
    *options: str, program: Sequence[str] = PROGRAM, stderr: int | None = None
) -> tuple[subprocess.Popen[str], str, float]:
    """The server's process, its URL, and the seconds from its start to its first response.

    `program` is what the interpreter runs, with the arguments of the command `mockserver`. `stderr`
    is where the log goes, as for `subprocess.Popen`.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *program, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    assert process.stdout
    found = re.search(r"http://[^, ]+", process.stdout.readline())
    assert found, "the server did not say where it listens"
    request = urllib.request.Request(f"{found[0]}/v1/customer/sessions/1/log")
    request.add_header("Authorization", "Bearer t")
    urllib.request.urlopen(request).read()
    return process, found[0], time.perf_counter() - began


def load(job: tuple[str, str, float, int]) -> int:
    """Send requests over some connections for a time, and count the responses."""
    name, url, seconds, connections = job
    message = write_request(name, url)
    sockets = [connect(url) for _ in range(connections)]
    for connection in sockets:
        connection.sendall(message)
    responses = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for connection in sockets:
            read_response(connection)
            responses += 1
            connection.sendall(message)
    for connection in sockets:
        read_response(connection)
    return responses


def write_request(name: str, url: str, *fields: str) -> bytes:
    """A request as it is sent, with more header fields."""
    method, path, header, body = REQUESTS[name]
    header = "\r\n".join([header, *fields])
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n{header}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    return socket.create_connection((parts.hostname, parts.port))


def read_response(connection: socket.socket) -> None:
    data = connection.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
    while len(rest) < length:
        rest += connection.recv(65536)


def processor_seconds(pid: int) -> float:
    """How long a process has run, in nanoseconds' precision: /proc has hundredths of a second."""
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of Linux


def memory(pid: int) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    kib = int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]
    return f"{kib / 1024:.0f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    starts = []
    for _ in range(4):
        process, _, seconds = start()
        starts.append(seconds)
        process.terminate()
        process.wait()
    print(f"start to first response    {statistics.median(starts):.2f} s (median of 4)")
    process, url, _ = start()
    print(f"memory after first response {memory(process.pid)}")
    try:
        with Pool(1) as pool:
            for name in REQUESTS:
                job = (name, url, arguments.seconds, arguments.connections)
                before = processor_seconds(process.pid)
                responses = pool.map(load, [job])[0]
                used = processor_seconds(process.pid) - before
                wall, core = responses / arguments.seconds, responses / used
                print(f"{name:29s} {wall:6.0f} a second, {core:6.0f} a second of one core")
        print(f"memory at the end          {memory(process.pid)}")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
