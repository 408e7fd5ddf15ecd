"""What trusted proxies say of a request, and the path below which the server lies."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mockserver.client import Client
from mockserver.errors import ProblemError
from mockserver.server.middleware.forwarding import Forwarding
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
PROXY = "127.0.0.1"


@pytest.fixture(scope="module")
def behind_server() -> Iterator[str]:
    """The URL of a server that trusts this machine and 10.0.0.0/8."""
    trusted = (PROXY, "10.0.0.0/8")
    with run_in_thread(Settings(port=0, scenario="documented", trusted_proxy=trusted)) as url:
        yield url


@pytest.fixture
def behind(behind_server: str) -> Iterator[httpx.Client]:
    """A client of it, as a proxy is one."""
    with httpx.Client(base_url=behind_server, headers=BEARER, verify=False) as client:
        yield client


def get_link(client: httpx.Client, headers: list[tuple[str, str]], path: str = LOG) -> str:
    """The link of the paginator, in which the server's own address is `SERVER`."""
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    link: str = response.json()["data"]["path"]
    return link.replace(client.base_url.netloc.decode(), "SERVER")


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        ([], "http://SERVER"),
        ([("X-Forwarded-Proto", "https")], "https://SERVER"),
        ([("X-Forwarded-Proto", "WSS")], "https://SERVER"),
        ([("X-Forwarded-Proto", "ws")], "http://SERVER"),
        ([("X-Forwarded-Host", "app.example")], "http://app.example"),
        ([("X-Forwarded-Host", "app.example:8443")], "http://app.example:8443"),
        ([("X-Forwarded-Host", "[2001:db8::1]:80")], "http://[2001:db8::1]:80"),
        (
            [("X-Forwarded-Host", "app.example"), ("X-Forwarded-Port", "81")],
            "http://app.example:81",
        ),
        ([("X-Forwarded-Host", "app.example"), ("X-Forwarded-Port", "80")], "http://app.example"),
        (
            [
                ("X-Forwarded-Host", "app.example"),
                ("X-Forwarded-Port", "443"),
                ("X-Forwarded-Proto", "https"),
            ],
            "https://app.example",
        ),
        # The client has written the port of the host itself.
        (
            [("X-Forwarded-Host", "app.example:8443"), ("X-Forwarded-Port", "443")],
            "http://app.example:8443",
        ),
        ([("X-Forwarded-Port", "9000")], "http://127.0.0.1:9000"),
        ([("Host", "[::1]:1"), ("X-Forwarded-Port", "9000")], "http://[::1]:9000"),
        ([("Host", "app.example"), ("X-Forwarded-Port", "80")], "http://app.example"),
        ([("X-Forwarded-Prefix", "/mock")], "http://SERVER/mock"),
        ([("X-Forwarded-Prefix", "/mock/v%202/")], "http://SERVER/mock/v%202"),
        ([("X-Forwarded-Prefix", "/")], "http://SERVER"),
        ([("Forwarded", "host=app.example;proto=https")], "https://app.example"),
        (
            [("Forwarded", 'For="[2001:db8::1]:4711"; HOST="app.example:81"')],
            "http://app.example:81",
        ),
        ([("Forwarded", r'proto=https;host="app\.example"')], "https://app.example"),
        (
            [("Forwarded", "for=192.0.2.1;by=_proxy;secret=x;host=app.example")],
            "http://app.example",
        ),
        (
            [("Forwarded", "host=app.example"), ("X-Forwarded-Prefix", "/mock")],
            "http://app.example/mock",
        ),
    ],
)
def test_links_are_what_the_client_of_a_trusted_proxy_sees(
    behind: httpx.Client, headers: list[tuple[str, str]], link: str
) -> None:
    assert get_link(behind, headers) == link + LOG


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        # The client of the proxy has written the first element itself.
        (
            [("X-Forwarded-For", "10.0.0.1, 203.0.113.5"), ("X-Forwarded-Host", "evil.example, a")],
            "http://a",
        ),
        # 10.0.0.7 is a trusted proxy, and what it has added stands before.
        (
            [
                ("X-Forwarded-For", "192.0.2.1, 203.0.113.5, 10.0.0.7"),
                ("X-Forwarded-Host", "evil.example, app.example, inner"),
                ("X-Forwarded-Proto", "ws, https, http"),
                ("X-Forwarded-Port", "1, 8443, 80"),
                ("X-Forwarded-Prefix", "/evil, /outer, /inner"),
            ],
            "https://app.example:8443/outer/inner",
        ),
        # Some proxies replace a list with one value.
        (
            [
                ("X-Forwarded-For", "203.0.113.5"),
                ("X-Forwarded-For", "10.0.0.8:99, [::ffff:10.0.0.7]:1"),
                ("X-Forwarded-Host", "app.example"),
            ],
            "http://app.example",
        ),
        (
            [
                (
                    "Forwarded",
                    "for=192.0.2.1;host=evil.example, for=203.0.113.5;host=app.example;"
                    "proto=https, for=10.0.0.7;proto=http;host=inner",
                )
            ],
            "https://app.example",
        ),
        # The first one says nothing of the host; the next one passes on what it was told.
        (
            [
                ("Forwarded", "for=203.0.113.5;proto=https"),
                ("Forwarded", "for=10.0.0.7;host=inner"),
            ],
            "https://inner",
        ),
        ([("Forwarded", "host=evil.example, for=unknown;host=app.example")], "http://app.example"),
        ([("Forwarded", "host=evil.example, for=_hidden")], "http://SERVER"),
    ],
)
def test_only_elements_that_trusted_proxies_have_added_are_read(
    behind: httpx.Client, headers: list[tuple[str, str]], link: str
) -> None:
    assert get_link(behind, headers) == link + LOG


