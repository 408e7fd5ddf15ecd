"""Dispatch: sandbox, credential, request validated, response validated, all in one transaction."""

from __future__ import annotations

import socket
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from mockserver.apis.calwe import model, wire
from mockserver.contract import Validator
from mockserver.errors import Refusal

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
JSON = {**BEARER, "Content-Type": "application/json"}
LOG = "/v1/customer/sessions/1/log"
NOT_JSON = (
    '{"success":false,"message":"نوع محتوى الطلب غير مدعوم، يجب إرسال الطلب بصيغة JSON",'
    '"data":null,"statusCode":415}'
).encode()
ENDED = (
    '{"success":false,"message":"لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",'
    '"data":null,"statusCode":422}'
).encode()
ENTRY = b'{"action_type":"ENTERED"}'


def actions(client: httpx.Client, **headers: str) -> list[str]:
    response = client.get(f"{LOG}?per_page=1000", headers={**BEARER, **headers})
    assert response.status_code == 200, response.text
    return [entry["action_type"] for entry in response.json()["data"]["data"]]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/vnd.api+json",
        "application/jsonx",
        "json",
        "garbage",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_content_type_is_a_415(
    documented: httpx.Client, content_type: str | None
) -> None:
    headers = dict(BEARER) if content_type is None else {**BEARER, "Content-Type": content_type}

    response = documented.post(LOG, headers=headers, content=ENTRY)

    assert (response.status_code, response.content) == (415, NOT_JSON)
    assert actions(documented) == ["ENTERED", "LEFT"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;",
    ],
)
def test_json_is_taken_however_its_type_is_written(
    documented: httpx.Client, content_type: str
) -> None:
    headers = {**BEARER, "Content-Type": content_type}

    assert documented.post(LOG, headers=headers, content=ENTRY).status_code == 200


def test_the_credential_is_checked_before_the_content_type(documented: httpx.Client) -> None:
    response = documented.post(LOG, headers={"Content-Type": "text/plain"}, content=b"x")

    assert response.status_code == 401


def test_a_response_names_its_sandbox_and_seed(documented: httpx.Client) -> None:
    response = documented.get(LOG, headers={**BEARER, "X-Mock-Sandbox": "a-World_1.0"})

    assert response.headers["x-mock-sandbox"] == "a-World_1.0"
    assert response.headers["x-mock-seed"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "evidence"),
    [
        ("GET", LOG, BEARER, 200, "documented"),
        ("GET", LOG, {}, 401, "related"),
        ("GET", "/v1/customer/sessions/999/log", BEARER, 404, "documented"),
        ("GET", f"{LOG}?page=0", BEARER, 422, "assumed"),
        ("POST", LOG, JSON, 422, "documented"),
        ("GET", "/v1/coach/sessions/1/log", BEARER, 200, "related"),
        ("GET", "/v1/coach/sessions/999/log", BEARER, 404, "related"),
        ("GET", "/api/sessionLogs/list", BEARER, 422, "assumed"),
        ("GET", "/api/v1/cap/change_logs.json", BEARER, 200, "documented"),
        ("GET", "/api/v1/cap/change_logs.json", {}, 401, "assumed"),
        ("GET", "/ekranapi/sessions", {}, 200, "documented"),
    ],
)
def test_a_response_names_its_evidence(
    documented: httpx.Client,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    evidence: str,
) -> None:
    response = documented.request(method, path, headers=headers)

    assert (response.status_code, response.headers["x-mock-evidence"]) == (status, evidence)


def test_writes_in_a_sandbox_are_not_visible_in_others(documented: httpx.Client) -> None:
    one, two, three = ({"X-Mock-Sandbox": f"separate-{n}"} for n in (1, 2, 3))
    documented.post(LOG, headers={**BEARER, **one}, json={"action_type": "ENDED"})
    documented.post(LOG, headers={**BEARER, **two}, json={"action_type": "CANCELLED"})

    before = ["ENTERED", "LEFT"]
    assert actions(documented) == before
    assert actions(documented, **one) == [*before, "ENDED", "SESSION_PERIOD"]
    assert actions(documented, **two) == [*before, "CANCELLED", "SESSION_PERIOD"]
    assert actions(documented, **three) == before


def test_names_of_sandboxes_differ_by_case(documented: httpx.Client) -> None:
    documented.post(
        LOG, headers={**BEARER, "X-Mock-Sandbox": "cased"}, json={"action_type": "LEFT"}
    )

    assert len(actions(documented, **{"X-Mock-Sandbox": "cased"})) == 3
    assert len(actions(documented, **{"X-Mock-Sandbox": "CASED"})) == 2


