"""Faults on the wire: what a client sees of them, and what others never notice."""

from __future__ import annotations

import gc
import json
import random
import shutil
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from mockserver.sandbox import Sandboxes
from mockserver.server.http1 import Http1Protocol
from mockserver.store import FileStore, Store
from mockserver.store.postgres import PostgresStore

GIVEN = Path(__file__).resolve().parents[2] / "check" / "target" / "tls"
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
ORIGIN = {"Origin": "https://app.example"}
ENTRY = {"action_type": "LEFT"}
TWO_ENTRIES = ["ENTERED", "LEFT"]
PATHS = {
    "autozod": "/api/sessionLogs/list",
    "avaamo": "/api/v1/cap/change_logs.json",
    "calwe": LOG,
    "ekran": "/ekranapi/sessions",
}
UNAVAILABLE = {
    "autozod": {"success": False, "message": "Service Unavailable"},
    "avaamo": {"error": "Service Unavailable"},
    "calwe": {
        "success": False,
        "message": "حدث خطأ في الخادم: Service Unavailable",
        "data": None,
        "statusCode": 503,
    },
    "ekran": {"message": "Service Unavailable"},
}


@pytest.fixture
def app(documented: httpx.Client) -> httpx.Client:
    """An app in a sandbox of its own."""
    documented.headers.update(BEARER)
    return documented


def add(client: httpx.Client, effect: dict[str, Any], **match: Any) -> None:
    added = client.post("/__mock__/faults", json={"match": match, "effect": effect})
    assert added.status_code == 201, added.text


def entries(client: httpx.Client) -> list[str]:
    response = client.get(LOG, headers={"X-Plain": "yes"})
    return [entry["action_type"] for entry in response.json()["data"]["data"]]


def connect(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=60)


def format_request(client: httpx.Client, path: str = LOG, *fields: str) -> bytes:
    sandbox = client.headers["x-mock-sandbox"]
    lines = [f"GET {path} HTTP/1.1", "Host: h", f"X-Mock-Sandbox: {sandbox}", *fields]
    return "\r\n".join([*lines, "Authorization: Bearer t", "", ""]).encode()


def exchange(client: httpx.Client, *fields: str) -> tuple[bytes, bool]:
    """What comes over a raw connection until it ends, and whether it ends with a reset."""
    with connect(client) as connection:
        connection.sendall(format_request(client, LOG, *fields))
        return read_to_the_end(connection)


def read_to_the_end(connection: socket.socket) -> tuple[bytes, bool]:
    received = b""
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        return received, True
    return received, False


@pytest.mark.parametrize("name", ["reset", "CONNECTION_RESET_BY_PEER"])
def test_a_connection_is_reset(app: httpx.Client, name: str) -> None:
    add(app, {"connection": name})
    assert exchange(app) == (b"", True)


def test_a_connection_with_tls_is_reset_below_it(run_server: Callable[..., Any]) -> None:
    """TLS would end with an alert, and OpenSSL takes a reset for an end: so the socket is read."""
    pair = {"https_cert": GIVEN / "server.pem", "https_key": GIVEN / "server.key"}
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with (
        run_server(scenario="documented", **pair) as url,
        httpx.Client(base_url=url, verify=False, headers={"X-Mock-Sandbox": "tls"}) as client,
        connect(client) as connection,
    ):
        add(client, {"connection": "reset"})
        tls = context.wrap_bio(incoming, outgoing)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65_536))
            else:
                break
        tls.write(format_request(client))
        connection.sendall(outgoing.read())
        _, is_reset = read_to_the_end(connection)
    assert is_reset


@pytest.mark.parametrize("name", ["empty", "EMPTY_RESPONSE"])
def test_a_connection_is_closed_without_a_byte(app: httpx.Client, name: str) -> None:
    add(app, {"connection": name})
    assert exchange(app) == (b"", False)


@pytest.mark.parametrize("name", ["garbage", "RANDOM_DATA_THEN_CLOSE"])
def test_a_connection_has_garbage_and_is_closed(app: httpx.Client, name: str) -> None:
    add(app, {"connection": name}, first=1)
    received, is_reset = exchange(app)
    assert (len(received), is_reset) == (256, False)
    assert b"HTTP" not in received
    app.post("/__mock__/reset")
    add(app, {"connection": name}, first=1)
    assert exchange(app) == (received, False)  # by the seed


