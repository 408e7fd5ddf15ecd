"""A request that is sent gets a response, or a sentence that says why not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler
from threading import Event
from time import sleep
from typing import Any

import pytest

from mockserver.api import Api
from mockserver.check.http import connection as module
from mockserver.check.http.connection import Connection, NoResponse, TimeLimitReached, Worker
from mockserver.check.target.target import Target
from mockserver.clock import SECOND, parse_moment
from mockserver.contract import Response, Timing, serialize_request

Rogue = Callable[[Callable[[BaseHTTPRequestHandler], None]], str]


def _send(api: Api, url: str, **settings: Any) -> Response:
    outgoing = serialize_request(api.contract.operation("listSessions"), {"start": "2025-08-21"})
    with closing(Connection(Target("t", url, **{"timeout": 5, **settings}))) as connection:
        return connection.send(api.contract.base, outgoing)


def test_a_response_has_status_headers_and_body(
    api: Api, rogue: Rogue, saying: Callable[..., Any]
) -> None:
    seen: list[str] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        seen.append(f"{handler.command} {handler.path} {handler.headers['X-Own']}")
        saying(201, b"\xff", headers=(("X-A", "1"), ("X-A", "2")))(handler)

    response = _send(api, rogue(respond), headers={"X-Own": "yes"})
    assert seen == ["GET /ekranapi/sessions?start=2025-08-21 yes"]
    assert (response.status, response.body) == (201, b"\xff")
    assert response.headers.get("x-a") == "1, 2"


def test_a_header_of_a_request_replaces_that_of_the_target(
    api: Api, rogue: Rogue, saying: Callable[..., Any]
) -> None:
    seen: list[list[str] | None] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get_all("X-Own"))
        saying()(handler)

    outgoing = serialize_request(
        api.contract.operation("listSessions"), {}, headers={"x-own": "mine"}
    )
    target = Target("t", rogue(respond), headers={"X-Own": "its"})
    with closing(Connection(target)) as connection:
        connection.send(api.contract.base, outgoing)
    assert seen == [["mine"]]


def test_a_redirect_is_a_response_and_is_not_followed(api: Api, stub: Callable[..., str]) -> None:
    url = stub(302, b"", headers=(("Location", "http://127.0.0.1:1/elsewhere"),))
    assert _send(api, url).status == 302


def test_a_cookie_is_sent_again_unless_it_is_no_ascii(
    api: Api, rogue: Rogue, saying: Callable[..., Any]
) -> None:
    seen: list[str | None] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Cookie"])
        cookies = (("Set-Cookie", "name=\xff; Path=/"), ("Set-Cookie", "node=2; Path=/"))
        saying(200, headers=cookies)(handler)

    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    with closing(Connection(Target("t", rogue(respond)))) as connection:
        for _ in range(2):
            assert connection.send(api.contract.base, outgoing).status == 200
    assert seen == [None, "node=2"]


def test_a_refused_connection_is_a_sentence(api: Api, unused_url: str) -> None:
    with pytest.raises(NoResponse) as raised:
        _send(api, unused_url)
    assert str(raised.value).startswith(f"GET {unused_url}/ekranapi/sessions?start=2025-08-21 got")


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://[::1", "ftp://127.0.0.1"])
def test_an_invalid_url_is_a_sentence(api: Api, url: str) -> None:
    with pytest.raises(NoResponse, match="got no response"):
        _send(api, url)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def _garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    handler.close_connection = True


def _half(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.close_connection = True


@pytest.mark.parametrize("respond", [_reset, _garbage, _half])
def test_a_response_that_is_truncated_or_no_http_is_a_sentence(
    api: Api, rogue: Rogue, respond: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    with pytest.raises(NoResponse, match=r"got no response: ."):
        _send(api, rogue(respond))


def test_a_request_without_a_response_ends_with_the_timeout(api: Api, rogue: Rogue) -> None:
    released = threading.Event()
    url = rogue(lambda _: released.wait() and None)
    try:
        with pytest.raises(NoResponse, match="timed out"):
            _send(api, url, timeout=0.2)
    finally:
        released.set()


def test_a_body_without_an_end_ends_with_the_timeout(api: Api, rogue: Rogue) -> None:
    released = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not released.wait(0.02):
            try:
                handler.wfile.write(b"1\r\nx\r\n")
            except OSError:
                return

    try:
        with pytest.raises(NoResponse, match="does not come to an end in time"):
            _send(api, rogue(drip), timeout=0.3)
    finally:
        released.set()


def test_a_body_over_the_limit_is_refused(
    api: Api, stub: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 1_000)
    with pytest.raises(NoResponse, match="more than 1000 bytes"):
        _send(api, stub(200, b"x" * 200_000))


def test_the_time_limit_ends_a_run(
    api: Api,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment, sent = [0], []
    url = rogue(lambda handler: sent.append(handler) or saying()(handler))
    monkeypatch.setattr(module, "machine_now", lambda: moment[0])
    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    with closing(Connection(Target("t", url, time_limit=60))) as connection:
        connection.send(api.contract.base, outgoing)
        moment[0] = 61 * SECOND
        with pytest.raises(TimeLimitReached) as raised:
            connection.send(api.contract.base, outgoing)
    assert str(raised.value) == "The time limit of 60 seconds for 't' is over"
    assert len(sent) == 1


def test_requests_wait_for_the_rate(
    api: Api, stub: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    class Waits:
        def wait(self, seconds: float) -> None:
            waited.append(seconds)

    monkeypatch.setattr(module, "machine_now", lambda: 0)
    monkeypatch.setattr(module, "Event", Waits)
    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    with closing(Connection(Target("t", stub(), rate=4))) as connection:
        for _ in range(4):
            connection.send(api.contract.base, outgoing)
    assert waited == [0.25, 0.5, 0.75]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a connection has waited, without doing so."""
    waited: list[float] = []

    class Waits:
        def wait(self, seconds: float) -> None:
            waited.append(seconds)

    monkeypatch.setattr(module, "Event", Waits)
    monkeypatch.setattr(module.Pace, "pause", lambda *_: None)  # its time does not pass
    return waited