@pytest.mark.parametrize(
    "field",
    [
        ("X-Forwarded-For", "203.0.113.5"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "app.example"),
        ("X-Forwarded-Port", "80"),
    ],
)
def test_forwarded_is_not_read_beside_the_other_fields(
    behind: httpx.Client, field: tuple[str, str]
) -> None:
    headers = [field, ("Forwarded", "host=evil.example;proto=https")]

    assert "evil.example" not in get_link(behind, headers)
    assert get_link(behind, headers).startswith("http://")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Host", ""),
        ("X-Forwarded-Host", "no such host"),
        ("X-Forwarded-Host", "a/b"),
        ("X-Forwarded-Host", "user@evil.example"),
        ("X-Forwarded-Host", "evil.example?x"),
        ("X-Forwarded-Host", "evil.example\tx"),
        ("X-Forwarded-Host", "x" * 300),
        ("X-Forwarded-Host", "<script>"),
        ("X-Forwarded-Host", "evil.example:65536"),
        ("Forwarded", 'host="evil.example:65536"'),
        ("X-Forwarded-Host", "a," * 5_000 + "app.example"),
        ("X-Forwarded-Port", "0"),
        ("X-Forwarded-Port", "65536"),
        ("X-Forwarded-Port", "-1"),
        ("X-Forwarded-Port", "80 80"),
        ("X-Forwarded-Port", "9" * 1_000),
        ("X-Forwarded-Proto", "ftp"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Proto", "https://"),
        ("X-Forwarded-Prefix", "mock"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Prefix", "/a//b"),
        ("X-Forwarded-Prefix", "/.."),
        ("X-Forwarded-Prefix", "/a/../b"),
        ("X-Forwarded-Prefix", "/%zz"),
        ("X-Forwarded-Prefix", "/a?b"),
        ("X-Forwarded-Prefix", '/"><script>'),
        ("X-Forwarded-Prefix", "/\\evil.example"),
        ("X-Forwarded-Prefix", "/" + "x" * 9_000),
        ("X-Forwarded-For", "<script>, , ;"),
        ("X-Forwarded-For", "1.2.3.4.5"),
        ("X-Forwarded-For", "[::1"),
        ("Forwarded", 'host="evil.example'),
        ("Forwarded", "host=evil.example;host=other.example"),
        ("Forwarded", "host evil.example"),
        ("Forwarded", "host=evil.example ; ; ="),
        ("Forwarded", 'host=";,"'),
        ("Forwarded", "host=;proto="),
        ("Forwarded", "," * 8_000),
        ("Forwarded", "host=evil.example;" + "x" * 9_000),
        ("Forwarded", 'for="[::1]:99999999";proto="https";host=a b'),
    ],
)
def test_what_is_malformed_is_ignored(behind: httpx.Client, name: str, value: str) -> None:
    assert get_link(behind, [(name, value)]) == "http://SERVER" + LOG


def test_bytes_that_are_not_ascii_are_ignored_too(behind: httpx.Client) -> None:
    for name in ("Host", "Prefix", "Port", "Proto", "For"):
        headers: Any = [(f"X-Forwarded-{name}".encode(), "/مثال٣".encode())]
        assert get_link(behind, headers) == "http://SERVER" + LOG


def test_a_link_of_a_sandbox_has_the_prefix_before_the_sandbox(behind: httpx.Client) -> None:
    link = get_link(behind, [("X-Forwarded-Prefix", "/mock")], f"/__sandbox__/one{LOG}")

    assert link == f"http://SERVER/mock/__sandbox__/one{LOG}"


