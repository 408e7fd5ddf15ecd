"""JUnit XML as another program reads it: each finding is a test."""

from __future__ import annotations

import junitparser

from mockserver import apis
from mockserver.check.reports.junit import write_junit
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source, merge_findings
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response, Timing
from mockserver.observation import observe
from mockserver.redaction import Mask

API = apis.load()["ekran"]
TARGET, MASK = Target("staging", "http://mock/"), Mask(["top-secret"])
REQUEST = Request("GET", "/sessions", "", Headers([("ApiKey", "top-secret")]))
RESPONSE = Response(
    200, Headers([("Content-Type", "application/json")]), b"[]", Timing(began=0, took=1_250_000)
)
EXCHANGE = Exchange(REQUEST, RESPONSE)


def _find(code: str, phase: str = "cases", sentence: str = "wrong") -> Finding:
    source = Source("contract", f"#/{code}")
    return Finding(
        *("ekran", "listSessions", code, source, "documented", sentence),
        status=200,
        exchange=EXCHANGE,
        phases=[phase],
    )


def _results(*phases: str) -> Results:
    results = Results(API)
    for results.phase in phases:
        match = API.contract.match(REQUEST.method, REQUEST.path)
        results.record(observe(API, EXCHANGE, match, moment=0), ())
    return results


def _read(*verdicts: Verdict) -> junitparser.JUnitXml:
    text = write_junit(verdicts, TARGET, MASK)
    assert b"top-secret" not in text
    return junitparser.JUnitXml.fromstring(text)


def test_counts_are_those_of_the_verdict() -> None:
    first, second = _find("type"), _find("enum")
    first.cause = ("ekran", "*", "type", "#/type", "*", "200")
    failure = merge_findings(first, [first, _find("type", "generated")])
    verdict = Verdict(
        "ekran",
        failures=(failure, second),
        warnings=(_find("pattern"),),
        accepted=(_find("format"),),
        inconclusive=("top-secret",),
        skipped=("it writes", "no id"),
        seconds=2.5,
        results=_results("cases", "boundaries"),
    )
    report = _read(verdict, Verdict("calwe"))
    (ekran, calwe) = report
    assert (report.name, report.tests, report.failures, report.errors) == ("staging", 8, 2, 1)
    assert (ekran.name, len(ekran), ekran.tests, ekran.time) == ("ekran", 8, 8, 2.5)
    assert (ekran.failures, ekran.errors, ekran.skipped) == (2, 1, 2)
    assert [case.name for case in ekran] == [
        "* type #/type * 200",
        "listSessions enum #/enum - 200",
        "listSessions pattern #/pattern - 200",
        "listSessions format #/format - 200",
        "listSessions-boundaries",
        "***",
        "it writes",
        "no id",
    ]
    assert {case.classname for case in ekran} == {"ekran"}
    assert len(calwe) == 0


def test_a_failure_has_one_message_and_all_that_the_terminal_prints() -> None:
    finding = _find("type", sentence="there are \x00 top-secret too many \u202e")
    finding.also, finding.note = ["none is top-secret"], "the acceptance expired"
    ((case,),) = _read(Verdict("ekran", failures=(finding,)))
    (failure,) = case.result
    message = "there are \ufffd *** too many \u202e"
    assert failure.message == f"the acceptance expired: {message}; none is ***"
    assert (failure.type, case.time) == ("type", 1.25)
    assert failure.text == (
        f"FAILURE: listSessions 200: {message}\n"
        "  also: none is ***\n"
        "  documented by #/type; seen 1 times, by cases\n"
        "  the acceptance expired\n"
        "  curl -s -i http://mock/sessions -H 'apikey: ***'\n"
        "  finding: 'ekran listSessions type #/type - 200'"
    )


def test_a_warning_passes_and_has_its_text() -> None:
    verdict = Verdict("ekran", warnings=(_find("type"),), accepted=(_find("enum"),))
    ((warning, accepted),) = _read(verdict)
    assert (warning.is_passed, accepted.is_passed) == (True, True)
    assert warning.system_out.startswith("warning: listSessions 200: wrong\n")
    assert accepted.system_out.startswith("accepted: listSessions 200: wrong\n")


def test_what_was_skipped_and_what_proves_nothing_have_their_reasons() -> None:
    verdict = Verdict("ekran", inconclusive=("nothing was sent",), skipped=("it writes",))
    ((error, skipped),) = _read(verdict)
    assert [
        (type(it).__name__, it.message, it.type) for it in (*error.result, *skipped.result)
    ] == [
        ("Error", "nothing was sent", "inconclusive"),
        ("Skipped", "it writes", "skipped"),
    ]


def test_an_operation_without_a_finding_in_a_phase_is_a_test_with_its_time() -> None:
    results = _results("cases", "cases", "boundaries")
    ((finding, passed),) = _read(Verdict("ekran", (_find("type"),), results=results))
    assert not finding.is_passed
    assert (passed.name, passed.time, passed.is_passed) == ("listSessions-boundaries", 1.25, True)
