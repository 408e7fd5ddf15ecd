"""An exchange is validated by its contract."""

from __future__ import annotations

from mockserver import apis
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe

APIS = apis.load()
API = APIS["ekran"]
MATCH = (API.contract.operation("listSessions"), {})
JSON = Headers([("Content-Type", "application/json")])


def test_request_and_response_are_validated() -> None:
    request = Request("GET", "/sessions", "start=yesterday&end=2025-08-21")
    response = Response(200, JSON, b'[{"sessionId": "1"}]')
    seen = observe(API, Exchange(request, response), MATCH, moment=5)
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
    exchange = Exchange(Request("GET", "/sessions"), Response(200, JSON, b"[]"))
    seen = observe(API, exchange, MATCH, moment=0)
    assert (seen.request_violations, seen.response_violations) == ([], [])
    assert (seen.is_valid, seen.is_success) == (True, True)


def test_a_body_that_is_nested_too_deeply_for_functions_that_recur_is_none() -> None:
    body = b"[" * 600 + b"]" * 600
    exchange = Exchange(Request("GET", "/sessions"), Response(200, JSON, body))
    seen = observe(API, exchange, MATCH, moment=0)
    assert seen.response_body is None
    assert [violation.code for violation in seen.response_violations] == ["type"]


def test_a_body_that_is_no_json_is_none() -> None:
    exchange = Exchange(Request("GET", "/sessions"), Response(200, JSON, b"<html>"))
    seen = observe(API, exchange, MATCH, moment=0)
    assert seen.response_body is None
    assert [violation.code for violation in seen.response_violations] == ["json"]
