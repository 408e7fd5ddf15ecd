"""Reports as files: all kinds, and JSON."""

from __future__ import annotations

import json

from mockserver import apis
from mockserver.check.reports.writers import WRITERS, write_json
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response, Timing
from mockserver.observation import observe
from mockserver.redaction import Mask

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
        also=["there are none"],
    )
    return Verdict(
        "ekran", (finding,), inconclusive=("proves nothing",), requests=1, results=results
    )


def test_report_of_each_kind_can_be_written() -> None:
    assert set(WRITERS) == {"har", "html", "json", "junit", "sarif", "script"}
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
    assert (failure["count"], failure["also"]) == (1, ["there are none"])
    assert failure["places"] == [
        {
            "finding": "ekran listSessions invariant invariant:few - 200",
            "operation": "listSessions",
            "status": 200,
            "evidence": "documented",
            "phases": ["boundaries"],
            "count": 1,
        }
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
