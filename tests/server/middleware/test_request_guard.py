"""The guard: malformed requests get a response before routing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
MALFORMED = (
    '{"success":false,"message":"تعذر فهم الطلب لأن صيغته غير صحيحة","data":null,"statusCode":400}'
).encode()
TOO_LARGE = (
    '{"success":false,"message":"حجم محتوى الطلب أكبر من الحد المسموح به",'
    '"data":null,"statusCode":413}'
).encode()


def send(client: httpx.Client, data: bytes) -> bytes:
    """What comes back for these bytes, until the server closes."""
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def send_request(
    client: httpx.Client, target: bytes, *lines: bytes, body: bytes = b""
) -> tuple[int, bytes]:
    """The status and the body for a request with this target, sent as it is."""
    method = b"POST" if body else b"GET"
    sandbox = client.headers.get("X-Mock-Sandbox", "default").encode()
    head = [
        method + b" " + target + b" HTTP/1.1",
        b"Host: localhost",
        b"Connection: close",
        b"Authorization: Bearer token",
        b"access-token: token",
        b"X-Mock-Sandbox: " + sandbox,
        *lines,
    ]
    response = send(client, b"\r\n".join(head) + b"\r\n\r\n" + body)
    head_of_response, _, body_of_response = response.partition(b"\r\n\r\n")
    return int(head_of_response.split(b" ")[1]), body_of_response


def goes_on(client: httpx.Client) -> bool:
    """Whether the session's log is still what the documents' world has."""
    entries = client.get(LOG, headers=BEARER).json()["data"]["data"]
    return [entry["action_type"] for entry in entries] == ["ENTERED", "LEFT"]


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/x/%E0%A4%A",
        b"/v1/x/%E0%A4",
        b"/v1/x/%",
        b"/v1/x/%4",
        b"/v1/x/%zz",
        b"/v1/%C3%28/x",
        b"/v1/customer/sessions/%ED%A0%80/log",
        b"/v1/customer/sessions/1/log?per_page=%zz",
        b"/v1/customer/sessions/1/log?%",
        b"/v1/customer/sessions/%00/log",
        b"/v1/%00customer/sessions/1/log",
        b"/v1/customer/sessions/1%0A/log",
        b"/v1/customer/sessions/%0A1/log",
        b"/v1/customer/sessions/1/log%00",
        b"/v1/customer/sessions/1/log%0A",
        b"/v1/customer/sessions/1/log%0D%0A",
        b"/v1/customer/sessions/1/log%7F",
        b"/v1/customer/sessions/1/log%1F",
        b"/v1/%0A",
        b"/v1/%7F/x",
    ],
)
def test_an_unreadable_target_is_a_400_in_the_vendor_s_shape(
    documented: httpx.Client, target: bytes
) -> None:
    assert send_request(documented, target) == (400, MALFORMED)
    assert goes_on(documented)


@pytest.mark.parametrize(
    ("base", "key"),
    [("/v1", "message"), ("/api", "message"), ("/api/v1", "error"), ("/ekranapi", "message")],
)
@pytest.mark.parametrize("rest", ["/%E0%A4%A", "/%00", "/x%0A"])
def test_every_vendor_says_400_in_its_shape(
    documented: httpx.Client, base: str, key: str, rest: str
) -> None:
    response = documented.get(base + rest)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json()[key]


@pytest.mark.parametrize("target", [b"/%E0%A4%A", b"/%0A", b"/__mock__/apis%0A", b"/v1%0A/x"])
def test_outside_every_base_it_is_a_problem(documented: httpx.Client, target: bytes) -> None:
    status, body = send_request(documented, target)

    assert status == 400
    assert body.startswith(b'{"type":"about:blank","title":"Bad Request","status":400,"detail":"')


def test_arabic_that_is_percent_encoded_is_let_through(documented: httpx.Client) -> None:
    status, body = send_request(documented, b"/v1/customer/sessions/%D8%AC%D9%84%D8%B3%D8%A9/log")

    assert status == 404
    assert "لم يتم العثور على الجلسة" in body.decode()


def test_a_replacement_character_that_was_meant_is_let_through(documented: httpx.Client) -> None:
    assert send_request(documented, b"/v1/customer/sessions/%EF%BF%BD/log")[0] == 404
    assert send_request(documented, b"/v1/customer/sessions/%ef%bf%bd/log")[0] == 404


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/customer/sessions/\xd8\xa3/log",
        b"/v1/customer/sessions/1/log?per_page=\xff",
        b"/v1/x\x00y",
        b"/v1/x\x7fy",
    ],
    ids=["path of raw bytes", "query of raw bytes", "NUL", "DEL"],
)
def test_a_target_that_is_no_http_is_refused(documented: httpx.Client, target: bytes) -> None:
    assert send_request(documented, target)[0] == 400
    assert goes_on(documented)


@pytest.mark.parametrize("target", [b"/v1/", LOG.encode() + b"?a="], ids=["path", "query"])
def test_a_target_that_is_too_long_is_refused(documented: httpx.Client, target: bytes) -> None:
    assert send_request(documented, target + b"x" * 70_000)[0] == 414
    assert goes_on(documented)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/v1/" + b"x" * 60_000, 404),
        (b"/v1/customer/sessions/" + b"1" * 60_000 + b"/log", 404),
        (LOG.encode() + b"?a=" + b"x" * 60_000, 200),
        (LOG.encode() + b"?" + b"per_page=7&" * 5_000, 200),
    ],
    ids=["path", "id", "query", "many parameters"],
)
def test_a_very_long_url_gets_a_response(
    documented: httpx.Client, target: bytes, status: int
) -> None:
    assert send_request(documented, target)[0] == status


@pytest.mark.parametrize(
    "length", [b"-1", b"abc", b"", b"1.5", b"0x5", b"5, 6", b"99999999999999999999999"]
)
def test_a_content_length_that_is_none_is_refused(documented: httpx.Client, length: bytes) -> None:
    status, _ = send_request(documented, LOG.encode(), b"Content-Length: " + length, body=b"{}")

    assert status == 400
    assert goes_on(documented)


def test_length_and_chunks_at_once_are_refused(documented: httpx.Client) -> None:
    # What one server takes for a body and another for the next request can be smuggled past one.
    status, _ = send_request(
        documented,
        LOG.encode(),
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        body=b"0\r\n\r\n",
    )

    assert status == 400
    assert goes_on(documented)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01garbage\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
        b"POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n",
    ],
    ids=["bytes", "no target", "version", "lower", "method", "TLS", "bad chunk", "bad header"],
)
def test_malformed_http_is_refused_and_the_server_continues(
    documented: httpx.Client, data: bytes
) -> None:
    assert send(documented, data).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert goes_on(documented)


@pytest.fixture(scope="module")
def small_server() -> Iterator[str]:
    """The URL of a server that takes bodies of up to 100 bytes."""
    with run_in_thread(Settings(port=0, scenario="documented", body_limit=100)) as url:
        yield url


@pytest.fixture
def small(small_server: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of `small_server`, in a sandbox of its own."""
    headers = {"X-Mock-Sandbox": f"test-{id(request.node)}"}
    with httpx.Client(base_url=small_server, headers=headers, verify=False) as client:
        yield client


