"""Long bodies pass through the proxy in both directions, and are never held."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
SIZE = 256 * 1024 * 1024
PART = b"x" * 1024 * 1024
MOST = 50 * 1024 * 1024


def read_peak(process: int) -> int:
    """The most memory that a process has had, in bytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("there is no peak")


def test_long_bodies_are_not_held(spawn: Callable[..., Any], run_upstream: Any) -> None:
    received = []

    def serve(peer: Any) -> None:
        while True:
            head = peer.read_until(b"\r\n\r\n")
            size = 0
            if head.startswith(b"POST"):
                while size < SIZE:
                    size += len(peer.read(len(PART)))
            received.append(size)
            peer.send(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % SIZE
            )
            for _ in range(0, SIZE, len(PART)):
                peer.send(PART)

    server = spawn("--upstream", f"calwe={run_upstream(serve).url}")
    parts = (PART for _ in range(0, SIZE, len(PART)))
    server.client.get("/ekranapi/sessions")
    before = read_peak(server.process.pid)
    headers = {"Content-Length": str(SIZE), "Content-Type": "application/octet-stream"}

    size = 0
    with server.client.stream("POST", "/v1/upload", content=parts, headers=headers) as response:
        for part in response.iter_raw():
            size += len(part)

    assert (received, size) == ([SIZE], SIZE)
    assert read_peak(server.process.pid) - before < MOST
