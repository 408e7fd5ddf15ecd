"""Mutations, turned on and off over the control API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

LOG = "/v1/customer/sessions/1/log"
DEFECT = "/__mock__/mutations/calwe.total-off-by-one"
SHOWN = {
    "name": "calwe.total-off-by-one",
    "api": "calwe",
    "operations": ["listSessionLogs", "listCoachSessionLogs"],
    "description": "The paginator's `total` counts one entry too many.",
}
Told = Callable[[httpx.Response], tuple[int, str]]


def total(client: httpx.Client) -> Any:
    answer = client.get(LOG)
    assert answer.status_code == 200
    return answer.json()["data"]["total"]


def on(client: httpx.Client) -> list[str]:
    return [it["name"] for it in listed(client) if it["active"]]


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    answer = client.get("/__mock__/mutations")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["mutations"]
    return found


def test_they_are_listed_and_all_are_off(held: httpx.Client) -> None:
    assert {**SHOWN, "active": False, "everywhere": False} in listed(held)
    assert on(held) == []
    assert {it["api"] for it in listed(held)} == {"autozod", "avaamo", "calwe", "ekran"}


def test_one_is_turned_on_and_off_again(held: httpx.Client) -> None:
    assert total(held) == 2
    answer = held.put(DEFECT)
    assert (answer.status_code, answer.json()) == (
        200,
        {**SHOWN, "active": True, "everywhere": False},
    )
    assert total(held) == 3
    assert on(held) == ["calwe.total-off-by-one"]
    assert held.put(DEFECT).status_code == 200  # once more is the same

    assert held.delete(DEFECT).json() == {**SHOWN, "active": False, "everywhere": False}
    assert total(held) == 2
    assert held.delete(DEFECT).status_code == 200


def test_all_are_turned_off(held: httpx.Client) -> None:
    for name in ("calwe.total-off-by-one", "ekran.start-ignored"):
        held.put(f"/__mock__/mutations/{name}")
    assert on(held) == ["calwe.total-off-by-one", "ekran.start-ignored"]
    answer = held.delete("/__mock__/mutations")
    assert (answer.status_code, answer.content) == (204, b"")
    assert on(held) == []


def test_it_belongs_to_one_sandbox(held: httpx.Client) -> None:
    other = {"X-Mock-Sandbox": f"{held.headers['X-Mock-Sandbox']}-other"}
    held.put(DEFECT)
    assert held.get(LOG, headers=other).json()["data"]["total"] == 2
    assert total(held) == 3


def test_a_reset_takes_it_away_and_a_snapshot_has_it(held: httpx.Client) -> None:
    held.put(DEFECT)
    held.post("/__mock__/snapshots", json={"name": "broken"})
    held.post("/__mock__/reset")
    assert (on(held), total(held)) == ([], 2)
    difference = held.get("/__mock__/diff", params={"from": "broken"}).json()
    assert difference["world"] == [
        {"field": "/mutations/0", "before": "calwe.total-off-by-one"},
    ]
    held.post("/__mock__/snapshots/broken/restore")
    assert (on(held), total(held)) == (["calwe.total-off-by-one"], 3)


def test_an_unknown_one_is_refused_with_the_nearest(held: httpx.Client, told: Told) -> None:
    detail = "There is no mutation 'calwe.total-off-by-two'; did you mean 'calwe.total-off-by-one'?"
    for method in ("PUT", "DELETE"):
        answer = held.request(method, "/__mock__/mutations/calwe.total-off-by-two")
        assert told(answer) == (404, detail)


def test_one_that_the_server_was_started_with_is_on_everywhere(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(
        scenario="documented", mutate=("calwe.total-off-by-one",), only=("calwe", "ekran")
    )
    client.headers["Authorization"] = "Bearer token"
    for sandbox in ("one", "two"):
        headers = {"X-Mock-Sandbox": sandbox}
        assert client.get(LOG, headers=headers).json()["data"]["total"] == 3
    assert {**SHOWN, "active": True, "everywhere": True} in listed(client)
    assert {it["api"] for it in listed(client)} == {"calwe", "ekran"}

    client.delete("/__mock__/mutations")
    assert client.delete(DEFECT).json() == {**SHOWN, "active": True, "everywhere": True}
    assert total(client) == 3
