"""Recorded calls are attributed to an API, by the paths of its contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver import apis
from mockserver.traffic.attribution import Attribution, attribute_calls
from mockserver.traffic.recording import RecordedCall

APIS = list(apis.load().values())
LOG = "/customer/sessions/1/log"


@pytest.fixture
def attribute(calls: Callable[..., list[RecordedCall]]) -> Callable[..., Attribution]:
    """Attributes calls, each written as a URL or as a method and a URL."""

    def attribute(*lines: str, urls: tuple[str, ...] = (), status: int = 200) -> Attribution:
        entries = []
        for line in lines:
            method, _, url = line.rpartition(" ")
            request = {"method": method or "GET", "url": url}
            entries.append(
                {
                    "startedDateTime": "2025-08-21T12:00:00.000Z",
                    "request": request,
                    "response": {"status": status},
                }
            )
        return attribute_calls(calls(*entries), APIS, urls)

    return attribute


def _summarize(attribution: Attribution) -> list[tuple[str, str, str]]:
    return [(one.api.name, one.url, one.path) for one in attribution.calls]


def test_call_is_attributed_to_the_api_that_has_its_path(
    attribute: Callable[..., Attribution],
) -> None:
    found = attribute(
        f"http://h/v1{LOG}",
        "http://h/api/v1/cap/change_logs.json?per_page=2",
        "http://h/api/sessionLogs/list",
        "http://h/ekranapi/sessions",
        "http://h/index.html",
        "http://h/assets/v1.js",
    )
    assert _summarize(found) == [
        ("calwe", "http://h", LOG),
        ("avaamo", "http://h", "/cap/change_logs.json"),
        ("autozod", "http://h", "/sessionLogs/list"),
        ("ekran", "http://h", "/sessions"),
    ]
    assert not found.unmatched


def test_deployment_may_be_below_a_path_of_a_gateway(attribute: Callable[..., Attribution]) -> None:
    found = attribute(f"http://h/gate/way/v1{LOG}", "http://h/gate/way/v1/none", "http://h/v1/none")
    assert _summarize(found) == [
        ("calwe", "http://h/gate/way", LOG),
        ("calwe", "http://h/gate/way", "/none"),
    ]
    assert found.unmatched == {("http://h", "calwe"): 1}


def test_sandbox_prefix_is_no_part_of_the_path(attribute: Callable[..., Attribution]) -> None:
    found = attribute(f"http://h/__sandbox__/test-1/v1{LOG}", f"http://h/v1{LOG}")
    assert [(one.url, one.path, one.sandbox) for one in found.calls] == [
        ("http://h", LOG, "test-1"),
        ("http://h", LOG, ""),
    ]


def test_every_call_below_a_known_base_is_attributed(
    attribute: Callable[..., Attribution],
) -> None:
    found = attribute(
        f"DELETE http://h/v1{LOG}",
        "http://h/v1",
        "http://h/v1/",
        "http://h/v1/none",
        "http://h/v10/none",
        "http://h/api/v1/none",
        "http://h/api/none",
    )
    assert _summarize(found) == [
        ("calwe", "http://h", LOG),
        ("calwe", "http://h", ""),
        ("calwe", "http://h", "/"),
        ("calwe", "http://h", "/none"),
        ("avaamo", "http://h", "/api/v1/none".removeprefix("/api/v1")),
        ("autozod", "http://h", "/none"),
    ]


def test_of_two_bases_the_one_known_there_is_chosen(
    attribute: Callable[..., Attribution],
) -> None:
    found = attribute("http://h/api/sessionLogs/list", "http://h/api/v1/none")
    assert _summarize(found)[1] == ("autozod", "http://h", "/v1/none")


def test_backend_of_an_app_is_not_attributed(attribute: Callable[..., Attribution]) -> None:
    found = attribute("http://app/api/me", "http://app/api/you", f"http://h/v1{LOG}")
    assert _summarize(found) == [("calwe", "http://h", LOG)]
    assert found.unmatched == {("http://app", "autozod"): 2}


def test_host_of_the_contract_is_attributed(attribute: Callable[..., Attribution]) -> None:
    found = attribute("https://www.autozod.app/api/none", f"http://h/v1{LOG}")
    assert _summarize(found)[0] == ("autozod", "https://www.autozod.app", "/none")


def test_without_any_known_call_every_call_below_a_base_is_attributed(
    attribute: Callable[..., Attribution],
) -> None:
    found = attribute("http://h/v1/none", "http://h/gate/v1/none", "http://h/none")
    assert _summarize(found) == [("calwe", "http://h", "/none")]


def test_urls_limit_the_deployments(
    attribute: Callable[..., Attribution],
) -> None:
    calls = (f"http://h/v1{LOG}", f"http://i:80/gate/v1{LOG}", "http://i/gate/v1/none")
    found = attribute(*calls, urls=("http://i/gate/",))
    assert _summarize(found) == [
        ("calwe", "http://i/gate", LOG),
        ("calwe", "http://i/gate", "/none"),
    ]
    assert _summarize(attribute("http://app/api/me", urls=("http://app",))) == [
        ("autozod", "http://app", "/me")
    ]
    assert _summarize(attribute(*calls, urls=("http://nobody",))) == []


def test_call_without_a_response_is_not_counted_as_unmatched(
    attribute: Callable[..., Attribution],
) -> None:
    assert not attribute("http://app/api/me", f"http://h/v1{LOG}", status=0).unmatched


def test_path_of_a_thousand_bases_is_attributed_in_time(
    attribute: Callable[..., Attribution],
) -> None:
    found = attribute("http://h" + "/v1" * 300_000, f"http://h/v1{LOG}")
    assert len(found.calls) == 2