def test_others_than_trusted_proxies_are_not_believed(documented: httpx.Client) -> None:
    headers = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Prefix", "/evil"),
        ("Authorization", "Bearer token"),
    ]

    assert get_link(documented, headers) == "http://SERVER" + LOG
    headers = [("Forwarded", "host=evil.example;proto=https"), headers[-1]]
    assert get_link(documented, headers) == "http://SERVER" + LOG


@pytest.mark.parametrize(
    ("trusted", "peer", "name", "value", "client"),
    [
        ((), "127.0.0.1", "x-forwarded-for", "203.0.113.5", ("127.0.0.1", 5)),
        (("127.0.0.1",), "127.0.0.1", "x-forwarded-for", "203.0.113.5", ("203.0.113.5", 0)),
        (("127.0.0.1",), "127.0.0.1", "x-forwarded-for", "203.0.113.5:81", ("203.0.113.5", 81)),
        (("10.0.0.0/8", "::1"), "10.1.2.3", "x-forwarded-for", "::2", ("::2", 0)),
        (("10.0.0.0/8", "::1"), "::ffff:10.1.2.3", "x-forwarded-for", "::2", ("::2", 0)),
        (("10.0.0.0/8", "::1"), "127.0.0.1", "x-forwarded-for", "::2", ("127.0.0.1", 5)),
        (("::1",), "::1", "x-forwarded-for", "1.1.1.1, 2.2.2.2", ("2.2.2.2", 0)),
        (("::1", "2.2.2.2"), "::1", "x-forwarded-for", "1.1.1.1, 2.2.2.2", ("1.1.1.1", 0)),
        (("::1", "2.2.2.2"), "::1", "x-forwarded-for", "nobody, 2.2.2.2", ("2.2.2.2", 0)),
        (("::1",), "::1", "x-forwarded-for", "nobody", ("::1", 5)),
        (("::1",), "::1", "forwarded", 'for="[2001:db8::1]:4711"', ("2001:db8::1", 4711)),
        (("::1",), "::1", "forwarded", "for=192.0.2.1:80", ("192.0.2.1", 80)),
        (("::1",), "::1", "forwarded", "for=192.0.2.1, for=unknown", ("::1", 5)),
        (("::1",), "", "x-forwarded-for", "203.0.113.5", ("", 5)),
    ],
)
def test_the_client_is_who_the_last_trusted_proxy_names(
    trusted: tuple[str, ...], peer: str, name: str, value: str, client: tuple[str, int]
) -> None:
    seen: list[object] = []

    async def app(scope: Any, _receive: object, _send: object) -> None:
        seen.append(scope["client"])

    headers = [(b"host", b"x"), (name.encode(), value.encode())]
    scope: Any = {"type": "http", "scheme": "http", "client": (peer, 5), "headers": headers}
    asyncio.run(Forwarding(app, trusted, "", app)(scope, None, None))  # type: ignore[arg-type]

    assert seen == [client]
    assert scope["client"] == client  # uvicorn logs it


def test_a_websocket_reaches_no_api() -> None:
    async def fail(*_: Any) -> None:
        raise AssertionError("called")

    asyncio.run(Forwarding(fail, (), "", fail)({"type": "websocket", "path": "/v1"}, fail, fail))


# Base path


@pytest.fixture(scope="module")
def below_server() -> Iterator[str]:
    """The URL of a server that lies below /team/mock, and trusts this machine."""
    with run_in_thread(
        Settings(port=0, scenario="documented", base_path="/team/mock", trusted_proxy=(PROXY,))
    ) as url:
        yield url


@pytest.fixture
def below(below_server: str) -> Iterator[httpx.Client]:
    """A client of its whole host."""
    host = below_server.removesuffix("/team/mock")
    with httpx.Client(base_url=host, headers=BEARER, verify=False) as client:
        yield client


def test_the_url_of_a_server_has_its_base_path(below_server: str) -> None:
    assert httpx.URL(below_server).path == "/team/mock"


def test_everything_lies_below_the_base_path(below: httpx.Client) -> None:
    assert below.get(f"/team/mock{LOG}").status_code == 200
    assert below.get("/team/mock/__mock__/health").json()["status"] == "ok"
    assert below.get("/team%2Dx/../team/mock/__mock__/health").status_code == 200
    assert below.get("/te%61m/mock/__mock__/health").status_code == 200
    refused = below.get("/team/mock/v1/nope")
    assert (refused.status_code, refused.json()["statusCode"]) == (404, 404)
    for path in ("/team/mock", "/team/mock/"):
        assert below.get(path).json()["ids"].endswith("/team/mock/__mock__/ids")
    assert below.get("/team/mock/nope").json()["detail"] == (
        "There is nothing at '/team/mock/nope'. /team/mock/__mock__/apis lists the APIs that are "
        "served, and their paths."
    )


