"""Clients of fake servers, which record requests and return a given response."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.client import Client

_numbers = count()

Responding = Callable[..., tuple[Client, list[httpx.Request]]]
Listening = Callable[[bytes | None], str]


@pytest.fixture
def responding() -> Iterator[Responding]:
    """Makes a client whose every request gets the same response, and a list of those requests."""
    with ExitStack() as stack:

        def make(
            body: Any = None,
            *,
            status: int = 200,
            type: str = "application/json",
            headers: dict[str, str] | None = None,
            **options: Any,
        ) -> tuple[Client, list[httpx.Request]]:
            requests: list[httpx.Request] = []
            content = body if isinstance(body, bytes) else json.dumps(body).encode()

            def respond(request: httpx.Request) -> httpx.Response:
                requests.append(request)
                given = {"Content-Type": type, **(headers or {})}
                return httpx.Response(status, content=content, headers=given)

            transport = httpx.MockTransport(respond)
            client = Client("http://mock:4010", transport=transport, **options)
            return stack.enter_context(client), requests

        yield make


@pytest.fixture
def here(documented_server: str) -> Iterator[Client]:
    """A client in a sandbox of its own that has the documents' world, its clock stopped."""
    with Client(documented_server, sandbox=f"client-{next(_numbers)}") as client:
        client.reset()  # so that it exists
        yield client


@pytest.fixture
def listening() -> Iterator[Listening]:
    """Makes a socket that reads one request and writes these bytes; None writes nothing, ever.

    After the bytes the connection is closed.
    """
    done = threading.Event()
    with ExitStack() as stack:
        stack.callback(done.set)

        def make(response: bytes | None) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                try:
                    connection, _ = listener.accept()
                except OSError:  # nobody came
                    return
                with connection:
                    connection.recv(65536)
                    if response is None:
                        done.wait()
                    else:
                        connection.sendall(response)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            stack.callback(done.set)
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield make