def _respond_in_turn(
    saying: Callable[..., Any], *responses: tuple[Any, ...]
) -> Callable[[BaseHTTPRequestHandler], None]:
    """Gives each response once, and the last one for ever."""
    left = list(responses)

    def respond(handler: BaseHTTPRequestHandler) -> None:
        saying(*(left.pop(0) if len(left) > 1 else left[0]))(handler)

    return respond


LIMITED = (429, b"{}", "application/json", (("Retry-After", "7"),))


def test_429_is_waited_for_as_long_as_it_says(
    api: Api, rogue: Rogue, saying: Callable[..., Any], waits: list[float]
) -> None:
    respond, retried = _respond_in_turn(saying, LIMITED, (429,), (200,)), list[int]()
    with closing(Connection(Target("t", rogue(respond)), on_retry=retried.append)) as connection:
        response = connection.send(
            api.contract.base, serialize_request(api.contract.operations[0], {})
        )
    assert (response.status, waits, retried) == (200, [7, 2], [429, 429])


@pytest.mark.parametrize("settings", [{}, {"time_limit": 5}])
def test_429_without_an_end_is_the_response_and_no_other_request_waits(
    api: Api,
    rogue: Rogue,
    saying: Callable[..., Any],
    waits: list[float],
    settings: dict[str, float],
) -> None:
    with closing(Connection(Target("t", rogue(saying(*LIMITED)), **settings))) as connection:
        for _ in range(3):
            outgoing = serialize_request(api.contract.operations[0], {})
            assert connection.send(api.contract.base, outgoing).status == 429
    assert waits == ([] if settings else [7, 7, 7])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120", 120), ("Thu, 21 Aug 2025 14:31:00 GMT", 60), ("Thu, 21 Aug 2025 14:31:00 -0000", 60),
     ("Thu, 21 Aug 2025 14:29:00 GMT", 0), ("soon", 3), ("-1", 3), (None, 3),
     ("9" * 5_000, 3), ("Thu, 21 Aug 99999 14:31:00 GMT", 3),
     (f"Thu, 21 Aug 2025 14:31:00 +{'9' * 300}", 3)],
)  # fmt: skip
def test_retry_after_is_a_number_of_seconds_or_a_date(
    monkeypatch: pytest.MonkeyPatch, text: str | None, expected: float
) -> None:
    monkeypatch.setattr(module, "machine_now", lambda: parse_moment("2025-08-21T14:30:00Z"))
    assert module._read_retry_after(text, 3) == expected


