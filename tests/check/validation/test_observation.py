"""An exchange is validated by its contract."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.validation.observation import observe
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
    assert (seen.operation.id, seen.status, seen.moment) == ("listSessions", 200, 5)
    assert seen.is_valid is False
    assert seen.arguments == {"end": "2025-08-21"}
    assert seen.response_body == [{"sessionId": "1"}]


def test_a_conforming_exchange_has_no_violation() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"[]"), moment=0)
    assert seen is not None
    assert (seen.request_violations, seen.response_violations) == ([], [])
    assert (seen.is_valid, seen.is_success) == (True, True)


def test_a_path_or_a_method_that_the_contract_does_not_have_is_no_interaction() -> None:
    for request in (Request("GET", "/nothing"), Request("POST", "/sessions")):
        assert observe(API, request, Response(404), moment=0) is None


def test_a_body_that_is_no_json_is_none() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"<html>"), moment=0)
    assert seen is not None
    assert seen.response_body is None
    assert [violation.code for violation in seen.response_violations] == ["json"]
