"""Recorded calls are told to belong to an API, by where its contract lives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.check.traffic.attribution import Belongings, belongings
from mockserver.check.traffic.recording import read_calls

APIS = list(apis.load().values())
LOG = "/customer/sessions/1/log"


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Belongings]:
    """What is told of calls, each written as its URL, perhaps after a method."""

    def told(*calls: str, urls: tuple[str, ...] = (), status: int = 200) -> Belongings:
        entries = []
        for call in calls:
            method, _, url = call.rpartition(" ")
            request = {"method": method or "GET", "url": url}
            entries.append({"request": request, "response": {"status": status}})
        path = tmp_path / "a.har"
        path.write_text(json.dumps({"log": {"entries": entries}}))
        return belongings(read_calls(path), APIS, urls)

    return told


def _said(told: Belongings) -> list[tuple[str, str, str]]:
    return [(one.api.name, one.url, one.path) for one in told.calls]


def test_a_call_is_its_whose_contract_has_its_path(told: Callable[..., Belongings]) -> None:
    found = told(
        f"http://h/v1{LOG}",
        "http://h/api/v1/cap/change_logs.json?per_page=2",
        "http://h/api/sessionLogs/list",
        "http://h/ekranapi/sessions",
        "http://h/index.html",
        "http://h/assets/v1.js",
    )
    assert _said(found) == [
        ("calwe", "http://h", LOG),
        ("avaamo", "http://h", "/cap/change_logs.json"),
        ("autozod", "http://h", "/sessionLogs/list"),
        ("ekran", "http://h", "/sessions"),
    ]
    assert not found.unmatched_exchanges


def test_a_deployment_may_be_below_a_path_of_a_gateway(told: Callable[..., Belongings]) -> None:
    found = told(f"http://h/gate/way/v1{LOG}", "http://h/gate/way/v1/none", "http://h/v1/none")
    assert _said(found) == [
        ("calwe", "http://h/gate/way", LOG),
        ("calwe", "http://h/gate/way", "/none"),
    ]
    assert found.unmatched_exchanges == {("http://h", "calwe"): 1}


def test_a_sandbox_before_the_path_is_none_of_it(told: Callable[..., Belongings]) -> None:
    found = told(f"http://h/__sandbox__/test-1/v1{LOG}", f"http://h/v1{LOG}")
    assert [(one.url, one.path, one.sandbox) for one in found.calls] == [
        ("http://h", LOG, "test-1"),
        ("http://h", LOG, ""),
    ]


def test_below_a_base_where_something_is_in_a_contract_everything_is_an_api_s(
    told: Callable[..., Belongings],
) -> None:
    found = told(
        f"DELETE http://h/v1{LOG}",
        "http://h/v1",
        "http://h/v1/",
        "http://h/v1/none",
        "http://h/v10/none",
        "http://h/api/v1/none",
        "http://h/api/none",
    )
    assert _said(found) == [
        ("calwe", "http://h", LOG),
        ("calwe", "http://h", ""),
        ("calwe", "http://h", "/"),
        ("calwe", "http://h", "/none"),
        ("avaamo", "http://h", "/api/v1/none".removeprefix("/api/v1")),
        ("autozod", "http://h", "/none"),
    ]


def test_of_two_bases_that_fit_it_is_the_one_that_is_met_there(
    told: Callable[..., Belongings],
) -> None:
    found = told("http://h/api/sessionLogs/list", "http://h/api/v1/none")
    assert _said(found)[1] == ("autozod", "http://h", "/v1/none")


def test_the_backend_of_an_app_is_not_taken_for_an_api(told: Callable[..., Belongings]) -> None:
    found = told("http://app/api/me", "http://app/api/you", f"http://h/v1{LOG}")
    assert _said(found) == [("calwe", "http://h", LOG)]
    assert found.unmatched_exchanges == {("http://app", "autozod"): 2}


def test_the_host_that_a_contract_names_is_its_api_s(told: Callable[..., Belongings]) -> None:
    found = told("https://www.autozod.app/api/none", f"http://h/v1{LOG}")
    assert _said(found)[0] == ("autozod", "https://www.autozod.app", "/none")


def test_where_nothing_is_in_a_contract_all_below_a_base_is_meant(
    told: Callable[..., Belongings],
) -> None:
    found = told("http://h/v1/none", "http://h/gate/v1/none", "http://h/none")
    assert _said(found) == [("calwe", "http://h", "/none")]


def test_only_the_deployments_that_are_asked_for_are_looked_at(
    told: Callable[..., Belongings],
) -> None:
    calls = (f"http://h/v1{LOG}", f"http://i:80/gate/v1{LOG}", "http://i/gate/v1/none")
    found = told(*calls, urls=("http://i/gate/",))
    assert _said(found) == [("calwe", "http://i/gate", LOG), ("calwe", "http://i/gate", "/none")]
    assert _said(told("http://app/api/me", urls=("http://app",))) == [
        ("autozod", "http://app", "/me")
    ]
    assert _said(told(*calls, urls=("http://nobody",))) == []


def test_what_was_not_answered_is_not_missed(told: Callable[..., Belongings]) -> None:
    assert not told("http://app/api/me", f"http://h/v1{LOG}", status=0).unmatched_exchanges


def test_a_path_of_a_thousand_bases_is_read_in_time(told: Callable[..., Belongings]) -> None:
    found = told("http://h" + "/v1" * 300_000, f"http://h/v1{LOG}")
    assert len(found.calls) == 2
