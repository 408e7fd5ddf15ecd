"""An exchange is validated by its contract, and so is whether it was rightly accepted."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.observation import check_acceptance, observe
from mockserver.contract import Headers, Request, Response

APIS = apis.load()
API = APIS["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def test_request_and_response_are_validated() -> None:
    request = Request("GET", "/sessions", "start=yesterday&end=2025-08-21")
    response = Response(200, JSON, b'[{"sessionId": "1"}]')
    seen = observe(API, request, response, moment=5)
    assert seen is not None
    assert [violation.location for violation in seen.request_violations] == [
        "/request/query/start"
    ] * len(seen.request_violations)
    assert seen.request_violations
    assert "/response/body/0/sessionId" in [
        violation.location for violation in seen.response_violations
    ]
    assert (seen.interaction.operation.id, seen.interaction.status, seen.interaction.moment) == (
        "listSessions",
        200,
        5,
    )
    assert seen.interaction.is_valid is False
    assert seen.interaction.arguments == {"end": "2025-08-21"}
    assert seen.interaction.response_body == [{"sessionId": "1"}]


def test_a_conforming_exchange_has_no_violation() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"[]"), moment=0)
    assert seen is not None
    assert (seen.request_violations, seen.response_violations, seen.interaction.is_success) == (
        (),
        (),
        True,
    )


def test_a_path_or_a_method_that_the_contract_does_not_have_is_no_observation() -> None:
    for request in (Request("GET", "/nothing"), Request("POST", "/sessions")):
        assert observe(API, request, Response(404), moment=0) is None


def test_a_body_that_is_no_json_is_none() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"<html>"), moment=0)
    assert seen is not None
    assert seen.interaction.response_body is None
    assert [violation.code for violation in seen.response_violations] == ["json"]


def _found(name: str, path: str, query: str, status: int, *, is_admitted: bool = True) -> list[str]:
    api = APIS[name]
    request = Request("GET", path, query)
    seen = observe(api, request, Response(status, JSON, b"{}"), moment=0, is_admitted=is_admitted)
    assert seen is not None
    return [
        f"{finding.code} {finding.evidence}: {finding.sentence}"
        for finding in check_acceptance(api, seen)
    ]


def test_a_conforming_request_that_is_accepted_is_no_finding() -> None:
    assert _found("ekran", "/sessions", "start=2025-08-21", 200) == []


def test_a_violating_request_that_is_refused_is_no_finding() -> None:
    assert _found("ekran", "/sessions", "start=yesterday", 400) == []


def test_a_violating_request_that_is_accepted_is_a_finding_with_the_rule() -> None:
    (found,) = _found("ekran", "/sessions", "start=yesterday", 200)
    assert found.startswith(
        "pattern assumed: A request that breaks the contract gets 200: /request/query/start"
    )


def test_a_conforming_request_that_is_refused_is_a_finding() -> None:
    assert _found("ekran", "/sessions", "start=2025-08-21", 400) == [
        "refused documented: A request that the contract allows gets 400"
    ]


@pytest.mark.parametrize("status", [401, 403, 404, 413, 429])
def test_refusals_that_do_not_depend_on_the_form_are_no_finding(status: int) -> None:
    assert _found("ekran", "/sessions", "", status) == []


def test_a_refused_invalid_credential_is_no_finding() -> None:
    assert _found("ekran", "/sessions", "", 400, is_admitted=False) == []


@pytest.mark.parametrize("query", ["", "start=yesterday"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_a_finding_whatever_the_request_was(query: str, status: int) -> None:
    assert _found("ekran", "/sessions", query, status) == [
        f"server-error documented: A request gets {status}"
    ]
