"""An exchange as its contract reads it."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.validation.observation import observe
from mockserver.contract import Headers, Request, Response

API = apis.load()["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def test_both_halves_are_validated() -> None:
    request = Request("GET", "/sessions", "start=yesterday&end=2025-08-21")
    response = Response(200, JSON, b'[{"sessionId": "1"}]')
    seen = observe(API, request, response, moment=5)
    assert seen is not None
    assert [one.location for one in seen.asked] == ["/request/query/start"] * len(seen.asked)
    assert seen.asked
    assert "/response/body/0/sessionId" in [one.location for one in seen.answered]
    assert (seen.seen.operation.id, seen.seen.status, seen.seen.moment) == ("listSessions", 200, 5)
    assert seen.seen.is_valid is False
    assert seen.seen.arguments == {"end": "2025-08-21"}
    assert seen.seen.answer == [{"sessionId": "1"}]


def test_an_exchange_without_a_fault_has_none() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"[]"), moment=0)
    assert seen is not None
    assert (seen.asked, seen.answered, seen.seen.is_success) == ((), (), True)


def test_a_path_or_a_method_that_the_contract_does_not_have_is_nothing_to_see() -> None:
    for request in (Request("GET", "/nothing"), Request("POST", "/sessions")):
        assert observe(API, request, Response(404), moment=0) is None


def test_a_body_that_is_no_json_is_no_answer() -> None:
    seen = observe(API, Request("GET", "/sessions"), Response(200, JSON, b"<html>"), moment=0)
    assert seen is not None
    assert seen.seen.answer is None
    assert [one.code for one in seen.answered] == ["json"]
