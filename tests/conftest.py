"""A real server on a socket for the whole run; for each test a sandbox that nobody else uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.server.run import running
from mockserver.settings import Settings

_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server with the default world on the real clock."""
    with running(Settings(port=0)) as url:
        yield url


@pytest.fixture(scope="session")
def documented_server() -> Iterator[str]:
    """The URL of a server with the documents' world, its clock frozen at 2025-08-21T14:30:00Z."""
    with running(Settings(port=0, scenario="documented")) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """A client of `server`, in a sandbox of its own."""
    with httpx.Client(base_url=server, headers={"X-Mock-Sandbox": f"test-{next(_numbers)}"}) as it:
        yield it


@pytest.fixture
def documented(documented_server: str) -> Iterator[httpx.Client]:
    """A client of `documented_server`, in a sandbox of its own."""
    headers = {"X-Mock-Sandbox": f"test-{next(_numbers)}"}
    with httpx.Client(base_url=documented_server, headers=headers) as it:
        yield it


@pytest.fixture
def start() -> Iterator[Callable[..., httpx.Client]]:
    """Starts another server with the settings given and gives a client of it."""
    with ExitStack() as stack:

        def run(**settings: Any) -> httpx.Client:
            url = stack.enter_context(running(Settings(port=0, **settings)))
            return stack.enter_context(httpx.Client(base_url=url))

        yield run
