"""A finding is one distinct fault, however often it was seen."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.finding import (
    Severity,
    Source,
    make_finding,
    make_invariant_finding,
    make_violation_finding,
)
from mockserver.contract import Exchange, Request, Response, Violation
from mockserver.invariant import Interaction, Invariant

APIS = apis.load()
EXCHANGE = Exchange(Request("GET", "/sessions"), Response(200))
LIST = Interaction(APIS["ekran"].contract.operation("listSessions"), EXCHANGE)


def _violation(location: str, code: str = "type") -> Violation:
    return Violation(location, "#/components/schemas/X", code, 5, "5 is no text", "example")


def test_the_same_fault_in_two_rows_is_one_finding_with_an_exact_location() -> None:
    one = make_violation_finding("ekran", LIST, _violation("/response/body/0/userId"))
    other = make_violation_finding("ekran", LIST, _violation("/response/body/17/userId"))
    elsewhere = make_violation_finding("ekran", LIST, _violation("/response/body/0/x"))
    assert one.key == other.key != elsewhere.key
    assert one.fingerprint == (
        "ekran listSessions type #/components/schemas/X /response/body/*/userId 200"
    )
    assert (other.location, other.source) == (
        "/response/body/17/userId",
        Source("contract", "#/components/schemas/X"),
    )
    assert one.sentence == "/response/body/0/userId: 5 is no text"
    assert one.evidence == "example"


def test_a_violated_invariant_says_what_holds_and_what_was_seen() -> None:
    invariant = Invariant(
        "few", "There are few.", "assumed", ("listSessions",), lambda *_: None, list
    )
    finding = make_invariant_finding("ekran", LIST, invariant, "there are 9")
    assert finding.sentence == "There are few. But there are 9"
    assert (finding.source, finding.evidence) == (Source("invariant", "few"), "assumed")
    assert finding.fingerprint == "ekran listSessions invariant invariant:few - -"


def test_evidence_of_an_invariant_is_no_better_than_that_of_the_operation() -> None:
    invariant = Invariant(
        "few", "There are few.", "documented", ("listCoachSessionLogs",), lambda *_: None, list
    )
    operation = APIS["calwe"].contract.operation("listCoachSessionLogs")
    interaction = Interaction(operation, EXCHANGE)
    finding = make_invariant_finding("calwe", interaction, invariant, "there are 9")
    assert finding.evidence == "related"


def test_a_finding_of_a_case_names_it() -> None:
    finding = make_finding("ekran", LIST, "case", "It is wrong", source=Source("case", "list"))
    assert finding.fingerprint == "ekran listSessions case case:list - 200"
    assert finding.evidence == LIST.operation.evidence


@pytest.mark.parametrize(
    ("severity", "evidence", "code", "is_failure"),
    [
        (Severity(), "documented", "type", True),
        (Severity(), "example", "required", True),
        (Severity(), "related", "type", True),
        (Severity(), "assumed", "type", False),
        (Severity(is_assumed_binding=True), "assumed", "type", True),
        (Severity(), "documented", "additionalProperties", False),
        (Severity(is_strict=True), "documented", "additionalProperties", True),
        (Severity(is_strict=True), "assumed", "additionalProperties", False),
    ],
)
def test_severity_depends_on_evidence_and_code(
    severity: Severity, evidence: str, code: str, is_failure: bool
) -> None:
    finding = make_finding("ekran", LIST, code, "It is wrong", evidence=evidence)
    assert severity.is_failure(finding) is is_failure
