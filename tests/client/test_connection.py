"""How requests are sent, and the errors where no proper response comes back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from mockserver.client import Client
from mockserver.client.connection import Content, check_url, encode_json, encode_target
from mockserver.errors import (
    ClientError,
    ProblemError,
    ProblemFault,
    UnexpectedResponseError,
    UnreachableError,
)

Responding = Callable[..., tuple[Client, list[httpx.Request]]]
Listening = Callable[[bytes | None], str]

INFO = {
    "version": "1.2.3",
    "apis": ["calwe"],
    "scenario": "default",
    "seed": 1,
    "limits": {"body": 1, "control_body": 2, "sandboxes": 3, "snapshots": 4, "idle": 5},
}
PROBLEM = "application/problem+json"
STRANGE = "What listens on http://mock:4010 does not respond like a mock server: GET /__mock__/info"
HINT = "Give the URL that 'mockserver serve' printed when it started."


# What is sent


def test_the_sandbox_and_the_token_go_with_every_request(responding: Responding) -> None:
    client, requests = responding(INFO, sandbox="case-17", token="secret")
    client.get_info()
    assert requests[0].headers["x-mock-sandbox"] == "case-17"
    assert requests[0].headers["authorization"] == "Bearer secret"


def test_without_a_sandbox_and_a_token_no_header_names_one(responding: Responding) -> None:
    client, requests = responding(INFO)
    client.get_info()
    assert "x-mock-sandbox" not in requests[0].headers
    assert "authorization" not in requests[0].headers


def test_a_name_of_any_letters_is_sent_for_the_server_to_validate(responding: Responding) -> None:
    client, requests = responding(INFO, sandbox="حالة", token="\udcff")
    client.get_info()
    assert (b"X-Mock-Sandbox", "حالة".encode()) in requests[0].headers.raw
    assert (b"Authorization", b"Bearer \xed\xb3\xbf") in requests[0].headers.raw


def test_a_server_below_a_path_gets_requests_there() -> None:
    requests: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(str(request.url))
        return httpx.Response(200, json=INFO)

    with Client("https://mock/below/", transport=httpx.MockTransport(respond)) as client:
        client.get_info()
    assert requests == ["https://mock/below/__mock__/info"]


def test_proxies_of_the_environment_are_not_used(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    body = b'{"status": "ready"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n"
    with Client(listening(head + body)) as client:
        client.wait_until_ready()


def test_what_no_header_can_carry_is_refused_and_not_repeated(listening: Listening) -> None:
    with (
        Client(listening(b""), token="secret\n") as client,
        pytest.raises(ClientError) as raised,
    ):
        client.get_info()
    assert str(raised.value) == (
        "The sandbox's name or the token has a character that no HTTP header can carry."
    )


def test_a_name_too_long_for_a_url_is_refused(responding: Responding) -> None:
    client, _ = responding(INFO)
    with pytest.raises(ClientError, match="That cannot be requested: URL"):
        client.get_scenario("x" * 100_000)


def test_a_closed_client_is_an_error(responding: Responding) -> None:
    client, _ = responding(INFO)
    client.close()
    with pytest.raises(ClientError) as raised:
        client.get_info()
    assert str(raised.value) == "This client is closed; make another."


# No response


def test_no_server_gives_an_error_that_says_how_to_start_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(UnreachableError) as raised,
    ):
        client.get_info()
    assert str(raised.value) == (
        f"http://127.0.0.1:{port} cannot be connected to: Connection refused. "
        f"Start a server with 'mockserver serve --port {port}', or give the URL of one that runs."
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 64 + ".invalid"])
def test_a_host_that_does_not_exist_cannot_be_connected_to(host: str) -> None:
    with Client(f"http://{host}:4010") as client, pytest.raises(UnreachableError) as raised:
        client.get_info()
    assert str(raised.value).startswith(f"http://{host}:4010 cannot be connected to: ")
    assert str(raised.value).endswith(
        ". Start a server with 'mockserver serve', or give the URL of one that runs."
    )


def test_a_server_that_hangs_ends_in_a_timeout(listening: Listening) -> None:
    with (
        Client(url := listening(None), timeout=0.1) as client,
        pytest.raises(UnreachableError) as raised,
    ):
        client.get_info()
    assert str(raised.value).startswith(f"{url} did not respond within 0.1 seconds; it may")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (
            b"",
            "Remote end closed connection without response; if it speaks HTTPS, its URL begins "
            "with https",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
            "IncompleteRead(1 bytes read, 8 more expected)",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "illegal status line 'SSH-2.0-OpenSSH_9.2'"),
    ],
    ids=["nothing", "half", "no HTTP"],
)
def test_a_connection_that_is_cut(listening: Listening, sent: bytes, reason: str) -> None:
    with Client(url := listening(sent)) as client, pytest.raises(UnreachableError) as raised:
        client.get_info()
    assert str(raised.value).startswith(f"{url} gave no whole response: {reason}. Start a server")


def test_tls_where_none_is_spoken_cannot_be_connected_to(listening: Listening) -> None:
    url = listening(b"HTTP/1.1 400 Bad Request\r\n\r\n").replace("http:", "https:")
    with (
        Client(url) as client,
        pytest.raises(UnreachableError, match="cannot be connected to: "),
    ):
        client.get_info()


def test_no_trace_of_the_library_below_is_left(listening: Listening) -> None:
    with Client(listening(b"")) as client, pytest.raises(UnreachableError) as raised:
        client.get_info()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


# Not a mock server


@pytest.mark.parametrize(
    ("status", "type", "body", "got"),
    [
        (200, "text/html; charset=utf-8", b"<html>", "200 and 'text/html'"),
        (200, "", b"", "200 and no content type"),
        (404, "text/html", b"<html>", "404 and 'text/html'"),
        (404, "application/json", b"{}", "404 and 'application/json'"),
        (500, "text/plain", b"Internal Server Error", "500 and 'text/plain'"),
        (401, "application/json", b'{"detail": "no"}', "401 and 'application/json'"),
        (304, "", b"", "304 and no content type"),
    ],
)
def test_a_response_of_another_server_is_described(
    responding: Responding, status: int, type: str, body: bytes, got: str
) -> None:
    client, _ = responding(body, status=status, type=type)
    with pytest.raises(UnexpectedResponseError) as raised:
        client.get_info()
    assert str(raised.value) == f"{STRANGE} got {got}. {HINT}"


def test_a_redirect_is_not_followed(responding: Responding) -> None:
    client, requests = responding(b"", status=302, headers={"Location": "https://login.example/"})
    with pytest.raises(UnexpectedResponseError) as raised:
        client.get_info()
    assert str(raised.value) == (
        f"{STRANGE} got 302 and a redirect to 'https://login.example/'. {HINT}"
    )
    assert len(requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b'{"version": "1.2', b"\xff", b"[" * 100_000, b'{"a": \x01}'],
    ids=["empty", "half", "no UTF-8", "deep", "control character"],
)
@pytest.mark.parametrize(("status", "type"), [(200, "application/json"), (500, PROBLEM)])
def test_broken_json_is_an_error(
    responding: Responding, status: int, type: str, body: bytes
) -> None:
    client, _ = responding(body, status=status, type=type)
    with pytest.raises(UnexpectedResponseError) as raised:
        client.get_info()
    assert str(raised.value).startswith(f"{STRANGE} got {status} and JSON that is broken: ")


def test_an_undecodable_body_is_an_error(listening: Listening) -> None:
    url = listening(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 4\r\n\r\nnone"
    )
    with Client(url) as client, pytest.raises(UnexpectedResponseError) as raised:
        client.get_info()
    assert str(raised.value).startswith(f"{url} sent what cannot be decoded: ")
    assert str(raised.value).endswith(f". {HINT}")


def test_a_field_that_is_missing_is_named(responding: Responding) -> None:
    client, _ = responding({**INFO, "limits": {"body": 1}})
    with pytest.raises(UnexpectedResponseError) as raised:
        client.get_info()
    assert str(raised.value) == (
        "The response to GET /__mock__/info is not what this client expects at 'limits': object "
        "missing required field `control_body`. Server and client may be of different versions."
    )


@pytest.mark.parametrize("body", [{}, {"sandboxes": None}, {"sandboxes": {}}, []])
def test_a_list_that_is_none_is_named(responding: Responding, body: object) -> None:
    client, _ = responding(body)
    with pytest.raises(UnexpectedResponseError, match="GET /__mock__/sandboxes is not what"):
        client.list_sandboxes()


# The server refuses


def test_a_refusal_has_the_status_and_the_sentence_of_the_server(responding: Responding) -> None:
    body = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is none."}
    client, _ = responding(body, status=404, type=f"{PROBLEM}; charset=utf-8")
    with pytest.raises(ProblemError) as raised:
        client.get_info()
    assert raised.value.status == 404
    assert raised.value.title == "Not Found"
    assert raised.value.detail == "There is none."
    assert raised.value.errors == ()
    assert str(raised.value) == "There is none."


def test_everything_wrong_stands_on_a_line_of_its_own(responding: Responding) -> None:
    errors = [
        {"file": "mine.yaml", "line": 3, "field": "apis.calwe", "reason": "it is no text"},
        {"file": "mine.yaml", "line": 4, "reason": "it is empty"},
        {"field": "/body/name", "reason": "it is too long", "value": "xx", "contract": "#/x"},
        {"reason": "it is wrong", "colour": "red"},
    ]
    body = {"detail": "The scenario is wrong.", "errors": errors}
    client, _ = responding(body, status=422, type=PROBLEM)
    with pytest.raises(ProblemError) as raised:
        client.get_info()
    assert str(raised.value) == (
        "The scenario is wrong.\n"
        "mine.yaml:3: apis.calwe: it is no text\n"
        "mine.yaml:4: it is empty\n"
        "/body/name: it is too long\n"
        "it is wrong"
    )
    assert raised.value.errors[2] == ProblemFault(
        "it is too long", field="/body/name", value="xx", contract="#/x"
    )


def test_a_refusal_without_a_sentence_is_none_of_a_mock_server(responding: Responding) -> None:
    client, _ = responding({"title": "Teapot"}, status=418, type=PROBLEM)
    with pytest.raises(UnexpectedResponseError, match="missing required field `detail`"):
        client.get_info()


# How a request is encoded


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010"),
        ("http://127.0.0.1:4010/", "http://127.0.0.1:4010"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://mock.example/below/here/", "https://mock.example/below/here"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_the_url_of_a_server(given: str, url: str) -> None:
    assert check_url(given) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:4010",
        "127.0.0.1",
        "http://",
        "ftp://mock",
        "http://mock:65536",
        "http://mock:0",
    ],
)
def test_an_invalid_url_of_a_server_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ClientError) as raised:
        check_url(url)
    assert str(raised.value) == (
        f"'{url}' is not the URL of a server. Write it like http://127.0.0.1:4010."
    )


def test_an_invalid_url_is_refused() -> None:
    with pytest.raises(ClientError, match="'http://mock:many' is no URL: Invalid port: 'many'"):
        check_url("http://mock:many")


@pytest.mark.parametrize(
    "url",
    ["http://a:secret@mock", "http://mock/?a=b", "http://mock#top", "http://mock?", "http://mock#"],
)
def test_a_url_with_more_than_a_place_is_refused_and_its_secret_not_repeated(url: str) -> None:
    with pytest.raises(ClientError) as raised:
        check_url(url)
    assert str(raised.value) == (
        "The URL of a server has no '?', '#' and '@' in it. Write it like http://127.0.0.1:4010."
    )


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("session", "/session"),
        ("a/b", "/a%2Fb"),
        ("..", "/%2E%2E"),
        (".", "/%2E"),
        (".a", "/.a"),
        ("a b+c", "/a%20b%2Bc"),
        ("?#%", "/%3F%23%25"),
        ("جلسة", "/%D8%AC%D9%84%D8%B3%D8%A9"),
        ("\ud800", "/%ED%A0%80"),
        ("\n", "/%0A"),
    ],
)
def test_a_name_is_one_part_of_the_path_whatever_is_in_it(name: str, segment: str) -> None:
    assert encode_target((name,), {}) == segment


def test_an_empty_name_is_refused_without_a_request() -> None:
    with pytest.raises(ClientError, match="A name is empty"):
        encode_target(("sandboxes", ""), {})


def test_a_query_is_written_without_what_is_not_given() -> None:
    query = {"owner": "a b", "to": None, "where": ["x=1&2", "y=ن"], "page": 2, "limit": 0}
    assert encode_target(("state",), query) == (
        "/state?owner=a%20b&where=x%3D1%262&where=y%3D%D9%86&page=2&limit=0"
    )
    assert encode_target(("state",), {"where": []}) == "/state"


def test_json_keeps_its_letters() -> None:
    assert encode_json({"a": "جلسة"}) == Content('{"a": "جلسة"}'.encode(), "application/json")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2025, 8, 21, 14, 30, tzinfo=UTC), b'"2025-08-21T14:30:00+00:00"'),
        (
            datetime(2025, 8, 21, 14, 30, 0, 5, timezone(timedelta(hours=3))),
            b'"2025-08-21T14:30:00.000005+03:00"',
        ),
        (timedelta(days=-1, milliseconds=1), b"-86399.999"),
        (MappingProxyType({"a": MappingProxyType({"b": (1, None)})}), b'{"a": {"b": [1, null]}}'),
    ],
)
def test_moments_durations_and_mappings_are_written_too(value: Any, text: bytes) -> None:
    assert encode_json(value).data == text


def test_a_datetime_without_a_zone_is_refused_because_python_and_the_server_differ_on_it() -> None:
    with pytest.raises(ClientError) as raised:
        encode_json({"at": datetime(2025, 8, 21, 14, 30)})
    assert str(raised.value) == (
        "That cannot be written as JSON: the datetime 2025-08-21T14:30:00 has no time zone; "
        "give it one, such as tzinfo=UTC."
    )


def _endless() -> Mapping[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = value
    return value


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x", Path("x"), {(1, 2): 3}, _endless()])
def test_values_that_json_cannot_express_are_refused(value: Any) -> None:
    with pytest.raises(ClientError, match=r"^That cannot be written as JSON: "):
        encode_json(value)


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("http://127.0.0.1:4010", "mockserver serve"),
        ("https://127.0.0.1:4010", "mockserver serve --https"),
        ("http://127.0.0.1:9/team/mock", "mockserver serve --port 9 --base-path /team/mock"),
        ("https://127.0.0.1:9/mock", "mockserver serve --port 9 --https --base-path /mock"),
    ],
)
def test_a_server_that_is_not_there_can_be_started_with_a_command(url: str, command: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = Client(url, transport=httpx.MockTransport(fail))
    with client, pytest.raises(UnreachableError) as caught:
        client.get_info()

    assert str(caught.value) == (
        f"{url} cannot be connected to: refused. Start a server with '{command}', or give the URL "
        "of one that runs."
    )