def test_without_a_name_it_is_the_default_sandbox(start: Any) -> None:
    client = start(scenario="documented")
    client.post(LOG, headers=BEARER, json={"action_type": "LEFT"})

    assert client.get(LOG, headers=BEARER).headers["x-mock-sandbox"] == "default"
    assert len(actions(client, **{"X-Mock-Sandbox": "default"})) == 3
    assert len(actions(client, **{"X-Mock-Sandbox": "other"})) == 2


@pytest.mark.parametrize(
    "name",
    ["a b", "a/b", "../x", "@documented", "a,b", "x" * 65, "a;b", "a%20b", "ä".encode(), b"\xff"],
)
@pytest.mark.parametrize(
    ("path", "key"),
    [
        (LOG, "message"),
        ("/api/sessionLogs/list", "message"),
        ("/api/v1/cap/change_logs.json", "error"),
        ("/ekranapi/sessions", "message"),
    ],
)
def test_a_name_that_no_sandbox_can_have_is_a_400_in_the_vendor_s_shape(
    documented: httpx.Client, path: str, key: str, name: str | bytes
) -> None:
    value = name if isinstance(name, bytes) else name.encode()
    response = documented.get(
        path, headers={b"X-Mock-Sandbox": value, b"Authorization": b"Bearer x"}
    )

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json()[key]


def test_the_longest_name_is_taken(documented: httpx.Client) -> None:
    response = documented.get(LOG, headers={**BEARER, "X-Mock-Sandbox": "x" * 64})

    assert response.status_code == 200


def test_of_twenty_that_end_a_session_at_once_one_succeeds(documented: httpx.Client) -> None:
    together = Barrier(20)

    def end(_: int) -> tuple[int, bytes]:
        with httpx.Client(
            base_url=documented.base_url, headers=documented.headers, verify=False
        ) as client:
            together.wait(30)
            response = client.post(LOG, headers=BEARER, json={"action_type": "ENDED"})
            return response.status_code, response.content

    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(end, range(20)))

    assert Counter(status for status, _ in responses) == {200: 1, 422: 19}
    assert {body for status, body in responses if status == 422} == {ENDED}
    assert actions(documented) == ["ENTERED", "LEFT", "ENDED", "SESSION_PERIOD"]


def test_twenty_that_open_the_same_new_sandbox_find_one_world(documented: httpx.Client) -> None:
    together = Barrier(20)

    def write(_: int) -> int:
        with httpx.Client(base_url=documented.base_url, headers=BEARER, verify=False) as client:
            together.wait(30)
            headers = {"X-Mock-Sandbox": "opened-at-once"}
            return client.post(LOG, headers=headers, json={"action_type": "LEFT"}).status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(write, range(20))) == [200] * 20

    found = actions(documented, **{"X-Mock-Sandbox": "opened-at-once"})
    assert found == ["ENTERED", "LEFT", *["LEFT"] * 20]


