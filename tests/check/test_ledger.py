"""Everything that was tested is taken down, and each defect once."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.ledger import Ledger
from mockserver.check.observer import Observation, observe
from mockserver.contract import Headers, Request, Response

API = apis.load()["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def _observed(status: int = 200, body: bytes = b"[]", query: str = "") -> Observation:
    seen = observe(API, Request("GET", "/sessions", query), Response(status, JSON, body), moment=0)
    assert seen is not None
    return seen


def test_exchanges_are_counted_by_operation_status_and_layer() -> None:
    ledger = Ledger(API, layer="examples")
    ledger.record(_observed(), ())
    ledger.layer = "probes"
    ledger.record(_observed(), ())
    ledger.record(_observed(400, b'{"message": "no"}', "start=x"), ())
    assert {place: cell.requests for place, cell in ledger.cells.items()} == {
        ("listSessions", 200, "examples"): 1,
        ("listSessions", 200, "probes"): 1,
        ("listSessions", 400, "probes"): 1,
    }
    assert ledger.statuses("listSessions") == {200: 2, 400: 1}
    assert (ledger.requests, ledger.conforming) == (3, 3)
    assert ledger.findings == {}


def test_a_defect_that_is_seen_again_is_the_same_one() -> None:
    ledger = Ledger(API, layer="examples")
    ledger.record(_observed(body=b'[{"a": 1}, {"a": 2}]'), ())
    ledger.layer = "laws"
    ledger.record(_observed(body=b'[{"a": 1}]'), ())
    found = {one.code: one for one in ledger.findings.values() if one.code != "law"}
    assert found["additionalProperties"].count == 3
    assert found["additionalProperties"].layers == ["examples", "laws"]
    assert ledger.conforming == 0


def test_parameters_are_counted_as_valid_and_not() -> None:
    ledger = Ledger(API)
    ledger.record(_observed(query="start=2025-08-21"), ())
    ledger.record(_observed(400, b'{"message": "no"}', "start=x"), ())
    assert ledger.parameters == {
        ("listSessions", "start", True): 1,
        ("listSessions", "start", False): 1,
    }


def test_a_parameter_that_was_not_sent_is_not_counted_for_its_default() -> None:
    api = apis.load()["avaamo"]
    ledger = Ledger(api)
    seen = observe(
        api, Request("GET", "/cap/change_logs.json", "page=2"), Response(200, JSON), moment=0
    )
    assert seen is not None
    assert seen.seen.arguments["per_page"] == 25
    ledger.record(seen, ())
    assert ledger.parameters == {("listChangeLogs", "page", True): 1}


def test_the_rules_that_requests_kept_and_broke_are_counted_once_a_request() -> None:
    ledger = Ledger(API)
    ledger.record(_observed(query="start=2025-08-21&end=2025-08-22"), ())
    ledger.record(_observed(400, b'{"message": "no"}', "start=x&end=x"), ())
    bound = "#/components/schemas/Bound"
    assert ledger.kept == {f"{bound}/type": 1, f"{bound}/format": 1, f"{bound}/pattern": 1}
    assert ledger.broken == {f"{bound}/format": 1, f"{bound}/pattern": 1}


def test_a_body_is_counted_as_a_parameter() -> None:
    api = apis.load()["calwe"]
    ledger = Ledger(api)
    for body in (b'{"action_type": "LEFT"}', b'{"action_type": "SLEPT"}', b""):
        request = Request("POST", "/customer/sessions/1/log", "", JSON, body)
        seen = observe(api, request, Response(500, JSON, b"{}"), moment=0)
        assert seen is not None
        ledger.record(seen, ())
    assert ledger.parameters["createSessionLog", "body", True] == 1
    assert ledger.parameters["createSessionLog", "body", False] == 2
    assert ledger.kept["#/components/schemas/ActionType/enum"] == 1
    assert ledger.broken["#/components/schemas/ActionType/enum"] == 1


def test_a_credential_that_is_refused_is_counted() -> None:
    ledger = Ledger(API)
    ledger.record(_observed(401, b'{"message": "Invalid ApiKey"}'), ())
    ledger.record(_observed(), ())
    assert ledger.admitted == {False: 1, True: 1}


def test_what_was_left_out_is_said_once() -> None:
    ledger = Ledger(API)
    ledger.leave_out("a: it writes")
    ledger.leave_out("a: it writes")
    assert ledger.unchecked == ["a: it writes"]
    assert ledger.curtailed == {""}
    ledger.layer = "laws"
    ledger.leave_out("a: it writes")
    assert ledger.unchecked == ["a: it writes"]
    assert ledger.curtailed == {"", "laws"}


def test_the_newest_traffic_is_kept_and_no_more() -> None:
    ledger = Ledger(API, layer="probes", keeps=2)
    for body in (b"[1]", b"[2]", b"[3]"):
        ledger.record(_observed(body=body), ())
    assert [exchange.response.body for _, _, exchange in ledger.traffic] == [b"[2]", b"[3]"]
    assert ledger.moments == [0, 0]


def test_a_request_without_an_answer_is_a_failure_of_the_deployment() -> None:
    ledger = Ledger(API, layer="laws")
    ledger.fail("GET x got no answer")
    (finding,) = ledger.findings.values()
    assert (finding.code, finding.evidence, finding.layers) == ("no-answer", "documented", ["laws"])
