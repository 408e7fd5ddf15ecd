"""Calls a mock in its own process, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp

from mockserver.check.target.target import Target
from mockserver.server.app import create_app
from mockserver.server.mutations import Mutations
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings


@contextmanager
def run_in_process(settings: Settings, mutations: Mutations | None = None) -> Iterator[Target]:
    """A mock as a target; only generated requests, and those to its URL, go through a socket."""
    app = create_app(settings, mutations)
    with run_in_thread(settings, app) as url:
        transport = AsgiTransport(app)
        yield Target("the mock", url, timeout=0, transport=transport)
        transport.end()


class AsgiTransport(httpx.BaseTransport):
    """Sends requests to an ASGI app in the thread of the client."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()

    def end(self) -> None:
        """Close the event loop. A client that closes does not: the next one uses it too."""
        self._loop.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the app."""
        return self._loop.run_until_complete(self._respond(request, request.read()))

    async def _respond(self, request: httpx.Request, body: bytes) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": unquote(path.decode("ascii"), errors="replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 1),
        }
        requests = [{"type": "http.request", "body": body, "more_body": False}]
        messages: list[Any] = []

        async def receive() -> Any:
            if not requests:
                await asyncio.Event().wait()  # the client stays
            return requests.pop()

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        start, *bodies = messages
        content = b"".join(message.get("body", b"") for message in bodies)
        return httpx.Response(start["status"], headers=start["headers"], content=content)
