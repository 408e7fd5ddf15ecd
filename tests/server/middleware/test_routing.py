"""Routing: a path is in the contract or it is not; nothing is redirected, merged or guessed."""

from __future__ import annotations

import socket

import httpx
import pytest

BEARER = {"Authorization": "Bearer token"}
LOG = "/v1/customer/sessions/1/log"
NO_SUCH_PATH = (
    '{"success":false,"message":"المسار المطلوب غير موجود","data":null,"statusCode":404}'.encode()
)


def send(client: httpx.Client, target: bytes, method: bytes = b"GET") -> tuple[int, str, bytes]:
    """The status, the content type and the body for a target, sent as it is."""
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            method + b" " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Authorization: Bearer token\r\naccess-token: token\r\nContent-Length: 0\r\n\r\n"
        )
        response = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:])
    return int(head.split(b" ")[1]), lines.get("content-type", ""), body


@pytest.mark.parametrize(
    "target",
    [
        b"/v1",
        b"/v1/",
        b"/v1/nope",
        b"/v1/customer/sessions/1/log/",
        b"/v1/customer/sessions/1/log//",
        b"/v1//customer/sessions/1/log",
        b"/v1/customer//sessions/1/log",
        b"/v1/customer/sessions//log",
        b"/v1/customer/sessions/1//log",
        b"/v1/../v1/customer/sessions/1/log",
        b"/v1/./customer/sessions/1/log",
        b"/v1/%2e%2e/v1/customer/sessions/1/log",
        b"/v1/customer/sessions/1/log;x=1",
        b"/v1/customer/sessions/1/LOG",
        b"/v1/customer/sessions/1/logs",
        b"/v1/customer/sessions/1",
        b"/v1/mentor/sessions/1/log",
        b"/v1/customer/sessions/1/log/1",
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE"])
def test_a_path_that_is_not_in_the_contract_is_a_404_in_the_vendor_s_shape(
    documented: httpx.Client, target: bytes, method: bytes
) -> None:
    assert send(documented, target, method) == (404, "application/json", NO_SUCH_PATH)


@pytest.mark.parametrize(
    "target",
    [
        b"/nope",
        b"/V1/customer/sessions/1/log",
        b"/v10/customer/sessions/1/log",
        b"/apix",
        b"//v1/customer/sessions/1/log",
        b"///v1/customer/sessions/1/log",
        b"//api/sessionLogs/list",
        b"//api/v1/cap/change_logs.json",
        b"//ekranapi/sessions",
        b"//__mock__/health",
        b"/./v1/customer/sessions/1/log",
        b"/x/../v1/customer/sessions/1/log",
        b"/__mock__",
        b"/__mock__/",
        b"/__mock__//health",
        b"/__mock__/health/",
        b"/openapi.json",
        b"/static/x",
    ],
)
def test_a_path_outside_every_contract_is_a_404_with_problem_details(
    documented: httpx.Client, target: bytes
) -> None:
    status, content_type, body = send(documented, target)

    assert (status, content_type) == (404, "application/problem+json")
    assert body.startswith(b'{"type":"about:blank","title":"Not Found","status":404,"detail":"')


@pytest.mark.parametrize("target", [b"/v1/openapi.json", b"/v1/ui/", b"/v1/swagger.json"])
def test_only_paths_of_the_contract_are_served_below_its_base(
    documented: httpx.Client, target: bytes
) -> None:
    assert send(documented, target) == (404, "application/json", NO_SUCH_PATH)


@pytest.mark.parametrize("method", [b"POST", b"DELETE", b"HEAD", b"OPTIONS"])
def test_two_slashes_at_the_start_are_a_404_for_any_method(
    documented: httpx.Client, method: bytes
) -> None:
    assert send(documented, b"//v1/customer/sessions/1/log", method)[0] == 404


@pytest.mark.parametrize(
    "id",
    ["2x", "..", ".", "a%20b", "1;x", "1,2", "1:2", "@", "%25", "log", "%D8%B3", "1'--", "{id}"],
)
def test_an_id_may_be_any_segment(documented: httpx.Client, id: str) -> None:
    target = f"/v1/customer/sessions/{id}/log".encode()

    status, _, body = send(documented, target)
    assert status == 404
    assert "لم يتم العثور على الجلسة" in body.decode()


def test_letters_of_a_path_may_be_percent_encoded(documented: httpx.Client) -> None:
    assert send(documented, b"/v1/%63ustomer/sessions/%31/log")[0] == 200
    assert send(documented, b"/%65kranapi/sessions")[0] == 200


@pytest.mark.parametrize("target", [b"http://localhost" + LOG.encode(), LOG.encode() + b"#x"])
def test_of_a_whole_url_the_path_counts(documented: httpx.Client, target: bytes) -> None:
    assert send(documented, target)[0] == 200


def test_operations_of_the_same_name_are_not_confused(documented: httpx.Client) -> None:
    # Both contracts call theirs listSessionLogs.
    calwe = documented.get(LOG, headers=BEARER)
    autozod = documented.get("/api/sessionLogs/list", headers=BEARER)

    assert calwe.json()["data"]["total"] == 2
    assert autozod.json()["message"] == "The given data was invalid."


def test_a_base_below_another_base_is_its_own_vendor_s(documented: httpx.Client) -> None:
    assert documented.get("/api/v1/nope").content == b'{"error":"Not found"}'
    assert documented.get("/api/nope").content == b'{"success":false,"message":"Not found."}'
    assert documented.get("/api/v1x").content == b'{"success":false,"message":"Not found."}'
    assert documented.get("/api/v1").content == b'{"error":"Not found"}'
    assert documented.get("/ekranapi/nope").content == b'{"message":"Not found"}'
