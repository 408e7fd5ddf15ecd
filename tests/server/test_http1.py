"""HTTP/1.1 on the wire: offers of other protocols, trailers, and what a client sends too much."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing

import pytest

from mockserver.server import http1, run
from mockserver.server.run import run_in_thread
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


def test_more_connections_than_descriptors_get_a_response(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "find_connection_limit", lambda: 2)
    with run_in_thread(Settings(port=0, scenario="documented")) as url:
        with connected(url) as one, connected(url):
            assert exchange(url).startswith(b"HTTP/1.1 503 ")
            one.sendall(GET % b"")
            assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
        while not exchange(url, GET % b"Connection: close\r\n").startswith(b"HTTP/1.1 200 "):
            pass  # the server has not yet seen that both are gone
