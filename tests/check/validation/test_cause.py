"""Findings that have one cause are one, and different ones are not."""

from __future__ import annotations

from datetime import date

from mockserver import apis
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.contract import EVIDENCE, Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.observation import observe

CALWE, AVAAMO = apis.load()["calwe"], apis.load()["avaamo"]
LOG, COACH_LOG = "/customer/sessions/1/log", "/coach/sessions/1/log"
UNAUTHENTICATED = "#/components/schemas/CalweUnauthenticated"


def _interaction(
    status: int,
    body: bytes,
    path: str = LOG,
    kind: str = "application/json",
    *,
    method: str = "GET",
    query: str = "",
) -> Interaction:
    request = Request(method, path, query, Headers([("Authorization", "Bearer invalid")]))
    response = Response(status, Headers([("Content-Type", kind)]), body)
    match = CALWE.contract.match(method, path)
    return observe(CALWE, Exchange(request, response), match, moment=0, is_admitted=False)


def _record(*interactions: Interaction, phases: tuple[str, ...] = ("cases",)) -> Results:
    results = Results(CALWE)
    for results.phase in phases:
        for interaction in interactions:
            results.record(interaction, ())
    return results


def _reach(results: Results, *accepted: str) -> Verdict:
    baseline = Baseline(dict.fromkeys(accepted, date(2025, 1, 2)), date(2025, 1, 1))
    return make_verdict(results, Severity(EVIDENCE[-1], is_strict=True), baseline)


def _add_case(results: Results, interaction: Interaction, name: str, location: str) -> None:
    source, sentence = Source("case", name), f"'{name}' is not as expected"
    results.report(interaction, "case", sentence, source=source, location=location)


def test_one_wrong_refusal_in_all_operations_and_phases_is_one_finding() -> None:
    wrong = b'{"error": "Unauthorized"}'
    each = [
        _interaction(401, wrong, path, method=method)
        for path in (LOG, COACH_LOG)
        for method in ("GET", "POST")
    ]
    (finding,) = _reach(_record(*each, phases=("cases", "generated"))).failures
    assert finding.fingerprint == f"calwe * properties {UNAUTHENTICATED} /response/body 401"
    assert finding.sentence == '/response/body: "success" is a required property'
    assert finding.also == [
        '"message" is a required property',
        '"data" is a required property',
        '"statusCode" is a required property',
        "Additional properties are not allowed ('error' was unexpected)",
    ]
    assert (finding.count, finding.phases) == (8, ["cases", "generated"])
    assert list(dict.fromkeys(place.operation for place in finding.places)) == [
        *("listSessionLogs", "createSessionLog", "listCoachSessionLogs", "createCoachSessionLog"),
    ]


def test_a_host_that_is_wrong_in_all_operations_is_one_finding() -> None:
    results = Results(CALWE)
    for path in (LOG, COACH_LOG):
        results.report(_interaction(200, b"{}", path), "other-host", f"The URL of {path} is wrong")
    (finding,) = _reach(results).failures
    assert finding.fingerprint == "calwe * other-host * * *"
    assert finding.sentence == f"The URL of {LOG} is wrong"


def test_two_breaches_of_one_response_stay_two() -> None:
    body = b'{"success": true, "message": 5, "data": [], "statusCode": 401}'
    found = _reach(_record(_interaction(401, body), _interaction(401, body, COACH_LOG))).failures
    assert sorted(finding.location for finding in found if finding.code == "enum") == [
        "/response/body/message",
        "/response/body/success",
    ]


def test_the_same_rule_with_another_status_or_place_is_another_finding() -> None:
    results = Results(CALWE, phase="cases")
    for status, place in ((400, "a"), (404, "a"), (404, "b")):
        interaction = _interaction(status, b"{}")
        source, location = Source("contract", "#/x"), f"/response/body/{place}"
        results.report(interaction, "type", "wrong", source=source, location=location)
    assert [finding.fingerprint for finding in _reach(results).failures] == [
        "calwe listSessionLogs type #/x /response/body/a 400",
        "calwe listSessionLogs type #/x /response/body/a 404",
        "calwe listSessionLogs type #/x /response/body/b 404",
    ]


