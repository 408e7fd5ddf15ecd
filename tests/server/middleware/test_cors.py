"""CORS: a browser app on another origin reads everything but the mock's own pages."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.apis.calwe import model
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

ORIGIN = {"Origin": "https://app.example"}
LOG = "/v1/customer/sessions/1/log"
PATHS = [LOG, "/api/sessionLogs/list", "/api/v1/cap/change_logs.json", "/ekranapi/sessions"]
HEADERS = ["Authorization", "access-token", "ApiKey", "X-Mock-Sandbox", "Prefer", "Content-Type"]
MOCK = ["X-Mock-Evidence", "X-Mock-Sandbox", "X-Mock-Seed", "X-Mock-Source"]
SOMETIMES = ["X-Mock-Violations", "X-Mock-Why"]
LIMITS = [f"{x}RateLimit-{name}" for x in ("", "X-") for name in ("Limit", "Remaining", "Reset")]
EXPOSED = ["Accept-Encoding", "Allow", "Preference-Applied", "Retry-After", *LIMITS]
EXPOSED += [MOCK[0], "X-Mock-Fault", *MOCK[1:], *SOMETIMES]


ROOT = Path(__file__).parents[3]


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_preflight_allows_every_header_that_the_apis_know(
    documented: httpx.Client, path: str, method: str
) -> None:
    response = documented.options(
        path,
        headers={
            **ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(name.lower() for name in HEADERS),
        },
    )

    assert response.status_code in (200, 204)
    assert response.headers["access-control-allow-origin"] == "*"
    assert method in words(response.headers["access-control-allow-methods"])
    allowed = words(response.headers["access-control-allow-headers"].lower())
    # A "*" would not do: browsers never let it stand for Authorization.
    assert set(allowed) >= {name.lower() for name in HEADERS}


@pytest.mark.parametrize("name", HEADERS)
def test_each_header_is_allowed_by_itself(documented: httpx.Client, name: str) -> None:
    response = documented.options(
        LOG,
        headers={
            **ORIGIN,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": name,
        },
    )

    assert response.is_success
    assert name.lower() in words(response.headers["access-control-allow-headers"].lower())


def test_a_preflight_needs_no_credential_and_no_known_session(documented: httpx.Client) -> None:
    response = documented.options(
        "/v1/customer/sessions/999/log", headers={**ORIGIN, "Access-Control-Request-Method": "POST"}
    )

    assert response.is_success


def test_a_page_of_a_public_site_may_call_this_private_address(documented: httpx.Client) -> None:
    response = documented.options(
        LOG,
        headers={
            **ORIGIN,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Private-Network": "true",
        },
    )

    assert response.is_success
    assert response.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("path", PATHS)
def test_a_response_exposes_the_headers_of_the_mock(documented: httpx.Client, path: str) -> None:
    headers = {**ORIGIN, "Authorization": "Bearer token", "access-token": "token"}
    response = documented.get(path, headers=headers)

    assert response.headers["access-control-allow-origin"] == "*"
    assert words(response.headers["access-control-expose-headers"]) == EXPOSED
    assert all(name in response.headers for name in MOCK)
    assert ("X-Mock-Why" in response.headers) == response.is_error


def test_every_field_of_the_mock_is_exposed_and_described() -> None:
    code = [path.read_text("utf-8") for path in (ROOT / "src/mockserver/server").rglob("*.py")]
    fields = {name.lower() for text in code for name in re.findall(r"(?i)\bx-mock-[a-z]+", text)}
    page = (ROOT / "docs" / "network.md").read_text("utf-8")

    assert fields <= {name.lower() for name in EXPOSED}
    assert [name for name in EXPOSED if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/%00", {}, 400),
        ("GET", LOG, {"X-Mock-Sandbox": "no/such"}, 400),
        ("GET", LOG, {}, 401),
        ("GET", "/api/sessionLogs/list", {}, 401),
        ("GET", "/api/v1/cap/change_logs.json", {}, 401),
        ("GET", "/ekranapi/sessions", {"ApiKey": "invalid"}, 401),
        ("GET", "/v1/nope", {}, 404),
        ("GET", "/nope", {}, 404),
        ("POST", "/", {}, 405),
        ("GET", "/nope%00", {}, 400),
        ("GET", "/__mock__x", {}, 404),
        ("GET", "/v1/customer/sessions/999/log", {"Authorization": "Bearer x"}, 404),
        ("DELETE", LOG, {}, 405),
        ("POST", LOG, {"Authorization": "Bearer x", "Content-Type": "application/json"}, 422),
    ],
)
def test_a_refusal_can_be_read_by_the_app_too(
    documented: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = documented.request(method, path, headers={**ORIGIN, **headers})

    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == "*"
    assert words(response.headers["access-control-expose-headers"]) == EXPOSED


def test_so_can_a_413_a_415_and_a_500(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(model, "page_entries", crash)
    client = start(scenario="documented", body_limit=50)
    headers = {**ORIGIN, "Authorization": "Bearer token"}
    responses = [
        client.post(LOG, headers=headers, content=b"x" * 51),
        client.post(LOG, headers={**headers, "Content-Type": "text/plain"}, content=b"x"),
        client.get(LOG, headers=headers),
    ]

    assert [response.status_code for response in responses] == [413, 415, 500]
    for response in responses:
        assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    ["/__mock__", "/__mock__/health", "/__mock__/apis", "/__mock__/nope", "/__mock__/docs/calwe"],
)
def test_the_mock_s_own_pages_are_closed_to_other_origins(
    documented: httpx.Client, path: str
) -> None:
    preflight = {**ORIGIN, "Access-Control-Request-Method": "GET"}

    for response in (
        documented.get(path, headers=ORIGIN),
        documented.options(path, headers=preflight),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_request_without_origin_gets_no_cors_headers(documented: httpx.Client) -> None:
    response = documented.get("/ekranapi/sessions")

    assert "access-control-allow-origin" not in response.headers


CONTROL = [
    "/__mock__/clock",
    "/__mock__/reset",
    "/__mock__/load",
    "/__mock__/state/calwe/session/1",
]


@pytest.mark.parametrize("path", CONTROL)
def test_the_control_api_says_nothing_to_a_page_of_another_origin(
    documented: httpx.Client, path: str
) -> None:
    preflight = {
        **ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-mock-sandbox",
    }

    for response in (
        documented.options(path, headers=preflight),
        documented.get(path, headers=ORIGIN),
        documented.post(path, headers=ORIGIN),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_request_of_a_page_without_preflight_is_refused_before_its_body_is_read(
    documented: httpx.Client,
) -> None:
    # A form can be sent to anywhere without a preflight; nothing of it may be done.
    response = documented.post(
        "/__mock__/reset",
        headers={**ORIGIN, "Content-Type": "application/x-www-form-urlencoded"},
        content=b"x=1",
    )

    assert response.status_code == 403


def test_only_allowed_origins_may_use_the_control_api(
    start: Any,
) -> None:
    client = start(
        scenario="documented", control_origin=(ORIGIN["Origin"], "http://localhost:3000")
    )
    requested = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }

    for path in CONTROL:
        for origin in (ORIGIN["Origin"], "http://localhost:3000"):
            preflight = client.options(path, headers={"Origin": origin, **requested})
            assert preflight.status_code == 200
            assert preflight.headers["access-control-allow-origin"] == origin
            assert "PUT" in words(preflight.headers["access-control-allow-methods"])
            assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
        refused = client.options(path, headers={"Origin": "https://other.example", **requested})
        assert "access-control-allow-origin" not in refused.headers
    clock = client.get("/__mock__/clock", headers=ORIGIN)
    assert clock.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert words(clock.headers["access-control-expose-headers"]) == EXPOSED
    other = client.get("/__mock__/clock", headers={"Origin": "https://other.example"})
    assert other.status_code == 403
    assert "access-control-allow-origin" not in other.headers
    # Vendors are open to everybody all the same.
    vendor = client.get("/ekranapi/sessions", headers={"Origin": "https://other.example"})
    assert vendor.headers["access-control-allow-origin"] == "*"


APP = "https://app.example"
LOCAL = "http://localhost:3000"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,prefer",
}


@pytest.fixture(scope="module")
def named_server() -> Iterator[str]:
    """The URL of a server for the pages of two origins, and of a third for its control API."""
    origins = {"cors_origin": (APP, LOCAL), "control_origin": ("https://admin.example",)}
    with run_in_thread(Settings(port=0, scenario="documented", **origins)) as url:
        yield url


@pytest.fixture
def named(named_server: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=named_server, verify=False) as client:
        yield client


@pytest.mark.parametrize("origin", [APP, LOCAL])
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ekranapi/sessions", {}, 200),
        ("/ekranapi/sessions", {"Cookie": "session=1"}, 200),
        (LOG, {}, 401),
        ("/v1/nope", {}, 404),
        ("/v1/%00", {}, 400),
        ("/nope", {}, 404),
    ],
)
def test_a_named_origin_may_send_cookies_and_read_every_response(
    named: httpx.Client, origin: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = named.get(path, headers={"Origin": origin, **headers})

    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-allow-credentials"] == "true"
    assert words(response.headers["access-control-expose-headers"]) == EXPOSED
    assert "Origin" in words(response.headers["vary"])


def test_a_preflight_of_a_named_origin_allows_cookies(named: httpx.Client) -> None:
    response = named.options(LOG, headers={"Origin": LOCAL, **PREFLIGHT})

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == LOCAL
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["access-control-allow-headers"] == "content-type,prefer"
    assert "POST" in words(response.headers["access-control-allow-methods"])
    assert "Origin" in words(response.headers["vary"])


@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example",
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.example",
        "https://admin.example",
        "null",
    ],
)
def test_other_origins_are_not_allowed_then(named: httpx.Client, origin: str) -> None:
    response = named.get("/ekranapi/sessions", headers={"Origin": origin})
    preflight = named.options(LOG, headers={"Origin": origin, **PREFLIGHT})

    assert "access-control-allow-origin" not in response.headers
    assert "Origin" in words(response.headers["vary"])
    assert "access-control-allow-origin" not in preflight.headers


def test_a_response_to_a_request_without_origin_may_not_be_stored_for_others(
    named: httpx.Client,
) -> None:
    assert "Origin" in words(named.get("/ekranapi/sessions").headers["vary"])


def test_a_named_origin_is_none_of_the_control_api(named: httpx.Client) -> None:
    for path in CONTROL:
        preflight = named.options(path, headers={"Origin": APP, **PREFLIGHT})
        assert "access-control-allow-origin" not in preflight.headers
    assert named.post("/__mock__/reset", headers={"Origin": APP}).status_code == 403
    clock = named.get("/__mock__/clock", headers={"Origin": "https://admin.example"})
    assert clock.headers["access-control-allow-origin"] == "https://admin.example"
    assert "access-control-allow-credentials" not in clock.headers


def test_a_named_origin_reads_what_lies_outside_the_base_path(start: Any) -> None:
    client = start(scenario="documented", base_path="/mock", cors_origin=(APP,))
    host = httpx.URL(client.base_url).copy_with(path="/")
    response = client.get(host.join(LOG), headers={"Origin": APP})

    assert response.status_code == 404
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-credentials"] == "true"


def test_a_browser_app_reads_a_refusal_that_precedes_the_path(documented: httpx.Client) -> None:
    url = documented.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=30) as connection:
        connection.sendall(b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")

    assert body == b"The URL of the request is too long."
    assert b"\r\naccess-control-allow-origin: *" in head
