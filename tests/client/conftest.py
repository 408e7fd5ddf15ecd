"""Clients of servers that are none: what they are asked is kept, what they answer is given."""

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

Answering = Callable[..., tuple[Client, list[httpx.Request]]]
Listening = Callable[[bytes | None], str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Makes a client whose every request gets the same answer, and a list of those requests."""
    with ExitStack() as stack:

        def make(
            body: Any = None,
            *,
            status: int = 200,
            type: str = "application/json",
            headers: dict[str, str] | None = None,
            **options: Any,
        ) -> tuple[Client, list[httpx.Request]]:
            asked: list[httpx.Request] = []
            content = body if isinstance(body, bytes) else json.dumps(body).encode()

            def answer(request: httpx.Request) -> httpx.Response:
                asked.append(request)
                given = {"Content-Type": type, **(headers or {})}
                return httpx.Response(status, content=content, headers=given)

            transport = httpx.MockTransport(answer)
            client = Client("http://mock:4010", transport=transport, **options)
            return stack.enter_context(client), asked

        yield make


@pytest.fixture
def here(documented_server: str) -> Iterator[Client]:
    """A client in a sandbox of its own that has the documents' world, its clock stopped."""
    with Client(documented_server, sandbox=f"client-{next(_numbers)}") as client:
        yield client


@pytest.fixture
def listening() -> Iterator[Listening]:
    """Makes a socket that reads one request and writes these bytes; None writes nothing, ever.

    After the bytes the connection is closed.
    """
    done = threading.Event()
    with ExitStack() as stack:
        stack.callback(done.set)

        def make(answer: bytes | None) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                try:
                    connection, _ = listener.accept()
                except OSError:  # nobody came
                    return
                with connection:
                    connection.recv(65536)
                    if answer is None:
                        done.wait()
                    else:
                        connection.sendall(answer)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            stack.callback(done.set)
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield make
