"""Deployments to be compared: a mock, and proxies in front of it that change responses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import apis
from mockserver.check.comparison.pairing import ComparedInteraction
from mockserver.check.validation.finding import Finding, Source
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction

APIS = apis.load()
Change = Callable[[str, int, bytes], tuple[int, bytes] | None]
"""The response instead, given the path, the status and the body; None for none."""

_OWN = {"content-length", "transfer-encoding", "connection", "date", "server"}


@pytest.fixture
def proxy(mock_url: str, rogue: Callable[..., str]) -> Callable[..., str]:
    """Starts a proxy in front of the mock, which changes its responses; its URL.

    With `is_blind` it does not let the control API through, so that it is a deployment like any
    other. `requests` gets the method and the path of each request.
    """
    host = urlsplit(mock_url).netloc

    def start(
        change: Change, is_blind: bool = False, requests: list[tuple[str, str]] | None = None
    ) -> str:
        def forward(handler: Any) -> None:
            is_control = handler.path.startswith("/__mock__")
            if requests is not None and not is_control:
                requests.append((handler.command, handler.path))
            if is_control and is_blind:
                _respond(handler, 404, [], b"")
                return
            with closing(HTTPConnection(host)) as mock:
                fields = dict(handler.headers.items())
                # A body that is too large is refused before all of it has been read.
                with suppress(BrokenPipeError, ConnectionResetError):
                    mock.request(handler.command, handler.path, handler.body, fields)
                response = mock.getresponse()
                sent: tuple[int, bytes] | None = (response.status, response.read())
            if not is_control and sent:
                sent = change(handler.path, *sent)
            if sent is None:
                handler.close_connection = True
            else:
                _respond(handler, sent[0], response.getheaders(), sent[1])

        return rogue(forward)

    return start


def _respond(handler: Any, status: int, fields: list[tuple[str, str]], body: bytes) -> None:
    handler.send_response(status)
    for name, value in fields:
        if name.lower() not in _OWN:
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


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
        fields = {
            "source": Source("contract", f"#/{code}"),
            "sentence": f"{code} is wrong",
            **others,
        }
        return Finding("ekran", "listSessions", code, evidence=evidence, **fields)

    return make