def test_links_have_the_base_path(below: httpx.Client) -> None:
    assert get_link(below, [], f"/team/mock{LOG}") == f"http://SERVER/team/mock{LOG}"
    path = f"/team/mock/__sandbox__/one{LOG}"
    assert get_link(below, [], path) == f"http://SERVER{path}"
    prefixed = get_link(below, [("X-Forwarded-Prefix", "/outer")], path)
    assert prefixed == f"http://SERVER/outer{path}"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        LOG,
        "/team",
        "/team/mockery/v1",
        "/team%2Fmock/__mock__/health",
        "/team/mock%2F__mock__/health",
        "/TEAM/mock/__mock__/health",
        "//team/mock/__mock__/health",
        "/__mock__/clock",
    ],
)
def test_outside_the_base_path_is_a_problem_that_names_it(below: httpx.Client, path: str) -> None:
    response = below.get(path, headers={"Origin": "https://app.example"})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "this server lies below '/team/mock'" in response.json()["detail"]
    assert response.headers["access-control-allow-origin"] == "*"


def test_nothing_is_changed_from_outside_the_base_path(below: httpx.Client) -> None:
    assert below.post("/__mock__/clock/freeze", json={}).json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at '/__mock__/clock/freeze': this server lies below "
        "'/team/mock'. Write '/team/mock/__mock__/clock/freeze'.",
    }


def test_the_client_works_with_a_base_path(below_server: str) -> None:
    with Client(below_server) as client:
        client.wait_until_ready()
        client.create_sandbox("below")
        assert client.with_sandbox("below").reset().name == "below"
        client.delete_sandbox("below")
    with Client(below_server.removesuffix("/mock")) as client, pytest.raises(ProblemError) as error:
        client.get_info()
    assert "Write '/team/mock/team/__mock__/info'." in str(error.value)


# A proxy of our own


@contextmanager
def run_proxy(server: str, rewrite: Callable[[bytes], bytes]) -> Iterator[str]:
    """A proxy that rewrites the head of each request; one request a connection."""
    upstream = httpx.URL(server)

    def forward(client: socket.socket) -> None:
        with client, socket.create_connection((upstream.host, upstream.port or 0)) as to_server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65_536)
            head, _, body = head.partition(b"\r\n\r\n")
            to_server.sendall(rewrite(head) + b"\r\nConnection: close\r\n\r\n" + body)
            while part := to_server.recv(65_536):
                client.sendall(part)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            forward(client)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_client_follows_the_links_through_a_proxy_that_removes_a_prefix(
    behind_server: str,
) -> None:
    def rewrite(head: bytes) -> bytes:
        line, _, rest = head.partition(b"\r\n")
        host = next(it for it in rest.split(b"\r\n") if it.lower().startswith(b"host: "))[6:]
        assert line.startswith(b"GET /tools/")
        rest = rest.replace(b"Host: " + host, b"Host: upstream.internal")
        return (
            line.replace(b"/tools/", b"/", 1)
            + b"\r\n"
            + rest
            + b"\r\nX-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Prefix: /tools"
            + b"\r\nX-Forwarded-Host: "
            + host
        )

    with run_proxy(behind_server, rewrite) as url, httpx.Client(verify=False) as client:
        page = client.get(f"{url}/tools{LOG}?per_page=1", headers=BEARER).json()["data"]
        assert page["next_page_url"] == f"{url}/tools{LOG}?page=2"
        following = client.get(page["next_page_url"], headers=BEARER)
        assert following.json()["data"]["current_page"] == 2
        docs = client.get(f"{url}/tools/__mock__/docs/calwe")
        assert docs.status_code == 200
        for file in ("page.js", "assets/swagger-ui.css"):
            assert file in docs.text
            assert client.get(docs.url.join(file)).status_code == 200


def test_a_client_follows_the_links_through_a_proxy_that_keeps_the_path(below_server: str) -> None:
    def rewrite(head: bytes) -> bytes:
        return head + b"\r\nForwarded: for=203.0.113.5;proto=https;host=app.example"

    with run_proxy(below_server.removesuffix("/team/mock"), rewrite) as url:
        response = httpx.get(f"{url}/team/mock{LOG}", headers=BEARER, verify=False)

    assert response.json()["data"]["path"] == f"https://app.example/team/mock{LOG}"
