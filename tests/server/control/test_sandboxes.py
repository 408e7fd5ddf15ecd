"""Sandboxes over the control API: listed, made, deleted, reset, limited, and gone when idle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import httpx
import pytest

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

ReadProblem = Callable[[httpx.Response], tuple[int, str]]
World = Callable[[httpx.Client], dict[str, bytes]]

SANDBOXES = "/__mock__/sandboxes"
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
_numbers = count()


@pytest.fixture
def name() -> str:
    """A name that no sandbox of the server has yet."""
    return f"own-{next(_numbers)}"


def named(name: str) -> dict[str, str]:
    return {**BEARER, "X-Mock-Sandbox": name}


def total(client: httpx.Client, name: str, id: str = "1") -> int:
    response = client.get(f"/v1/customer/sessions/{id}/log", headers=named(name))
    assert response.status_code == 200, response.text
    return int(response.json()["data"]["total"])


def names(client: httpx.Client) -> list[str]:
    return [sandbox["name"] for sandbox in client.get(SANDBOXES).json()["sandboxes"]]


# Listed


def test_a_fresh_server_has_default_and_lists_others_by_name(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented")
    [sandbox] = client.get(SANDBOXES).json()["sandboxes"]

    assert list(sandbox) == [
        "name",
        "scenario",
        "seed",
        "clock",
        "documents",
        "snapshots",
        "created",
        "used",
        "age",
        "idle",
    ]
    assert (sandbox["name"], sandbox["scenario"], sandbox["seed"]) == ("default", "documented", 1)
    assert (sandbox["documents"], sandbox["snapshots"]) == (15, 0)
    assert sandbox["clock"]["now"] == "2025-08-21T14:30:00Z"
    assert datetime.fromisoformat(sandbox["used"]) >= datetime.fromisoformat(sandbox["created"])
    assert sandbox["age"] >= sandbox["idle"] >= 0

    for name in ("b", "A", "a", "1", ".x"):
        client.get(LOG, headers=named(name))

    assert names(client) == [".x", "1", "A", "a", "b", "default"]


def test_looking_makes_none(own_client: httpx.Client, read_problem: ReadProblem, name: str) -> None:
    for path in ("sandboxes", "info", "scenarios", "events", "health", "ready", "apis"):
        response = own_client.get(f"/__mock__/{path}", headers=named(name))
        assert response.status_code == 200
        assert response.headers["x-mock-sandbox"] == name
        assert response.headers["x-mock-seed"] == "1"

    assert name not in names(own_client)
    assert read_problem(own_client.get(f"{SANDBOXES}/{name}"))[0] == 404


def test_one_is_read_with_what_it_has(own_client: httpx.Client, name: str) -> None:
    own_client.post(LOG, headers=named(name), json={"action_type": "LEFT"})
    own_client.post("/__mock__/snapshots", headers=named(name), json={"name": "one"})

    sandbox = own_client.get(f"{SANDBOXES}/{name}").json()
    assert (sandbox["documents"], sandbox["snapshots"]) == (16, 1)


def test_one_that_is_not_there_is_a_404_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    own_client.get(LOG, headers=named("payments"))

    assert read_problem(own_client.get(f"{SANDBOXES}/payment")) == (
        404,
        "There is no sandbox 'payment'; did you mean 'payments'?",
    )
    assert read_problem(own_client.delete(f"{SANDBOXES}/payment "))[0] == 400


# Made


def test_one_is_made_of_the_server_s_scenario(own_client: httpx.Client, name: str) -> None:
    response = own_client.post(SANDBOXES, json={"name": name})

    assert response.status_code == 201
    assert response.json()["name"] == name
    assert (response.json()["scenario"], response.json()["seed"]) == ("documented", 1)
    assert total(own_client, name) == 2
    assert own_client.get(f"{SANDBOXES}/{name}").json()["created"] == response.json()["created"]


def test_one_is_made_of_another_scenario_with_a_seed_and_a_clock(
    own_client: httpx.Client, name: str
) -> None:
    body = {
        "name": name,
        "scenario": "calwe-ended",
        "seed": 7,
        "clock": {"freeze": "2030-01-01T00:00:00Z"},
    }
    made = own_client.post(SANDBOXES, json=body).json()

    assert (made["scenario"], made["seed"]) == ("calwe-ended", 7)
    assert made["clock"]["now"] == "2030-01-01T00:00:00Z"
    refused = own_client.post(
        "/v1/customer/sessions/4200/log", headers=named(name), json={"action_type": "LEFT"}
    )
    assert refused.status_code == 422
    assert refused.headers["x-mock-seed"] == "7"
    # A reset leads back to what it was made of, and not to the server's scenario.
    own_client.post("/__mock__/clock/advance", headers=named(name), json={"by": "1h"})
    reset = own_client.post("/__mock__/reset", headers=named(name)).json()
    assert (reset["scenario"], reset["seed"]) == ("calwe-ended", 7)
    assert reset["clock"]["now"] == "2030-01-01T00:00:00Z"


def test_a_seed_makes_another_world_of_the_same_scenario(
    own_client: httpx.Client, name: str
) -> None:
    def sessions(seed: int | None) -> bytes:
        made = f"{name}-{seed}"
        seeded = {} if seed is None else {"seed": seed}
        body = {"name": made, "scenario": "default", "clock": {"freeze": "2025-08-21T14:30:00Z"}}
        response = own_client.post(SANDBOXES, json={**body, **seeded}, timeout=60)
        assert response.status_code == 201
        return own_client.get("/ekranapi/sessions", headers=named(made)).content

    own, same, other = sessions(None), sessions(42), sessions(43)
    assert own == same
    assert own != other
    assert own.count(b'"sessionId"') == other.count(b'"sessionId"') == 302


@pytest.mark.parametrize(
    ("clock", "mode", "rate"),
    [
        ({}, "real", 1),
        ({"shift": 0}, "real", 1),
        ({"shift": "-1d"}, "shifted", 1),
        ({"rate": 60}, "scaled", 60),
        ({"shift": "1h", "rate": 0.5}, "scaled", 0.5),
        ({"freeze": "2999-12-31"}, "frozen", 0),
    ],
)
def test_its_clock_is_set_as_a_scenario_sets_one(
    own_client: httpx.Client, name: str, clock: dict[str, Any], mode: str, rate: float
) -> None:
    made = own_client.post(SANDBOXES, json={"name": name, "clock": clock})

    assert made.status_code == 201
    assert (made.json()["clock"]["mode"], made.json()["clock"]["rate"]) == (mode, rate)


def test_a_shift_is_from_the_machine_s_time_when_it_is_made(
    own_client: httpx.Client, name: str
) -> None:
    made = [
        own_client.post(SANDBOXES, json={"name": f"{name}-{n}", "clock": {"shift": "-1d"}}).json()
        for n in range(2)
    ]

    assert [sandbox["clock"]["offset"] for sandbox in made] == [-86_400, -86_400]


def test_seed_and_clock_of_the_server_apply_to_its_own_scenario(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented", seed=9, freeze_at=1_893_456_000_000_000)

    def made(**more: Any) -> tuple[int, str]:
        body = client.post(SANDBOXES, json={"name": f"s{next(_numbers)}", **more}).json()
        return body["seed"], body["clock"]["now"]

    assert made() == (9, "2030-01-01T00:00:00Z")
    assert made(seed=5) == (5, "2030-01-01T00:00:00Z")
    assert made(clock={"freeze": "2031-01-01"}) == (9, "2031-01-01T00:00:00Z")
    assert made(scenario="documented") == (1, "2025-08-21T14:30:00Z")


def test_one_that_is_there_is_a_409_and_stays_as_it_is(
    own_client: httpx.Client, read_problem: ReadProblem, name: str
) -> None:
    own_client.post(LOG, headers=named(name), json={"action_type": "LEFT"})

    assert read_problem(
        own_client.post(SANDBOXES, json={"name": name, "scenario": "calwe-empty"})
    ) == (
        409,
        f"There is a sandbox '{name}' already; delete it, or load a scenario into it",
    )
    assert total(own_client, name) == 3
    assert read_problem(own_client.post(SANDBOXES, json={"name": "default"}))[0] == 409


def test_a_scenario_that_is_not_there_is_a_404_and_makes_nothing(
    own_client: httpx.Client, read_problem: ReadProblem, name: str
) -> None:
    assert read_problem(
        own_client.post(SANDBOXES, json={"name": name, "scenario": "calwe-endet"})
    ) == (
        404,
        "There is no scenario 'calwe-endet'; did you mean 'calwe-ended'?",
    )
    assert name not in names(own_client)


@pytest.mark.parametrize(
    ("clock", "field", "sentence"),
    [
        (
            {"freeze": "2025-02-31"},
            "freeze",
            "'2025-02-31' is not a moment; write it like 2025-08-21T14:30:00Z, "
            "-1d 3h, now or today 09:00 Asia/Riyadh",
        ),
        (
            {"freeze": "2025-08-21", "rate": 60},
            "freeze",
            "a clock that is frozen has no shift and no rate",
        ),
        (
            {"freeze": "2025-08-21", "shift": 0},
            "freeze",
            "a clock that is frozen has no shift and no rate",
        ),
        (
            {"shift": "later"},
            "shift",
            "'later' is no duration; write seconds, or something like 3h, -30m or 1d 2h 5s",
        ),
        (
            {"shift": -100_000_000_000},
            "shift",
            "'0001-01-01T00:00:00Z' is no moment for a clock; one from 1970 to 2999 is",
        ),
    ],
)
def test_a_clock_without_a_meaning_is_a_422_with_its_place(
    own_client: httpx.Client,
    read_problem: ReadProblem,
    name: str,
    clock: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    response = own_client.post(SANDBOXES, json={"name": name, "clock": clock})

    assert read_problem(response) == (422, sentence)
    assert response.json()["errors"] == [
        {"field": f"/request/body/clock/{field}", "reason": sentence}
    ]
    assert name not in names(own_client)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/request/body"),
        ({"name": ""}, "/request/body/name"),
        ({"name": "a b"}, "/request/body/name"),
        ({"name": "a/b"}, "/request/body/name"),
        ({"name": "سارة"}, "/request/body/name"),
        ({"name": "a\n"}, "/request/body/name"),
        ({"name": "a\x00"}, "/request/body/name"),
        ({"name": "x" * 65}, "/request/body/name"),
        ({"name": 5}, "/request/body/name"),
        ({"name": "x", "seed": -1}, "/request/body/seed"),
        ({"name": "x", "seed": 2**63}, "/request/body/seed"),
        ({"name": "x", "seed": 1.5}, "/request/body/seed"),
        ({"name": "x", "seed": "1"}, "/request/body/seed"),
        ({"name": "x", "scenario": ""}, "/request/body/scenario"),
        ({"name": "x", "scenario": {}}, "/request/body/scenario"),
        ({"name": "x", "clock": "real"}, "/request/body/clock"),
        ({"name": "x", "clock": {"rate": 0}}, "/request/body/clock/rate"),
        ({"name": "x", "clock": {"freze": 1}}, "/request/body/clock"),
        ({"name": "x", "sed": 1}, "/request/body"),
        ([], "/request/body"),
    ],
)
def test_what_is_not_in_the_contract_is_a_400_with_its_place(
    own_client: httpx.Client, read_problem: ReadProblem, body: Any, field: str
) -> None:
    response = own_client.post(SANDBOXES, json=body)

    assert read_problem(response)[0] == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}


@pytest.mark.parametrize("name", ["x" * 64, "..", "-", "0", "A.b_C-1"])
def test_any_name_of_letters_digits_and_three_signs_will_do(
    own_client: httpx.Client, name: str
) -> None:
    made = f"{name}{next(_numbers)}"[-64:]

    assert own_client.post(SANDBOXES, json={"name": made}).status_code == 201
    assert total(own_client, made) == 2


# Deleted


def test_a_deleted_one_is_made_anew_by_who_names_it(own_client: httpx.Client, name: str) -> None:
    own_client.post(LOG, headers=named(name), json={"action_type": "ENDED"})
    own_client.post("/__mock__/clock/advance", headers=named(name), json={"by": "1d"})
    own_client.post("/__mock__/snapshots", headers=named(name), json={"name": "kept"})

    response = own_client.delete(f"{SANDBOXES}/{name}")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert "content-length" not in response.headers
    assert name not in names(own_client)
    assert own_client.delete(f"{SANDBOXES}/{name}").status_code == 204  # as often as one likes

    assert total(own_client, name) == 2
    assert (
        own_client.get("/__mock__/clock", headers=named(name)).json()["now"]
        == "2025-08-21T14:30:00Z"
    )
    assert own_client.get("/__mock__/snapshots", headers=named(name)).json() == {"snapshots": []}
    assert (
        own_client.post(LOG, headers=named(name), json={"action_type": "LEFT"}).status_code == 200
    )


def test_one_can_be_deleted_by_who_is_in_it(own_client: httpx.Client, name: str) -> None:
    own_client.get(LOG, headers=named(name))

    response = own_client.delete(f"{SANDBOXES}/{name}", headers=named(name))
    assert response.status_code == 204
    assert (response.headers["x-mock-sandbox"], response.headers["x-mock-seed"]) == (name, "1")
    assert name not in names(own_client)


def test_default_is_not_deleted(own_client: httpx.Client, read_problem: ReadProblem) -> None:
    assert read_problem(own_client.delete(f"{SANDBOXES}/default")) == (
        409,
        "The sandbox 'default' cannot be deleted; reset it",
    )
    assert "default" in names(own_client)


@pytest.mark.parametrize("path", ["a%20b", "%C3%A4", "a,b", "x" * 65, "a%2Bb"])
def test_a_name_that_none_can_have_is_a_400(
    own_client: httpx.Client, read_problem: ReadProblem, path: str
) -> None:
    for method in ("GET", "DELETE"):
        assert read_problem(own_client.request(method, f"{SANDBOXES}/{path}"))[0] == 400


# Reset


def test_a_reset_undoes_everything_except_snapshots(
    named_client: httpx.Client, world: World
) -> None:
    before = world(named_client)
    named_client.post(LOG, json={"action_type": "ENDED"})
    named_client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 9}})
    named_client.delete("/__mock__/state/avaamo/change/2202440")
    named_client.post("/__mock__/clock/advance", json={"by": "1d"})
    named_client.post("/__mock__/snapshots", json={"name": "kept"})
    assert world(named_client) != before

    response = named_client.post("/__mock__/reset")
    assert response.status_code == 200
    assert (response.json()["documents"], response.json()["snapshots"]) == (15, 1)
    assert world(named_client) == before
    # Once more is as good as once.
    named_client.post("/__mock__/reset")
    assert world(named_client) == before


def test_a_reset_leads_back_to_what_was_loaded(own_client: httpx.Client) -> None:
    own_client.post("/__mock__/load", json={"scenario": "ekran-key-required"})
    own_client.post("/__mock__/clock/advance", json={"by": "1d"})
    own_client.post("/__mock__/load?mode=add", json={"scenario": "calwe-ended"})

    reset = own_client.post("/__mock__/reset").json()
    assert (reset["scenario"], reset["documents"]) == ("ekran-key-required", 15)
    assert own_client.get("/ekranapi/sessions").status_code == 401
    assert (
        own_client.get("/ekranapi/sessions", headers={"ApiKey": "monitoring-key"}).status_code
        == 200
    )


def test_a_reset_of_one_leaves_the_others_alone(own_client: httpx.Client, name: str) -> None:
    for one in (name, f"{name}-other"):
        own_client.post(LOG, headers=named(one), json={"action_type": "LEFT"})
    own_client.post("/__mock__/reset", headers=named(name))

    assert (total(own_client, name), total(own_client, f"{name}-other")) == (2, 3)


def test_a_reset_makes_one_that_was_not_there(own_client: httpx.Client, name: str) -> None:
    response = own_client.post("/__mock__/reset", headers=named(name))

    assert (response.status_code, response.json()["name"]) == (200, name)
    assert name in names(own_client)


# How many there may be


FULL = (
    "There are 3 sandboxes, which is as many as there may be; delete some, or start the server "
    "with a larger --max-sandboxes or a shorter --idle-expiry"
)


@pytest.fixture(scope="module")
def small_server() -> Iterator[str]:
    """The URL of a server that may have three sandboxes."""
    with run_in_thread(Settings(port=0, scenario="documented", max_sandboxes=3)) as url:
        yield url


@pytest.fixture
def full(small_server: str) -> Iterator[httpx.Client]:
    """A client of a server that has as many sandboxes as it may."""
    with httpx.Client(base_url=small_server, timeout=60, verify=False) as client:
        for name in ("one", "two"):
            # Those that were only read would make room.
            client.post(LOG, headers=named(name), json={"action_type": "LEFT"})
            assert total(client, name) == 3
        yield client
        for name in set(names(client)) - {"default"}:
            client.delete(f"{SANDBOXES}/{name}")


VENDOR_REQUESTS = [
    ("GET", LOG, named("three")),
    ("POST", LOG, named("three")),
    ("GET", LOG, {"X-Mock-Sandbox": "three"}),
    ("GET", f"/__sandbox__/three{LOG}", BEARER),
    ("GET", "/api/sessionLogs/list", named("three")),
    ("GET", "/api/v1/cap/change_logs.json", named("three")),
    ("GET", "/ekranapi/sessions", named("three")),
    ("HEAD", "/ekranapi/sessions", named("three")),
]


def test_one_too_many_is_a_429_for_a_vendor_s_client_with_cors(
    full: httpx.Client, read_problem: ReadProblem
) -> None:
    for method, path, headers in VENDOR_REQUESTS:
        response = full.request(method, path, headers={**headers, "Origin": "http://app.example"})

        assert (path, response.status_code) == (path, 429)
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["x-mock-sandbox"] == "three"
        if method != "HEAD":
            assert read_problem(response) == (429, FULL)
    assert names(full) == ["default", "one", "two"]


CONTROL_REQUESTS = [
    ("POST", "/reset", None),
    ("POST", "/load", {"scenario": "documented"}),
    ("POST", "/clock/freeze", None),
    ("POST", "/clock/unfreeze", None),
    ("POST", "/clock/advance", {"by": 1}),
    ("POST", "/clock/shift", {"by": 1}),
    ("POST", "/clock/rate", {"rate": 2}),
    ("PUT", "/state/calwe/session/1", {"id": "1", "status": "PENDING"}),
    ("PATCH", "/state/calwe/session/1", {}),
    ("DELETE", "/state/calwe/session/1", None),
    ("POST", "/events/calwe.enter", {"with": {"session": "1"}}),
]


def test_one_too_many_is_a_429_for_the_control_api(
    full: httpx.Client, read_problem: ReadProblem
) -> None:
    for method, path, body in CONTROL_REQUESTS:
        response = full.request(
            method, f"/__mock__{path}", headers={"X-Mock-Sandbox": "three"}, json=body
        )
        assert (path, *read_problem(response)) == (path, 429, FULL)
    assert names(full) == ["default", "one", "two"]


def test_requests_that_are_refused_use_up_no_sandbox(start: Callable[..., httpx.Client]) -> None:
    json_type, entry = {"Content-Type": "application/json"}, b'{"action_type":"LEFT"}'
    refused: list[tuple[str, dict[str, str], bytes, int]] = [
        (LOG, {**BEARER, **json_type}, b"{}", 422),
        (LOG, json_type, entry, 401),
        (LOG, BEARER, entry, 415),
        ("/v1/customer/sessions/999/log", {**BEARER, **json_type}, entry, 404),
        ("/__mock__/load", json_type, b"{}", 400),
        ("/__mock__/clock/freeze", json_type, b'{"at":"x"}', 422),
        ("/__mock__/snapshots/none/restore", {}, b"", 404),
    ]
    client = start(scenario="documented", max_sandboxes=3)
    for number, (path, headers, body, status) in enumerate(refused * 2):
        sandbox = {"X-Mock-Sandbox": f"refused-{number}"}
        response = client.post(path, headers={**headers, **sandbox}, content=body)
        assert response.status_code == status
    client.post(LOG, headers=named("mine"), json={"action_type": "LEFT"})
    assert "mine" in names(client)
    assert client.delete(f"{SANDBOXES}/refused-0").status_code == 204  # though it made room


def test_where_one_goes_another_may_come(full: httpx.Client, read_problem: ReadProblem) -> None:
    assert read_problem(full.post(SANDBOXES, json={"name": "three"})) == (429, FULL)
    # Those that are there go on.
    assert total(full, "one") == 3
    assert full.delete(f"{SANDBOXES}/one").status_code == 204
    assert full.post(SANDBOXES, json={"name": "three"}).status_code == 201
    assert names(full) == ["default", "three", "two"]


def test_an_idle_one_goes_and_default_does_not(
    start: Callable[..., httpx.Client], eventually: Callable[[Callable[[], bool]], None]
) -> None:
    client = start(scenario="documented", idle_expiry=1)
    client.post(LOG, headers=named("idle"), json={"action_type": "ENDED"})
    client.post("/__mock__/snapshots", headers=named("idle"), json={"name": "one"})
    client.post(LOG, headers=BEARER, json={"action_type": "LEFT"})

    # To list sandboxes is no use of any of them.
    time.sleep(1)
    eventually(lambda: "idle" not in names(client))

    assert names(client) == ["default"]
    assert total(client, "default") == 3
    assert total(client, "idle") == 2
    assert client.get("/__mock__/snapshots", headers=named("idle")).json() == {"snapshots": []}


def test_one_too_many_makes_room_of_those_that_are_idle(
    start: Callable[..., httpx.Client], eventually: Callable[[Callable[[], bool]], None]
) -> None:
    client = start(scenario="documented", idle_expiry=1, max_sandboxes=2)
    assert total(client, "first") == 2
    time.sleep(1)
    eventually(lambda: client.get(LOG, headers=named("second")).status_code == 200)

    assert names(client) == ["default", "second"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/clock", None),
        ("GET", "/diff", None),
        ("GET", "/ids", None),
        ("GET", "/snapshots", None),
        ("POST", "/snapshots", {"name": "before"}),
        ("GET", "/snapshots/before", None),
        ("DELETE", "/snapshots/before", None),
        ("POST", "/snapshots/before/restore", None),
        ("GET", "/snapshots/before/file", None),
        ("GET", "/state", None),
        ("GET", "/state/calwe/session", None),
        ("GET", "/state/calwe/session/1", None),
        ("GET", "/journal", None),
        ("GET", "/mutations", None),
        ("GET", "/faults", None),
        ("GET", "/faults/one", None),
        ("GET", "/validation", None),
    ],
)
def test_what_needs_a_sandbox_that_does_not_exist_is_a_404_and_makes_none(
    own_client: httpx.Client, read_problem: ReadProblem, method: str, path: str, body: Any
) -> None:
    own_client.post("/__mock__/reset", headers={"X-Mock-Sandbox": "typing-error"})
    mistyped = {"X-Mock-Sandbox": "typing-eror"}
    response = own_client.request(method, f"/__mock__{path}", headers=mistyped, json=body)
    assert read_problem(response) == (
        404,
        "There is no sandbox 'typing-eror'; did you mean 'typing-error'?",
    )
    assert "typing-eror" not in names(own_client)