def entry_of(size: int) -> bytes:
    """A body of so many bytes that creates an entry."""
    return b'{"action_type":"ENTERED"}'.ljust(size)


def test_a_body_of_the_limit_is_taken_and_one_more_byte_is_not(small: httpx.Client) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}

    assert small.post(LOG, headers=headers, content=entry_of(100)).status_code == 200
    refused = small.post(LOG, headers=headers, content=entry_of(101))
    assert (refused.status_code, refused.content) == (413, TOO_LARGE)
    assert small.get(LOG, headers=BEARER).json()["data"]["total"] == 3


def test_a_body_in_chunks_is_counted_too(small: httpx.Client) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}

    def chunks(number: int) -> Iterator[bytes]:
        yield entry_of(50)
        for _ in range(number):
            yield b" " * 25

    assert small.post(LOG, headers=headers, content=chunks(2)).status_code == 200
    refused = small.post(LOG, headers=headers, content=chunks(3))
    assert (refused.status_code, refused.content) == (413, TOO_LARGE)
    assert small.get(LOG, headers=BEARER).json()["data"]["total"] == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOG, TOO_LARGE),
        ("/v1/nope", TOO_LARGE),
        ("/api/sessionLogs/list", b'{"success":false,"message":"Request body too large."}'),
        ("/api/v1/cap/change_logs.json", b'{"error":"Request body too large"}'),
        ("/ekranapi/sessions", b'{"message":"Request body too large"}'),
        (
            "/nope",
            b'{"type":"about:blank","title":"Request Entity Too Large","status":413,'
            b'"detail":"Request body too large"}',
        ),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_anything_else(
    small: httpx.Client, path: str, body: bytes
) -> None:
    response = small.request("GET", path, content=b"x" * 101)

    assert response.status_code == 413
    # Python 3.13 learned the newer name of the status.
    assert response.content.replace(b"Content Too Large", b"Request Entity Too Large") == body
    assert response.headers["connection"] == "close"


def test_the_announced_length_is_enough_to_refuse(small: httpx.Client) -> None:
    # The body never comes: a server that waited for it would not response.
    status, body = send_request(small, LOG.encode(), b"Content-Length: 1000000", body=b"{")

    assert (status, body) == (413, TOO_LARGE)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 25\r\n\r\n" + b'{"action_type"',
        b"Transfer-Encoding: chunked\r\n\r\n" + b'19\r\n{"action_type":"ENTERED"',
        b"Transfer-Encoding: chunked\r\n\r\n" + b'19\r\n{"action_type":"ENTERED"}\r\n',
        b"Content-Le",
    ],
    ids=["body", "chunk", "last chunk", "head"],
)
def test_a_client_that_goes_half_way_leaves_nothing_behind(
    documented: httpx.Client, head: bytes
) -> None:
    address = (documented.base_url.host, documented.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST " + LOG.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\n"
            b"Content-Type: application/json\r\n"
            b"X-Mock-Sandbox: " + documented.headers["X-Mock-Sandbox"].encode() + b"\r\n" + head
        )

    assert goes_on(documented)


