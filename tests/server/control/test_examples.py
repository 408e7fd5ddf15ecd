"""The operation on requests to try."""

from __future__ import annotations

import httpx


def send(client: httpx.Client, request: dict[str, object]) -> int:
    return client.request(
        str(request["method"]),
        str(request["target"]),
        headers=request["headers"],  # type: ignore[arg-type]
        content=str(request["body"]),
    ).status_code


def test_each_operation_has_a_request_that_succeeds(documented: httpx.Client) -> None:
    documented.post("/__mock__/reset")
    apis = documented.get("/__mock__/requests").json()["apis"]

    assert [(it["api"], it["base"]) for it in apis] == [
        ("autozod", "/api"),
        ("avaamo", "/api/v1"),
        ("calwe", "/v1"),
        ("ekran", "/ekranapi"),
    ]
    requests = [request for api in apis for request in api["requests"]]
    assert len(requests) == 7
    assert [it["operation"] for it in requests if send(documented, it) >= 300] == []


def test_the_credential_is_one_that_the_world_accepts(documented: httpx.Client) -> None:
    scenario = {"name": "x", "description": "d", "tokens": {"ekran": {"valid": ["one", "two"]}}}
    documented.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()
    [api] = documented.get("/__mock__/requests", params={"api": "ekran"}).json()["apis"]

    assert api["requests"][0]["credential"] == {"headers": {"ApiKey": "one"}, "query": {}}
    assert send(documented, api["requests"][0]) == 200


def test_where_no_credential_is_accepted_there_is_none(documented: httpx.Client) -> None:
    scenario = {"name": "x", "description": "d", "tokens": {"ekran": {"valid": []}}}
    documented.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()
    [api] = documented.get("/__mock__/requests", params={"api": "ekran"}).json()["apis"]

    assert api["requests"][0]["credential"] == {"headers": {}, "query": {}}


def test_an_unknown_api_is_a_404_that_names_the_nearest(documented: httpx.Client) -> None:
    documented.post("/__mock__/reset")
    response = documented.get("/__mock__/requests", params={"api": "ekrn"})

    assert response.status_code == 404
    assert "did you mean 'ekran'?" in response.json()["detail"]
