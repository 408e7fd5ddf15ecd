"""The bridge: a WSGI app called from ASGI, inline, with nothing lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver.apis import load
from mockserver.contract import Request
from mockserver.server.bridge import Bridge, HandlerResolver, make_operation_key
from mockserver.server.services import CALL, Call

Sent = list[dict[str, Any]]


def call(app: Callable[..., Any], body: bytes = b"", **scope: Any) -> Sent:
    """The messages that the bridge sends for one request."""
    sent: Sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    whole = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        **scope,
    }
    asyncio.run(Bridge(app)(whole, receive, send))  # type: ignore[arg-type]
    return sent


def test_the_request_reaches_the_app_whole() -> None:
    def echo(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Method", environ["REQUEST_METHOD"])])
        return [environ["QUERY_STRING"].encode(), b"|", environ["wsgi.input"].read()]

    start, body = call(echo, "سجل".encode(), method="PUT", query_string=b"a=%D8%A3&a=")

    assert start["status"] == 200
    assert (b"x-method", b"PUT") in start["headers"]
    assert body["body"] == b"a=%D8%A3&a=|" + "سجل".encode()


def test_flask_gets_the_path_template_of_an_operation() -> None:
    api = load(["calwe"])["calwe"]
    operation = api.contract.operation("listSessionLogs")
    operation_call = Call(api, operation, Request("GET", "/"), {}, {}, "http://x/")

    def echo(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        assert environ[CALL] in (operation_call, None)
        return [environ["PATH_INFO"].encode("latin-1")]

    path = "/v1/customer/sessions//أ/log"
    assert call(echo, path=path)[1]["body"] == path.encode()
    _, body = call(echo, path=path, **{CALL: operation_call})
    assert body["body"] == b"/v1/customer/sessions/{id}/log"


@pytest.mark.parametrize(
    "id", ["%2F", "a%2Fb", "%2E%2E", "%3Cid%3E", "%7Bid%7D", "x%20y", "%D8%A3", "%F0%9F%98%80"]
)
def test_an_operation_is_found_for_any_path_value(client: httpx.Client, id: str) -> None:
    path = f"/v1/customer/sessions/{id}/log"
    response = client.get(path, headers={"Authorization": "Bearer t"})

    # With a slash it is another path; with anything else a session that is not there.
    message = "المسار المطلوب غير موجود" if "%2F" in id else "لم يتم العثور على الجلسة"
    assert (response.status_code, response.json()["message"]) == (404, message)


def test_chunks_become_one_body_with_its_length() -> None:
    def chunks(_: Any, start_response: Any) -> Iterator[bytes]:
        start_response("201 CREATED", [("Content-Type", "text/plain")])
        yield b"one"
        yield b""
        yield b"two"

    start, body = call(chunks)

    assert start["status"] == 201
    assert dict(start["headers"]) == {b"content-type": b"text/plain", b"content-length": b"6"}
    assert body["body"] == b"onetwo"


class Closing:
    """Chunks that know whether they were closed, and may fail."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"x"
        if self.error:
            raise self.error

    def close(self) -> None:
        self.is_closed = True


def test_the_chunks_of_the_app_are_closed() -> None:
    chunks = Closing(None)

    def app(_: Any, start_response: Any) -> Closing:
        start_response("200 OK", [])
        return chunks

    call(app)
    assert chunks.is_closed


def test_chunks_that_fail_are_closed_and_nothing_is_sent() -> None:
    chunks = Closing(ValueError("half-way"))

    def app(_: Any, start_response: Any) -> Closing:
        start_response("200 OK", [])
        return chunks

    with pytest.raises(ValueError, match="half-way"):
        call(app)
    assert chunks.is_closed


def test_a_status_without_a_body_has_no_length() -> None:
    def app(_: Any, start_response: Any) -> list[bytes]:
        start_response("204 NO CONTENT", [("Allow", "GET")])
        return []

    start, body = call(app)

    assert (start["status"], start["headers"]) == (204, [(b"allow", b"GET")])
    assert body["body"] == b""


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
def test_a_request_with_upgrade_gets_http_1_1(client: httpx.Client, protocol: str) -> None:
    upgrade = {"Upgrade": protocol, "Connection": "Upgrade"}
    assert client.get("/ekranapi/sessions", headers=upgrade).status_code == 200
    log = client.get(
        "/v1/customer/sessions/1/log", headers={**upgrade, "Authorization": "Bearer t"}
    )
    assert log.status_code == 200
    assert client.get("/__mock__/health", headers=upgrade).status_code == 200


class Operation:
    """What Connexion passes to a resolver, as far as ours reads it."""

    def __init__(self, operation_id: str) -> None:
        self.operation_id = operation_id


@pytest.mark.parametrize(
    ("name", "operation", "key"),
    [
        ("calwe", "listSessionLogs", "calwe.listSessionLogs"),
        ("autozod", "listAgentSessionLogs", "autozod.listAgentSessionLogs"),
        ("avaamo", "listChangeLogs", "avaamo.listChangeLogs"),
        ("ekran", "listSessions", "ekran.listSessions"),
    ],
)
def test_an_operation_is_resolved_under_a_name_of_its_own(
    name: str, operation: str, key: str
) -> None:
    api = load([name])[name]
    resolution = HandlerResolver(api).resolve(Operation(operation))

    assert resolution.operation_id == make_operation_key(api, operation) == key
    assert callable(resolution.function)


def test_every_operation_responds_with_its_documented_success(documented: httpx.Client) -> None:
    headers = {"Authorization": "Bearer token", "access-token": "token"}
    responses = {
        "/v1/customer/sessions/1/log": "current_page",
        "/v1/coach/sessions/1/log": "current_page",
        "/api/sessionLogs/list?team_id=1&agent_id=68a6d35049a09719b70539b4"
        "&start_date=21-08-2025&end_date=21-08-2025": "daily_breakdown",
        "/api/v1/cap/change_logs.json": "time_token",
        "/ekranapi/sessions": "clientGuid",
    }

    for path, word in responses.items():
        response = documented.get(path, headers=headers)
        assert response.status_code == 200
        assert word in response.text
    for side in ("customer", "coach"):
        path = f"/v1/{side}/sessions/1/log"
        response = documented.post(path, headers=headers, json={"action_type": "LEFT"})
        assert response.status_code == 200


def test_a_response_without_a_body_has_no_content_type(documented: httpx.Client) -> None:
    documented.post("/__mock__/reset")
    documented.post("/__mock__/snapshots", json={"name": "one"})
    response = documented.delete("/__mock__/snapshots/one")

    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert "content-length" not in response.headers


def test_a_response_in_bytes_is_sent_unchanged(documented: httpx.Client) -> None:
    documented.post("/__mock__/reset")
    documented.post("/__mock__/snapshots", json={"name": "one"})
    response = documented.get("/__mock__/snapshots/one/file")

    assert response.headers["content-type"] == "application/json"
    assert response.content.startswith(b'{"format":"mockserver-snapshot","version":1,')
    assert response.content.endswith(b"\n]}\n]}\n")
