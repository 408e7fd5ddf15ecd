"""Deployments to be compared: a mock, and proxies in front of it that change responses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.check.comparison.pairing import ComparedInteraction
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction

APIS = apis.load()
Change = Callable[[str, int, bytes], tuple[int, bytes] | None]
"""The response instead, given the path, the status and the body; None for none."""


@pytest.fixture
def proxy(mock: Target) -> Callable[..., Target]:
    """Makes a proxy in front of the mock, which changes its responses.

    With `is_blind` it does not let the control API through, so that it is a deployment like any
    other. `requests` gets the method and the path of each request.
    """
    ports = count(1)  # of this machine, since the control API is for it alone; none is opened

    def make(
        change: Change, is_blind: bool = False, requests: list[tuple[str, str]] | None = None
    ) -> Target:
        class Proxy(httpx.BaseTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                path = request.url.raw_path.decode()
                is_control = path.startswith("/__mock__")
                if requests is not None and not is_control:
                    requests.append((request.method, path))
                if is_control and is_blind:
                    return httpx.Response(404)
                assert mock.transport
                response = mock.transport.handle_request(request)
                if is_control:
                    return response
                sent = change(path, response.status_code, response.read())
                if sent is None:
                    raise httpx.RemoteProtocolError("Server disconnected", request=request)
                fields = [it for it in response.headers.raw if it[0] != b"content-length"]
                return httpx.Response(sent[0], headers=fields, content=sent[1])

        url = f"http://127.0.0.1:{next(ports)}"
        return Target(url, url, timeout=0, transport=Proxy())

    return make


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
