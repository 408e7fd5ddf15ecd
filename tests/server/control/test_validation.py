"""How a world validates requests, by the control API, by a scenario and in a snapshot."""

from __future__ import annotations

from typing import Any

import httpx

LOG = "/v1/customer/sessions/1/log"


def get(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return client.get(path, headers={"Authorization": "Bearer token", **headers})


def test_a_world_has_a_mode_until_it_is_reset(own_client: httpx.Client) -> None:
    def control(method: str, path: str, **more: Any) -> dict[str, Any]:
        response = own_client.request(method, f"/__mock__{path}", **more)
        assert response.status_code in (200, 201), response.text
        body: dict[str, Any] = response.json()
        return body

    assert get(own_client, f"{LOG}?page=0").status_code == 422
    assert control("PUT", "/validation", json={"validation": "warn"}) == {"validation": "warn"}
    assert get(own_client, f"{LOG}?page=0").status_code == 200
    assert get(own_client, f"{LOG}?page=0", Prefer="validation=strict").status_code == 422
    control("POST", "/snapshots", json={"name": "lenient"})
    assert control("GET", "/diff")["world"] == [
        {"field": "/validation", "before": "strict", "after": "warn"}
    ]
    control("POST", "/reset")
    assert control("GET", "/validation") == {"validation": "strict"}
    control("POST", "/snapshots/lenient/restore")
    assert control("GET", "/validation") == {"validation": "warn"}

    refused = own_client.put("/__mock__/validation", json={"validation": "lax"})
    assert refused.status_code == 400
    assert "/request/body/validation" in refused.json()["detail"]


def test_a_scenario_has_a_mode(own_client: httpx.Client) -> None:
    scenario = {
        "name": "lenient",
        "description": "x",
        "extends": "documented",
        "validation": "warn",
    }
    own_client.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()

    assert get(own_client, f"{LOG}?page=0").status_code == 200
    taken = {"name": "one"}
    own_client.post("/__mock__/snapshots", json=taken).raise_for_status()
    file = own_client.get("/__mock__/snapshots/one/file").json()
    assert file["validation"] == "warn"
    own_client.put("/__mock__/snapshots/two/file", json=file).raise_for_status()
    own_client.post("/__mock__/reset").raise_for_status()
    own_client.post("/__mock__/snapshots/two/restore").raise_for_status()
    assert own_client.get("/__mock__/validation").json() == {"validation": "warn"}