def test_a_response_that_breaks_the_contract_is_a_500(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    saved = wire.envelope_saved

    def broken(*arguments: Any) -> dict[str, Any]:
        body = saved(*arguments)
        return {**body, "data": {**body["data"], "date": "14:30"}}

    with monkeypatch.context() as patched:
        patched.setattr(wire, "envelope_saved", broken)
        response = documented.post(LOG, headers=BEARER, json={"action_type": "ENDED"})

    assert response.status_code == 500
    assert list(response.json()) == ["success", "message", "data", "statusCode"]
    assert response.json()["statusCode"] == 500
    assert "/response/body/data/date" in response.json()["message"]
    assert "/response/body/data/date" in caplog.text
    assert actions(documented) == ["ENTERED", "LEFT"]
    assert documented.post(LOG, headers=BEARER, json={"action_type": "LEFT"}).status_code == 200


def test_a_refusal_that_breaks_the_contract_is_a_500(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(wire, "SESSION_ENDED", "لا يمكنك")
        documented.post(LOG, headers=BEARER, json={"action_type": "ENDED"})
        response = documented.post(LOG, headers=BEARER, json={"action_type": "LEFT"})

    assert response.status_code == 500
    assert "/response/body" in response.json()["message"]


def test_a_key_too_many_breaks_the_contract(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = wire.paginate

    with monkeypatch.context() as patched:
        patched.setattr(wire, "paginate", lambda *a, **k: {**listed(*a, **k), "debug": 1})
        response = documented.get(LOG, headers=BEARER)

    assert response.status_code == 500
    assert "debug" in response.json()["message"]


def test_an_undocumented_status_is_a_500(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise Refusal(418, {"success": False})

    with monkeypatch.context() as patched:
        patched.setattr(model, "page_entries", refuse)
        response = documented.get(LOG, headers=BEARER)

    assert response.status_code == 500
    assert "/response/status" in response.json()["message"]


def test_a_refusal_by_the_handler_undoes_what_it_wrote(
    documented: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = model.append_entry

    def write_and_refuse(*arguments: Any) -> Any:
        append(*arguments)
        raise wire.refuse(422, wire.SESSION_ENDED)

    with monkeypatch.context() as patched:
        patched.setattr(model, "append_entry", write_and_refuse)
        response = documented.post(LOG, headers=BEARER, json={"action_type": "LEFT"})

    assert (response.status_code, response.content) == (422, ENDED)
    assert actions(documented) == ["ENTERED", "LEFT"]


def listed_path(client: httpx.Client, host: bytes) -> tuple[int, str]:
    """The status of a list requested from this host, and the path that its paginator has."""
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"GET " + LOG.encode() + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n"
            b"Authorization: Bearer token\r\n\r\n"
        )
        response = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    found = body.decode().partition('"path":"')[2].partition('"')[0]
    return int(head.split(b" ")[1]), found


@pytest.mark.parametrize(
    "host",
    ["example.com", "example.com:8443", "localhost", "192.0.2.1:80", "[::1]:4010", "a-b_c.example"],
)
def test_urls_are_built_from_the_host_of_the_request(documented: httpx.Client, host: str) -> None:
    found = listed_path(documented, f"Host: {host}\r\n".encode())

    assert found == (200, f"http://{host}{LOG}")


@pytest.mark.parametrize(
    "host",
    [
        b"Host: evil.example/?x=1\r\n",
        b"Host: a?b\r\n",
        b"Host: a#b\r\n",
        b'Host: a"b\r\n',
        b"Host: a b\r\n",
        b"Host: user@evil.example\r\n",
        b"Host: a\\b\r\n",
        b"Host: <script>\r\n",
        b"Host: \xff\r\n",
        b"Host: \xd8\xa3.example\r\n",
        b"Host: %0A\r\n",
        b"Host:\r\n",
        b"Host: a..b\r\n",
        b"Host: ...\r\n",
        b"Host: " + b"x" * 64 + b"\r\n",
        b"Host: " + b"x" * 60_000 + b"\r\n",
        b"Host: " + b"a." * 130 + b"\r\n",
        b"Host: :\r\n",
        b"Host: ::::\r\n",
        b"Host: [\r\n",
        b"Host: a:b\r\n",
        b"Host: a:99999999\r\n",
    ],
    ids=lambda host: repr(host[:40]),
)
def test_a_host_that_is_none_gives_way_to_the_server_s_own(
    documented: httpx.Client, host: bytes
) -> None:
    own = f"http://127.0.0.1:{documented.base_url.port}{LOG}"

    assert listed_path(documented, host) == (200, own)


def test_on_ipv6_the_server_s_own_address_stands_in_brackets(start: Any) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    client = start(scenario="documented", host="::1")
    address = ("::1", client.base_url.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"GET " + LOG.encode() + b" HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n"
            b"Authorization: Bearer token\r\n\r\n"
        )
        response = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert f'"path":"http://[::1]:{address[1]}{LOG}"' in response


def test_a_storm_of_bad_requests_changes_nothing(documented: httpx.Client) -> None:
    good = [
        (LOG, BEARER),
        ("/v1/coach/sessions/1/log", BEARER),
        (
            "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
            "&start_date=21-08-2025&end_date=21-08-2025",
            BEARER,
        ),
        ("/api/v1/cap/change_logs.json", BEARER),
        ("/ekranapi/sessions", {}),
    ]
    before = [documented.get(path, headers=headers).content for path, headers in good]

    statuses = []
    for path in (LOG, "/v1/customer/sessions/999/log", "/v1/coach/sessions/1/log"):
        for body in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 10_000, b'{"action_type":"X"}'):
            for headers in ({}, BEARER, JSON, {**JSON, "Authorization": "Bearer invalid"}):
                response = documented.post(path, headers=headers, content=body)
                statuses.append(response.status_code)
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for path, headers in good[2:]:
            response = documented.request(
                method, path, headers=headers, json={"action_type": "ENDED"}
            )
            statuses.append(response.status_code)
    for path, headers in good:
        for rest in ("%00", "/nope", "?page=0", "?per_page=x", "?start=x&end=x"):
            statuses.append(documented.get(path + rest, headers=headers).status_code)

    assert max(statuses) < 500
    assert {401, 404, 405, 415, 422, 400} <= set(statuses)
    assert [documented.get(path, headers=headers).content for path, headers in good] == before


def put_on(client: httpx.Client, *mutations: str) -> None:
    for mutation in mutations:
        assert client.put(f"/__mock__/mutations/{mutation}").status_code == 200


def test_a_write_that_a_mutation_undoes_is_not_stored(documented: httpx.Client) -> None:
    put_on(documented, "calwe.createSessionLog.lose-write")

    response = documented.post(LOG, headers=JSON, content=ENTRY)

    assert (response.status_code, response.json()["data"]["action_type"]) == (200, "ENTERED")
    assert actions(documented) == ["ENTERED", "LEFT"]


def test_a_mutation_may_call_an_operation_twice(documented: httpx.Client) -> None:
    put_on(documented, "calwe.createSessionLog.double-write")

    assert documented.post(LOG, headers=JSON, content=ENTRY).status_code == 200
    assert actions(documented) == ["ENTERED", "LEFT", "ENTERED", "ENTERED"]


def test_several_mutations_change_one_response(documented: httpx.Client) -> None:
    put_on(
        documented,
        "calwe.listSessionLogs.off-by-one:/data/total",
        "calwe.listSessionLogs.drop-property:/message",
        "calwe.listSessionLogs.reversed:/data/data",
    )

    body = documented.get(LOG, headers=BEARER).json()

    assert list(body) == ["success", "data", "statusCode"]
    assert body["data"]["total"] == 3
    assert [row["action_type"] for row in body["data"]["data"]] == ["LEFT", "ENTERED"]


def test_a_mutated_response_names_its_sandbox_and_its_length(
    documented: httpx.Client,
) -> None:
    put_on(documented, "calwe.listSessionLogs.as-html:404")

    response = documented.get("/v1/customer/sessions/none/log", headers=BEARER)

    assert (response.status_code, response.headers["content-type"]) == (
        404,
        "text/html; charset=utf-8",
    )
    assert response.text == "<!DOCTYPE html><html><body><h1>404</h1></body></html>"
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers["x-mock-sandbox"] == documented.headers["X-Mock-Sandbox"]


def test_a_refusal_beneath_a_mutation_is_the_vendor_s(documented: httpx.Client) -> None:
    put_on(
        documented, "calwe.createSessionLog.double-write", "calwe.createSessionLog.skip-security"
    )

    ended = documented.post(LOG, headers=JSON, content=b'{"action_type":"ENDED"}')
    assert ended.status_code == 200
    # The second of the two requests was refused: the session had ended.
    assert actions(documented) == ["ENTERED", "LEFT", "ENDED", "SESSION_PERIOD"]
    refused = documented.post(LOG, headers={"Content-Type": "application/json"}, content=ENTRY)
    assert (refused.status_code, refused.content) == (422, ENDED)


def test_a_mutated_response_to_head_has_no_body(documented: httpx.Client) -> None:
    put_on(documented, "calwe.listSessionLogs.off-by-one:/data/total")

    response = documented.head(LOG, headers=BEARER)

    assert (response.status_code, response.content) == (200, b"")


def test_a_mutation_for_which_another_has_left_nothing_changes_nothing(
    documented: httpx.Client,
) -> None:
    put_on(
        documented,
        "calwe.listSessionLogs.drop-property:/message",
        "calwe.listSessionLogs.encoded-twice:/message",
        "calwe.listSessionLogs.null:/data",
    )
    put_on(documented, "calwe.listSessionLogs.off-by-one:/data/total")

    response = documented.get(LOG, headers=BEARER)

    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "data": None, "statusCode": 200},
    )


def test_a_request_is_validated_before_it_has_the_lock_of_the_store(
    run_server: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, validate = tmp_path / "store.sqlite", Validator.validate_request
    validated: list[str] = []

    def validate_while_others_write(self: Validator, *arguments: Any) -> Any:
        with closing(sqlite3.connect(path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        validated.append(arguments[0].id)
        return validate(self, *arguments)

    monkeypatch.setattr(Validator, "validate_request", validate_while_others_write)
    with run_server(store=path) as url, httpx.Client(base_url=url, headers=JSON) as client:
        assert client.post(LOG, content=ENTRY).status_code == 200
    assert validated == ["createSessionLog"]
