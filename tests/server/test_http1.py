"""HTTP/1.1 on the wire: offers of other protocols, trailers, and what a client sends too much."""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import Any
from unittest.mock import Mock

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.server import ServerState

from mockserver.server import http1, run
from mockserver.server.http1 import Http1Protocol
from mockserver.server.run import make_uvicorn_config, run_in_thread
from mockserver.settings import Settings

BODY = b'{"action_type":"LEFT"}'


def head(name: str, offer: str, sandbox: str) -> bytes:
    lines = (
        "POST /v1/customer/sessions/1/log HTTP/1.1",
        "Host: h",
        "Authorization: Bearer t",
        "Content-Type: application/json",
        f"Content-Length: {len(BODY)}",
        f"X-Mock-Sandbox: {sandbox}",
        "Connection: Upgrade, HTTP2-Settings",
        f"{name}: {offer}",
        "HTTP2-Settings: AAMAAABkAAQ",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connected(server: str) -> socket.socket:
    host, _, port = server.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def receive(client: socket.socket) -> bytes:
    """A whole response; its head and its body may come separately."""
    received = b""
    while not received.endswith(b"}") and (part := client.recv(65536)):
        received += part
    return received


@pytest.mark.parametrize("offer", ["h2c", "websocket", "TLS/1.2"])
@pytest.mark.parametrize("name", ["Upgrade", "upgrade", "UPGRADE"])
def test_the_body_of_a_request_with_upgrade_is_read(server: str, name: str, offer: str) -> None:
    with connected(server) as client:
        client.sendall(head(name, offer, "protocol-a") + BODY)
        assert receive(client).startswith(b"HTTP/1.1 200 OK\r\n")
        # The connection goes on, and the next offer on it is passed over too.
        client.sendall(head(name, offer, "protocol-a"))
        client.sendall(BODY)
        assert receive(client).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_is_no_request_of_its_own(server: str) -> None:
    smuggled = b"GET /ekranapi/sessions HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n"
    request = head("Upgrade", "h2c", "protocol-b").replace(
        f"Content-Length: {len(BODY)}".encode(), f"Content-Length: {len(smuggled)}".encode()
    )
    with connected(server) as client:
        client.sendall(request.replace(b"Upgrade, HTTP2-Settings", b"Upgrade, close"))
        client.sendall(smuggled)
        response = b""
        while part := client.recv(65536):
            response += part
    assert response.count(b"HTTP/1.1 ") == 1
    assert response.startswith(b"HTTP/1.1 422 ")


CHUNKED = (
    b"POST /v1/customer/sessions/1/log HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n%s\r\n"
)
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
GET = b"GET /v1/customer/sessions/1/log HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n%s\r\n"


def exchange(server: str, *parts: bytes) -> bytes:
    """What the server sends until it closes the connection; parts are sent apart."""
    received = b""
    with connected(server) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            client.sendall(part)
        while data := client.recv(65536):
            received += data
    return received


@pytest.mark.parametrize(
    ("offer", "rest"),
    [
        (b"Connection: Upgrade\r\nUpg", b"rade: h2c\r\n"),
        (b"Connection: Upgr", b"ade\r\nUpgrade: h2c\r\n"),
        (b"Upgrade: h2c\r\nConnection: Upgrade\r\n", b""),
    ],
)
def test_an_offer_that_comes_in_two_parts_or_in_a_second_request_is_ignored(
    server: str, offer: bytes, rest: bytes
) -> None:
    length = b"Content-Length: %d\r\nConnection: close\r\n" % len(BODY)
    first, second = (CHUNKED % offer).removesuffix(b"\r\n"), rest + b"\r\n" + CHUNK + b"0\r\n\r\n"
    again = CHUNKED.replace(b"Transfer-Encoding: chunked\r\n", b"") % (offer + rest + length)

    received = exchange(server, first, second + again, BODY)

    assert received.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert received.count(b'"action_type":"LEFT"') == 2


@pytest.mark.parametrize(
    "trailer",
    [b"X-Mock-Sandbox: other", b"X-Mock-Sandbox: a b", b"Host: evil.example"],
)
def test_a_trailer_is_no_header(server: str, trailer: bytes) -> None:
    request = CHUNKED % b"Connection: close\r\n" + CHUNK + b"0\r\n" + trailer + b"\r\n\r\n"

    received = exchange(server, request)

    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nx-mock-sandbox: default\r\n" in received


def test_a_trailer_gives_no_access_to_the_control_api(server: str) -> None:
    fields = b"X-Forwarded-For: 10.0.0.5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    head = b"POST /__mock__/reset HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n"

    received = exchange(server, head + b"0\r\nX-Forwarded-For: 127.0.0.2\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 403 ")


LARGE = 300 * 1024


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"a" * LARGE, 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * LARGE, 431),
        (GET % (b"X: y\r\n" * 600), 431),
        (CHUNKED % b"" + b"1;" + b"a" * LARGE, 431),
        (CHUNKED % b"" + b"1;a=b\r\n1\r\n" * 100 + b"0\r\n" + b"a:\r\n" * 100_000, 431),
        (CHUNKED % b"" + b"0\r\nX: " + b"a" * LARGE, 431),
        (GET.replace(b"1/log", b"1/log?" + b"a&" * 40_000) % b"", 414),
        (GET.replace(b"HTTP/1.1", b"HTTP/2.0") % b"", 505),
        (GET.replace(b" /v1", b" http://other.example/v1") % b"", 400),
        (GET.replace(b" /v1", b" http://h:80/v1") % b"", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00", 400),  # TLS
    ],
    ids=str,
)
def test_what_is_too_much_or_no_http_is_refused_in_words(
    server: str, request_bytes: bytes, status: int
) -> None:
    received = exchange(server, request_bytes)

    assert received.startswith(b"HTTP/1.1 %d " % status)
    assert received.endswith(b".")
    with connected(server) as other:
        other.sendall(b"GET /__mock__/health HTTP/1.1\r\nHost: h\r\n\r\n")
        assert other.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_refusal_can_be_read_although_the_client_sends_on(server: str) -> None:
    received = exchange(server, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n" + b"a" * 8_000_000)

    assert received.endswith(b"\r\n\r\nThe request is not valid HTTP/1.1.")


def test_what_is_wrong_after_a_request_does_not_hide_its_response(
    server: str, caplog: pytest.LogCaptureFixture
) -> None:
    received = exchange(server, GET % b"" + b"\x00oops", b"oops")

    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_chunks_of_one_byte_are_read(server: str) -> None:
    body = b'{"action_type":"LEFT"' + b" " * 100_000 + b"}"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)

    received = exchange(server, CHUNKED % b"Connection: close\r\n" + chunks + b"0\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_url_with_the_host_is_read(server: str) -> None:
    request = GET.replace(b" /v1", b" http://H/v1") % b"Connection: close\r\n"

    assert exchange(server, request).startswith(b"HTTP/1.1 200 ")


def test_http_1_0_knows_no_interim_responses(server: str) -> None:
    head = CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") % b"Expect: 100-continue\r\n"

    assert exchange(server, head + CHUNK + b"0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_http_1_0_needs_no_host(server: str) -> None:
    assert exchange(server, b"GET /__mock__/health HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_after_connect_the_connection_ends(server: str) -> None:
    received = exchange(server, b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\nabc")

    assert received.startswith(b"HTTP/1.1 4")


def test_the_refusal_of_a_body_that_is_too_large_can_be_read(server: str) -> None:
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.request(
            "POST", "/v1/customer/sessions/1/log", b"a" * 4_000_000, {"Authorization": "Bearer t"}
        )
        assert connection.getresponse().status == 413


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", GET.removesuffix(b"\r\n") % b"", CHUNKED % b"" + b"5\r\nab"],
    ids=["nothing", "line", "head", "body"],
)
def test_a_request_that_takes_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http1, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(http1, "BODY_SECONDS", 0.05)
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        assert exchange(url, sent).startswith(b"HTTP/1.1 408 ")


def test_a_request_that_waits_for_others_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    parse = Http1Protocol.on_url
    monkeypatch.setattr(
        Http1Protocol, "on_url", lambda self, url: (parsed.append(url), parse(self, url))
    )
    may_respond = threading.Event()

    async def respond(request: Request) -> Response:
        while request.url.path == "/first" and not may_respond.is_set():
            await asyncio.sleep(0.001)
        return Response()

    app = Starlette(routes=[Route("/{path:path}", respond)])
    many = b"GET / HTTP/1.1\r\nHost:\r\n\r\n" * 20_000
    last = GET % b"Connection: close\r\n"
    with (
        run_in_thread(Settings(port=0), app) as url,
        ThreadPoolExecutor() as pool,
    ):
        first = b"GET /first HTTP/1.1\r\nHost: h\r\n\r\n"
        received = pool.submit(exchange, url, first + many + last)
        for _ in range(20):
            assert exchange(url, last).startswith(b"HTTP/1.1 200 ")
        assert len(parsed) < 100  # and 20,000 more would take 40 MB
        may_respond.set()
        assert received.result().count(b"HTTP/1.1 200 OK\r\n") == 20_002


def test_requests_without_a_response_have_a_limit_together(
    monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setattr(http1, "MAX_HELD", 1_000_000)
    large = GET % b"Connection: close\r\nContent-Length: 600000\r\n" + b"a" * 599_999
    read = GET % b"Content-Length: 600000\r\n" + b"a" * 600_000
    head = b"POST /__mock__/reset HTTP/1.1\r\nHost: other\r\nContent-Length: 600000\r\n\r\n"
    refused = head + b"a" * 600_000
    with connected(server) as client, connected(server) as other:
        # What has a response counts no more, also if its body was not read.
        for _ in range(4):
            client.sendall(refused)
            assert receive(client).startswith(b"HTTP/1.1 403 ")
            client.sendall(read)
            assert receive(client).startswith(b"HTTP/1.1 200 ")
            assert exchange(server, large + b"a").startswith(b"HTTP/1.1 200 ")
        other.sendall(large)
        while not exchange(server, large + b"a").startswith(b"HTTP/1.1 503 "):
            pass  # the server has not yet read all of the other
        assert exchange(server, GET % b"Connection: close\r\n").startswith(b"HTTP/1.1 200 ")
    while not exchange(server, large + b"a").startswith(b"HTTP/1.1 200 "):
        pass  # the server has not yet seen that both are gone


def test_a_client_that_does_not_read_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(http1, "SEND_SECONDS", 0.05)
    lost = threading.Event()
    lose = Http1Protocol.connection_lost
    monkeypatch.setattr(
        Http1Protocol, "connection_lost", lambda self, error: (lose(self, error), lost.set())
    )

    async def respond(_: Request) -> Response:
        return Response(b"a" * 50_000_000)

    app = Starlette(routes=[Route("/{path:path}", respond)])
    with run_in_thread(Settings(port=0), app) as url, connected(url) as client:
        client.sendall(GET % b"Connection: close\r\n")
        assert lost.wait(60)


@pytest.mark.parametrize(
    ("unsent", "is_disconnected"),
    [
        ((500_000, 500_000, 500_000), False),  # 60 seconds have not passed
        ((500_000, 500_000, 500_000, 499_999), True),
        ((500_000, 500_000, 430_000, 430_000, 430_000), False),
        ((500_000, 500_000, 430_000, 430_000, 430_000, 430_000), True),
        ((500_000, 0, 500_000, 500_000, 500_000), False),
        ((10, 10, 10, 10), True),
        ((10, 10, 10, 0), False),
    ],
)
def test_a_client_that_reads_slowly_is_served(
    unsent: tuple[int, ...], *, is_disconnected: bool
) -> None:
    config = make_uvicorn_config(Settings(), Starlette())
    protocol = Http1Protocol(config, ServerState(), {}, Mock())
    loop, transport = Mock(), Mock()
    protocol.loop = loop
    loop.time.return_value = 0.0
    transport.get_extra_info.return_value = None
    protocol.connection_made(transport)
    protocol.data_received(GET % b"" + b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for number, size in enumerate(unsent):
        loop.time.return_value = 1000.0 + 20 * number
        transport.get_write_buffer_size.return_value = size
        _, check_time = loop.call_at.call_args.args
        assert not transport.abort.called
        check_time()

    assert transport.abort.called == is_disconnected


@pytest.mark.parametrize("workers", ["1", "2"])
def test_clients_that_trickle_do_not_stop_others(spawn: Callable[..., Any], workers: str) -> None:
    url = str(spawn("--scenario", "documented", "--workers", workers).client.base_url).rstrip("/")
    request = GET % b"Connection: close\r\n"
    whole = CHUNKED % b"Connection: close\r\n" + CHUNK + b"0\r\n\r\n"
    document = b"GET /__mock__/apis/calwe/openapi.yaml HTTP/1.1\r\nHost: h\r\n\r\n" * 20
    with ExitStack() as stack:
        heads, bodies, readers = (
            [stack.enter_context(connected(url)) for _ in range(60)] for _ in range(3)
        )
        for reader in readers:
            reader.sendall(document)
        for n in range(len(whole) - 1):
            for client in heads:
                client.sendall(request[n : n + 1])
            for client in bodies:
                client.sendall(whole[n : n + 1])
            for reader in readers[:30]:
                assert reader.recv(1)
            if n % 10 == 0:
                assert exchange(url, request).startswith(b"HTTP/1.1 200 ")
        for client in bodies:
            client.sendall(whole[-1:])
        for client in (*heads, *bodies):
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_requests_that_are_not_complete_when_the_server_ends_are_given_up_without_a_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http1, "SHUTDOWN_SECONDS", 0.05)

    async def respond(request: Request) -> Response:
        with suppress(ClientDisconnect):
            await request.body()
        return Response(b"a" * 50_000_000)

    app = Starlette(routes=[Route("/{path:path}", respond, methods=["GET", "POST"])])
    with ExitStack() as stack:
        with run_in_thread(Settings(port=0), app) as url:
            logging.getLogger("uvicorn.error").addHandler(caplog.handler)
            for sent in (b"", GET[:20], CHUNKED % b"" + b"5\r\nab", GET % b"" * 2):
                client = stack.enter_context(connected(url))
                client.sendall(sent)
            assert client.recv(1)
        logging.getLogger("uvicorn.error").removeHandler(caplog.handler)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_many_connections_beyond_the_limit_take_no_descriptors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "find_connection_limit", lambda: 2)
    monkeypatch.setattr(http1, "LINGER_SECONDS", 1000)
    monkeypatch.setattr(http1, "_MAX_REFUSED", 3)
    with run_in_thread(Settings(port=0, scenario="documented")) as url, ExitStack() as stack:
        clients = [stack.enter_context(connected(url)) for _ in range(20)]
        for client in clients[2:]:
            assert client.recv(65536).startswith(b"HTTP/1.1 503 ")
        for client in clients[5:]:
            assert client.recv(65536) == b""
            with pytest.raises(ConnectionError):  # nothing reads any more
                while True:
                    client.sendall(b"a")


def test_more_connections_than_descriptors_get_a_response(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "find_connection_limit", lambda: 2)
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        with connected(url) as one, connected(url):
            assert exchange(url).startswith(b"HTTP/1.1 503 ")
            one.sendall(GET % b"")
            assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
        while not exchange(url, GET % b"Connection: close\r\n").startswith(b"HTTP/1.1 200 "):
            pass  # the server has not yet seen that both are gone
