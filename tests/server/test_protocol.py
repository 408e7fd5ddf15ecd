"""An `Upgrade` header is ignored, and a head without an end is refused."""

from __future__ import annotations

import socket

import pytest

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


def test_a_head_without_an_end_is_refused(server: str) -> None:
    with connected(server) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                client.sendall(b"a" * 65536)
    with connected(server) as other:
        other.sendall(b"GET /__mock__/health HTTP/1.1\r\nHost: h\r\n\r\n")
        assert other.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
