"""Connections are spread over the workers, and none of them waits for a worker that hangs."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

if os.name != "posix":
    pytest.skip("uvloop is not there", allow_module_level=True)

from mockserver.server.certificates import find_certificate
from mockserver.server.spreading import ConnectionCounts, SpreadingLoop
from mockserver.settings import Settings

NUMBER = 16
HEALTH = b"GET /__mock__/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENT = """
import sys
if "spawn_main" in str(sys.orig_argv):
    from mockserver.server import spreading
    spreading._MOST_NAPS = sys.maxsize
"""
"""Lets a worker wait until another takes its part, however busy the machine is."""


def find_workers(process: subprocess.Popen[str]) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(a) for a, b, it in rows if int(b) == process.pid and "spawn_main" in it]


def has_response(connection: socket.socket) -> bool:
    """Whether a request on this connection is responded to; otherwise the connection is closed."""
    try:
        connection.sendall(HEALTH)
        return connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    except (ConnectionResetError, BrokenPipeError):
        return False


def connect(stack: ExitStack, url: httpx.URL, host: str = "127.0.0.1") -> list[socket.socket]:
    """Connections that are opened at once, to all addresses of the host."""
    addresses = socket.getaddrinfo(host, url.port, type=socket.SOCK_STREAM)
    opened = []
    for number in range(NUMBER):
        family, kind, protocol, _, address = addresses[number % len(addresses)]
        connection = stack.enter_context(socket.socket(family, kind, protocol))
        connection.settimeout(60)
        connection.connect(address)
        opened.append(connection)
    return opened


def begin_tls(connection: socket.socket) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection)


@pytest.mark.parametrize("more", [(), ("--host", "localhost"), ("--https",)])
def test_a_worker_that_is_free_leaves_connections_to_one_that_is_busy(
    spawn: Callable[..., Any], tmp_path: Path, more: tuple[str, ...]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(PATIENT)
    server = spawn("--workers", "2", "--scenario", "documented", *more, PYTHONPATH=str(tmp_path))
    url = server.client.base_url
    host = "localhost" if "--host" in more else "127.0.0.1"
    begin = begin_tls if url.scheme == "https" else lambda connection: connection
    free, busy = find_workers(server.process)
    os.kill(server.process.pid, signal.SIGSTOP)  # it would replace a worker that does not respond
    os.kill(busy, signal.SIGSTOP)
    with ExitStack() as stack:
        opened = connect(stack, url, host)
        served = [stack.enter_context(begin(it)) for it in opened[:2]]
        assert all(map(has_response, served))
        os.kill(busy, signal.SIGCONT)
        served += [stack.enter_context(begin(it)) for it in opened[2:]]
        assert all(map(has_response, served))

        os.kill(free, signal.SIGKILL)
        # Those of the other worker are still served: eight, or two more or less.
        assert 6 <= sum(map(has_response, served)) <= 10


def test_connections_are_accepted_although_a_worker_hangs(spawn: Callable[..., Any]) -> None:
    server = spawn("--workers", "2", "--scenario", "documented")
    os.kill(find_workers(server.process)[0], signal.SIGSTOP)

    with ExitStack() as stack:
        assert all(map(has_response, connect(stack, server.client.base_url)))


def make_counts() -> ConnectionCounts:
    counts = ConnectionCounts(1)
    counts.assign([os.getpid()])
    return counts


def test_a_worker_that_replaces_another_has_no_connections_yet() -> None:
    counts, pid = ConnectionCounts(2), os.getpid()
    counts.assign([pid, 1])
    counts.publish(3)
    assert [counts.has_fewer(n) for n in (5, 6)] == [False, True]

    counts.assign([2, 1])  # it does not listen yet
    assert not counts.has_fewer(6)
    counts.publish(3)
    assert not counts.has_fewer(6)

    counts.assign([2, pid])
    counts.publish(0)
    assert counts.has_fewer(3)
    counts.publish(None)
    assert not counts.has_fewer(3)


class Fewer(ConnectionCounts):
    """Another worker always has fewer connections, and accepts none."""

    def has_fewer(self, count: int) -> bool:
        return count >= 0


class Silent(asyncio.Protocol):
    """A connection on which nothing is sent."""


class Scarce(socket.socket):
    """A listening socket for which there is no descriptor from time to time."""

    refusals = 0

    def dup(self) -> socket.socket:
        type(self).refusals = (self.refusals + 1) % 3
        if self.refusals == 2:
            raise OSError(errno.EMFILE, "Too many open files")
        return super().dup()


def run(loop: SpreadingLoop, main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main)


def test_connections_are_accepted_although_a_descriptor_is_missing_for_a_moment() -> None:
    loop = SpreadingLoop(Fewer(1))

    class Greeting(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            transport.write(b"hello")
            transport.close()

    async def main() -> None:
        with Scarce(socket.AF_INET) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            before = len(list(Path("/dev/fd").iterdir()))
            server = await loop.create_server(Greeting, sock=listener)
            for _ in range(6):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                assert await reader.read() == b"hello"
                writer.close()
            server.close()
            await asyncio.sleep(0)
            assert len(list(Path("/dev/fd").iterdir())) <= before + 6

    run(loop, main())


def test_a_server_that_waits_for_another_worker_is_closed_for_ever() -> None:
    loop = SpreadingLoop(Fewer(1))

    async def main() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        server = await loop.create_server(Silent, sock=listener)
        _, first = await asyncio.open_connection(*address)
        _, second = await asyncio.open_connection(*address)
        server.close()
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            while True:  # uvloop closes a socket when its loop goes on
                _, writer = await asyncio.open_connection(*address)
                writer.close()
        first.close()
        second.close()

    run(loop, main())


def test_a_client_that_does_not_speak_tls_is_not_counted_for_ever() -> None:
    certificate = find_certificate(Settings(https=True))
    assert certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    counts = make_counts()
    loop = SpreadingLoop(counts)

    made = []

    def make() -> Silent:
        made.append(True)
        return Silent()

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = await loop.create_server(make, sock=listener, ssl=context)
            for _ in range(3):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(HEALTH)
                writer.close()
            end = time.monotonic() + 60
            while len(made) < 3 or not counts.has_fewer(3):
                assert time.monotonic() < end
                await asyncio.sleep(0.01)
                gc.collect()
                loop.discard(Silent())  # publishes the number
            server.close()
            assert not counts.has_fewer(3)

    run(loop, main())
