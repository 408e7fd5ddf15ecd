"""What a server says of itself: well, ready, its APIs, its limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import mockserver

ReadProblem = Callable[[httpx.Response], tuple[int, str]]


def test_it_is_up(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "version": mockserver.__version__}


def test_it_is_ready(documented: httpx.Client) -> None:
    response = documented.get("/__mock__/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "apis": ["autozod", "avaamo", "calwe", "ekran"],
        "seed": 1,
    }


def test_ready_names_what_is_served_and_the_seed_of_default(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented", only=("ekran", "calwe"), seed=5)
    assert client.get("/__mock__/ready").json() == {
        "status": "ready",
        "apis": ["calwe", "ekran"],
        "seed": 5,
    }

    client.post("/__mock__/load?seed=6", json={"scenario": "documented"})
    assert client.get("/__mock__/ready").json()["seed"] == 6
    # Whichever sandbox the request names.
    other = {"X-Mock-Sandbox": "other"}
    assert client.get("/__mock__/ready", headers=other).json()["seed"] == 6


def test_a_store_that_cannot_be_read_is_a_503_and_the_process_is_up(
    start: Callable[..., httpx.Client], read_problem: ReadProblem, tmp_path: Path
) -> None:
    store = tmp_path / "store.sqlite"
    client = start(scenario="documented", store=store)
    with sqlite3.connect(store) as other:
        other.execute("ALTER TABLE worlds RENAME TO gone")
    other.close()

    status, detail = read_problem(client.get("/__mock__/ready"))
    assert status == 503
    assert detail.startswith("The sandbox 'default' cannot be read: ")
    assert client.get("/__mock__/health").json()["status"] == "ok"

    with sqlite3.connect(store) as other:
        other.execute("ALTER TABLE gone RENAME TO worlds")
    other.close()
    assert client.get("/__mock__/ready").status_code == 200


@pytest.mark.parametrize("path", ["health", "ready", "apis"])
def test_what_is_for_everybody_minds_no_name_of_a_sandbox(
    documented: httpx.Client, path: str
) -> None:
    response = documented.get(f"/__mock__/{path}", headers={"X-Mock-Sandbox": "no such/name"})

    assert response.status_code == 200
    assert documented.get(f"/__sandbox__/a%20b/__mock__/{path}").status_code == 200


@pytest.mark.parametrize("path", ["info", "sandboxes", "scenarios", "events", "clock", "state"])
def test_everything_else_minds_it(
    documented: httpx.Client, read_problem: ReadProblem, path: str
) -> None:
    sentence = "'a b' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', '-'"

    response = documented.get(f"/__mock__/{path}", headers={"X-Mock-Sandbox": "a b"})
    assert read_problem(response) == (400, sentence)
    del documented.headers["X-Mock-Sandbox"]
    assert read_problem(documented.get(f"/__sandbox__/a%20b/__mock__/{path}")) == (400, sentence)


def test_it_says_what_it_is_and_what_its_limits_are(documented: httpx.Client) -> None:
    assert documented.get("/__mock__/info").json() == {
        "version": mockserver.__version__,
        "apis": ["autozod", "avaamo", "calwe", "ekran"],
        "scenario": "documented",
        "seed": 1,
        "limits": {
            "body": 1_048_576,
            "control_body": 67_108_864,
            "sandboxes": 2_000,
            "snapshots": 100,
            "idle": 86_400,
        },
        "watch": None,
    }


def test_its_limits_are_those_of_its_settings(start: Callable[..., httpx.Client]) -> None:
    client = start(
        scenario="calwe-empty",
        seed=3,
        only=("calwe",),
        body_limit=100,
        control_body_limit=1_000,
        max_sandboxes=4,
        max_snapshots=0,
        idle_expiry=0,
    )

    info = client.get("/__mock__/info").json()
    assert (info["scenario"], info["seed"], info["apis"]) == ("calwe-empty", 3, ["calwe"])
    assert info["limits"] == {
        "body": 100,
        "control_body": 1_000,
        "sandboxes": 4,
        "snapshots": 0,
        "idle": 0,
    }
    # They stay what they are when `default` becomes something else.
    client.post("/__mock__/load?seed=9", json={"scenario": "documented"})
    assert client.get("/__mock__/info").json() == info


def test_an_api_is_described_with_its_operations_and_their_evidence(
    documented: httpx.Client,
) -> None:
    [ekran] = [api for api in documented.get("/__mock__/apis").json() if api["name"] == "ekran"]

    assert ekran["base"] == "/ekranapi"
    assert ekran["operations"] == [
        {
            "id": "listSessions",
            "method": "GET",
            "path": "/ekranapi/sessions",
            "evidence": "documented",
        }
    ]
    assert ekran["openapi"] == "/__mock__/apis/ekran/openapi.yaml"
    assert ekran["docs"] == "/__mock__/docs/ekran"
    assert ekran["evidence"].keys() <= {"documented", "example", "related", "assumed"}
