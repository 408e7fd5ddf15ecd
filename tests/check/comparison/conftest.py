"""Deployments to be compared: a mock, and proxies in front of it that change responses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import apis
from mockserver.check.comparison.context import ComparedInteraction
from mockserver.check.validation.finding import ContractRule, Finding
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction

APIS = apis.load()
Change = Callable[[str, int, bytes], tuple[int, bytes] | None]
"""The response instead, given the path, the status and the body; None for none."""

_OWN = {"content-length", "transfer-encoding", "connection", "date", "server"}


@pytest.fixture
def proxy(mock_url: str) -> Iterator[Callable[..., str]]:
    """Starts a proxy in front of the mock, which changes its responses; its URL.

    With `is_blind` it does not let the control API through, so that it is a deployment like any
    other. `requests` gets the method and the path of each request.
    """
    host = urlsplit(mock_url).netloc
    with ExitStack() as stack:

        def start(
            change: Change, is_blind: bool = False, requests: list[tuple[str, str]] | None = None
        ) -> str:
            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                disable_nagle_algorithm = True

                def handle_one_request(self) -> None:
                    self.raw_requestline = self.rfile.readline(65_537)
                    if not self.raw_requestline or not self.parse_request():
                        self.close_connection = True
                        return
                    body = self.rfile.read(int(self.headers.get("content-length") or 0))
                    is_control = self.path.startswith("/__mock__")
                    if requests is not None and not is_control:
                        requests.append((self.command, self.path))
                    if is_control and is_blind:
                        self._respond(404, [], b"")
                    else:
                        self._forward(body, is_control)

                def _forward(self, body: bytes, is_control: bool) -> None:
                    with closing(HTTPConnection(host)) as mock:
                        # A body that is too large is refused before all of it has been read.
                        with suppress(BrokenPipeError, ConnectionResetError):
                            mock.request(self.command, self.path, body, dict(self.headers.items()))
                        response = mock.getresponse()
                        sent: tuple[int, bytes] | None = (response.status, response.read())
                        if not is_control and sent:
                            sent = change(self.path, *sent)
                        if sent is None:
                            self.close_connection = True
                            return
                        fields = [
                            (name, value)
                            for name, value in response.getheaders()
                            if name.lower() not in _OWN
                        ]
                        self._respond(sent[0], fields, sent[1])

                def _respond(self, status: int, fields: list[tuple[str, str]], body: bytes) -> None:
                    self.send_response(status)
                    for name, value in fields:
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(body)

                def log_message(self, *_: Any) -> None:
                    """Nothing is logged."""

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(server.server_close)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


@pytest.fixture
def compared() -> Callable[..., ComparedInteraction]:
    """Makes an interaction with listSessions, and its findings."""

    def make(
        query: str = "",
        status: int = 200,
        *findings: Finding,
        phase: str = "workflows",
        **seen: Any,
    ) -> ComparedInteraction:
        operation = APIS["ekran"].contract.operation("listSessions")
        request = Request("GET", "/sessions", query, Headers())
        exchange = Exchange(request, Response(status))
        found = {(one.code, one.source): one for one in findings}
        return ComparedInteraction(phase, Interaction(operation, exchange, **seen), found)

    return make


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """Makes a finding."""

    def make(code: str = "type", evidence: str = "documented", **others: Any) -> Finding:
        fields = {"source": ContractRule(f"#/{code}"), "sentence": f"{code} is wrong", **others}
        return Finding("ekran", "listSessions", code, evidence=evidence, **fields)

    return make
