"""Raw upstreams and raw clients: what crosses the sockets is compared byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

import httpx
import pytest

_numbers = count()


class Peer:
    """One end of a connection; it reads and writes bytes, and raises EOFError at the end."""

    def __init__(self, own: socket.socket) -> None:
        own.settimeout(30)
        self._socket = own
        self._unread = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        while end not in self._unread:
            self._read_more()
        found, _, self._unread = self._unread.partition(end)
        return found + end

    def read(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._read_more()
        found, self._unread = self._unread[:size], self._unread[size:]
        return found

    def read_all(self) -> bytes:
        with suppress(EOFError):
            while True:
                self._read_more()
        found, self._unread = self._unread, b""
        return found

    def read_message(self) -> bytes:
        """A head, and the body of which it says the length."""
        head = self.read_until(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head + self.read(int(line.partition(b":")[2]))
        return head

    def _read_more(self) -> None:
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise EOFError
        self._unread += data

    def close(self) -> None:
        self._socket.close()


@dataclass
class RawUpstream:
    """A server that does what a test says with each connection; `received` are its messages."""

    serve: Callable[[Peer], None]
    received: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                own, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._run, args=(own,), daemon=True).start()

    def _run(self, own: socket.socket) -> None:
        with own, suppress(EOFError, OSError):
            self.serve(Peer(own))

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def run_upstream() -> Iterator[Callable[..., RawUpstream]]:
    """Runs an upstream: a function of a connection, or one that sends these bytes each time."""
    with ExitStack() as stack:

        def run(serve: Callable[[Peer], None] | bytes) -> RawUpstream:
            def respond(peer: Peer) -> None:
                while True:
                    upstream.received.append(peer.read_message())
                    assert isinstance(serve, bytes)
                    peer.send(serve)

            upstream = RawUpstream(respond if isinstance(serve, bytes) else serve)
            stack.callback(upstream.close)
            return upstream

        yield run


@dataclass
class ProxiedWorld:
    """A sandbox of its own, which has an upstream of Calwe."""

    server: str
    client: httpx.Client
    name: str

    def forward(self, url: str, api: str = "calwe", **more: object) -> None:
        body = {"url": url, **more}
        self.client.put(f"/__mock__/upstreams/{api}", json=body).raise_for_status()

    def connect(self) -> Peer:
        parts = urlsplit(self.server)
        return Peer(socket.create_connection((parts.hostname, parts.port)))

    def exchange(self, head: str, body: bytes = b"", version: str = "1.1") -> bytes:
        """All that comes for a request, whose connection is closed afterwards."""
        peer = self.connect()
        peer.send(self.make_head(head, version=version, close=True) + body)
        try:
            return peer.read_all()
        finally:
            peer.close()

    def make_head(self, head: str, *, version: str = "1.1", close: bool = False) -> bytes:
        line, *fields = head.split("\n")
        own = ["Host: mock.example", f"X-Mock-Sandbox: {self.name}"]
        own += ["Connection: close"] if close else []
        return "\r\n".join([f"{line} HTTP/{version}", *own, *fields, "", ""]).encode()


@pytest.fixture
def world(server: str) -> Iterator[ProxiedWorld]:
    name = f"proxied-{next(_numbers)}"
    headers = {"X-Mock-Sandbox": name, "Authorization": "Bearer secret-of-the-client"}
    with httpx.Client(base_url=server, headers=headers, verify=False, timeout=30) as client:
        yield ProxiedWorld(server, client, name)