def test_a_client_that_disconnects_early_does_not_stop_the_server(documented: httpx.Client) -> None:
    address = (documented.base_url.host, documented.base_url.port or 0)
    for _ in range(20):
        with socket.create_connection(address, timeout=30) as connection:
            connection.sendall(b"GET " + LOG.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")

    assert goes_on(documented)


def test_pipelined_requests_get_responses_in_order(documented: httpx.Client) -> None:
    head = (
        b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\n"
        b"X-Mock-Sandbox: " + documented.headers["X-Mock-Sandbox"].encode() + b"\r\n"
    )
    body = b'{"action_type":"ENDED"}'
    post = (
        b"POST " + LOG.encode() + head + b"Content-Type: application/json\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
    response = send(
        documented,
        b"".join(
            [
                b"GET " + LOG.encode() + head + b"\r\n",
                post,
                post,
                b"GET /v1/%zz" + head + b"\r\n",
                b"GET " + LOG.encode() + head + b"Connection: close\r\n\r\n",
            ]
        ),
    )

    statuses = [part[:3] for part in response.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"422", b"400", b"200"]
    assert response.count(b'"total":2}') == 1
    assert response.endswith(b'"total":4},"statusCode":200}')


def test_expect_100_continue_gets_100_continue(documented: httpx.Client) -> None:
    address = (documented.base_url.host, documented.base_url.port or 0)
    body = b'{"action_type":"LEFT"}'
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST " + LOG.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Authorization: Bearer token\r\nContent-Type: application/json\r\n"
            b"X-Mock-Sandbox: " + documented.headers["X-Mock-Sandbox"].encode() + b"\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(body)
        response = b"".join(iter(lambda: connection.recv(65536), b""))

    assert response.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.fixture(scope="module")
def limited_server() -> Iterator[str]:
    """The URL of a server that takes 100 bytes, and 2,000 to its control API."""
    settings = Settings(port=0, scenario="documented", body_limit=100, control_body_limit=2_000)
    with run_in_thread(settings) as url:
        yield url


@pytest.fixture
def limited(limited_server: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=limited_server, verify=False) as client:
        yield client


def scenario(length: int) -> bytes:
    """A scenario in so many bytes."""
    start = b"name: long\ndescription: "
    return start + b"x" * (length - len(start))


def test_the_control_api_takes_more_than_the_vendors(limited: httpx.Client) -> None:
    yaml = {"Content-Type": "application/yaml"}

    def load(length: int) -> int:
        response = limited.post("/__mock__/load", headers=yaml, content=scenario(length))
        return response.status_code

    assert [load(length) for length in (101, 2_000, 2_001)] == [200, 200, 413]
    prefixed = limited.post("/__sandbox__/x/__mock__/load", headers=yaml, content=scenario(2_000))
    assert prefixed.status_code == 200


@pytest.mark.parametrize("make_content", [bytes, lambda body: iter([body])])
@pytest.mark.parametrize(
    ("method", "path", "limit", "option"),
    [
        ("PUT", "snapshots/x/file", 2_000, "--control-body-limit"),
        ("POST", "checks/reports", 100, "--body-limit"),
    ],
)
def test_a_413_of_the_control_api_says_which_option_sets_the_limit(
    limited: httpx.Client,
    method: str,
    path: str,
    limit: int,
    option: str,
    make_content: Callable[[bytes], Any],
) -> None:
    content = make_content(b"x" * (limit + 1))
    response = limited.request(method, f"/__mock__/{path}", content=content)

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    detail = f"The body is larger than {limit} bytes; {option} sets this limit"
    assert response.json()["detail"] == detail
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", LOG),
        ("POST", "/api/sessionLogs/list"),
        ("GET", "/ekranapi/sessions"),
        ("POST", "/nope"),
        ("POST", "/__mocks__/load"),
        ("POST", "/__mock__"),
        # Whoever can be anybody gets no more than a vendor's client does.
        ("GET", "/__mock__/health"),
        ("GET", "/__mock__/ready"),
        ("GET", "/__mock__/apis"),
        ("GET", "/__mock__/docs/calwe"),
        ("POST", "/__mock__/nope"),
        ("DELETE", "/__mock__/clock"),
    ],
)
def test_authorised_requests_have_the_larger_body_limit(
    limited: httpx.Client, method: str, path: str
) -> None:
    assert limited.request(method, path, content=b"x" * 101).status_code == 413
    assert limited.request(method, path, content=b"x" * 100).status_code != 413
    # It may come in chunks, without a Content-Length.
    pieces = iter([b"x" * 60, b"x" * 60])
    assert limited.request(method, path, content=pieces).status_code == 413


def test_a_body_in_pieces_is_counted_for_the_control_api_too(limited: httpx.Client) -> None:
    yaml = {"Content-Type": "application/yaml"}
    whole = scenario(2_000)
    for content, status in (
        ([whole[:900], whole[900:]], 200),
        ([whole[:900], whole[900:], b"x"], 413),
    ):
        response = limited.post("/__mock__/load", headers=yaml, content=iter(content))
        assert response.status_code == status
