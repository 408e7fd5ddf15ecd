"""Many requests, also refused and broken ones, leave nothing behind in the server."""

from __future__ import annotations

import os
import random
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

LOG = b"/v1/customer/sessions/1/log"
ENTRY = b'{"action_type":"LEFT"}'
SANDBOX = b"@name@"


def make_request(
    method: bytes, path: bytes, body: bytes = b"", fields: bytes = b"", end: bytes = b"\r\n"
) -> bytes:
    lines = (
        b"%s %s HTTP/1.1" % (method, path),
        b"Host: localhost",
        b"X-Mock-Sandbox: " + SANDBOX,
        b"Authorization: Bearer t",
        b"Content-Type: application/json",
        b"Connection: close",
        b"Content-Length: %d" % len(body),
    )
    return b"\r\n".join(lines) + b"\r\n" + fields + end + body


REQUESTS = [
    make_request(b"GET", LOG + b"?per_page=1000"),
    make_request(b"POST", LOG, b"{}"),
    make_request(b"POST", LOG, ENTRY, b"Authorization: Bearer invalid\r\n"),
    make_request(b"POST", LOG, b"[" * 50_000),
    make_request(b"POST", LOG, b'{"action_type":' + b"9" * 50_000 + b"}"),
    make_request(b"POST", LOG, ENTRY, b"Transfer-Encoding: chunked\r\n"),
    make_request(b"POST", LOG, ENTRY, b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    make_request(b"POST", LOG, ENTRY, b"Expect: 100-continue\r\n"),
    make_request(b"GET", LOG + b"?" + b"a&" * 10_000),
    make_request(b"GET", LOG, fields=b"Cookie: " + b"a=b; " * 10_000 + b"\r\n"),
    make_request(b"GET", LOG, fields=b"X: y\r\n" * 600),
    make_request(b"GET", LOG, fields=b"X: y\r\n"),
    make_request(b"PUT", LOG),
    make_request(b"OPTIONS", LOG, fields=b"Origin: null\r\n"),
    make_request(b"GET", b"/ekranapi/sessions"),
    make_request(b"GET", b"/nope/" + b"a" * 1000),
    make_request(b"GET", b"/" + b"a" * 70_000),
    make_request(b"GET", b"/__mock__/diff"),
    make_request(b"GET", b"/__mock__/state/calwe/entry"),
    make_request(b"GET", b"/__mock__/clock", fields=b"X-Forwarded-For: 10.0.0.1\r\n"),
    make_request(b"POST", b"/__mock__/reset"),
    make_request(b"POST", b"/__mock__/load", b'{"scenario":"ekran-running"}'),
    make_request(b"POST", b"/__mock__/load", b'{"scenario":"none"}'),
    make_request(b"POST", b"/__mock__/snapshots", b'{"name":"a"}'),
    make_request(b"DELETE", b"/__mock__/snapshots/a"),
    make_request(b"GET", LOG, end=b""),
    make_request(b"POST", LOG, ENTRY)[:-5],
    b"\x16\x03\x01\x02\x00",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"",
]


def send(address: tuple[str, int], request: bytes, *, reads: bool) -> None:
    # The server may close the connection first, and it may reset it.
    with suppress(ConnectionError), socket.create_connection(address, timeout=30) as client:
        client.sendall(request)
        if reads:
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass


def measure(pid: int, store: Path) -> dict[str, int]:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    with closing(sqlite3.connect(store, timeout=30)) as connection:
        [worlds] = connection.execute("SELECT count(*) FROM worlds").fetchone()
        [documents] = connection.execute("SELECT count(*) FROM documents").fetchone()
    return {
        "megabytes": int(status["VmRSS"].split()[0]) // 1024,
        "threads": int(status["Threads"]),
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "worlds": worlds,
        "documents": documents,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_grows(
    spawn: Callable[..., Any],
    tmp_path: Path,
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    store = tmp_path / "worlds.sqlite"
    limits = ("--max-sandboxes", "20", "--scenario", "documented")
    server = spawn("--store", str(store), *limits)
    pid, url = server.process.pid, httpx.URL(server.client.base_url)
    choose = random.Random(1)  # the same requests in each run

    def send_many(number: int) -> None:
        for _ in range(number):
            name = b"s%d" % choose.randrange(30)
            request = choose.choice(REQUESTS).replace(SANDBOX, name)
            send((url.host, url.port or 0), request, reads=choose.random() < 0.9)

    send_many(500)
    before = measure(pid, store)
    send_many(1500)
    threads = min(32, (os.cpu_count() or 1) + 4)  # of asyncio, for the control API
    # A connection to the store has three descriptors; a thread may need one of its own.
    most = before["descriptors"] + 2 + 3 * threads
    eventually(lambda: measure(pid, store)["descriptors"] <= most)

    after = measure(pid, store)
    assert after["megabytes"] <= before["megabytes"] + 20
    assert after["threads"] <= before["threads"] + threads
    assert after["worlds"] <= 20 + 20 + 5  # sandboxes, snapshots, templates
    assert after["documents"] <= 20 * 100
    assert {path.name for path in tmp_path.iterdir()} == {
        "temporary",
        *(f"worlds.sqlite{it}" for it in ("", "-shm", "-wal")),
        *(f"worlds.sqlite-exchanges{it}" for it in ("", "-shm", "-wal", "-marks")),
    }
    assert server.stop() == (0, "", "Stopped.\n")
