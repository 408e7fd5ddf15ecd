"""The journal over HTTP: what is in an entry, what is redacted, and when it is there."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

LOG = "/v1/customer/sessions/1/log"
TOKEN = "Zq8-secret-token-41"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def app(documented: httpx.Client) -> Iterator[httpx.Client]:
    """A client with a credential, in a sandbox of its own."""
    documented.headers.update(BEARER)
    yield documented


def read(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get("/__mock__/journal", params=query).raise_for_status()
    entries: list[dict[str, Any]] = response.json()["entries"]
    return entries


def lines(client: httpx.Client, **query: Any) -> list[str]:
    return [f"{it['status']} {it['method']} {it['path']}" for it in read(client, **query)]


def test_an_entry_is_what_the_client_sent_and_saw(app: httpx.Client) -> None:
    response = app.post(f"{LOG}?x=1", json={"action_type": "ENTERED"})
    (entry,) = read(app)
    assert entry["method"] == "POST"
    assert (entry["path"], entry["query"]) == (LOG, "x=1")
    assert (entry["api"], entry["operation"]) == ("calwe", "createSessionLog")
    assert entry["status"] == 200
    assert json.loads(entry["request"]["body"]) == {"action_type": "ENTERED"}
    assert entry["response"]["body"] == response.text
    assert entry["response"]["size"] == len(response.content)
    assert entry["world_at"] == "2025-08-21T14:30:00Z"
    assert entry["evidence"] == "documented"
    assert entry["source"] == "handler"
    assert entry["sandbox"] == app.headers["X-Mock-Sandbox"]
    assert ["authorization", "Bearer ***"] in entry["request"]["headers"]
    assert ["content-type", "application/json"] in entry["response"]["headers"]
    changes = [(it["kind"], it["change"]) for it in entry["changes"]]
    assert changes == [("entry", "added")]


def test_requests_of_no_operation_and_refused_ones_are_there(app: httpx.Client) -> None:
    app.get("/vi/forgotten")
    app.delete(LOG)
    app.get(f"{LOG}?per_page=%zz")
    app.request("HEAD", LOG)
    assert lines(app) == [
        "404 GET /vi/forgotten",
        f"405 DELETE {LOG}",
        f"400 GET {LOG}",
        f"200 HEAD {LOG}",
    ]


def test_requests_to_the_mock_itself_are_not_there(app: httpx.Client) -> None:
    app.get(LOG)
    app.get("/__mock__/clock")
    app.get("/__mock__/nothing")
    assert lines(app) == [f"200 GET {LOG}"]


def test_what_a_browser_requests_of_the_mock_itself_is_not_there(app: httpx.Client) -> None:
    assert app.get("/").status_code == 200
    assert app.head("/").status_code == 200
    icon = app.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
    assert app.get("/.well-known/appspecific/com.chrome.devtools.json").status_code == 404
    # These are none of a browser, and may be those of an app with a wrong base URL.
    app.post("/")
    app.get("/favicon.icon")
    assert lines(app) == ["405 POST /", "404 GET /favicon.icon"]


def test_each_sandbox_has_a_journal_of_its_own(app: httpx.Client) -> None:
    app.get(LOG)
    name = app.headers["X-Mock-Sandbox"]
    httpx.get(f"{app.base_url}/__sandbox__/{name}/by-path", verify=False)
    httpx.get(f"{app.base_url}/other", verify=False)
    assert lines(app) == [f"200 GET {LOG}", "404 GET /by-path"]


def test_a_reset_leaves_the_journal_and_clearing_it_leaves_the_world(app: httpx.Client) -> None:
    app.post(LOG, json={"action_type": "ENTERED"})
    app.post("/__mock__/reset").raise_for_status()
    assert lines(app) == [f"200 POST {LOG}"]
    app.post(LOG, json={"action_type": "ENTERED"})
    assert app.delete("/__mock__/journal").status_code == 204
    assert lines(app) == []
    assert app.get(LOG).json()["data"]["total"] == 3


def test_a_deleted_sandbox_has_no_journal(app: httpx.Client) -> None:
    app.get(LOG)
    name = app.headers["X-Mock-Sandbox"]
    app.delete(f"/__mock__/sandboxes/{name}").raise_for_status()
    app.get(LOG)
    assert lines(app) == [f"200 GET {LOG}"]


def test_violations_are_in_the_entry(app: httpx.Client) -> None:
    app.get(LOG)
    app.post(f"{LOG}", json={"action_type": "NOTHING"})
    (entry,) = read(app, violations=True)
    (violation,) = entry["violations"]
    assert violation["location"] == "/request/body/action_type"
    assert violation["keyword"] == "enum"
    assert violation["evidence"] == "documented"
    assert violation["rule"].startswith("#/components/schemas/")
    assert violation["message"].startswith('"NOTHING" is not one of "ENTERED"')


def test_entries_are_filtered(app: httpx.Client) -> None:
    app.get(LOG)
    app.post(LOG, json={"action_type": "NOTHING"})
    app.get("/nothing")
    assert lines(app, operation="listSessionLogs") == [f"200 GET {LOG}"]
    assert lines(app, operation="calwe.createSessionLog") == [f"422 POST {LOG}"]
    assert lines(app, status="4XX") == [f"422 POST {LOG}", "404 GET /nothing"]
    assert lines(app, status=404) == ["404 GET /nothing"]
    assert lines(app, limit=1) == ["404 GET /nothing"]


@pytest.mark.one_process  # others may write in another order
def test_a_reader_goes_on_after_an_id(app: httpx.Client) -> None:
    app.get(LOG)
    app.get("/nothing")
    first = read(app)[0]["id"]
    assert lines(app, after=first, limit=1) == ["404 GET /nothing"]


def test_an_unknown_operation_or_sandbox_is_a_404(app: httpx.Client) -> None:
    app.get(LOG)
    response = app.get("/__mock__/journal?operation=listSesionLogs")
    assert response.status_code == 404
    assert response.json()["detail"] == (
        "There is no operation 'listSesionLogs'; did you mean 'listSessionLogs'?"
    )
    headers = {"X-Mock-Sandbox": app.headers["X-Mock-Sandbox"] + "x"}
    assert app.get("/__mock__/journal", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        (f"{LOG}?access_token={TOKEN}", {}, None),
        (LOG, {"X-Api-Key": TOKEN}, None),
        (LOG, {"Cookie": f"sid={TOKEN}"}, None),
        (LOG, {"Referer": f"https://a.example/?jwt={TOKEN}"}, None),
        (
            LOG,
            {"Authorization": "Basic " + base64.b64encode(f"me:{TOKEN}".encode()).decode()},
            None,
        ),
        (LOG, {**BEARER, "X-Note": f"it is {TOKEN}"}, None),
        (LOG, {**BEARER, "X-Note": base64.b64encode(TOKEN.encode()).decode()}, None),
        (f"/{TOKEN}/x", BEARER, None),
        (f"{LOG}?a={TOKEN}", BEARER, None),
        (LOG, BEARER, json.dumps({"action_type": TOKEN}).encode()),
        (LOG, {}, json.dumps({"password": TOKEN}).encode()),
        (LOG, {"Content-Type": "application/x-www-form-urlencoded"}, f"token={TOKEN}".encode()),
        (LOG, BEARER, b"\xff\xfe" + TOKEN.encode()),
    ],
    ids=str,
)
def test_no_secret_is_in_the_journal(
    client: httpx.Client, target: str, headers: dict[str, str], body: bytes | None
) -> None:
    client.request("POST" if body else "GET", target, headers=headers, content=body)
    (entry,) = read(client)
    text = json.dumps(entry, ensure_ascii=False)
    assert TOKEN not in text
    if entry["request"].get("is_base64"):
        assert base64.b64decode(entry["request"]["body"]) == b"\xff\xfe***"
    assert base64.b64encode(TOKEN.encode()).decode() not in text


def test_a_secret_at_the_end_of_a_truncated_body_is_not_shown_in_part(
    client: httpx.Client,
) -> None:
    body = "x" * (16_384 - 10) + TOKEN + "y" * 10_000
    client.post(LOG, content=body, headers={**BEARER, "Content-Type": "text/plain"})
    (entry,) = read(client)
    message = entry["request"]
    assert message["is_truncated"]
    assert message["size"] == 16_374 + len(TOKEN) + 10_000
    assert message["body"][-10:] == "***yyyyyyy"
    assert len(message["body"]) == 16_384


def test_a_sentence_on_a_long_value_is_cut_and_shows_no_secret(client: httpx.Client) -> None:
    action = "x" * 1_995 + TOKEN + "y" * 100_000
    client.post(LOG, json={"action_type": action}, headers=BEARER)
    (entry,) = read(client)
    (violation,) = entry["violations"]
    assert len(violation["message"]) == 2_001
    assert violation["message"].endswith("…")
    assert TOKEN[:4] not in violation["message"]


def test_long_bodies_are_truncated(start: Callable[..., httpx.Client]) -> None:
    client = start(journal_body=10)
    client.post(LOG, content="ا" * 10, headers=BEARER)
    response = client.get("/ekranapi/sessions", headers={"ApiKey": "k"})
    first, second = read(client)
    assert first["request"]["body"] == "ا" * 10
    assert first["request"]["size"] == 20
    assert first["request"]["is_truncated"]
    assert second["response"]["body"] == response.text[:10]


def test_without_a_journal_there_is_none_and_nothing_is_explained(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(journal=0)
    assert "x-mock-why" not in client.get("/nothing").headers
    assert client.get("/__mock__/journal").json() == {"kept": 0, "total": 0, "entries": []}


def test_only_a_response_that_is_no_success_names_its_explanation(app: httpx.Client) -> None:
    assert "x-mock-why" not in app.get(LOG).headers
    url = app.get("/v1/customer/sessions/99/log").headers["x-mock-why"]
    name = app.headers["X-Mock-Sandbox"]
    assert url.startswith(f"{app.base_url}/__mock__/journal/".replace("//__", "/__"))
    assert name not in url  # by the header, not by the path
    assert app.get(url).status_code == 200


def test_the_explanation_is_of_the_sandbox_in_the_path(app: httpx.Client) -> None:
    base = f"/__sandbox__/{app.headers['X-Mock-Sandbox']}"
    url = app.get(f"{base}/v1/customer/sessions/99/log").headers["x-mock-why"]
    assert base in url
    assert app.get(url).status_code == 200


def test_a_browser_may_read_the_header(app: httpx.Client) -> None:
    response = app.get("/nothing", headers={"Origin": "http://app.test"})
    assert response.status_code == 404
    assert response.headers["access-control-allow-origin"] == "*"
    assert "X-Mock-Why" in response.headers["access-control-expose-headers"]


def test_a_client_that_leaves_has_an_entry(
    app: httpx.Client, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    address = urlsplit(str(app.base_url))
    name = app.headers["X-Mock-Sandbox"]
    head = (
        f"POST {LOG} HTTP/1.1\r\nHost: a\r\nX-Mock-Sandbox: {name}\r\nContent-Length: 100\r\n\r\n{{"
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode())
    app.get(LOG)
    eventually(lambda: f"0 POST {LOG}" in lines(app))


def test_entries_are_there_when_the_response_is_there_with_several_workers(
    spawn: Callable[..., Any],
) -> None:
    server = spawn("--workers", "2")
    for number in range(60):
        # A connection for each request, so that both processes get some.
        httpx.get(
            f"{server.client.base_url}/v1/customer/sessions/1/log?page={number + 1}",
            headers=BEARER,
            verify=False,
        )
        response = server.client.post(
            "/__mock__/journal/verify", json={"query": {"page": str(number + 1)}, "times": 1}
        )
        assert response.status_code == 202, response.text
    writers = {entry["id"].partition("-")[0] for entry in read(server.client)}
    assert len(writers) == 2


def test_a_stream_of_summaries_has_each_exchange_of_several_workers_once(
    spawn: Callable[..., Any],
) -> None:
    server = spawn("--workers", "2")
    base = str(server.client.base_url)

    def send() -> None:
        for number in range(60):
            # A connection for each request, so that both processes get some.
            httpx.get(f"{base}/{number}", headers=BEARER, verify=False)

    streamed: list[dict[str, Any]] = []
    with server.client.stream("GET", "/__mock__/journal/stream?summary=true") as response:
        sending = Thread(target=send)
        for line in response.iter_lines():
            if line.startswith(":") and not sending.ident:
                sending.start()
            if line.startswith("data: "):
                streamed.append(json.loads(line.removeprefix("data: ")))
            if len(streamed) == 60:
                break
    sending.join()
    assert {it["path"] for it in streamed} == {f"/{number}" for number in range(60)}
    assert len({it["id"].partition("-")[0] for it in streamed}) == 2
    after = streamed[29]["id"]
    rest = read(server.client, summary=True, after=after)
    assert [it["id"] for it in rest] == [it["id"] for it in streamed[30:]]


def test_the_journal_of_a_named_store_outlives_the_server(
    spawn: Callable[..., Any], tmp_path: Any
) -> None:
    store = str(tmp_path / "worlds.sqlite")
    first = spawn("--store", store)
    first.client.get(LOG, headers=BEARER)
    assert first.stop()[0] == 0
    second = spawn("--store", store)
    assert lines(second.client) == [f"200 GET {LOG}"]


def test_a_killed_server_loses_no_more_than_the_last_moment(
    spawn: Callable[..., Any], tmp_path: Any
) -> None:
    store = str(tmp_path / "worlds.sqlite")
    first = spawn("--store", store)
    first.client.get(LOG, headers=BEARER)
    assert len(read(first.client)) == 1  # who reads has it written
    with suppress(ProcessLookupError):
        os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(timeout=60)
    second = spawn("--store", store)
    assert lines(second.client) == [f"200 GET {LOG}"]


def test_a_broken_journal_is_reported_at_the_start(
    spawn: Callable[..., Any], tmp_path: Any
) -> None:
    (tmp_path / "worlds.sqlite-exchanges").write_bytes(b"no database" * 1000)
    with pytest.raises(AssertionError):
        spawn("--store", str(tmp_path / "worlds.sqlite"))
