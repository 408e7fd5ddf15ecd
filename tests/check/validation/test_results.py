"""Results count what was tested, and have each finding once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction, invariant
from mockserver.kit import Kit
from mockserver.observation import observe

APIS = apis.load()
API = APIS["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def _observed(status: int = 200, body: bytes = b"[]", query: str = "") -> Interaction:
    return _observe(API, Request("GET", "/sessions", query), Response(status, JSON, body))


def _observe(api: Api, request: Request, response: Response, **more: Any) -> Interaction:
    match = api.contract.match(request.method, request.path)
    return observe(api, Exchange(request, response), match, moment=0, **more)


def test_exchanges_are_counted_by_operation_status_and_phase() -> None:
    results = Results(API, phase="examples")
    results.record(_observed(), ())
    results.phase = "boundaries"
    results.record(_observed(), ())
    results.record(_observed(400, b'{"message": "no"}', "start=x"), ())
    assert {place: cell.requests for place, cell in results.cells.items()} == {
        ("listSessions", 200, "examples"): 1,
        ("listSessions", 200, "boundaries"): 1,
        ("listSessions", 400, "boundaries"): 1,
    }
    assert results.statuses("listSessions") == {200: 2, 400: 1}
    assert (results.requests, results.recognised) == (3, 3)
    assert results.findings == {}


def test_a_finding_that_is_seen_again_is_counted() -> None:
    results = Results(API, phase="examples")
    results.record(_observed(body=b'[{"a": 1}, {"a": 2}]'), ())
    results.phase = "workflows"
    results.record(_observed(body=b'[{"a": 1}]'), ())
    found = {
        finding.code: finding
        for finding in results.findings.values()
        if finding.code != "invariant"
    }
    assert found["additionalProperties"].count == 2
    assert found["additionalProperties"].also == []
    assert found["additionalProperties"].phases == ["examples", "workflows"]
    assert results.recognised == 2


def test_parameters_are_counted_as_valid_and_not() -> None:
    results = Results(API)
    results.record(_observed(query="start=2025-08-21"), ())
    results.record(_observed(400, b'{"message": "no"}', "start=x"), ())
    assert results.keywords.parameters == {
        ("listSessions", "start", True): 1,
        ("listSessions", "start", False): 1,
    }


def test_a_parameter_that_was_not_sent_is_not_counted_for_its_default() -> None:
    api = APIS["avaamo"]
    results = Results(api)
    seen = _observe(api, Request("GET", "/cap/change_logs.json", "page=2"), Response(200, JSON))
    assert seen.arguments["per_page"] == 25
    results.record(seen, ())
    assert results.keywords.parameters == {("listChangeLogs", "page", True): 1}


def test_satisfied_and_violated_rules_are_counted_once_a_request() -> None:
    results = Results(API)
    results.record(_observed(query="start=2025-08-21&end=2025-08-22"), ())
    results.record(_observed(400, b'{"message": "no"}', "start=x&end=x"), ())
    bound = "#/components/schemas/Bound"
    assert results.keywords.satisfied == {
        f"{bound}/type": 1,
        f"{bound}/format": 1,
        f"{bound}/pattern": 1,
    }
    assert results.keywords.violated == {f"{bound}/format": 1, f"{bound}/pattern": 1}


def test_a_body_is_counted_as_a_parameter() -> None:
    api = APIS["calwe"]
    results = Results(api)
    for body in (b'{"action_type": "LEFT"}', b'{"action_type": "SLEPT"}', b""):
        request = Request("POST", "/customer/sessions/1/log", "", JSON, body)
        results.record(_observe(api, request, Response(500, JSON, b"{}")), ())
    assert results.keywords.parameters["createSessionLog", "body", True] == 1
    assert results.keywords.parameters["createSessionLog", "body", False] == 2
    assert results.keywords.satisfied["#/components/schemas/ActionType/enum"] == 1
    assert results.keywords.violated["#/components/schemas/ActionType/enum"] == 1


def test_a_credential_that_is_refused_is_counted() -> None:
    results = Results(API)
    results.record(_observed(401, b'{"message": "Invalid ApiKey"}'), ())
    results.record(_observed(), ())
    assert results.admitted == {False: 1, True: 1}


def test_a_skipped_test_is_reported_once() -> None:
    results = Results(API)
    results.skip("a: it writes")
    results.skip("a: it writes")
    assert results.skipped == ["a: it writes"]
    assert results.skipped_phases == {""}
    results.phase = "workflows"
    results.skip("a: it writes")
    assert results.skipped == ["a: it writes"]
    assert results.skipped_phases == {"", "workflows"}


def test_traffic_is_the_newest_up_to_the_limit() -> None:
    results = Results(API, phase="boundaries", traffic_limit=2)
    for body in (b"[1]", b"[2]", b"[3]"):
        results.record(_observed(body=body), ())
    kept = [(exchange.response.body, moment) for _, _, exchange, moment in results.traffic]
    assert kept == [(b"[2]", 0), (b"[3]", 0)]


def test_traffic_is_the_newest_up_to_the_size_of_its_bodies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mockserver.check.validation.results._MOST_TRAFFIC_BYTES", 8)
    results = Results(API, phase="boundaries")
    for body in (b"[1]", b"[22]", b"[333]", b"[4]", b"[55555555]", b"[6]"):
        results.record(_observed(body=body), ())
        kept = [exchange.response.body for _, _, exchange, _ in results.traffic]
        assert sum(map(len, kept)) <= 8 or kept == [body]
        assert kept[-1] == body
    assert kept == [b"[6]"]


def test_a_request_without_a_response_is_a_failure_of_the_deployment() -> None:
    results = Results(API, phase="workflows")
    results.report_missing_response("GET x got no response", None)
    (finding,) = results.findings.values()
    assert (finding.code, finding.evidence, finding.phases) == (
        "no-response",
        "documented",
        ["workflows"],
    )


def read_rows(now: Interaction, _: Sequence[Interaction]) -> list[Any] | None:
    return now.response_body if isinstance(now.response_body, list) else None


@invariant("listSessions", evidence="documented", reads=read_rows)
def rows_are_few(rows: list[Any]) -> Iterator[str]:
    """There are at most two rows."""
    if len(rows) > 2:
        yield f"there are {len(rows)}"


@invariant("anotherOperation", evidence="assumed", reads=read_rows)
def of_another_operation(_: list[Any]) -> list[str]:
    """Of another operation."""
    raise AssertionError


def test_an_invariant_has_met_the_interactions_that_it_applies_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kit = Kit((rows_are_few, of_another_operation))
    monkeypatch.setattr("mockserver.check.validation.results.load_kit", lambda _: kit)
    results = Results(API)
    results.record(_observed(body=b"{}"), ())
    assert results.met == {"rows-are-few": 0, "of-another-operation": 0}
    results.record(_observed(body=b"[]"), ())
    results.record(_observed(body=b"[1, 2, 3]"), ())
    assert results.met == {"rows-are-few": 2, "of-another-operation": 0}
    sentences = [
        finding.sentence for finding in results.findings.values() if finding.code == "invariant"
    ]
    assert sentences == ["There are at most two rows. But there are 3"]


@invariant("listSessions", evidence="documented", reads=lambda now, before: (now, before))
def first_is_empty_where_one_was(value: Any) -> Iterator[str]:
    """An empty list is not followed by one with rows."""
    now, before = value
    if now.response_body and any(not earlier.response_body for earlier in before):
        yield "it is"


@pytest.mark.parametrize(("earlier", "shown"), [(3, 3), (40, 39)])
def test_a_finding_over_several_requests_has_those_before_it(
    monkeypatch: pytest.MonkeyPatch, earlier: int, shown: int
) -> None:
    kit = Kit((first_is_empty_where_one_was, rows_are_few))
    monkeypatch.setattr("mockserver.check.validation.results.load_kit", lambda _: kit)
    results, rows = Results(API), [_observed(body=b"[1, 2, 3]") for _ in range(earlier - 2)]
    before = [_observed(body=b"[1]"), _observed(), *rows]
    results.record(_observed(body=b"[1, 2, 3]"), before)
    found = {finding.source.name: finding for finding in results.findings.values()}
    sequence = found["first-is-empty-where-one-was"].sequence
    assert len(sequence) == shown + 1
    assert sequence[-shown:-1] == tuple(seen.exchange for seen in before[1 - shown :])
    assert len(found["rows-are-few"].sequence) == 1  # the last request shows it alone


def _found(name: str, path: str, query: str, status: int, *, is_admitted: bool = True) -> list[str]:
    api = APIS[name]
    request = Request("GET", path, query)
    seen = _observe(api, request, Response(status, JSON, b"{}"), is_admitted=is_admitted)
    results = Results(api)
    results.record(seen, ())
    return [
        f"{finding.code} {finding.evidence}: {finding.sentence}"
        for finding in results.findings.values()
        if not finding.location.startswith("/response")
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


def _refused(query: str, status: int = 400, **request: Any) -> dict[str, str]:
    """The evidence of what is found where a request is refused, by code."""
    results = Results(API, phase="boundaries")
    found = _observe(
        API,
        Request("GET", "/sessions", query, **request),
        Response(status, JSON, b'{"message": "no"}'),
    )
    results.record(found, ())
    return {finding.code: finding.evidence for finding in results.findings.values()}


def test_a_refusal_of_what_no_document_speaks_of_is_a_warning() -> None:
    assert _refused("start=2025-08-21")["refused"] == "documented"
    assert _refused("start=2025-08-21&unexpected=1")["refused"] == "assumed"
    assert _refused("start=2025-08-21&start=2025-08-21")["refused"] == "assumed"
    assert _refused("start=2025-08-21", body=b"x")["refused"] == "assumed"


def test_a_status_of_a_refusal_that_is_not_documented_is_a_warning() -> None:
    assert _refused("start=x", 422) == {"status": "assumed"}
    assert _refused("start=2025-08-21", 418)["refused"] == "documented"
    assert _refused("start=x", 302)["status"] == "documented"
    assert "refused" not in _refused("start=2025-08-21", 414)


def test_what_is_accepted_fails_only_where_a_document_says_that_it_is_refused() -> None:
    results, calwe = Results(API, phase="cases"), APIS["calwe"]
    results.record(_observed(query="start=x"), ())  # Ekran's page speaks of no refusal
    (found,) = [finding for finding in results.findings.values() if "start" in finding.location]
    assert found.evidence == "assumed"
    results = Results(calwe, phase="cases")
    request = Request("POST", "/customer/sessions/1/log", "", JSON, b'{"action_type": "SLEPT"}')
    results.record(_observe(calwe, request, Response(200, JSON, b"{}")), ())
    evidence = {finding.location: finding.evidence for finding in results.findings.values()}
    assert evidence["/request/body/action_type"] == "documented"


def test_a_body_of_success_is_recognised_with_another_status_or_type() -> None:
    results = Results(API, phase="examples")
    html = Headers([("Content-Type", "text/html")])
    results.record(_observe(API, Request("GET", "/sessions"), Response(200, html, b"{}")), ())
    assert results.recognised == 0
    results.record(_observe(API, Request("GET", "/sessions"), Response(201, html, b"[]")), ())
    assert results.recognised == 1


@pytest.mark.parametrize(
    "body", [b'[{"clientGuid": "a', '[{"clientGuid": "جلسة"}]'.encode("cp1256")]
)
def test_json_that_is_cut_off_or_not_in_utf_8_is_recognised_and_a_failure(body: bytes) -> None:
    results = Results(API, phase="examples")
    results.record(_observed(body=b"<html>"), ())
    assert results.recognised == 0
    results.record(_observed(body=body), ())
    assert results.recognised == 1
    assert {finding.code: finding.evidence for finding in results.findings.values()} == {
        "json": "documented"
    }


@pytest.mark.parametrize("value", ["a" * 256, "a%09b", "%E2%80%AE"])
def test_a_refusal_of_an_extreme_value_is_a_warning(value: str) -> None:
    calwe = APIS["calwe"]
    results = Results(calwe, phase="boundaries")
    request = Request("GET", f"/customer/sessions/{unquote(value)}/log")
    results.record(_observe(calwe, request, Response(422, JSON, b"{}")), ())
    assert {f.evidence for f in results.findings.values() if f.code == "refused"} <= {"assumed"}


def _post(body: bytes, status: int, session: str = "77") -> Interaction:
    path = f"/customer/sessions/{session}/log"
    request = Request("POST", path, headers=JSON, body=body)
    return _observe(APIS["calwe"], request, Response(status, JSON, b"{}"))


@pytest.mark.parametrize(
    ("action", "evidence"),
    [
        ("INVALID", "documented"),
        ("entered", "assumed"),
        (" ENTERED", "assumed"),
        ("\uff25NTERED", "assumed"),  # a letter of full width
    ],
)
def test_a_listed_value_that_is_spelt_otherwise_may_be_accepted(action: str, evidence: str) -> None:
    results = Results(APIS["calwe"])
    results.record(_post(f'{{"action_type": "{action}"}}'.encode(), 200), ())
    (found,) = [it for it in results.findings.values() if "breaks the contract" in it.sentence]
    assert found.evidence == evidence


def test_what_an_id_allows_is_known_after_a_success() -> None:
    body = b'{"action_type": "ENTERED"}'
    for before, evidence in (((), "assumed"), ((_post(body, 200),), "documented")):
        results = Results(APIS["calwe"])
        for interaction in (*before, _post(body, 409)):
            results.record(interaction, ())
        (found,) = [it for it in results.findings.values() if it.code == "refused"]
        assert found.evidence == evidence