@pytest.mark.parametrize(
    ("operation", "status", "sent"), [("GET", 502, 2), ("GET", 500, 1), ("POST", 502, 1)]
)
def test_a_gateway_error_is_tried_once_more_where_the_method_is_safe(
    rogue: Rogue,
    saying: Callable[..., Any],
    waits: list[float],
    operation: str,
    status: int,
    sent: int,
) -> None:
    methods: list[str] = []
    url = rogue(lambda handler: methods.append(handler.command) or saying(status)(handler))
    with closing(Connection(Target("t", url))) as connection:
        assert connection.exchange(operation, url, (), b"").status == status
    assert methods == [operation] * sent
    assert waits == [0] * (sent - 1)


def test_a_path_is_sent_as_it_is(rogue: Rogue, saying: Callable[..., Any]) -> None:
    paths: list[str] = []
    url = rogue(lambda handler: paths.append(handler.path) or saying()(handler))
    with closing(Connection(Target("t", url))) as connection:
        connection.exchange("GET", f"{url}/a/../b//%2e%7E~|?q=a b&é=%C3%A9", (), b"")
    assert paths == ["/a/../b//%2e%7E~%7C?q=a%20b&%C3%A9=%C3%A9"]


def test_a_response_says_when_its_request_was_sent_and_how_long_it_took(
    api: Api, rogue: Rogue, saying: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [7 * SECOND]

    def respond(handler: BaseHTTPRequestHandler) -> None:
        moment[0] += 3 * SECOND
        saying()(handler)

    monkeypatch.setattr(module, "machine_now", lambda: moment[0])
    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    with closing(Connection(Target("t", rogue(respond)))) as connection:
        response = connection.send(api.contract.base, outgoing)
    assert response.timing == Timing(began=7_000_000, took=3_000_000)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-A: ", b""])
def test_a_header_without_an_end_ends_with_twice_the_timeout(
    api: Api, rogue: Rogue, head: bytes
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(head)
            for _ in range(200):
                handler.wfile.write(b"a" if head else b"HTTP/1.1 100 Continue\r\n\r\n")
                handler.wfile.flush()
                sleep(0.05)
        handler.close_connection = True

    url = rogue(drip)
    with closing(Connection(Target("t", url, timeout=0.3))) as connection:
        for _ in range(2):
            with pytest.raises(NoResponse, match=r"got no response: it never ends$"):
                connection.send(
                    api.contract.base, serialize_request(api.contract.operations[0], {})
                )


@pytest.mark.parametrize("seconds", [0, 60])
def test_an_action_within_its_time_returns_or_raises(seconds: float) -> None:
    with closing(Worker()) as worker:
        with pytest.raises(KeyError, match="gone"):
            worker.run_within(seconds, lambda: {}["gone"])
        assert worker.run_within(seconds, lambda: 7) == 7


def test_an_action_that_takes_too_long_raises_timeout_error() -> None:
    never = Event()
    with closing(Worker()) as worker, pytest.raises(TimeoutError):
        worker.run_within(0.05, never.wait)
    never.set()


def test_a_response_with_an_encoding_that_was_not_accepted_cannot_be_read(
    api: Api, stub: Callable[..., str]
) -> None:
    url = stub(200, b"[]", headers=(("Content-Encoding", "br"),))
    outgoing = serialize_request(api.contract.operation("listSessions"), {})
    connection = Connection(Target("t", url))
    with pytest.raises(NoResponse) as raised:
        connection.send(api.contract.base, outgoing)
    connection.close()
    assert str(raised.value) == (
        f"GET {url}/ekranapi/sessions got a response that cannot be read: its Content-Encoding is "
        "'br', but the request accepts gzip, deflate only"
    )
