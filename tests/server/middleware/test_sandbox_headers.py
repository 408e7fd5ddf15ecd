"""Every response names its sandbox and the seed of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.apis.calwe import model
from mockserver.server.middleware.sandbox import SandboxHeaders
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"
JSON = {"Content-Type": "application/json"}
_numbers = count()

REQUESTS: list[tuple[str, str, dict[str, str], bytes, int]] = [
    ("GET", LOG, BEARER, b"", 200),
    ("POST", LOG, {**BEARER, **JSON}, b'{"action_type":"LEFT"}', 200),
    ("HEAD", LOG, BEARER, b"", 200),
    ("OPTIONS", LOG, {}, b"", 204),
    ("GET", LOG, {}, b"", 401),
    ("GET", "/v1/customer/sessions/9/log", BEARER, b"", 404),
    ("GET", "/v1/nope", {}, b"", 404),
    ("DELETE", LOG, BEARER, b"", 405),
    ("POST", LOG, BEARER, b"x", 415),
    ("POST", LOG, {**BEARER, **JSON}, b"{}", 422),
    ("GET", "/v1/x/%zz", {}, b"", 400),
    ("GET", "/api/sessionLogs/list", BEARER, b"", 422),
    ("GET", "/api/v1/cap/change_logs.json", {}, b"", 401),
    ("GET", "/ekranapi/sessions", {}, b"", 200),
    ("GET", "/nope", {}, b"", 404),
    ("GET", "/", {}, b"", 200),
    ("GET", "/%zz", {}, b"", 400),
    ("GET", "//v1/x", {}, b"", 404),
    ("GET", "/__mock__/health", {}, b"", 200),
    ("GET", "/__mock__/ready", {}, b"", 200),
    ("GET", "/__mock__/apis", {}, b"", 200),
    ("GET", "/__mock__/docs/calwe", {}, b"", 200),
    ("GET", "/__mock__/docs/nope", {}, b"", 404),
    ("GET", "/__mock__/docs/assets/swagger-ui.css", {}, b"", 200),
    ("GET", "/__mock__/apis/calwe/openapi.json", {}, b"", 200),
    ("GET", "/__mock__/nope", {}, b"", 404),
    ("GET", "/__mock__/clock", {}, b"", 200),
    ("GET", "/__mock__/clock", {"Host": "evil.example"}, b"", 403),
    ("DELETE", "/__mock__/clock", {}, b"", 405),
    ("POST", "/__mock__/clock/rate", JSON, b"{}", 400),
    ("POST", "/__mock__/clock/freeze", {}, b"x", 415),
    ("DELETE", "/__mock__/sandboxes/default", {}, b"", 409),
    ("POST", "/__mock__/load", JSON, b'{"scenario":"nope"}', 404),
]


@pytest.fixture(scope="module")
def seeded_server() -> Iterator[str]:
    """The URL of a server with another seed than the default."""
    with run_in_thread(Settings(port=0, scenario="documented", seed=77)) as url:
        yield url


@pytest.fixture
def seeded(seeded_server: str) -> Iterator[httpx.Client]:
    """A client of it, in no sandbox."""
    with httpx.Client(base_url=seeded_server, verify=False) as client:
        yield client


@pytest.fixture
def name() -> str:
    """A name that no sandbox of the server has yet."""
    return f"named-{next(_numbers)}"


def get_sandbox_headers(response: httpx.Response) -> dict[str, list[str]]:
    return {
        name: response.headers.get_list(f"x-mock-{name}", split_commas=False)
        for name in ("sandbox", "seed")
    }


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status"),
    REQUESTS,
    ids=[f"{case[0]} {case[1]} {case[4]}" for case in REQUESTS],
)
def test_every_response_names_its_sandbox_and_its_seed_once(
    seeded: httpx.Client,
    name: str,
    method: str,
    path: str,
    headers: dict[str, str],
    content: bytes,
    status: int,
) -> None:
    for sandbox, prefix, more in (
        ("default", "", {}),
        (name, "", {"X-Mock-Sandbox": name}),
        (f"{name}-p", f"/__sandbox__/{name}-p", {}),
    ):
        seeded.post(f"{prefix}/__mock__/reset", headers=more)  # so that it exists
        response = seeded.request(
            method, f"{prefix}{path}", headers={**headers, **more}, content=content
        )
        assert response.status_code == status, response.text
        assert get_sandbox_headers(response) == {"sandbox": [sandbox], "seed": ["77"]}


def test_the_header_goes_before_the_path(seeded: httpx.Client, name: str) -> None:
    headers = {"X-Mock-Sandbox": name}

    response = seeded.get("/__sandbox__/another/nope", headers=headers)
    assert get_sandbox_headers(response) == {"sandbox": [name], "seed": ["77"]}


def test_a_413_and_a_500_say_it_too(
    start: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> Any:
        raise RuntimeError("boom")

    client = start(scenario="documented", seed=5, body_limit=10)
    too_large = client.post(LOG, headers={**BEARER, **JSON}, content=b"x" * 11)
    monkeypatch.setattr(model, "page_entries", crash)
    crashed = client.get(LOG, headers=BEARER)

    assert (too_large.status_code, crashed.status_code) == (413, 500)
    for response in (too_large, crashed):
        assert get_sandbox_headers(response) == {"sandbox": ["default"], "seed": ["5"]}


def test_a_preflight_says_it_too(seeded: httpx.Client, name: str) -> None:
    response = seeded.options(
        LOG,
        headers={
            "X-Mock-Sandbox": name,
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "GET",
        },
    )

    assert get_sandbox_headers(response) == {"sandbox": [name], "seed": ["77"]}


def test_after_a_load_with_another_seed_it_is_that_one(seeded: httpx.Client, name: str) -> None:
    headers = {**BEARER, "X-Mock-Sandbox": name}

    def seeds() -> list[str]:
        paths = (LOG, "/v1/nope", "/nope", "/__mock__/health", "/__mock__/docs/calwe")
        responses = [seeded.get(path, headers=headers) for path in paths]
        return [response.headers["x-mock-seed"] for response in responses]

    assert seeds() == ["77"] * 5
    loaded = seeded.post(
        "/__mock__/load?seed=9007199254740993", headers=headers, json={"scenario": "documented"}
    )
    assert loaded.headers["x-mock-seed"] == "9007199254740993"
    assert seeds() == ["9007199254740993"] * 5
    refused = seeded.post("/__mock__/load?seed=3", headers=headers, json={"scenario": "nope"})
    assert refused.headers["x-mock-seed"] == "9007199254740993"
    assert seeded.get("/nope").headers["x-mock-seed"] == "77"
    # Of one that is gone it is the server's again.
    gone = seeded.delete(f"/__mock__/sandboxes/{name}", headers=headers)
    assert gone.headers["x-mock-seed"] == "77"


@pytest.mark.parametrize("value", ["a b", "", "x" * 65, "a,b"])
def test_a_name_that_no_sandbox_can_have_is_not_repeated(seeded: httpx.Client, value: str) -> None:
    for path in (LOG, "/nope", "/__mock__/clock", "/__mock__/health"):
        response = seeded.get(path, headers={"X-Mock-Sandbox": value})
        assert get_sandbox_headers(response) == {"sandbox": [], "seed": []}


def stamped(headers: list[tuple[bytes, bytes]], seed: Callable[[str], Awaitable[int]]) -> list[Any]:
    """The headers of a response after `SandboxHeaders`."""
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    asyncio.run(SandboxHeaders(app, seed)({"type": "http", "headers": []}, receive, send))
    assert sent[1] == {"type": "http.response.body", "body": b"x"}
    return list(sent[0]["headers"])


def test_headers_that_a_response_has_already_stay() -> None:
    async def never(_: str) -> int:
        raise AssertionError("the store was read")

    own = [(b"X-Mock-Seed", b"1"), (b"x-mock-sandbox", b"mine")]
    assert stamped(own, never) == own


@pytest.mark.parametrize("error", [RuntimeError("gone"), MemoryError(), KeyError("x")])
def test_a_response_is_sent_even_if_the_store_cannot_be_read(error: Exception) -> None:
    async def fail(_: str) -> int:
        raise error

    async def read(_: str) -> int:
        return 5

    assert stamped([(b"a", b"b")], fail) == [(b"a", b"b"), (b"x-mock-sandbox", b"default")]
    assert stamped([(b"a", b"b")], read) == [
        (b"a", b"b"),
        (b"x-mock-sandbox", b"default"),
        (b"x-mock-seed", b"5"),
    ]
