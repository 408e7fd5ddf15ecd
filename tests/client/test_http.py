"""The client's requests reach a server whatever a test replaces in its process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import httpx
import pytest
import responses
import respx
import time_machine
from freezegun import freeze_time

from mockserver.client import Client
from mockserver.errors import UnexpectedResponseError, UnreachableError


@pytest.fixture
def here(documented_server: str) -> Client:
    client = Client(documented_server, sandbox="client-http")
    client.reset()  # so that it exists
    return client


@pytest.mark.parametrize("using", ["httpx", "httpcore"])
def test_fakes_of_respx_do_not_catch_it(here: Client, using: str) -> None:
    with respx.mock(using=using) as fakes:
        fakes.get("https://vendor.example/").respond(204)
        assert here.clock.read().mode == "frozen"
        assert httpx.get("https://vendor.example/").status_code == 204


def test_fakes_of_responses_do_not_catch_it(here: Client) -> None:
    with responses.mock:
        assert here.clock.read().mode == "frozen"


@pytest.mark.parametrize("name", ["send", "request", "build_request", "_transport_for_url"])
def test_a_patched_client_of_httpx_is_not_used(
    here: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("caught")

    monkeypatch.setattr(httpx.Client, name, refuse)
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    assert here.clock.read().mode == "frozen"


@pytest.mark.parametrize(
    "freeze",
    [
        lambda: freeze_time("1999-01-01"),
        lambda: freeze_time("2031-01-01", tick=True),
        lambda: time_machine.travel(datetime(1999, 1, 1, tzinfo=UTC), tick=False),
        lambda: time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)),
    ],
    ids=["freezegun", "freezegun ticks", "time-machine", "time-machine ticks"],
)
def test_a_process_whose_time_is_frozen_waits_no_longer_than_it_should(
    documented_server: str, freeze: Callable[[], Any]
) -> None:
    with freeze():
        Client(documented_server).wait_until_ready()
        moment = Client(documented_server).clock.read().now
        with pytest.raises(UnreachableError):
            Client("http://127.0.0.1:9").wait_until_ready(0.2)
    assert moment == datetime(2025, 8, 21, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ("Content-Encoding: gzip\r\nContent-Length: 2\r\n", b"\x1f\x8b", "its body is encoded"),
        ("Content-Length: 11\r\n", b"x", "its body has more than 10 bytes"),
        ("Connection: close\r\n", b"x" * 11, "its body has more than 10 bytes"),
    ],
)
def test_a_body_that_could_fill_the_memory_is_not_read(
    monkeypatch: pytest.MonkeyPatch, head: str, body: bytes, reason: str
) -> None:
    monkeypatch.setattr("mockserver.client.http.MOST_BYTES", 10)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def respond() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body)

        thread = Thread(target=respond)
        thread.start()
        with pytest.raises(UnexpectedResponseError, match=reason):
            Client(f"http://127.0.0.1:{listener.getsockname()[1]}").clock.read()
        thread.join()
