"""What can happen on the way to a server, and the sentence that is said of it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import pytest

from mockserver.client import Client
from mockserver.errors import (
    ClientError,
    ProblemError,
    ProblemFault,
    UnexpectedAnswerError,
    UnreachableError,
)

Answering = Callable[..., tuple[Client, list[httpx.Request]]]
Listening = Callable[[bytes | None], str]

INFO = {
    "version": "1.2.3",
    "apis": ["calwe"],
    "scenario": "default",
    "seed": 1,
    "limits": {"body": 1, "control_body": 2, "sandboxes": 3, "snapshots": 4, "idle": 5},
}
PROBLEM = "application/problem+json"
STRANGE = "What listens on http://mock:4010 does not answer like a mock server: GET /__mock__/info"
HINT = "Give the URL that 'mockserver serve' printed when it started."


# What is sent


def test_the_sandbox_and_the_token_go_with_every_request(answering: Answering) -> None:
    client, asked = answering(INFO, sandbox="case-17", token="secret")
    client.info()
    assert asked[0].headers["x-mock-sandbox"] == "case-17"
    assert asked[0].headers["authorization"] == "Bearer secret"


def test_without_a_sandbox_and_a_token_no_header_names_one(answering: Answering) -> None:
    client, asked = answering(INFO)
    client.info()
    assert "x-mock-sandbox" not in asked[0].headers
    assert "authorization" not in asked[0].headers


def test_a_name_of_any_letters_is_sent_for_the_server_to_judge(answering: Answering) -> None:
    client, asked = answering(INFO, sandbox="حالة", token="\udcff")
    client.info()
    assert (b"X-Mock-Sandbox", "حالة".encode()) in asked[0].headers.raw
    assert (b"Authorization", b"Bearer \xed\xb3\xbf") in asked[0].headers.raw


def test_a_server_below_a_path_is_asked_there() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=INFO)

    with Client("https://mock/below/", transport=httpx.MockTransport(answer)) as client:
        client.info()
    assert asked == ["https://mock/below/__mock__/info"]


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
        client.info()
    assert str(raised.value) == (
        "The sandbox's name or the token has a character that no HTTP header can carry."
    )


def test_a_name_too_long_for_a_url_is_refused(answering: Answering) -> None:
    client, _ = answering(INFO)
    with pytest.raises(ClientError, match="That cannot be asked for: URL"):
        client.scenario("x" * 100_000)


def test_a_closed_client_says_so(answering: Answering) -> None:
    client, _ = answering(INFO)
    client.close()
    with pytest.raises(ClientError) as raised:
        client.info()
    assert str(raised.value) == "This client is closed; make another."


# Nobody answers


def test_where_nobody_listens_it_says_how_to_start_a_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(UnreachableError) as raised,
    ):
        client.info()
    assert str(raised.value) == (
        f"http://127.0.0.1:{port} cannot be connected to: Connection refused. "
        f"Start a server with 'mockserver serve --port {port}', or give the URL of one that runs."
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 64 + ".invalid"])
def test_a_host_that_does_not_exist_cannot_be_connected_to(host: str) -> None:
    with Client(f"http://{host}:4010") as client, pytest.raises(UnreachableError) as raised:
        client.info()
    assert str(raised.value).startswith(f"http://{host}:4010 cannot be connected to: ")
    assert str(raised.value).endswith(
        ". Start a server with 'mockserver serve', or give the URL of one that runs."
    )


def test_a_server_that_hangs_is_waited_for_no_longer_than_was_said(listening: Listening) -> None:
    with (
        Client(url := listening(None), timeout=0.1) as client,
        pytest.raises(UnreachableError) as raised,
    ):
        client.info()
    assert str(raised.value).startswith(f"{url} did not answer within 0.1 seconds; it may")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "Server disconnected without sending a response"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
            "peer closed connection without sending complete message body (received 1 bytes, "
            "expected 9)",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "illegal status line: bytearray(b'SSH-2.0-OpenSSH_9.2')"),
    ],
    ids=["nothing", "half", "no HTTP"],
)
def test_a_connection_that_is_cut(listening: Listening, sent: bytes, reason: str) -> None:
    with Client(url := listening(sent)) as client, pytest.raises(UnreachableError) as raised:
        client.info()
    assert str(raised.value).startswith(f"{url} gave no whole answer: {reason}. Start a server")


def test_tls_where_none_is_spoken_cannot_be_connected_to(listening: Listening) -> None:
    url = listening(b"HTTP/1.1 400 Bad Request\r\n\r\n").replace("http:", "https:")
    with (
        Client(url) as client,
        pytest.raises(UnreachableError, match="cannot be connected to: "),
    ):
        client.info()


def test_no_trace_of_the_library_below_is_left(listening: Listening) -> None:
    with Client(listening(b"")) as client, pytest.raises(UnreachableError) as raised:
        client.info()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


# Somebody else answers


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
def test_what_is_no_answer_of_a_mock_server_is_said_as_it_is(
    answering: Answering, status: int, type: str, body: bytes, got: str
) -> None:
    client, _ = answering(body, status=status, type=type)
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.info()
    assert str(raised.value) == f"{STRANGE} got {got}. {HINT}"


def test_a_redirect_is_not_followed(answering: Answering) -> None:
    client, asked = answering(b"", status=302, headers={"Location": "https://login.example/"})
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.info()
    assert str(raised.value) == (
        f"{STRANGE} got 302 and a redirect to 'https://login.example/'. {HINT}"
    )
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b'{"version": "1.2', b"\xff", b"[" * 100_000, b'{"a": \x01}'],
    ids=["empty", "half", "no UTF-8", "deep", "control character"],
)
@pytest.mark.parametrize(("status", "type"), [(200, "application/json"), (500, PROBLEM)])
def test_broken_json_is_said_to_be_broken(
    answering: Answering, status: int, type: str, body: bytes
) -> None:
    client, _ = answering(body, status=status, type=type)
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.info()
    assert str(raised.value).startswith(f"{STRANGE} got {status} and JSON that is broken: ")


def test_what_cannot_be_decoded_is_said_to_be_so(listening: Listening) -> None:
    url = listening(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 4\r\n\r\nnone"
    )
    with Client(url) as client, pytest.raises(UnexpectedAnswerError) as raised:
        client.info()
    assert str(raised.value).startswith(f"{url} sent what cannot be decoded: ")
    assert str(raised.value).endswith(f". {HINT}")


def test_an_answer_that_lacks_something_names_it(answering: Answering) -> None:
    client, _ = answering({**INFO, "limits": {"body": 1}})
    with pytest.raises(UnexpectedAnswerError) as raised:
        client.info()
    assert str(raised.value) == (
        "The answer of GET /__mock__/info is not what this client expects at "
        "'/limits/control_body': it is missing. Server and client may be of different versions."
    )


@pytest.mark.parametrize("body", [{}, {"sandboxes": None}, {"sandboxes": {}}, []])
def test_a_list_that_is_none_is_named(answering: Answering, body: object) -> None:
    client, _ = answering(body)
    with pytest.raises(UnexpectedAnswerError, match="GET /__mock__/sandboxes is not what"):
        client.sandboxes()


# The server refuses


def test_a_refusal_has_the_status_and_the_sentence_of_the_server(answering: Answering) -> None:
    body = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is none."}
    client, _ = answering(body, status=404, type=f"{PROBLEM}; charset=utf-8")
    with pytest.raises(ProblemError) as raised:
        client.info()
    assert raised.value.status == 404
    assert raised.value.title == "Not Found"
    assert raised.value.detail == "There is none."
    assert raised.value.errors == ()
    assert str(raised.value) == "There is none."


def test_everything_wrong_stands_on_a_line_of_its_own(answering: Answering) -> None:
    errors = [
        {"file": "mine.yaml", "line": 3, "field": "apis.calwe", "reason": "it is no text"},
        {"file": "mine.yaml", "line": 4, "reason": "it is empty"},
        {"field": "/body/name", "reason": "it is too long", "value": "xx", "contract": "#/x"},
        {"reason": "it is wrong", "colour": "red"},
    ]
    body = {"detail": "The scenario is wrong.", "errors": errors}
    client, _ = answering(body, status=422, type=PROBLEM)
    with pytest.raises(ProblemError) as raised:
        client.info()
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


def test_a_refusal_without_a_sentence_is_none_of_a_mock_server(answering: Answering) -> None:
    client, _ = answering({"title": "Teapot"}, status=418, type=PROBLEM)
    with pytest.raises(UnexpectedAnswerError, match="at '/detail': it is missing"):
        client.info()
