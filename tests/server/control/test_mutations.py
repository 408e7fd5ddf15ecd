"""Mutations, turned on and off over the control API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

LOG = "/v1/customer/sessions/1/log"
NAME = "calwe.listSessionLogs.off-by-one:/data/total"
OTHER = "ekran.listSessions.ignore-parameter:query/start"
URL = f"/__mock__/mutations/{NAME}"
VIEW = {
    "name": NAME,
    "api": "calwe",
    "operations": ["listSessionLogs"],
    "operator": "off-by-one",
    "description": "`/data/total` is wrong by one.",
}
ReadProblem = Callable[[httpx.Response], tuple[int, str]]


def total(client: httpx.Client) -> Any:
    response = client.get(LOG)
    assert response.status_code == 200
    return response.json()["data"]["total"]


def on(client: httpx.Client) -> list[str]:
    return [it["name"] for it in listed(client, active="true")]


def listed(client: httpx.Client, **filters: str) -> list[dict[str, Any]]:
    response = client.get("/__mock__/mutations", params=filters)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["mutations"]
    return found


def test_they_are_listed_and_all_are_off(own_client: httpx.Client) -> None:
    assert {**VIEW, "active": False, "everywhere": False} in listed(own_client)
    assert on(own_client) == []
    assert {it["api"] for it in listed(own_client)} == {"autozod", "avaamo", "calwe", "ekran"}


def test_a_filter_leaves_those_that_it_fits(own_client: httpx.Client) -> None:
    own_client.put(URL)
    found = listed(own_client, api="calwe", operation="listSessionLogs", operator="off-by-one")
    assert {it["operator"] for it in found} == {"off-by-one"}
    assert [it["name"] for it in found if it["active"]] == [NAME]
    off = listed(own_client, operation="listSessionLogs", operator="off-by-one", active="false")
    assert {it["api"] for it in off} == {"calwe"}
    assert NAME not in [it["name"] for it in off]
    assert listed(own_client, operator="hand-written", api="ekran")[0]["name"].startswith("ekran.")
    assert listed(own_client, operator="nothing") == []


def test_one_is_turned_on_and_off_again(own_client: httpx.Client) -> None:
    assert total(own_client) == 2
    response = own_client.put(URL)
    assert (response.status_code, response.json()) == (
        200,
        {**VIEW, "active": True, "everywhere": False},
    )
    assert total(own_client) == 3
    assert on(own_client) == [NAME]
    assert own_client.put(URL).status_code == 200  # once more is the same

    assert own_client.delete(URL).json() == {**VIEW, "active": False, "everywhere": False}
    assert total(own_client) == 2
    assert own_client.delete(URL.replace(":/", ":%2F")).status_code == 200


def test_all_are_turned_off(own_client: httpx.Client) -> None:
    for name in (NAME, OTHER):
        own_client.put(f"/__mock__/mutations/{name}")
    assert on(own_client) == [NAME, OTHER]
    response = own_client.delete("/__mock__/mutations")
    assert (response.status_code, response.content) == (204, b"")
    assert on(own_client) == []


def test_it_belongs_to_one_sandbox(own_client: httpx.Client) -> None:
    other = {"X-Mock-Sandbox": f"{own_client.headers['X-Mock-Sandbox']}-other"}
    own_client.put(URL)
    assert own_client.get(LOG, headers=other).json()["data"]["total"] == 2
    assert total(own_client) == 3


def test_a_reset_takes_it_away_and_a_snapshot_has_it(own_client: httpx.Client) -> None:
    own_client.put(URL)
    own_client.post("/__mock__/snapshots", json={"name": "broken"})
    own_client.post("/__mock__/reset")
    assert (on(own_client), total(own_client)) == ([], 2)
    difference = own_client.get("/__mock__/diff", params={"from": "broken"}).json()
    assert difference["world"] == [
        {"field": "/mutations/0", "before": NAME},
    ]
    own_client.post("/__mock__/snapshots/broken/restore")
    assert (on(own_client), total(own_client)) == ([NAME], 3)


def test_an_unknown_one_is_refused_with_the_nearest(
    own_client: httpx.Client, read_problem: ReadProblem
) -> None:
    detail = f"There is no mutation '{NAME}s'; did you mean '{NAME}'?"
    for method in ("PUT", "DELETE"):
        response = own_client.request(method, f"{URL}s")
        assert read_problem(response) == (404, detail)


def test_one_that_the_server_was_started_with_is_on_everywhere(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(scenario="documented", mutate=(NAME,), only=("calwe", "ekran"))
    client.headers["Authorization"] = "Bearer token"
    for sandbox in ("one", "two"):
        headers = {"X-Mock-Sandbox": sandbox}
        assert client.get(LOG, headers=headers).json()["data"]["total"] == 3
    assert {**VIEW, "active": True, "everywhere": True} in listed(client)
    assert {it["api"] for it in listed(client)} == {"calwe", "ekran"}

    client.delete("/__mock__/mutations")
    assert client.delete(URL).json() == {**VIEW, "active": True, "everywhere": True}
    assert total(client) == 3
