"""Deployments under test: the mock on a socket, and a rogue with whatever response a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from in_process import run_in_process

from mockserver import apis
from mockserver.api import Api
from mockserver.check.context import CheckContext
from mockserver.check.runner import Plan, connect
from mockserver.check.target.target import Target
from mockserver.settings import Settings

APIS = apis.load()
Respond = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(scope="session")
def mock() -> Iterator[Target]:
    """A mock with the default world, called in this process but for generated requests."""
    with run_in_process(Settings(port=0)) as target:
        yield target


@pytest.fixture(scope="session")
def mock_url(mock: Target) -> str:
    """The URL of the same mock, on a socket."""
    return mock.url


@pytest.fixture
def api() -> Api:
    """The API with a single operation and no needs."""
    return APIS["ekran"]


@pytest.fixture
def context() -> Iterator[Callable[..., CheckContext]]:
    """Makes a context of an API of a target, or of the deployment at a URL."""
    with ExitStack() as stack:

        def make(url: str | Target, name: str = "ekran", **settings: Any) -> CheckContext:
            target = url
            if isinstance(target, str):
                target = Target(name="under test", url=target, timeout=5, **settings)
            made = stack.enter_context(connect(target, Plan(is_quick=True)))(APIS[name])
            made.results.phase = "boundaries"
            return made

        yield make


@pytest.fixture
def rogue() -> Iterator[Callable[..., str]]:
    """Starts a server that passes every request to a function, also over TLS; its URL."""
    with ExitStack() as stack:

        def start(respond: Respond, tls: ssl.SSLContext | None = None) -> str:
            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                disable_nagle_algorithm = True

                def handle_one_request(self) -> None:
                    self.raw_requestline = self.rfile.readline(65_537)
                    if not self.raw_requestline or not self.parse_request():
                        self.close_connection = True
                        return
                    self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
                    respond(self)

                def log_message(self, *_: Any) -> None:
                    """Nothing is logged."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            if tls is not None:
                # Each request's own thread shakes hands: here, a bad one would stop the server.
                server.socket = tls.wrap_socket(
                    server.socket, server_side=True, do_handshake_on_connect=False
                )
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(server.server_close)
            return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"

        yield start


def say(
    status: int = 200,
    body: bytes = b"[]",
    content_type: str = "application/json",
    headers: tuple[tuple[str, str], ...] = (),
) -> Respond:
    """Gives the same response to every request."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return respond


@pytest.fixture
def saying() -> Callable[..., Respond]:
    """Makes the response that a rogue gives to every request."""
    return say


@pytest.fixture
def stub(rogue: Callable[..., str]) -> Callable[..., str]:
    """Starts a server with the same response to every request; its URL."""
    return lambda *response, **more: rogue(say(*response, **more))


@pytest.fixture
def unused_url() -> str:
    """A URL at which nobody listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
