"""The log of requests: what is in it, what is redacted, and when it is there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.errors import SettingError
from mockserver.server.run import serve
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer secret"}
RULE = "#/paths/~1customer~1sessions~1{id}~1log"
_numbers = count()


@pytest.fixture(scope="module")
def logging_server(run_server: Callable[..., Any]) -> Iterator[str]:
    with run_server(scenario="documented", request_log=3) as url:
        yield url


@pytest.fixture
def logged(logging_server: str) -> Iterator[httpx.Client]:
    """A client of a sandbox of its own, on a server that keeps three requests of each."""
    headers = {**BEARER, "X-Mock-Sandbox": f"logged-{next(_numbers)}"}
    with httpx.Client(base_url=logging_server, headers=headers, verify=False) as client:
        yield client


def read(client: httpx.Client, limit: int = 100) -> list[dict[str, Any]]:
    response = client.get("/__mock__/requests", params={"limit": limit}).raise_for_status().json()
    assert response["kept"] == 3
    requests: list[dict[str, Any]] = response["requests"]
    return requests


def lines(client: httpx.Client) -> list[str]:
    return [f"{it['status']} {it['method']} {it['target']}" for it in read(client)]


def test_the_requests_to_the_sandbox_are_listed(logged: httpx.Client, logging_server: str) -> None:
    logged.get(f"{LOG}?per_page=1")
    logged.post(LOG, json={"action_type": "ENDED"})
    logged.post("/__mock__/reset")
    path = f"/__sandbox__/{logged.headers['X-Mock-Sandbox']}/vi/forgotten"
    httpx.get(logging_server + path, verify=False)
    httpx.get(logging_server + LOG, headers=BEARER, verify=False)
    assert lines(logged) == [
        f"200 GET {LOG}?per_page=1",
        f"200 POST {LOG}",
        "404 GET /vi/forgotten",
    ]


def test_the_newest_are_kept_and_listed(logged: httpx.Client) -> None:
    for number in range(1, 5):
        logged.get(f"{LOG}?page={number}")
    assert lines(logged) == [f"200 GET {LOG}?page={number}" for number in (2, 3, 4)]
    (request,) = read(logged, limit=1)
    assert request["target"] == f"{LOG}?page=4"


def test_a_violation_is_its_place_and_its_keyword(logged: httpx.Client) -> None:
    assert logged.post(LOG, json={"action_type": "SECRET"}).status_code == 422
    (request,) = read(logged)
    (violation,) = request["violations"]
    assert violation["location"] == "/request/body/action_type"
    assert violation["keyword"] == "enum"
    assert violation["contract"].startswith("#/")
    assert "SECRET" not in str(request)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (f"{LOG}?page=2&access_token=secret", f"{LOG}?page=2&access_token=***"),
        (f"{LOG}?a=secret&a=secret&b", f"{LOG}?a=***&a=***&b=***"),
        ("/other?page=secret", "/other?page=***"),
        ("/a%20b/%0A?x", "/a%20b/%0A?x=***"),
    ],
)
def test_only_values_of_documented_parameters_are_kept(
    logged: httpx.Client, target: str, shown: str
) -> None:
    logged.get(target)
    (request,) = read(logged)
    assert request["target"] == shown


def test_a_long_target_is_cut(logged: httpx.Client) -> None:
    logged.get(f"/{'x' * 5_000}?{'y' * 5_000}=1")
    (request,) = read(logged)
    assert len(request["target"]) == 500


def test_a_deleted_sandbox_has_no_requests(logged: httpx.Client) -> None:
    logged.get(LOG)
    logged.delete(f"/__mock__/sandboxes/{logged.headers['X-Mock-Sandbox']}").raise_for_status()
    assert read(logged) == []


def test_a_malformed_name_of_a_sandbox_is_refused_as_ever(logged: httpx.Client) -> None:
    assert logged.get(LOG, headers={"X-Mock-Sandbox": "not a name"}).status_code == 400


def test_by_default_nothing_is_kept(documented: httpx.Client) -> None:
    documented.get(LOG, headers=BEARER)
    response = documented.get("/__mock__/requests").json()
    assert response == {"kept": 0, "total": 0, "requests": []}


def test_several_processes_cannot_keep_them() -> None:
    with socket.socket() as listener, pytest.raises(SettingError, match="leave out --workers"):
        serve(Settings(workers=2, request_log=1), listener, lambda *_: None)
