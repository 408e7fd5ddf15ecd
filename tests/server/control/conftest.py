"""Clients of the control API, and what a refusal of it looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

CREDENTIALS = {"Authorization": "Bearer token", "access-token": "token"}
PATIENT = httpx.Timeout(60)
"""What is large may take its time on a machine that has much to do."""
_numbers = count()

ReadProblem = Callable[[httpx.Response], tuple[int, str]]


@pytest.fixture(scope="session")
def own_server(run_server: Callable[..., Any]) -> Iterator[str]:
    """A server of the documents' world whose sandbox `default` no other test uses."""
    with run_server(scenario="documented") as url:
        yield url


@pytest.fixture
def own_client(documented: httpx.Client) -> httpx.Client:
    """A client of a sandbox of its own, with the credentials of every vendor."""
    documented.headers.update(CREDENTIALS)
    documented.timeout = PATIENT
    documented.post("/__mock__/reset")  # so that it exists
    return documented


@pytest.fixture(params=["default", "header", "prefix"])
def named_client(request: pytest.FixtureRequest, own_server: str) -> Iterator[httpx.Client]:
    """A client of a sandbox that is named in each of the three ways there are.

    For what is done to the sandbox itself; elsewhere the way makes no difference.
    """
    name = f"named-{next(_numbers)}"
    base = f"{own_server}/__sandbox__/{name}" if request.param == "prefix" else own_server
    headers = {"X-Mock-Sandbox": name} if request.param == "header" else {}
    with httpx.Client(
        base_url=base, headers={**CREDENTIALS, **headers}, timeout=PATIENT, verify=False
    ) as client:
        client.post("/__mock__/reset")  # so that it exists
        yield client
        client.post("/__mock__/reset")
        for snapshot in client.get("/__mock__/snapshots").json()["snapshots"]:
            client.delete(f"/__mock__/snapshots/{snapshot['name']}")


@pytest.fixture
def read_problem() -> ReadProblem:
    """The status and the sentence of a refusal, which must be problem details."""

    def read_problem(response: httpx.Response) -> tuple[int, str]:
        assert response.headers["content-type"] == "application/problem+json", response.text
        body = response.json()
        assert {"type", "title", "status", "detail"} <= body.keys()
        assert body.keys() <= {"type", "title", "status", "detail", "errors"}
        assert (body["type"], body["status"]) == ("about:blank", response.status_code)
        return response.status_code, body["detail"]

    return read_problem


@pytest.fixture
def check_unchanged() -> Callable[[httpx.Client], None]:
    """Checks that a sandbox whose scenario is `documented` is as it was made."""

    def check_unchanged(client: httpx.Client) -> None:
        diff = client.get("/__mock__/diff").json()
        assert diff["equal"] is True, diff
        sandbox = client.get(f"/__mock__/sandboxes/{client.headers['x-mock-sandbox']}").json()
        assert (sandbox["scenario"], sandbox["documents"]) == ("documented", 15)

    return check_unchanged


@pytest.fixture
def world() -> Callable[[httpx.Client], dict[str, bytes]]:
    """Everything that can be read of a sandbox whose clock stands still, byte for byte."""

    def world(client: httpx.Client) -> dict[str, bytes]:
        kinds: list[dict[str, Any]] = client.get("/__mock__/state").json()["kinds"]
        paths = [
            "/__mock__/state",
            "/__mock__/diff",
            "/v1/customer/sessions/1/log?per_page=1000",
            "/api/v1/cap/change_logs.json?per_page=100",
            "/ekranapi/sessions",
            *(f"/__mock__/state/{kind['api']}/{kind['kind']}?per_page=1000" for kind in kinds),
        ]
        found = {path: client.get(path, headers={"Host": "localhost"}) for path in paths}
        clock = client.get("/__mock__/clock").json()
        return {
            **{path: response.content for path, response in found.items()},
            "clock": f"{clock['now']} {clock['mode']}".encode(),
            "seed": found["/__mock__/state"].headers["x-mock-seed"].encode(),
        }

    return world
