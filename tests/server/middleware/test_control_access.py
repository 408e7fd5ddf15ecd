"""Authorisation of the control API: clients on this machine, or with the token; no pages."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.errors import HttpError
from mockserver.server import control
from mockserver.server.middleware.control_access import AUTHORISED, ControlAccess
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

CLOCK = "/__mock__/clock"
PUBLIC = [
    "/__mock__/health",
    "/__mock__/ready",
    "/__mock__/apis",
    "/__mock__/apis/calwe/openapi.yaml",
    "/__mock__/apis/control/openapi.json",
    "/__mock__/docs/calwe",
    "/__mock__/docs/page.js",
]
GUARDED = [
    ("GET", "/info"),
    ("GET", "/sandboxes"),
    ("POST", "/sandboxes"),
    ("GET", "/sandboxes/default"),
    ("DELETE", "/sandboxes/x"),
    ("POST", "/reset"),
    ("POST", "/load"),
    ("GET", "/scenarios"),
    ("GET", "/scenarios/default"),
    ("GET", "/snapshots"),
    ("POST", "/snapshots"),
    ("GET", "/snapshots/x"),
    ("DELETE", "/snapshots/x"),
    ("POST", "/snapshots/x/restore"),
    ("GET", "/snapshots/x/file"),
    ("PUT", "/snapshots/x/file"),
    ("GET", "/diff"),
    ("GET", "/clock"),
    ("POST", "/clock/freeze"),
    ("POST", "/clock/unfreeze"),
    ("POST", "/clock/advance"),
    ("POST", "/clock/shift"),
    ("POST", "/clock/rate"),
    ("GET", "/state"),
    ("GET", "/state/calwe/session"),
    ("GET", "/state/calwe/session/1"),
    ("PUT", "/state/calwe/session/1"),
    ("PATCH", "/state/calwe/session/1"),
    ("DELETE", "/state/calwe/session/1"),
    ("GET", "/state/calwe/session/"),
    ("DELETE", "/state/calwe/session//x"),
    ("GET", "/requests"),
    ("POST", "/journal/record"),
    ("GET", "/events"),
    ("POST", "/events/calwe.enter"),
    ("HEAD", "/info"),
    ("HEAD", "/state/calwe/session/1"),
]
ELSEWHERE = (
    "The control API answers its own machine only; start the server with --admin-token "
    "and send that token to use it from elsewhere"
)

CONTROL = control.make_control_api()


def call_control_access(
    method: str = "GET",
    path: str = CLOCK,
    *,
    client: tuple[str, int] | None = ("127.0.0.1", 5),
    token: str | None = None,
    origins: tuple[str, ...] = (),
    **headers: str | bytes,
) -> HttpError | bool | None:
    """The error that was raised, or whether the request was authorised."""
    passed: list[bool] = []

    async def beyond(scope: Any, _receive: Any, _send: Any) -> None:
        passed.append(AUTHORISED in scope)

    async def receive() -> Any:
        raise AssertionError("the body was read before the authorisation")

    async def send(_: Any) -> None:
        raise AssertionError("control access sends no response itself")

    sent = {"host": b"localhost:4010", **headers}
    scope: Any = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "client": client,
        "headers": [
            (name.encode(), value if isinstance(value, bytes) else value.encode("latin-1"))
            for name, value in sent.items()
            if value != b"-"
        ],
    }
    try:
        asyncio.run(
            ControlAccess(beyond, CONTROL, control.DASHBOARD, token, origins)(scope, receive, send)
        )
    except HttpError as error:
        assert passed == []
        return error
    return passed[0]


def get_status(outcome: HttpError | bool | None) -> int | None:
    return outcome.status if isinstance(outcome, HttpError) else None


# From where


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"],
)
def test_clients_on_this_machine_are_allowed(address: str) -> None:
    assert call_control_access(client=(address, 5)) is True


@pytest.mark.parametrize(
    "address",
    [
        "203.0.113.5",
        "10.0.0.1",
        "192.168.1.1",
        "128.0.0.1",
        "0.0.0.0",
        "::",
        "2001:db8::1",
        "fe80::1%eth0",
        "::ffff:203.0.113.5",
        "::127.0.0.1",
        "::2",
        "localhost",
        "127.0.0.1.example",
        "",
        "unix:",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", CLOCK), ("POST", "/__mock__/reset")])
def test_clients_on_other_machines_are_refused(address: str, method: str, path: str) -> None:
    error = call_control_access(method, path, client=(address, 5))

    assert get_status(error) == 403
    assert str(error) == ELSEWHERE


def test_a_client_without_an_address_is_refused() -> None:
    assert get_status(call_control_access(client=None)) == 403


@pytest.mark.parametrize(("method", "path"), GUARDED, ids=" ".join)
def test_every_operation_but_three_is_guarded(method: str, path: str) -> None:
    foreign = ("203.0.113.5", 5)

    assert get_status(call_control_access(method, f"/__mock__{path}", client=foreign)) == 403
    assert get_status(call_control_access(method, f"/__mock__{path}", token="x")) == 401
    assert call_control_access(method, f"/__mock__{path}") is True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in PUBLIC),
        ("HEAD", "/__mock__/health"),
        ("OPTIONS", CLOCK),
        ("OPTIONS", "/__mock__/reset"),
        ("DELETE", CLOCK),
        ("GET", "/__mock__/nope"),
        ("GET", "/__mock__"),
        ("GET", "/__mock__/"),
        ("GET", "/__mocks__/clock"),
        ("GET", "/x/__mock__/clock"),
        ("GET", "/v1/customer/sessions/1/log"),
        ("GET", "/"),
    ],
)
def test_public_and_unknown_paths_are_not_authorised(method: str, path: str) -> None:
    for client in (("203.0.113.5", 5), None):
        for token in (None, "secret"):
            response = call_control_access(
                method,
                path,
                client=client,
                token=token,
                host="evil.example",
                origin="http://evil.example",
            )
            assert response is False


@pytest.mark.parametrize(
    "name",
    [
        *("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host"),
        *("X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server"),
    ],
)
def test_a_request_that_has_passed_a_proxy_needs_the_token(name: str) -> None:
    headers = {name: "127.0.0.1", "authorization": "Bearer secret"}

    error = call_control_access(**headers)

    assert get_status(error) == 403
    assert str(error) == (
        f"The control API answers its own machine only, and '{name.lower()}' shows that this "
        "request has passed a proxy; start the server with --admin-token and send that token to "
        "use it through one"
    )
    assert call_control_access(token="secret", **headers) is True


# By which name


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:4010",
        "LocalHost:80",
        "127.0.0.1",
        "127.0.0.1:65535",
        "127.1.2.3:4010",
        "[::1]",
        "[::1]:4010",
    ],
)
def test_a_name_of_this_machine_is_one(host: str) -> None:
    assert call_control_access(host=host) is True


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4010",
        "localhost.evil.example",
        "evil-localhost",
        "localhost@evil.example",
        "localhost:4010@evil.example",
        "localhost, evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io:4010",
        "127.0.0",
        "127.0.0.1:",
        "127.0.0.1:123456",
        "128.0.0.1",
        "0.0.0.0",
        "2130706433",
        "::1",
        "[::2]",
        "[::1",
        "localhost:4010/",
        "localhost ",
        " localhost",
        "localhost\n",
        "",
        b"-",
        b"\xff",
        "lоcalhost".encode(),
    ],
)
def test_a_name_that_was_bent_to_lead_here_is_none(host: str | bytes) -> None:
    error = call_control_access(host=host)

    assert get_status(error) == 403
    assert "start the server with --admin-token" in str(error)
    # Though the page believes that it is at home.
    name = host if isinstance(host, str) else host.decode("latin-1")
    assert get_status(call_control_access(host=host, origin=f"http://{name}")) == 403


# From which page


@pytest.mark.parametrize("token", [None, "secret"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:4010",
        "http://localhost:4011",
        "http://localhost",
        "http://127.0.0.1:4010",
        "http://localhost:4010.evil.example",
        "http://localhost:4010, http://evil.example",
        "null",
        "",
        "file://",
        "chrome-extension://abc",
        "http://LOCALHOST:4010",
    ],
)
def test_a_page_of_another_origin_is_refused(token: str | None, origin: str) -> None:
    error = call_control_access(token=token, origin=origin, authorization="Bearer secret")

    assert get_status(error) == 403
    assert str(error) == (
        f"A page of '{origin}' may not use the control API; start the server with "
        "--control-origin to allow it"
    )


def test_a_page_of_its_own_is_not() -> None:
    assert call_control_access(origin="http://localhost:4010") is True
    assert call_control_access(host="[::1]:4010", origin="http://[::1]:4010") is True


def test_a_page_of_an_origin_that_was_allowed_is_not() -> None:
    origins = ("http://localhost:3000", "https://app.example")

    for origin in origins:
        assert call_control_access(origin=origin, origins=origins) is True
    for origin in ("http://localhost:30000", "http://app.example", "null"):
        assert get_status(call_control_access(origin=origin, origins=origins)) == 403
    # What is allowed is the page, and not the place.
    elsewhere = call_control_access(origin=origins[0], origins=origins, client=("203.0.113.5", 5))
    assert get_status(elsewhere) == 403
    without = call_control_access(origin=origins[0], origins=origins, token="secret")
    assert get_status(without) == 401


# With which token


@pytest.mark.parametrize(
    "authorization", ["Bearer secret", "bearer secret", "BEARER secret", "Bearer   secret "]
)
def test_the_token_allows_any_client_and_any_host_name(
    authorization: str,
) -> None:
    response = call_control_access(
        token="secret",
        client=("203.0.113.5", 5),
        host="mock.example",
        authorization=authorization,
    )

    assert response is True


@pytest.mark.parametrize(
    "authorization",
    [
        b"-",
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer secre",
        b"Bearer secrets",
        b"Bearer SECRET",
        b"Bearer x",
        b"Bearer " + b"x" * 100_000,
        b"Bearer secret secret",
        b"Bearer secret, Bearer secret",
        b"Basic secret",
        b"Basic c2VjcmV0",
        b"secret",
        b"Bearer\xa0secret",
        b"Bearer s\xe9cret",
        "Bearer سر".encode(),
        b"Bearer \xff\xfe",
    ],
)
def test_without_the_token_clients_on_this_machine_are_refused(authorization: bytes) -> None:
    error = call_control_access(token="secret", authorization=authorization)

    assert get_status(error) == 401
    assert str(error) == "The control API of this server wants its admin token, as a bearer token"
    assert error.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize("token", ["سر-الخادم", "é", "ключ 🔑".replace(" ", "-")])
def test_a_token_that_is_not_ascii_is_sent_in_utf_8(token: str) -> None:
    sent = b"Bearer " + token.encode()

    assert call_control_access(token=token, authorization=sent) is True
    assert get_status(call_control_access(token=token, authorization=sent[:-1])) == 401


# Over a socket


def send(url: str, request: bytes) -> tuple[int, dict[str, str], Any]:
    """Status, headers and problem for bytes that are sent as they are."""
    address = (httpx.URL(url).host, httpx.URL(url).port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
    return int(first.split(" ")[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Host: evil.example\r\n", 403),
        (b"Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
        (b"Host: localhost\r\nX-Forwarded-For: 203.0.113.5\r\n", 403),
        (b"Host: localhost\r\nX-Forwarded-For: 127.0.0.1, 203.0.113.5\r\n", 403),
        (b"Host: localhost\r\nX-Forwarded-For: 203.0.113.5, 127.0.0.1\r\n", 403),
    ],
)
def test_a_refusal_does_not_wait_for_the_body(
    documented_server: str, lines: bytes, status: int
) -> None:
    # The body never comes: a server that waited for it would not response.
    request = (
        b"POST /__mock__/load HTTP/1.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100000\r\n" + lines + b"\r\n{"
    )

    found, headers, problem = send(documented_server, request)
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert problem["title"] == "Forbidden"


@pytest.mark.parametrize(
    "path",
    [
        "/__mock__/clock",
        "/__sandbox__/x/__mock__/clock",
        "/__mock__/%63lock",
        "/%5F_mock__/clock",
        "/__mock__/clock?x=%2F..%2Fhealth",
        "/__mock__/state/calwe/session/..%2F..%2F..%2Fhealth",
    ],
)
def test_no_way_of_writing_the_path_leads_around_it(documented_server: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode()

    assert send(documented_server, request)[0] == 403


@pytest.mark.parametrize(
    "path", ["//__mock__/clock", "/__mock__//clock", "/__mock__/health/../clock", "/__MOCK__/clock"]
)
def test_an_unknown_path_of_the_control_api_is_a_404(documented_server: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode()

    assert send(documented_server, request)[0] == 404


def list_spellings(path: str) -> Iterator[str]:
    """Ways to write a path that a parser, a proxy or a router may take for the same one."""
    for n, character in enumerate(path):
        for encoded in (
            f"%{ord(character):02x}",
            f"%{ord(character):02X}",
            f"%25{ord(character):x}",
        ):
            yield path[:n] + encoded + path[n + 1 :]
        for inserted in (
            "/",
            "/./",
            "/../",
            "/x/../",
            "%2F",
            "%5C",
            "\\",
            ";",
            ";x=/",
            "%00",
            "%20",
        ):
            yield path[:n] + inserted + path[n:]
        yield path[:n] + character.swapcase() + path[n + 1 :]
    for end in (
        "/",
        "//",
        "/.",
        "/..",
        "?",
        "?x",
        "#",
        "#/x",
        ";",
        "%20",
        "%2F",
        ".json",
        "%0d%0a",
    ):
        yield path + end
    for prefix in (
        *("/x/..", "/%2e%2e", "/.", "/__sandbox__/x", "/__sandbox__/x/", "/__sandbox__/%2F"),
        *(
            "/__sandbox__/x/__sandbox__/y",
            "/__sandbox__",
            "/__mock__/health/..",
            "/v1/customer/../..",
        ),
        *("http://localhost", "http://127.0.0.1", "https://localhost:443", "http://a@localhost"),
        *(
            "http://evil.example",
            "ftp://localhost",
            "//localhost",
            "http://localhost/__sandbox__/x",
        ),
        *("/\uff3f", "/%EF%BC%8F", "/%c0%af", "/%c0%ae%c0%ae"),
    ):
        yield prefix + path


FIELDS = (
    *("", "Host: 127.0.0.1\r\n", "Host: [::1]\r\n", "Host: evil.example\r\n"),
    *("Forwarded: for=127.0.0.1\r\n", "X-Forwarded-For: 127.0.0.1\r\n", "X-Real-IP: ::1\r\n"),
    *(
        "X-Forwarded-Host: localhost\r\n",
        "X-Client-IP: 127.0.0.1\r\n",
        "Origin: http://localhost\r\n",
    ),
    *("X-Forwarded-Prefix: /__mock__\r\n", "X-Original-URL: /__mock__/reset\r\n"),
    *("X-Rewrite-URL: /__mock__/reset\r\n", "X-HTTP-Method-Override: POST\r\n"),
    *("Authorization: Bearer\r\n", "Authorization: Bearer None\r\n", "X-Mock-Sandbox: x\r\n"),
    *("Connection: Upgrade\r\nUpgrade: h2c\r\n", "Content-Type: application/json\r\n"),
)


def list_requests() -> Iterator[bytes]:
    for method, path in (("GET", CLOCK), ("POST", "/__mock__/reset")):
        for spelling in (path, *list_spellings(path)):
            yield f"{method} {spelling} HTTP/1.1\r\nHost: localhost\r\n".encode()
        for verb in (method, "HEAD", "DELETE", "CONNECT", method.lower()):
            for version in ("1.0", "1.1"):
                for fields in FIELDS:
                    for host in ("", "Host: localhost\r\n"):
                        head = f"{verb} {path} HTTP/{version}\r\n{host}{fields}"
                        yield head.encode()


def test_no_spelling_of_a_request_from_elsewhere_reaches_an_operation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.server.middleware.control_access.is_loopback", lambda _: False)
    requests = list(list_requests())
    assert len(requests) > 1000
    reached: list[bytes] = []
    with run_in_thread(Settings(port=0, only=("calwe",))) as url:
        address = (httpx.URL(url).host, httpx.URL(url).port or 0)
        for request in requests:
            with socket.create_connection(address, timeout=30) as connection:
                connection.sendall(request + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                response = connection.recv(65536)
            if response[9:12] not in (b"400", b"403", b"404", b"405", b"505"):
                reached.append(request + response)
    assert reached == []


def test_vendors_and_pages_are_open_by_any_name(documented_server: str) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example", "Authorization": "Bearer t"}

    for path in (*PUBLIC, "/ekranapi/sessions", "/v1/customer/sessions/1/log"):
        assert (
            httpx.get(f"{documented_server}{path}", headers=headers, verify=False).status_code
            == 200
        )


@pytest.fixture(scope="module")
def locked_server() -> Iterator[str]:
    """The URL of a server with a token, and an origin that may use it."""
    settings = Settings(
        port=0,
        scenario="documented",
        admin_token="سر-secret",
        control_origin=("http://localhost:3000",),
    )
    with run_in_thread(settings) as url:
        yield url


@pytest.fixture
def locked(locked_server: str) -> Iterator[httpx.Client]:
    """A client of it, without the token."""
    with httpx.Client(base_url=locked_server, verify=False) as client:
        yield client


TOKEN = {b"Authorization": b"Bearer " + "سر-secret".encode()}


def test_the_token_is_all_that_is_wanted(locked: httpx.Client) -> None:
    refused = locked.get(CLOCK)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-mock-seed"] == "1"
    assert refused.json()["detail"] == (
        "The control API of this server wants its admin token, as a bearer token"
    )
    assert "secret" not in refused.text

    assert locked.get(CLOCK, headers=TOKEN).status_code == 200
    assert locked.get(CLOCK, headers={**TOKEN, b"Host": b"mock.example"}).status_code == 200
    assert locked.post("/__mock__/reset", headers=TOKEN).status_code == 200
    assert locked.post("/__mock__/reset", headers={"X-Forwarded-For": "::1"}).status_code == 401


def test_a_token_is_no_body_s_matter(locked_server: str) -> None:
    request = (
        b"PUT /__mock__/snapshots/x/file HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: 200000000\r\n\r\n{"
    )

    assert send(locked_server, request)[0] == 401


def test_vendors_take_the_header_for_a_credential_of_their_own(locked: httpx.Client) -> None:
    for path in PUBLIC:
        assert locked.get(path).status_code == 200
    assert locked.get("/ekranapi/sessions").status_code == 200
    log = "/v1/customer/sessions/1/log"
    assert locked.get(log).status_code == 401
    assert locked.get(log, headers={"Authorization": "Bearer any"}).status_code == 200


def test_a_preflight_of_an_allowed_origin_is_allowed(locked: httpx.Client) -> None:
    page = {"Origin": "http://localhost:3000"}
    preflight = locked.options(
        CLOCK,
        headers={
            **page,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()

    response = locked.get(CLOCK, headers={**TOKEN, b"Origin": b"http://localhost:3000"})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"
    # A refusal can be read by the page too.
    refused = locked.get(CLOCK, headers=page)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_a_preflight_of_another_origin_is_refused(locked: httpx.Client) -> None:
    page = {"Origin": "http://localhost:3001"}
    preflight = locked.options(CLOCK, headers={**page, "Access-Control-Request-Method": "GET"})
    assert "access-control-allow-origin" not in preflight.headers

    response = locked.get(CLOCK, headers={**TOKEN, b"Origin": b"http://localhost:3001"})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
