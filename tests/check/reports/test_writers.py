"""Reports as files: JSON and JUnit XML."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

from mockserver import apis
from mockserver.check.reports.writers import WRITERS, write_json, write_junit
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.observation import observe
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response, Timing

API = apis.load()["ekran"]
TARGET = Target("staging", "http://mock/")
MASK = Mask(["top-secret"])


def _verdict() -> Verdict:
    results = Results(API, phase="boundaries")
    request = Request("GET", "/sessions", "", Headers([("ApiKey", "top-secret")]))
    headers = Headers([("Content-Type", "application/json")])
    response = Response(200, headers, b"[]", Timing(began=0, took=1_250_000))
    match = API.contract.match(request.method, request.path)
    seen = observe(API, Exchange(request, response), match, moment=0)
    results.record(seen, ())
    finding = Finding(
        "ekran",
        "listSessions",
        "invariant",
        Source("invariant", "few"),
        "documented",
        "there are \x00 top-secret too many ‮",
        status=200,
        exchange=Exchange(request, response),
        phases=["boundaries"],
    )
    return Verdict(
        "ekran", (finding,), inconclusive=("proves nothing",), requests=1, results=results
    )


def test_report_of_each_kind_can_be_written() -> None:
    assert set(WRITERS) == {"har", "html", "json", "junit"}
    for write in WRITERS.values():
        assert b"top-secret" not in write([_verdict()], TARGET, MASK)


def test_json_has_everything_and_no_secret() -> None:
    text = write_json([_verdict(), Verdict("calwe")], TARGET, MASK)
    assert b"top-secret" not in text
    report = json.loads(text)
    assert report["passed"] is False
    assert report["target"] == {"name": "staging", "url": "http://mock/"}
    ekran, calwe = report["apis"]
    assert (ekran["passed"], calwe["passed"]) == (False, True)
    assert ekran["coverage"] == [
        {
            "operation": "listSessions",
            "status": 200,
            "phase": "boundaries",
            "requests": 1,
            "findings": 0,
        }
    ]
    assert ekran["parameters"][0] == {
        "operation": "listSessions",
        "parameter": "start",
        "in": "query",
        "valid": 0,
        "invalid": 0,
    }
    assert ekran["keywords"][0] == {
        "rule": "#/components/schemas/Bound/type",
        "of": "requests",
        "satisfied": 0,
        "violated": 0,
    }
    assert {
        "rule": "#/paths/~1sessions/get/responses/200/content/application~1json/schema/type",
        "of": "responses",
        "validated": 1,
    } in ekran["keywords"]
    assert (calwe["parameters"], calwe["keywords"]) == ([], [])
    (failure,) = ekran["failures"]
    assert failure["finding"] == "ekran listSessions invariant invariant:few - 200"
    assert failure["curl"] == "curl -s -i http://mock/ekranapi/sessions -H 'apikey: ***'"
    assert failure["response"] == "[]"


def test_junit_has_a_test_for_each_operation_and_phase() -> None:
    text = write_junit([_verdict()], TARGET, MASK)
    assert b"top-secret" not in text
    root = ElementTree.fromstring(text)
    assert root.get("name") == "staging"
    (suite,) = root
    assert (suite.get("name"), suite.get("tests")) == ("ekran", "2")
    assert (suite.get("failures"), suite.get("errors")) == ("1", "1")
    one, other = suite
    assert (one.get("classname"), one.get("name")) == ("ekran", "listSessions-boundaries")
    assert one[0].get("message") == "there are � *** too many ‮"
    assert (other.get("name"), other[0].tag) == ("proves nothing", "error")


def test_a_test_of_junit_has_one_failure_with_all_that_the_terminal_prints() -> None:
    verdict = _verdict()
    (first,) = verdict.failures
    second = replace(first, code="type", sentence="it is no list")
    both = replace(verdict, failures=(first, second), skipped=("it writes",), seconds=2.5)
    (suite,) = ElementTree.fromstring(write_junit([both], TARGET, MASK))
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")]
    assert counts == ["3", "1", "1", "1", "2.500"]
    case, error, skipped = suite
    assert case.get("time") == "1.250"
    (failure,) = case
    assert failure.get("message") == "there are � *** too many ‮ (and 1 more)"
    assert failure.get("type") == "invariant"
    assert failure.text
    assert "FAILURE: listSessions 200: it is no list\n" in failure.text
    assert "curl -s -i http://mock/ekranapi/sessions -H 'apikey: ***'\n" in failure.text
    assert [(error[0].tag, error[0].text), (skipped[0].tag, skipped[0].text)] == [
        ("error", "proves nothing"),
        ("skipped", "it writes"),
    ]


def test_note_is_written_and_reasons_are_redacted() -> None:
    finding = Finding(
        "ekran",
        "listSessions",
        "a",
        Source("contract", "#/x"),
        "documented",
        "wrong",
        phases=["boundaries"],
    )
    finding.note = "the acceptance expired"
    verdict = Verdict("ekran", (finding,), inconclusive=("top-secret",), skipped=("top-secret",))
    (api,) = json.loads(write_json([verdict], TARGET, MASK))["apis"]
    assert (api["inconclusive"], api["skipped"]) == (["***"], ["***"])
    assert api["failures"][0]["note"] == "the acceptance expired"
    (suite,) = ElementTree.fromstring(write_junit([verdict], TARGET, MASK))
    messages = [sign.get("message") for case in suite for sign in case]
    assert messages == ["the acceptance expired: wrong", "***", "***"]


def test_secret_across_the_cut_of_a_response_is_redacted() -> None:
    body = b"x" * 19_995 + b"top-secret"
    exchange = Exchange(Request("GET", "/sessions"), Response(200, Headers(), body))
    finding = Finding(
        "ekran",
        "",
        "invariant",
        Source("invariant", "few"),
        "documented",
        "wrong",
        exchange=exchange,
    )
    report = json.loads(write_json([Verdict("ekran", failures=(finding,))], TARGET, MASK))
    assert report["apis"][0]["failures"][0]["response"] == "x" * 19_995 + "***"
