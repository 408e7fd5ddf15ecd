"""The rules of faults over the control API: they are changed, and belong to a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver.fault import RULE_SCHEMA
from mockserver.server import control

LOG = "/v1/customer/sessions/1/log"
FAULTS = "/__mock__/faults"
DOWN = {"effect": {"status": 503}}
ReadProblem = Callable[[httpx.Response], tuple[int, str]]


def names(client: httpx.Client) -> list[str]:
    return [fault["name"] for fault in client.get(FAULTS).json()["faults"]]


def status(client: httpx.Client) -> int:
    return client.get(LOG).status_code


def test_a_rule_is_added_read_replaced_and_deleted(own_client: httpx.Client) -> None:
    body = {"name": "down", "match": {"api": "calwe", "first": 2}, **DOWN}
    added = own_client.post(FAULTS, json=body)
    view = {**body, "began": "2025-08-21T14:30:00Z", "matched": 0, "applied": 0}
    assert (added.status_code, added.json()) == (201, view)

    assert [status(own_client) for _ in range(3)] == [503, 503, 200]
    assert own_client.get(f"{FAULTS}/down").json() == {**view, "matched": 3, "applied": 2}
    assert own_client.get(FAULTS).json() == {"faults": [{**view, "matched": 3, "applied": 2}]}

    replaced = own_client.put(f"{FAULTS}/down", json={"effect": {"status": 502}})
    assert replaced.json() == {
        "name": "down",
        "match": {},
        "effect": {"status": 502},
        "began": "2025-08-21T14:30:00Z",
        "matched": 0,
        "applied": 0,
    }
    assert status(own_client) == 502

    deleted = own_client.delete(f"{FAULTS}/down")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert status(own_client) == 200
    assert names(own_client) == []


def test_a_rule_without_a_name_gets_one_and_all_are_deleted_at_once(
    own_client: httpx.Client,
) -> None:
    own_client.put(f"{FAULTS}/fault-2", json={"effect": {"delay": 0}})
    assert own_client.post(FAULTS, json=DOWN).json()["name"] == "fault-1"
    assert own_client.post(FAULTS, json=DOWN).json()["name"] == "fault-3"
    assert names(own_client) == ["fault-2", "fault-1", "fault-3"]
    own_client.put(f"{FAULTS}/fault-2", json=DOWN)  # it keeps its place
    assert names(own_client) == ["fault-2", "fault-1", "fault-3"]
    assert own_client.delete(FAULTS).status_code == 204
    assert names(own_client) == []
    assert status(own_client) == 200


def test_what_cannot_be_is_refused_with_all_that_is_wrong(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    body = {"match": {"operation": "listSessionLog"}, "effect": {"delay": 800, "sigma": 1}}
    refused = own_client.put(f"{FAULTS}/x", json=body)
    assert read_problem(refused) == (
        422,
        "The fault 'x' cannot be like this: effect.delay: '800' seconds is not from 0 s to 600 s; "
        "a number is seconds, and '800ms' are milliseconds; match.operation: there is no operation "
        "'listSessionLog'; did you mean 'listSessionLogs'?",
    )
    assert [error["field"] for error in refused.json()["errors"]] == [
        "/request/body/effect/delay",
        "/request/body/match/operation",
    ]
    assert read_problem(own_client.post(FAULTS, json={"effect": {}}))[0] == 400
    assert read_problem(own_client.post(FAULTS, json={"effect": {"status": 200}}))[0] == 400
    assert names(own_client) == []

    own_client.put(f"{FAULTS}/one", json=DOWN)
    assert read_problem(own_client.post(FAULTS, json={"name": "one", **DOWN})) == (
        409,
        "There is a fault 'one' already; replace or delete it",
    )
    for method in ("GET", "DELETE"):
        assert read_problem(own_client.request(method, f"{FAULTS}/two")) == (
            404,
            "There is no fault 'two'; known: 'one'",
        )


def test_a_sandbox_has_at_most_a_hundred_rules(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    for _ in range(100):
        assert own_client.post(FAULTS, json={"effect": {"delay": 0}}).status_code == 201
    assert read_problem(own_client.post(FAULTS, json=DOWN)) == (
        429,
        "The sandbox has 100 faults, which is as many as it may have; delete some",
    )
    assert own_client.put(f"{FAULTS}/fault-100", json=DOWN).status_code == 200


def test_a_rule_belongs_to_its_world(own_client: httpx.Client) -> None:
    """A snapshot carries it with its counters; a reset ends it; other sandboxes never see it."""
    own_client.put(f"{FAULTS}/down", json={"match": {"first": 2}, **DOWN})
    assert status(own_client) == 503
    own_client.post("/__mock__/snapshots", json={"name": "one"})
    other = {"X-Mock-Sandbox": f"{own_client.headers['x-mock-sandbox']}-other"}
    assert own_client.get(LOG, headers=other).status_code == 200
    assert own_client.get(FAULTS, headers=other).json() == {"faults": []}

    own_client.post("/__mock__/reset")
    assert names(own_client) == []
    assert status(own_client) == 200

    own_client.post("/__mock__/snapshots/one/restore")
    assert own_client.get(f"{FAULTS}/down").json()["matched"] == 1
    assert [status(own_client), status(own_client)] == [503, 200]
    change = own_client.get("/__mock__/diff").json()["world"]
    assert change == [
        {
            "field": "/faults/0",
            "after": {"name": "down", "match": {"first": 2}, "effect": {"status": 503}},
        }
    ]


def test_the_control_api_itself_has_no_faults(own_client: httpx.Client) -> None:
    own_client.put(f"{FAULTS}/all", json={"effect": {"connection": "reset"}})
    assert own_client.get("/__mock__/health").status_code == 200
    assert names(own_client) == ["all"]
    assert own_client.delete(f"{FAULTS}/all").status_code == 204


@pytest.mark.parametrize(("schema", "part"), [("FaultMatch", "match"), ("FaultEffect", "effect")])
def test_the_contract_has_the_rules_of_scenarios(schema: str, part: str) -> None:
    contract: dict[str, Any] = control.make_control_api().contract.document["components"]["schemas"]
    written, own = contract[schema]["properties"], RULE_SCHEMA["properties"][part]["properties"]
    assert list(written) == list(own)
    for name, of_contract in written.items():
        for keyword in ("enum", "minimum", "maximum", "pattern", "maxLength"):
            if "allOf" not in of_contract and name != "headers":
                assert of_contract.get(keyword) == own[name].get(keyword), (name, keyword)