def test_a_content_type_that_is_wrong_everywhere_is_one_finding_and_another_one_is_another() -> (
    None
):
    results = _record(
        _interaction(401, b"{}", kind="text/json"),
        _interaction(404, b"{}", COACH_LOG, kind="text/json"),
        _interaction(405, b"<h1>", kind="text/html", method="POST"),
    )
    found = [it.fingerprint for it in _reach(results).failures if it.code == "content-type"]
    assert found == [
        "calwe * content-type text/json /response/headers/content-type *",
        "calwe createSessionLog content-type #/components/responses/CalweMethodNotAllowed/content "
        "/response/headers/content-type 405",
    ]


def test_a_status_that_is_not_documented_is_one_finding_with_all_that_expected_another() -> None:
    results = _record(created := _interaction(201, b"{}"), _interaction(201, b"{}", COACH_LOG))
    _add_case(results, created, "list", "/response/status")
    results.report(created, "example-refused", "An example gets 201")
    found = _reach(results).failures
    (finding,) = [it for it in found if it.status]
    assert finding.fingerprint == "calwe * status * /response/status 201"
    assert len(finding.places) == 4


def test_valid_requests_that_are_refused_are_one_finding_of_an_operation_and_status() -> None:
    results, refused = Results(CALWE, phase="cases"), _interaction(409, b"{}")
    results.report(refused, "refused", "A request that the contract allows gets 409")
    _add_case(results, refused, "list", "/response/status")
    _add_case(results, refused, "list-of-an-empty-session", "/response/status")
    for name in ("list", "list-of-an-empty-session"):  # each has an id of its own
        _add_case(results, _interaction(404, b"{}"), name, "/response/status")
    assert [(it.fingerprint, len(it.places)) for it in _reach(results).failures] == [
        ("calwe listSessionLogs refused * * 409", 3),
        ("calwe listSessionLogs case case:list /response/status 404", 1),
        ("calwe listSessionLogs case case:list-of-an-empty-session /response/status 404", 1),
    ]


def test_a_gateway_is_one_finding_and_another_server_error_is_one_of_each_operation() -> None:
    down, wrong = _interaction(502, b"", kind="text/html"), _interaction(500, b"", COACH_LOG)
    results = _record(down, _interaction(502, b"", COACH_LOG, "text/html"), wrong)
    results.record(_interaction(500, b""), ())
    results.report_retry(502)
    results.report(wrong, "not_a_server_error", "Server error")
    _add_case(results, down, "listSessionLogs-401-missing-credential", "/response/status")
    found = _reach(results).failures
    assert [finding.fingerprint for finding in found] == [
        "calwe * unavailable * * 502",
        "calwe listCoachSessionLogs server-error * * 500",
        "calwe listSessionLogs server-error #/paths/~1customer~1sessions~1{id}~1log/get - 500",
    ]
    assert found[0].sentence == "A request gets 502"


def test_cases_of_one_rule_that_get_the_same_wrong_status_are_one_finding() -> None:
    results = _record(accepted := _interaction(200, b"{}"))
    results.findings.clear()
    for name in ("401-missing-credential", "401-other-scheme", "422-per_page-minimum"):
        _add_case(results, accepted, f"listSessionLogs-{name}", "/response/status")
    assert [finding.fingerprint for finding in _reach(results).failures] == [
        "calwe * case #/components/responses/CalweUnauthenticated /response/status 200",
        "calwe listSessionLogs case case:listSessionLogs-422-per_page-minimum /response/status 200",
    ]


