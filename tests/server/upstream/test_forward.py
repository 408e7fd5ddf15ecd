"""What an upstream gets, and what its client gets of it: byte for byte."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx

LOG = "/v1/customer/sessions/1/log"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Run = Callable[..., Any]


def split(response: bytes) -> tuple[list[bytes], bytes]:
    """The lines of a head without what the mock adds, and the rest."""
    head, _, rest = response.partition(b"\r\n\r\n")
    own = (b"x-mock-", b"keep-alive:", b"connection: close")
    return [line for line in head.split(b"\r\n") if not line.startswith(own)], rest


def test_a_response_is_passed_on_byte_for_byte(world: Any, run_upstream: Run) -> None:
    body = gzip.compress(b'{"odd": "\xd8\xb3"}')
    upstream = run_upstream(
        b"HTTP/1.1 299 Quite Fine\r\n"
        b"Server: Odd/1.0\r\n"
        b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        b"SET-Cookie: a=1; Path=/\r\n"
        b"X-Two:  b \r\n"
        b"Set-Cookie: b=2\r\n"
        b"x-two: \xe9\r\n"
        b"Location: https://elsewhere.example/\r\n"
        b"Content-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    world.forward(upstream.url)

    lines, rest = split(world.exchange(f"GET {LOG}"))

    assert lines == [
        b"HTTP/1.1 299 Quite Fine",
        b"Server: Odd/1.0",
        b"date: Thu, 01 Jan 1970 00:00:00 GMT",
        b"SET-Cookie: a=1; Path=/",
        b"X-Two: b",
        b"Set-Cookie: b=2",
        b"x-two: \xe9",
        b"Location: https://elsewhere.example/",
        b"Content-Encoding: gzip",
        b"Content-Length: %d" % len(body),
    ]
    assert rest == body


def test_a_response_says_where_it_comes_from(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(FINE).url)

    response = world.client.get(LOG)

    assert response.headers["x-mock-source"] == "upstream"
    assert response.headers["x-mock-sandbox"] == world.name
    assert response.headers["x-mock-evidence"] == "documented"


def test_fields_of_one_connection_are_not_passed_on(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(
        b"HTTP/1.1 200 OK\r\nConnection: X-Private, keep-alive\r\nX-Private: 1\r\n"
        b"Keep-Alive: timeout=7\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nX-Mock-Seed: 9\r\n"
        b"X-Kept: 1\r\nDate: d\r\nContent-Length: 0\r\n\r\n"
    )
    world.forward(upstream.url)

    lines, _ = split(
        world.exchange(
            f"GET {LOG}?a=%41&a=b\nConnection: X-Hop\nX-Hop: 1\nTE: trailers\nKeep-Alive: 5\n"
            "Upgrade: h2c\nProxy-Connection: x\nX-Forwarded-For: 10.0.0.1\nCookie: c=1\n"
            "Authorization: Bearer t\nAccept-Encoding: br\nVia: 1.0 other\nTrailer: X-T"
        )
    )

    assert lines == [b"HTTP/1.1 200 OK", b"X-Kept: 1", b"Date: d", b"Content-Length: 0"]
    line, *fields = upstream.received[0].decode().split("\r\n")
    assert line == f"GET {LOG}?a=%41&a=b HTTP/1.1"
    via = fields[-3]
    assert fields == [
        f"host: 127.0.0.1:{upstream.port}",
        "x-forwarded-for: 10.0.0.1",
        "cookie: c=1",
        "authorization: Bearer t",
        "accept-encoding: br",
        "via: 1.0 other",
        "te: trailers",
        "connection: TE",
        via,
        "",
        "",
    ]
    assert via.startswith("via: 1.1 mockserver-")


def test_what_is_for_the_mock_is_not_forwarded(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(f"{upstream.url}/gateway/")

    preferred = {"Prefer": "return=minimal, delay=1; validation=off", "X-Mock-Other": "1"}
    response = world.client.get(f"{LOG}?page=1&__delay=1&__other=2", headers=preferred)

    assert response.headers["preference-applied"] == "validation=off, delay=1"
    received = upstream.received[0].decode()
    assert received.startswith(f"GET /gateway{LOG}?page=1&__other=2 HTTP/1.1\r\n")
    assert "\r\nprefer: return=minimal\r\n" in received
    assert "x-mock" not in received


def test_an_encoded_path_is_forwarded_as_it_is(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    world.exchange("GET /v1/a%2Fb/%D8%B3//c/..?q=%20+")

    assert upstream.received[0].startswith(b"GET /v1/a%2Fb/%D8%B3//c/..?q=%20+ HTTP/1.1\r\n")


def test_bodies_keep_their_framing(world: Any, run_upstream: Run) -> None:
    def serve(peer: Any) -> None:
        upstream.received.append(peer.read_until(b"\r\n0\r\n\r\n"))
        peer.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n"
            b"3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nContent-Length: 5\r\n\r\n"
        )

    upstream = run_upstream(serve)
    world.forward(upstream.url)
    chunks = b"4\r\nwxyz\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n"

    response = world.exchange(
        f"POST {LOG}\nTransfer-Encoding: chunked\nContent-Type: text/plain", chunks
    )

    head, _, sent = upstream.received[0].partition(b"\r\n\r\n")
    assert b"\r\ntransfer-encoding: chunked\r\n" in head
    assert b"content-length" not in head
    assert httpx_decode(sent) == b"wxyz!"
    lines, rest = split(response)
    assert b"transfer-encoding: chunked" in lines
    assert not any(line.startswith(b"Content-Length") for line in lines)
    assert httpx_decode(rest) == b"abcde"
    assert rest.endswith(b"\r\n0\r\nX-Sum: 5\r\n\r\n")


def httpx_decode(chunked: bytes) -> bytes:
    """The body in chunks."""
    body, rest = b"", chunked
    while True:
        size, _, rest = rest.partition(b"\r\n")
        number = int(size, 16)
        if not number:
            return body
        body, rest = body + rest[:number], rest[number + 2 :]


def test_a_client_of_http_1_0_gets_no_chunks(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    world.forward(upstream.url)

    response = world.exchange(f"GET {LOG}", version="1.0")

    assert response.endswith(b"\r\nconnection: close\r\n\r\nabc")
    assert b"chunked" not in response
    assert b"\r\nvia: 1.0 mockserver-" in upstream.received[0]


def test_responses_without_a_body(world: Any, run_upstream: Run) -> None:
    head = b"HTTP/1.1 200 OK\r\nETag: 1\r\nContent-Length: 7\r\nDate: d\r\n\r\n"

    def serve(peer: Any) -> None:
        for response in (
            head,
            b"HTTP/1.1 204 None\r\nDate: d\r\n\r\n",
            head.replace(b"200", b"304"),
        ):
            upstream.received.append(peer.read_message())
            peer.send(response)

    upstream = run_upstream(serve)
    world.forward(upstream.url)
    peer = world.connect()

    for method, expected in (
        ("HEAD", [b"HTTP/1.1 200 OK", b"ETag: 1", b"Content-Length: 7", b"Date: d"]),
        ("OPTIONS", [b"HTTP/1.1 204 None", b"Date: d"]),
        ("GET", [b"HTTP/1.1 304 OK", b"ETag: 1", b"Content-Length: 7", b"Date: d"]),
    ):
        peer.send(world.make_head(f"{method} {LOG}"))
        assert split(peer.read_until(b"\r\n\r\n")) == (expected, b"")
    assert [line.split(b" ")[0] for line in upstream.received] == [b"HEAD", b"OPTIONS", b"GET"]
    assert upstream.connections == 1
    peer.close()


def test_interim_responses_are_passed_on(world: Any, run_upstream: Run) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    world.forward(run_upstream(hints + FINE).url)

    assert world.exchange(f"GET {LOG}").startswith(hints + b"HTTP/1.1 200 OK\r\n")
    assert world.exchange(f"GET {LOG}", version="1.0").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_expects_a_100_gets_that_of_the_upstream(
    world: Any, run_upstream: Run
) -> None:
    asked = threading.Event()

    def serve(peer: Any) -> None:
        upstream.received.append(peer.read_until(b"\r\n\r\n"))
        assert asked.wait(30)
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        upstream.received.append(peer.read(4))
        peer.send(FINE)

    upstream = run_upstream(serve)
    world.forward(upstream.url)
    peer = world.connect()
    peer.send(world.make_head(f"POST {LOG}\nExpect: 100-continue\nContent-Length: 4"))
    asked.set()

    assert peer.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    peer.send(b"body")
    assert peer.read_message().startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nexpect: 100-continue\r\n" in upstream.received[0]
    assert upstream.received[1] == b"body"
    peer.close()


def test_a_refusal_before_the_body_is_passed_on_without_it(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(
        lambda peer: (
            upstream.received.append(peer.read_until(b"\r\n\r\n")),
            peer.send(b"HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno"),
            peer.read_all(),
        )
    )
    world.forward(upstream.url)
    peer = world.connect()
    peer.send(world.make_head(f"POST {LOG}\nExpect: 100-continue\nContent-Length: 4"))

    response = peer.read_all()

    assert response.startswith(b"HTTP/1.1 417 No\r\n")
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"\r\n\r\nno")
    peer.close()


def test_a_response_that_comes_early_ends_the_upload(world: Any, run_upstream: Run) -> None:
    def serve(peer: Any) -> None:
        peer.read_until(b"\r\n\r\n")
        peer.send(b"HTTP/1.1 413 Much\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        peer.read_all()

    world.forward(run_upstream(serve).url)
    peer = world.connect()
    peer.send(world.make_head(f"POST {LOG}\nContent-Length: 1000000\nContent-Type: text/plain"))
    peer.send(b"x" * 1000)

    assert peer.read_message().startswith(b"HTTP/1.1 413 Much\r\n")
    peer.close()


def test_connections_are_kept_open(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    for _ in range(3):
        assert world.client.get(LOG).content == b"{}"

    assert len(upstream.received) == 3
    assert upstream.connections == 1


def test_a_connection_that_was_closed_while_idle_is_replaced(world: Any, run_upstream: Run) -> None:
    def serve(peer: Any) -> None:
        upstream.received.append(peer.read_message())
        peer.send(FINE)
        peer.read_until(b"\r\n\r\n")  # the second request of a connection gets no response

    upstream = run_upstream(serve)
    world.forward(upstream.url)

    assert [world.client.get(LOG).status_code for _ in range(2)] == [200, 200]
    assert upstream.connections == 2


def test_a_request_that_writes_is_never_sent_twice(world: Any, run_upstream: Run) -> None:
    def serve(peer: Any) -> None:
        peer.read_message()
        peer.send(FINE)
        upstream.received.append(peer.read_message())

    upstream = run_upstream(serve)
    world.forward(upstream.url)
    world.client.get(LOG)

    refused = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert refused.status_code == 502
    assert len(upstream.received) == 1
    message = refused.json()["message"]
    assert message.endswith(
        f"The upstream '{upstream.url}' has closed the connection without a response"
    )


def test_an_upstream_that_is_not_there_is_a_502_of_the_vendor(world: Any) -> None:
    world.forward("http://127.0.0.1:9/")
    world.forward("http://127.0.0.1:9/", "ekran", enforce=True)

    refused = world.client.get(LOG)

    assert refused.status_code == 502
    assert list(refused.json()) == ["success", "message", "data", "statusCode"]
    assert "The upstream 'http://127.0.0.1:9' cannot be reached: " in refused.json()["message"]
    assert list(world.client.get("/ekranapi/sessions").json()) == ["message"]


def test_an_upstream_that_does_not_respond_is_a_504(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(lambda peer: peer.read_all())
    world.forward(upstream.url, timeout=0.2)

    refused = world.client.get(LOG)

    assert refused.status_code == 504
    sentence = f"The upstream '{upstream.url}' does not respond within 0.2 seconds"
    assert sentence in refused.json()["message"]
    why = world.client.get(refused.headers["x-mock-why"]).json()
    assert sentence in why["sentences"][0]


def test_an_upstream_that_does_not_read_is_a_504(world: Any, run_upstream: Run) -> None:
    is_over = threading.Event()
    upstream = run_upstream(lambda _: is_over.wait(60))
    world.forward(upstream.url, timeout=0.2)

    refused = world.client.post(LOG, content=(b"x" * 65_536 for _ in range(400)))

    assert refused.status_code == 504
    assert "does not read the request within 0.2 seconds" in refused.json()["message"]
    is_over.set()


def test_what_is_not_http_is_a_502(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    world.forward(upstream.url)

    refused = world.client.get(LOG)

    assert refused.status_code == 502
    assert "sends what is not valid HTTP/1.1" in refused.json()["message"]


def test_a_body_that_breaks_off_breaks_off(world: Any, run_upstream: Run) -> None:
    def serve(peer: Any) -> None:
        peer.read_message()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhalf")

    world.forward(run_upstream(serve).url)

    response = world.exchange(f"GET {LOG}")

    assert response.endswith(b"\r\n\r\nhalf")
    assert b"Content-Length: 10\r\n" in response
    (entry,) = world.client.get("/__mock__/journal").json()["entries"]
    assert "sends what is not valid HTTP/1.1" in entry["problem"]


def test_a_hanging_upstream_holds_nobody_else_up(world: Any, run_upstream: Run) -> None:
    is_over = threading.Event()
    hanging = run_upstream(lambda _: is_over.wait(60))
    world.forward(hanging.url)
    peers = [world.connect() for _ in range(50)]
    for peer in peers:
        peer.send(world.make_head(f"GET {LOG}"))

    assert world.client.get("/ekranapi/sessions").status_code == 200

    for peer in peers:
        peer.close()
    is_over.set()


def test_a_client_that_leaves_ends_the_request_of_the_upstream(
    world: Any, run_upstream: Run
) -> None:
    has_request, has_ended = threading.Event(), threading.Event()

    def serve(peer: Any) -> None:
        peer.read_message()
        has_request.set()
        peer.read_all()
        has_ended.set()

    world.forward(run_upstream(serve).url)
    peer = world.connect()
    peer.send(world.make_head(f"GET {LOG}"))
    assert has_request.wait(30)
    peer.close()

    assert has_ended.wait(30)


def test_what_streams_is_passed_on_at_once(world: Any, run_upstream: Run) -> None:
    is_read = threading.Event()

    def serve(peer: Any) -> None:
        peer.read_message()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert is_read.wait(30)
        peer.send(b"data: 2\n\n")

    world.forward(run_upstream(serve).url)

    with world.client.stream("GET", LOG) as response:
        parts = response.iter_raw()
        assert next(parts) == b"data: 1\n\n"
        is_read.set()
        assert next(parts) == b"data: 2\n\n"


def test_a_redirect_is_not_followed(world: Any, run_upstream: Run) -> None:
    other = run_upstream(FINE)
    redirect = b"HTTP/1.1 302 Found\r\nLocation: %s/x\r\nContent-Length: 0\r\n\r\n"
    world.forward(run_upstream(redirect % other.url.encode()).url)

    response = world.client.get(LOG)

    assert (response.status_code, response.headers["location"]) == (302, f"{other.url}/x")
    assert other.connections == 0


def test_no_proxy_of_the_environment_is_used(
    world: Any, run_upstream: Run, monkeypatch: Any
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    world.forward(run_upstream(FINE).url)

    assert world.client.get(LOG).status_code == 200


def test_an_upstream_that_is_the_server_itself_is_noticed(world: Any) -> None:
    world.forward(f"{world.server}/__sandbox__/{world.name}")

    refused = world.client.get(LOG)

    assert refused.status_code == 508
    assert "leads to this server itself" in refused.json()["message"]


def test_credentials_are_passed_on_and_never_kept(world: Any, run_upstream: Run) -> None:
    echoed = gzip.compress(b'{"token": "secret-of-the-client"}')
    upstream = run_upstream(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"X-Echo: secret-of-the-client\r\nSet-COOKIE: sid=abcdefgh12345678\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(echoed), echoed)
    )
    world.forward(upstream.url)

    assert world.client.get(LOG).json() == {"token": "secret-of-the-client"}

    assert b"\r\nauthorization: Bearer secret-of-the-client\r\n" in upstream.received[0]
    (entry,) = world.client.get("/__mock__/journal").json()["entries"]
    assert (entry["source"], entry["status"]) == ("upstream", 200)
    text = json.dumps(entry)
    assert "secret-of" not in text
    assert "abcdefgh" not in text
    assert entry["response"]["body"].startswith('{"token":')


def test_max_forwards_is_counted(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    world.exchange(f"OPTIONS {LOG}\nMax-Forwards: 1")
    last = world.exchange(f"OPTIONS {LOG}\nMax-Forwards: 0")

    assert len(upstream.received) == 1
    assert b"\r\nmax-forwards: 0\r\n" in upstream.received[0]
    assert last.startswith(b"HTTP/1.1 204 No Content\r\n")


def test_a_malformed_url_is_refused_and_not_forwarded(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    assert world.client.get("/v1/%zz").status_code in (400, 404)
    assert world.exchange("GET /v1/%zz").startswith(b"HTTP/1.1 400 ")
    assert upstream.received == [] or b"%25zz" in upstream.received[0]


def test_httpx_reads_every_response(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(FINE).url)
    with httpx.Client(base_url=world.server, headers=dict(world.client.headers)) as client:
        assert [client.get(LOG).status_code for _ in range(2)] == [200, 200]
