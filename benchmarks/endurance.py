"""Memory, files and speed of a server that has served many requests.

    python benchmarks/endurance.py [--requests 1000000] [--connections 16] [--workers 1]

Sends mixed requests: valid, invalid and unknown ones, with bodies up to 64 KiB, in ten sandboxes,
with credentials, ids and queries that never come twice, with preferences, and with a rule of faults
in one of the sandboxes. Prints what the server takes at 1, 2, 5, 10, 20, 50 and 100 percent, and
ends with status 1 if it takes noticeably more at the end than at 20 percent, by when the journal is
full in a run of at least 200,000. What is written to the
worlds is removed by a reset after each ten thousand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from serving import LOG, connect, processor_seconds, start

SANDBOXES = 10
PERCENTS = (1, 2, 5, 10, 20, 50, 100)
RESET = 10_000
BEGIN = 20
"""By then, all caches are full."""
GROWTH = 1.1
"""What is used at the end may be so many times what was used then."""
JSON = "Content-Type: application/json\r\n"


def list_messages() -> Iterator[bytes]:
    """Requests without end, none of which is quite like another one."""
    n = 0
    while True:
        n += 1
        body, more, target, method = "", "", LOG.format(n % 46 + 1), "GET"
        match n % 12:
            case 0:
                method, body, more = "POST", '{"action_type":"ENTERED"}', JSON
            case 1:
                method, body, more = "POST", json.dumps({"action_type": "x" * (n % 65_536)}), JSON
            case 2:
                target += f"?page=x{n}"
            case 3:
                target += f"?unknown-{n}={n}"
            case 4:
                target = f"/v1/customer/unknown/{n}"
            case 5:
                target = f"/nowhere/{n}?token=secret-{n}"
            case 6:
                more = "Prefer: code=422\r\n"
            case 7:
                target, more = "/api/v1/cap/change_logs.json", f"access-token: secret-{n}\r\n"
            case 8:
                target, more = "/ekranapi/sessions", f"ApiKey: secret-{n}\r\n"
            case 9:
                target, more = LOG.format(f"none-{n}"), f"X-Note: bearer-{n // 100:08}\r\n"
        yield (
            f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: {n}\r\n"
            f"Authorization: Bearer secret-token-{n // 100:08}\r\n"
            f"X-Mock-Sandbox: load-{n // 12 % SANDBOXES}\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def read_response(connection: socket.socket) -> None:
    data = connection.recv(65_536)
    head, _, rest = data.partition(b"\r\n\r\n")
    assert not head.startswith(b"HTTP/1.1 5"), (head, rest)
    found = re.search(rb"content-length: (\d+)", head)
    assert found, head
    length = int(found[1]) - len(rest)
    while length > 0:
        length -= len(connection.recv(65_536))


def call_control(url: str, path: str, sandbox: str, content: dict[str, object]) -> None:
    request = urllib.request.Request(f"{url}/__mock__{path}", json.dumps(content).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("X-Mock-Sandbox", sandbox)
    urllib.request.urlopen(request).read()


def list_processes(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(process for child in children for process in list_processes(int(child)))]


def measure(pid: int, folder: Path) -> dict[str, int]:
    """What the processes of a server use: memory and files, in KiB, and open descriptors."""
    memory = files = 0
    for process in list_processes(pid):
        status = Path(f"/proc/{process}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+)", status)
        memory += int(resident[1]) if resident else 0
        files += len(list(Path(f"/proc/{process}/fd").iterdir()))
    found = (path for path in folder.glob("mockserver-*/*") if path.is_file())
    sizes = {path.name: path.stat().st_size // 1024 for path in found}
    journal = sum(size for name, size in sizes.items() if "exchanges" in name)
    return {
        "memory": memory,
        "journal": journal,
        "store": sum(sizes.values()) - journal,
        "descriptors": files,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        os.environ["TMPDIR"] = folder  # so that the temporary store lies there
        process, url, _ = start("--workers", str(arguments.workers))
        try:
            return run(arguments, process.pid, url, Path(folder))
        finally:
            process.terminate()
            process.wait()


def run(arguments: argparse.Namespace, pid: int, url: str, folder: Path) -> int:
    rule = {"name": "often", "match": {"every": 3}, "effect": {"status": 429}}
    call_control(url, "/faults", "load-7", rule)
    sockets = [connect(url) for _ in range(arguments.connections)]
    messages = list_messages()
    used: dict[int, dict[str, int]] = {}
    print(f"{'requests':>10}   memory  journal    store  descriptors  a second  processor time")
    for percent in range(1, 101):
        began, cpu = time.perf_counter(), sum(map(processor_seconds, list_processes(pid)))
        number = arguments.requests // 100
        for _ in range(number // len(sockets)):
            for connection in sockets:
                connection.sendall(next(messages))
            for connection in sockets:
                read_response(connection)
        took = time.perf_counter() - began
        cpu = sum(map(processor_seconds, list_processes(pid))) - cpu
        if percent in PERCENTS:
            used[percent] = now = measure(pid, folder)
            mib = "  ".join(
                f"{now[name] / 1024:3.0f} MiB" for name in ("memory", "journal", "store")
            )
            print(
                f"{percent * number:10,}  {mib}  {now['descriptors']:11}  {number / took:8.0f}"
                f"  {cpu / number * 1e6:11.0f} µs",
                flush=True,
            )
        is_due = percent * number // RESET > (percent - 1) * number // RESET
        for n in range(SANDBOXES if is_due else 0):
            if n != 7:  # a reset would delete the rule
                call_control(url, "/reset", f"load-{n}", {})
    grown = [name for name in used[100] if used[100][name] > used[BEGIN][name] * GROWTH]
    print(f"more at the end than at {BEGIN} percent: {', '.join(grown) or 'nothing'}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
