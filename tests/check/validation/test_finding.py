"""A finding is one distinct fault, however often it was seen."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.finding import Severity, breach, invariant_breach
from mockserver.contract import Exchange, Request, Response, Violation
from mockserver.invariant import Invariant

APIS = apis.load()
EXCHANGE = Exchange(Request("GET", "/sessions"), Response(200))


def _violation(location: str, code: str = "type") -> Violation:
    return Violation(location, "#/components/schemas/X", code, 5, "5 is no text", "example")


def test_the_same_fault_in_two_rows_is_one_mutation() -> None:
    one = breach("ekran", "listSessions", _violation("/response/body/0/userId"), EXCHANGE)
    other = breach("ekran", "listSessions", _violation("/response/body/17/userId"), EXCHANGE)
    elsewhere = breach("ekran", "listSessions", _violation("/response/body/0/x"), EXCHANGE)
    assert one.key == other.key != elsewhere.key
    assert one.fingerprint == (
        "ekran listSessions type #/components/schemas/X /response/body/*/userId 200"
    )
    assert one.sentence == "/response/body/0/userId: 5 is no text"
    assert one.evidence == "example"


def test_a_invariant_that_is_broken_says_what_holds_and_what_was_seen() -> None:
    invariant = Invariant("few", "There are few.", "assumed", ("listSessions",), lambda *_: None)
    operation = APIS["ekran"].contract.operation("listSessions")
    finding = invariant_breach("ekran", operation, invariant, "there are 9", EXCHANGE)
    assert finding.sentence == "There are few. But there are 9"
    assert (finding.rule, finding.evidence) == ("invariant:few", "assumed")
    assert finding.fingerprint == "ekran listSessions invariant invariant:few - -"


def test_a_invariant_is_no_better_founded_than_the_operation_that_breaks_it() -> None:
    invariant = Invariant(
        "few", "There are few.", "documented", ("listCoachSessionLogs",), lambda *_: None
    )
    operation = APIS["calwe"].contract.operation("listCoachSessionLogs")
    assert (
        invariant_breach("calwe", operation, invariant, "there are 9", EXCHANGE).evidence
        == "related"
    )


@pytest.mark.parametrize(
    ("severity", "evidence", "code", "kind"),
    [
        (Severity(), "documented", "type", "failure"),
        (Severity(), "example", "required", "failure"),
        (Severity(), "related", "type", "failure"),
        (Severity(), "assumed", "type", "warning"),
        (Severity(is_assumed_binding=True), "assumed", "type", "failure"),
        (Severity(), "documented", "additionalProperties", "warning"),
        (Severity(is_strict=True), "documented", "additionalProperties", "failure"),
        (Severity(is_strict=True), "assumed", "additionalProperties", "warning"),
    ],
)
def test_how_bad_a_breach_is(severity: Severity, evidence: str, code: str, kind: str) -> None:
    assert severity.of(evidence, code) == kind