@pytest.mark.parametrize("name", ["malformed-chunk", "MALFORMED_RESPONSE_CHUNK"])
def test_a_response_has_a_malformed_chunk(app: httpx.Client, name: str) -> None:
    whole = app.get(LOG, headers={"Host": "h"}).content
    add(app, {"connection": name})
    received, is_reset = exchange(app)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\ntransfer-encoding: chunked" in head
    assert b"content-length" not in head
    half = whole[: len(whole) // 2]
    assert body.startswith(b"%x\r\n%b\r\nno-size\r\n" % (len(half), half))
    assert not body.endswith(b"0\r\n\r\n")
    assert not is_reset


def test_a_truncated_body_has_its_length_or_ends_with_the_connection(app: httpx.Client) -> None:
    whole = app.get(LOG, headers={"Host": "h"}).content
    half = whole[: len(whole) // 2]
    add(app, {"truncate": "body"}, headers={"X-Cut": "body"})
    add(app, {"truncate": "connection"}, headers={"X-Cut": "connection"})
    received, _ = exchange(app, "X-Cut: body", "Connection: close")
    assert f"\r\ncontent-length: {len(half)}\r\n".encode() in received
    assert received.partition(b"\r\n\r\n")[2] == half
    received, is_reset = exchange(app, "X-Cut: connection")
    assert f"\r\ncontent-length: {len(whole)}\r\n".encode() in received
    assert received.partition(b"\r\n\r\n")[2] == half
    assert not is_reset
    # The connection goes on after a body that is complete in HTTP's eyes.
    for _ in range(2):
        response = app.get(LOG, headers={"X-Cut": "body"})
        with pytest.raises(json.JSONDecodeError):
            response.json()


def test_a_slow_body_comes_in_pieces_behind_its_head(app: httpx.Client) -> None:
    whole = app.get(LOG, headers={"Host": "h"}).content
    add(app, {"slow": "200ms"}, first=1)
    add(app, {"bytes_per_second": 1_000}, every=2)
    add(app, {"slow": "10m"}, headers={"X-Slow": "*"})
    for _ in range(2):
        received, _ = exchange(app, "Connection: close")
        head, _, body = received.partition(b"\r\n\r\n")
        assert f"\r\ncontent-length: {len(whole)}\r\n".encode() in head
        assert body == whole
    with connect(app) as connection:
        connection.sendall(format_request(app, LOG, "X-Slow: yes"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(65_536)


def test_the_type_of_a_body_is_another(app: httpx.Client) -> None:
    whole = app.get(LOG).content
    add(app, {"content_type": "text/html; charset=utf-8"})
    response = app.get(LOG)
    assert response.headers.get_list("content-type") == ["text/html; charset=utf-8"]
    assert response.content == whole


@pytest.mark.parametrize("vendor", list(PATHS))
def test_an_error_has_the_shape_of_its_api(app: httpx.Client, vendor: str) -> None:
    add(app, {"status": 503, "retry_after": "1.2s"}, api=vendor)
    for path in (PATHS[vendor], f"{PATHS[vendor]}/nothing"):
        response = app.get(path, headers=ORIGIN)
        assert (response.status_code, response.json()) == (503, UNAVAILABLE[vendor])
        assert response.headers["retry-after"] == "2"
        assert response.headers["x-mock-fault"] == "fault-1"
        # A browser shows it to the app.
        assert response.headers["access-control-allow-origin"] == "*"
        exposed = response.headers["access-control-expose-headers"].split(", ")
        assert {"X-Mock-Fault", "Retry-After", "RateLimit-Remaining"} <= {*exposed}
    for other in PATHS.keys() - {vendor}:
        assert app.get(PATHS[other]).status_code != 503


def test_a_head_has_the_faults_of_a_get(app: httpx.Client) -> None:
    add(app, {"status": 503}, method="GET")
    response = app.head(LOG)
    assert (response.status_code, response.content) == (503, b"")
    assert app.post(LOG, json=ENTRY).status_code == 200


@pytest.mark.parametrize("effect", [{"connection": "malformed-chunk"}, {"truncate": "connection"}])
def test_a_head_is_complete_without_the_body_that_would_end_early(
    app: httpx.Client, effect: dict[str, str]
) -> None:
    add(app, effect)
    for _ in range(3):
        response = app.head(LOG)
        assert (response.status_code, response.headers["x-mock-fault"]) == (200, "fault-1")
        assert "content-length" in response.headers


def test_what_a_cut_connection_carried_is_handled_or_not(app: httpx.Client) -> None:
    add(app, {"connection": "reset"}, headers={"X-Lost": "request"})
    add(app, {"connection": "empty", "handled": True}, headers={"X-Lost": "response"})
    for lost, expected in (("request", TWO_ENTRIES), ("response", [*TWO_ENTRIES, "LEFT"])):
        with pytest.raises(httpx.TransportError):
            app.post(LOG, json=ENTRY, headers={"X-Lost": lost})
        assert entries(app) == expected


def test_a_request_is_delivered_twice(app: httpx.Client) -> None:
    add(app, {"duplicate": True}, method="POST")
    response = app.post(LOG, json=ENTRY)
    assert (response.status_code, response.headers["x-mock-fault"]) == (200, "fault-1")
    assert entries(app) == [*TWO_ENTRIES, "LEFT", "LEFT"]
    # Once the session has ended, the same request is refused: that is what the app sees.
    assert app.post(LOG, json={"action_type": "ENDED"}).status_code == 422
    assert entries(app) == [*TWO_ENTRIES, "LEFT", "LEFT", "ENDED", "SESSION_PERIOD"]


def test_a_stale_response_is_the_one_before_it(app: httpx.Client) -> None:
    add(app, {"stale": True}, headers={"X-Cached": "*"})

    def read(path: str = LOG) -> tuple[int, str | None]:
        response = app.get(path, headers={"X-Cached": "yes"})
        return response.json()["data"]["total"], response.headers.get("x-mock-fault")

    assert read() == (2, None)  # there is none before it
    app.post(LOG, json=ENTRY)
    assert read() == (2, "fault-1")
    assert read() == (3, "fault-1")
    app.post(LOG, json=ENTRY)
    assert read(f"{LOG}?page=1") == (4, None)  # another request
    app.post("/__mock__/reset")
    add(app, {"stale": True}, headers={"X-Cached": "*"})
    assert read() == (2, None)  # nothing is left of the world before


def test_a_rate_limit_is_by_the_clock_of_the_world(app: httpx.Client) -> None:
    add(app, {"limit": 2, "per": "1m"})
    first, second, third = (app.get(LOG) for _ in range(3))
    assert [it.status_code for it in (first, second, third)] == [200, 200, 429]
    assert first.headers["ratelimit-remaining"] == "1"
    assert "x-mock-fault" not in first.headers
    assert third.json()["statusCode"] == 429
    told = {
        name: third.headers[name]
        for name in ("retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
    }
    assert told == {
        "retry-after": "30",
        "ratelimit-limit": "2",
        "ratelimit-remaining": "0",
        "ratelimit-reset": "60",
    }
    assert third.headers["x-ratelimit-reset"] == "1755786660"
    app.post("/__mock__/clock/advance", json={"by": "30s"})
    assert [app.get(LOG).status_code for _ in range(2)] == [200, 429]


def test_a_fault_ends_with_its_window_and_with_its_rule(app: httpx.Client) -> None:
    add(app, {"status": 500}, **{"from": "10s", "until": "20s"})
    seen = []
    for _ in range(4):
        seen.append(app.get(LOG).status_code)
        app.post("/__mock__/clock/advance", json={"by": "8s"})
    assert seen == [200, 200, 500, 200]


def test_refusals_and_unknown_paths_are_late_and_say_why(app: httpx.Client) -> None:
    add(app, {"delay": "1ms"})
    for path, status in (("/v1/customer/sessions/99/log", 404), ("/v1/nothing", 404)):
        response = app.get(path)
        assert (response.status_code, response.headers["x-mock-fault"]) == (status, "fault-1")
    refused = app.put(LOG)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert refused.headers["x-mock-fault"] == "fault-1"
    add(app, {"truncate": "body"})
    assert app.get("/v1/nothing").headers["x-mock-fault"] == "fault-1, fault-2"


@pytest.mark.one_process
def test_a_long_delay_holds_nobody_else_and_ends_with_its_client(
    app: httpx.Client, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    add(app, {"delay": "10m"}, headers={"X-Late": "*"})
    late = [connect(app) for _ in range(20)]
    ports = {it.getsockname()[1] for it in late}
    for connection in late:
        # The second request waits for the response to the first.
        connection.sendall(2 * format_request(app, LOG, "X-Late: yes"))

    def matched() -> int:
        number: int = app.get("/__mock__/faults/fault-1").json()["matched"]
        return number

    def is_served() -> bool:
        found = [it for it in gc.get_objects() if isinstance(it, Http1Protocol)]
        busy = {it.client[1] for it in found if it.client and it.tasks and it in it.connections}
        return bool(ports & busy)

    eventually(lambda: matched() == 20)
    # Reads and writes of the same world go on meanwhile.
    assert app.post(LOG, json=ENTRY).status_code == 200
    assert entries(app) == [*TWO_ENTRIES, "LEFT"]
    assert is_served()
    for connection in late:
        connection.close()
    eventually(lambda: not is_served())
    assert matched() == 20


WAITING: dict[str, dict[str, Any]] = {
    "late": {"delay": "10m"},
    "slow": {"slow": "10m"},
    "trickling": {"bytes_per_second": 1},
    "twice": {"duplicate": True, "slow": "10m"},
    "stale": {"stale": True, "slow": "10m"},
    "shortened": {"truncate": "body", "slow": "10m"},
}
"""Faults of which each keeps its client waiting."""


def test_clients_that_wait_hang_up_trickle_or_are_idle_stop_no_others_in_any_world(
    app: httpx.Client, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    for name, effect in WAITING.items():
        rule = {"match": {"headers": {"X-Fault": name}}, "effect": effect}
        assert app.put(f"/__mock__/faults/{name}", json=rule).is_success
    request = format_request(app)
    with ExitStack() as stack:
        idle, trickling, *groups = (
            [stack.enter_context(connect(app)) for _ in range(number)]
            for number in (500, 20, *(6 for _ in WAITING))
        )
        waiting = dict(zip(WAITING, groups, strict=True))
        for name, connections in waiting.items():
            for connection in connections:  # two of them hang up, and two never read
                connection.sendall(format_request(app, LOG, f"X-Fault: {name}"))

        def count() -> list[int]:
            rules = app.get("/__mock__/faults").json()["faults"]
            return [rule["applied"] for rule in rules]

        eventually(lambda: count() == len(WAITING) * [6])
        for connections in waiting.values():
            for connection in connections[:2]:
                connection.close()
        with httpx.Client(base_url=app.base_url, headers=BEARER, verify=False, timeout=60) as other:
            name = f"{app.headers['x-mock-sandbox']}-other"
            other.headers["X-Mock-Sandbox"] = name
            for n in range(20):
                for connection in trickling:
                    connection.sendall(request[n : n + 1])
                for client in (app, other):
                    assert "x-mock-fault" not in client.get(LOG).headers
                # The rules of one world are none of another's, whatever its clients send.
                response = other.get(LOG, headers={"X-Fault": [*WAITING][n % len(WAITING)]})
                assert (response.status_code, "x-mock-fault" in response.headers) == (200, False)
            assert other.post(LOG, json=ENTRY).status_code == 200
            assert entries(other) == [*TWO_ENTRIES, "LEFT"]
        assert entries(app) == TWO_ENTRIES
        # No fault outlives its rule: who still waits is served, and so is who comes now.
        app.delete("/__mock__/faults")
        for connections in waiting.values():
            assert connections[-1].recv(65_536).startswith(b"HTTP/1.1 200 OK")
        for connection in trickling:
            connection.sendall(request[20:])
        for connection in idle[::100]:
            connection.sendall(request)
        for connection in (*trickling, *idle[::100]):
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        assert "x-mock-fault" not in app.get(LOG, headers={"X-Fault": "late"}).headers


@pytest.mark.parametrize("effect", [{"delay": "10m"}, {"slow": "10m"}])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "faults/fault-1", None),
        ("PUT", "faults/fault-1", {"effect": {"status": 503}}),
        ("POST", "reset", None),
    ],
)
def test_who_waits_is_served_when_the_rule_is_gone(
    app: httpx.Client, effect: dict[str, Any], method: str, path: str, body: Any
) -> None:
    add(app, effect)
    with ThreadPoolExecutor() as pool:
        url, headers = f"{app.base_url}{LOG}", dict(app.headers)
        waiting = [pool.submit(httpx.get, url, headers=headers, timeout=60) for _ in range(3)]
        while app.get("/__mock__/faults/fault-1").json()["applied"] < 3:
            pass
        app.request(method, f"/__mock__/{path}", json=body)
        assert [it.result().status_code for it in waiting] == [200, 200, 200]


def test_who_waits_in_one_process_is_served_when_another_deletes_the_rule(
    spawn: Callable[..., Any],
) -> None:
    client = spawn("--workers", "2", "--scenario", "documented").client
    add(client, {"delay": "10m"})
    with ThreadPoolExecutor(8) as pool:
        url = f"{client.base_url}{LOG}"
        waiting = [pool.submit(httpx.get, url, headers=BEARER, timeout=60) for _ in range(8)]
        while client.get("/__mock__/faults/fault-1").json()["applied"] < 8:
            pass
        client.delete("/__mock__/faults")
        assert [it.result().status_code for it in waiting] == 8 * [200]


def test_the_end_of_the_server_does_not_wait_for_a_delay(run_server: Callable[..., Any]) -> None:
    with ThreadPoolExecutor() as pool:
        with (
            run_server(scenario="documented") as url,
            httpx.Client(base_url=url, verify=False) as client,
        ):
            add(client, {"delay": "10m"})
            response = pool.submit(httpx.get, url + LOG, headers=BEARER, timeout=60)
            while not client.get("/__mock__/faults/fault-1").json()["applied"]:
                pass
        assert response.result().status_code == 200


def test_a_cut_connection_had_the_responses_before(app: httpx.Client) -> None:
    add(app, {"connection": "empty"}, headers={"X-Cut": "*"})
    with connect(app) as connection:
        connection.sendall(format_request(app) + format_request(app, LOG, "X-Cut: yes"))
        received, _ = read_to_the_end(connection)
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert received.endswith(b"}")


def test_a_client_that_resets_the_connection_first_is_no_error(
    app: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    add(app, {"connection": "reset", "delay": "50ms"})
    for _ in range(3):
        with connect(app) as connection:
            connection.sendall(format_request(app))
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    with pytest.raises(httpx.ReadError):
        app.get(LOG)
    assert "Internal server error" not in caplog.text


@pytest.mark.parametrize(
    ("effect", "of_httpx", "of_requests", "of_node"),
    [
        ({"connection": "reset"}, httpx.ReadError, requests.ConnectionError, "ECONNRESET"),
        (
            {"connection": "empty"},
            httpx.RemoteProtocolError,
            requests.ConnectionError,
            "UND_ERR_SOCKET",
        ),
        (
            {"connection": "garbage"},
            httpx.RemoteProtocolError,
            requests.ConnectionError,
            "HTTPParserError",
        ),
        (
            {"connection": "malformed-chunk"},
            httpx.RemoteProtocolError,
            requests.exceptions.ChunkedEncodingError,
            "HTTPParserError",
        ),
        (
            {"truncate": "connection"},
            httpx.RemoteProtocolError,
            requests.exceptions.ChunkedEncodingError,
            "UND_ERR_SOCKET",
        ),
    ],
)
def test_clients_report_what_happened(
    app: httpx.Client,
    effect: dict[str, Any],
    of_httpx: type[Exception],
    of_requests: type[Exception],
    of_node: str,
) -> None:
    add(app, effect)
    with pytest.raises(of_httpx):
        app.get(LOG)
    url, headers = f"{app.base_url}{LOG}", {**BEARER, **app.headers}
    headers.pop("accept-encoding", None)
    with pytest.raises(of_requests):
        requests.get(url, headers=headers, timeout=60)
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    if node:
        own = json.dumps({name: app.headers[name] for name in ("authorization", "x-mock-sandbox")})
        script = (
            f"fetch({json.dumps(url)}, {{headers: {own}}}).then(it => it.text())"
            ".then(console.log, error => console.log(error.cause.code ?? error.cause.name))"
        )
        done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == of_node


@pytest.fixture
def flaky() -> list[dict[str, Any]]:
    """Rules that leave much to chance."""
    return [
        {"match": {"percent": 30}, "effect": {"status": 503}},
        {"match": {"every": 4}, "effect": {"status": 500}},
        {"match": {"percent": 20}, "effect": {"connection": "garbage"}},
    ]


def see(url: str, rules: list[dict[str, Any]], seed: int) -> list[Any]:
    """What a client sees of forty requests, one after the other, each over its own connection."""
    seen: list[Any] = []
    with httpx.Client(base_url=url, headers=BEARER, verify=False, timeout=60) as client:
        name = f"flaky-{seed}"
        client.headers["X-Mock-Sandbox"] = name
        client.delete(f"/__mock__/sandboxes/{name}")
        client.post("/__mock__/sandboxes", json={"name": name, "seed": seed})
        for rule in rules:
            client.post("/__mock__/faults", json=rule)
        for _ in range(40):
            received, _ = exchange(client, "Connection: close")
            seen.append(received if b"HTTP" not in received else received[9:12])
    return seen


def test_the_same_seed_rules_and_requests_have_the_same_faults_on_every_server(
    run_server: Callable[..., Any], spawn: Callable[..., Any], flaky: list[dict[str, Any]]
) -> None:
    with run_server(scenario="documented") as one, run_server(scenario="documented") as other:
        first = see(one, flaky, 5)
        assert see(other, flaky, 5) == first
        assert see(one, flaky, 5) == first
        assert see(one, flaky, 6) != first
    assert {b"200", b"500", b"503"} < {*first}
    assert any(len(it) == 256 for it in first)
    # Of several processes, each counts on where the one before it was.
    workers = spawn("--workers", "2", "--scenario", "documented")
    assert see(str(workers.client.base_url), flaky, 5) == first


def test_counters_are_exact_when_requests_come_at_once(
    spawn: Callable[..., Any],
) -> None:
    client = spawn("--workers", "2", "--scenario", "documented").client
    add(client, {"status": 503}, first=7, api="calwe")
    add(client, {"limit": 5, "per": "1d"}, api="ekran")

    def get(path: str) -> int:
        with httpx.Client(base_url=client.base_url, verify=False, timeout=60) as own:
            return own.get(path, headers={**BEARER, "ApiKey": "k"}).status_code

    with ThreadPoolExecutor(8) as pool:
        calwe = [*pool.map(get, 30 * [LOG])]
        ekran = [*pool.map(get, 30 * ["/ekranapi/sessions"])]
    assert (calwe.count(503), calwe.count(200)) == (7, 23)
    assert (ekran.count(429), ekran.count(200)) == (25, 5)


@pytest.fixture
def prefer(app: httpx.Client) -> Iterator[Callable[[str], httpx.Response]]:
    def get(text: str) -> httpx.Response:
        return app.get(LOG, headers={"Prefer": text})

    yield get


def test_a_request_asks_for_its_own_fault(
    app: httpx.Client, prefer: Callable[[str], httpx.Response]
) -> None:
    assert exchange(app, "Prefer: fault=reset") == (b"", True)
    assert exchange(app, "Prefer: fault=EMPTY_RESPONSE") == (b"", False)
    assert len(exchange(app, "Prefer: fault=garbage, delay=1")[0]) == 256
    assert b"no-size" in exchange(app, "Prefer: fault=malformed-chunk")[0]
    with pytest.raises(httpx.ReadError):
        app.get(f"{LOG}?__fault=reset")
    response = prefer("delay=1")
    assert (response.status_code, response.headers["x-mock-fault"]) == (200, "prefer:delay")
    assert response.headers["preference-applied"] == "delay=1"
    response = prefer("delay=1, code=503")
    assert response.status_code == 503
    assert response.headers["preference-applied"] == "code=503, delay=1"
    assert "x-mock-fault" not in prefer("return=minimal").headers
    assert app.get("/__mock__/faults").json() == {"faults": []}


def test_a_rate_is_chosen_by_the_seed(app: httpx.Client) -> None:
    def see_all() -> list[bool]:
        return [exchange(app, "Prefer: fault=empty, rate=40", "Connection: close")[0] == b""
                for _ in range(50)]  # fmt: skip

    first = see_all()
    assert 10 <= sum(first) <= 30
    app.post("/__mock__/reset")
    assert see_all() == first


def test_a_world_without_rules_costs_no_further_transaction(
    app: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []

    def note(open_transaction: Callable[..., Any]) -> Callable[..., Any]:
        def transaction(store: Store, *, writing: bool, **more: Any) -> Any:
            opened.append(writing)
            return open_transaction(store, writing=writing, **more)

        return transaction

    def count(**headers: str) -> tuple[int, int]:
        """How many transactions a GET has that read, and that write."""
        app.get(LOG, headers=headers)
        opened.clear()
        app.get(LOG, headers=headers)
        seen = list(opened)
        return seen.count(False), seen.count(True)

    monkeypatch.setattr(Sandboxes, "clean_up", lambda _: False)  # it is not of a request
    for kind in (FileStore, PostgresStore):
        monkeypatch.setattr(kind, "transaction", note(kind.transaction))
    assert count()[0] == 1
    assert count(Prefer="code=200")[0] == 1
    add(app, {"delay": 0})
    reads, writes = count()
    assert reads == 2
    assert writes >= 1
    app.delete("/__mock__/faults")
    rule = {"match": {"path": "/rare"}, "effect": {"status": 503}}
    assert app.put("/__mock__/faults/rare", json=rule).is_success
    assert count()[0] == 1


def test_an_unknown_path_is_unknown_whatever_its_sandbox_is_called(app: httpx.Client) -> None:
    assert app.get("/v1/nothing", headers={"X-Mock-Sandbox": "*"}).status_code == 404


def _make_effect(chance: random.Random) -> dict[str, Any]:
    alternatives: list[dict[str, Any]] = [
        {"status": chance.randint(400, 599), "retry_after": 1},
        {"limit": chance.randint(1, 3), "per": "1m", "burst": chance.randint(1, 3)},
        {"connection": chance.choice(["reset", "empty", "garbage"]), "handled": True},
        {"connection": "malformed-chunk"},
        {"truncate": chance.choice(["body", "connection"])},
        {"stale": True},
        {"duplicate": True},
        {},
    ]
    more: list[dict[str, Any]] = [
        {"delay": "1ms", "sigma": 1},
        {"delay": "1ms", "delay_max": "2ms"},
        {"slow": "2ms"},
        {"bytes_per_second": 1_000_000},
        {"content_type": "text/plain"},
    ]
    return {**chance.choice(alternatives), **chance.choice(more)}


def test_any_combination_of_faults_can_be_applied(
    app: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20250821)
    for _ in range(60):
        app.delete("/__mock__/faults")
        for _ in range(chance.randint(1, 3)):
            add(app, _make_effect(chance), every=chance.randint(1, 2))
        for method, path in (("GET", LOG), ("HEAD", LOG), ("POST", LOG), ("GET", "/v1/nothing")):
            with suppress(httpx.TransportError):
                response = app.request(method, path, json=ENTRY if method == "POST" else None)
                assert "Internal server error" not in response.text
    app.delete("/__mock__/faults")
    assert app.get(LOG).status_code == 200
    assert [it.getMessage() for it in caplog.records if it.levelname == "ERROR"] == []


def test_the_journal_has_what_was_cut_with_its_operation_and_its_fault(
    app: httpx.Client, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    add(app, {"connection": "reset"}, method="POST")
    with pytest.raises(httpx.ReadError):
        app.post(LOG, json=ENTRY)
    assert exchange(app, "Prefer: fault=empty") == (b"", False)

    def entries() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = app.get("/__mock__/journal").json()["entries"]
        return sorted(found, key=lambda it: it["at"])

    eventually(lambda: len(entries()) == 2)
    assert [(it["operation"], it["status"], it["fault"]) for it in entries()] == [
        ("createSessionLog", 0, "fault-1"),
        ("listSessionLogs", 0, "prefer:empty"),
    ]
