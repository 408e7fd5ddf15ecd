"""HEAD and OPTIONS: what HTTP gives to every resource, whatever its contract says."""

from __future__ import annotations

import socket

import httpx
import pytest

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"
AUTOZOD = (
    "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
    "&start_date=21-08-2025&end_date=21-08-2025"
)
AVAAMO = "/api/v1/cap/change_logs.json"
EKRAN = "/ekranapi/sessions"


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        (LOG, "GET, HEAD, OPTIONS, POST"),
        ("/v1/coach/sessions/999/log", "GET, HEAD, OPTIONS, POST"),
        ("/api/sessionLogs/list", "GET, HEAD, OPTIONS"),
        (AVAAMO, "GET, HEAD, OPTIONS"),
        (EKRAN, "GET, HEAD, OPTIONS"),
    ],
)
def test_options_says_what_is_allowed(documented: httpx.Client, path: str, allow: str) -> None:
    response = documented.options(path)

    assert response.status_code == 204
    assert response.headers["allow"] == allow
    assert response.content == b""
    # A 204 has no body, and must not say how long it is either.
    assert "content-length" not in response.headers
    assert "content-type" not in response.headers


@pytest.mark.parametrize("path", ["/v1/nope", "/api/nope", "/api/v1/nope", "/ekranapi", "/nope"])
def test_options_of_an_unknown_path_is_a_404(documented: httpx.Client, path: str) -> None:
    assert documented.options(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        LOG,
        f"{LOG}?per_page=0",
        "/v1/customer/sessions/999/log",
        "/v1/nope",
        AUTOZOD,
        "/api/sessionLogs/list",
        AVAAMO,
        f"{AVAAMO}?page=0",
        EKRAN,
        f"{EKRAN}?start=x",
        "/nope",
        "/__mock__/apis",
        "/__mock__/docs/calwe",
        "/__mock__/docs/nope",
        "/__mock__/apis/ekran/openapi.yaml",
    ],
)
def test_head_has_the_headers_of_get_and_no_body(documented: httpx.Client, path: str) -> None:
    whole = documented.get(path, headers=BEARER)
    head = documented.head(path, headers=BEARER)

    assert head.status_code == whole.status_code
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(whole.content) > 0
    for response in (whole, head):
        for name in ("date", "x-mock-why"):
            response.headers.pop(name, None)
    assert dict(head.headers) == dict(whole.headers)


def test_no_byte_follows_the_headers_of_head(documented: httpx.Client) -> None:
    address = (documented.base_url.host, documented.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"HEAD /ekranapi/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        response = b"".join(iter(lambda: connection.recv(65536), b""))

    assert response.startswith(b"HTTP/1.1 200 OK\r\n")
    assert response.endswith(b"\r\n\r\n")


def test_head_without_a_credential_is_a_401(documented: httpx.Client) -> None:
    assert documented.head(LOG).status_code == 401


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "PROPFIND", "QUERY"])
def test_any_other_method_is_a_405_that_says_what_is_allowed(
    documented: httpx.Client, method: str
) -> None:
    response = documented.request(method, LOG, headers=BEARER)

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.text == (
        '{"success":false,"message":"طريقة الطلب غير مسموح بها لهذا المسار",'
        '"data":null,"statusCode":405}'
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/sessionLogs/list", b'{"success":false,"message":"Method not allowed."}'),
        (AVAAMO, b'{"error":"Method not allowed"}'),
        (EKRAN, b'{"message":"Method not allowed"}'),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_every_vendor_says_405_in_its_shape(
    documented: httpx.Client, method: str, path: str, body: bytes
) -> None:
    response = documented.request(method, path)

    assert (response.status_code, response.content) == (405, body)
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/__mock__/health", "/__mock__/apis"])
def test_the_mock_s_own_pages_say_405_as_a_problem(documented: httpx.Client, path: str) -> None:
    response = documented.delete(path)

    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert response.json()["status"] == 405