def test_a_case_whose_invalid_request_is_accepted_is_the_finding_of_that_rule() -> None:
    results = _record(accepted := _interaction(200, b"{}", query="per_page=0"))
    for key in [key for key, finding in results.findings.items() if "request" not in key[4]]:
        del results.findings[key]
    _add_case(results, accepted, "listSessionLogs-422-per_page-minimum", "/response/status")
    _add_case(results, accepted, "listSessionLogs-422-per_page-maximum", "/response/status")
    one, other = _reach(results).failures
    assert {place.code for place in one.places} == {"minimum", "case"}
    assert other.source.name == "listSessionLogs-422-per_page-maximum"


def test_a_literal_body_is_missing_for_the_reason_that_the_body_has_another_shape() -> None:
    results = _record(wrong := _interaction(404, b'{"errors": []}'))
    _add_case(results, wrong, "list-of-an-unknown-session", "/response/body")
    (finding,) = _reach(results).failures
    assert "'list-of-an-unknown-session' is not as expected" in finding.also


def test_two_literal_bodies_that_are_missing_are_two_findings() -> None:
    results = Results(CALWE, phase="cases")
    other = _interaction(404, "غير موجود".encode())
    for name in ("list-of-an-unknown-session", "create-in-an-unknown-session"):
        _add_case(results, other, name, "/response/body")
    assert len(_reach(results).failures) == 2


def test_a_rule_and_the_one_that_it_refers_to_are_one_finding() -> None:
    request = Request("GET", "/cap/change_logs.json")
    body = b'{"change_logs": [], "time_token": "5"}'
    response = Response(200, Headers([("Content-Type", "application/json")]), body)
    match = AVAAMO.contract.match(request.method, request.path)
    results = Results(AVAAMO, phase="cases")
    results.record(observe(AVAAMO, Exchange(request, response), match, moment=0), ())
    verdict = make_verdict(results, Severity(), Baseline())
    (finding,) = [it for it in verdict.failures if it.location == "/response/body/time_token"]
    assert [place.evidence for place in finding.places] == ["documented", "assumed"]


def _two_operations() -> Results:
    return _record(_interaction(401, b"{}"), _interaction(401, b"{}", COACH_LOG))


OWN = f"calwe listSessionLogs required {UNAUTHENTICATED}/required /response/body 401"
CAUSE = f"calwe * properties {UNAUTHENTICATED} /response/body 401"


def test_a_baseline_accepts_a_cause_everywhere_or_one_place_of_it() -> None:
    verdict = _reach(_two_operations(), CAUSE)
    assert (len(verdict.failures), [it.fingerprint for it in verdict.accepted]) == (0, [CAUSE])
    verdict = _reach(_two_operations(), OWN)
    assert [it.fingerprint for it in verdict.accepted] == [OWN]
    assert [it.operation for it in verdict.failures] == ["listCoachSessionLogs"]
    assert {OWN, CAUSE} <= {*verdict.fingerprints}
    # Alone, it is the same cause.
    assert _reach(_record(_interaction(401, b"{}")), CAUSE).failures == ()


def test_a_cause_whose_acceptance_has_expired_is_a_failure() -> None:
    baseline = Baseline({CAUSE: date(2025, 1, 1)}, date(2025, 1, 2))
    (finding,) = make_verdict(_two_operations(), Severity("documented"), baseline).failures
    assert finding.note == "the baseline accepted it until 2025-01-01, and that day has passed"


def test_the_best_evidence_of_a_cause_decides_how_severe_it_is() -> None:
    results = Results(CALWE, phase="cases")
    for evidence, path in (("assumed", LOG), ("documented", COACH_LOG)):
        interaction = _interaction(404, b"{}", path)
        location = "/response/headers/x-a"
        results.report(interaction, "type", "wrong", location=location, evidence=evidence)
    verdict = make_verdict(results, Severity(), Baseline())
    (finding,) = verdict.failures
    assert (finding.operation, verdict.warnings) == ("listCoachSessionLogs", ())
    assert isinstance(finding, Finding)
