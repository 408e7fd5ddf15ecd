"""A finding is one distinct fault, however often it was seen."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Request, Response, Violation
from mockserver.invariant import Interaction, Invariant
from mockserver.kit import Kit

APIS = apis.load()
EXCHANGE = Exchange(Request("GET", "/sessions"), Response(200))


def _interaction(*violations: Violation, api: str = "ekran") -> Interaction:
    name = {"ekran": "listSessions", "calwe": "listCoachSessionLogs"}[api]
    operation = APIS[api].contract.operation(name)
    return Interaction(operation, EXCHANGE, response_violations=violations)


def _violation(location: str, code: str = "type") -> Violation:
    return Violation(location, "#/components/schemas/X", code, 5, "5 is no text", "example")


def test_the_same_fault_in_two_rows_is_one_finding_with_an_exact_location() -> None:
    places = ("/response/body/0/userId", "/response/body/17/userId", "/response/body/0/x")
    results = Results(APIS["ekran"])
    results.record(_interaction(*map(_violation, places)), ())
    one, elsewhere = results.findings.values()
    assert (one.count, elsewhere.count) == (1, 1)
    assert one.fingerprint == (
        "ekran listSessions type #/components/schemas/X /response/body/*/userId 200"
    )
    assert (one.location, one.source) == (places[0], Source("contract", "#/components/schemas/X"))
    assert one.sentence == "/response/body/0/userId: 5 is no text"
    assert one.evidence == "example"


def _violate_invariant(monkeypatch: pytest.MonkeyPatch, api: str, evidence: str) -> Finding:
    interaction = _interaction(api=api)
    operations = (interaction.operation.id,)
    few = Invariant(
        "few", "There are few.", evidence, operations, lambda *_: 9, lambda n: [f"there are {n}"]
    )
    monkeypatch.setattr("mockserver.check.validation.results.load_kit", lambda _: Kit((few,)))
    results = Results(APIS[api])
    results.record(interaction, ())
    (finding,) = results.findings.values()
    return finding


def test_a_violated_invariant_says_what_holds_and_what_was_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finding = _violate_invariant(monkeypatch, "ekran", "assumed")
    assert finding.sentence == "There are few. But there are 9"
    assert (finding.source, finding.evidence) == (Source("invariant", "few"), "assumed")
    assert finding.fingerprint == "ekran listSessions invariant invariant:few - -"


def test_evidence_of_an_invariant_is_no_better_than_that_of_the_operation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _violate_invariant(monkeypatch, "calwe", "documented").evidence == "related"


def _report(code: str, **fields: str | Source) -> Finding:
    results = Results(APIS["ekran"])
    results.report(_interaction(), code, "It is wrong", **fields)
    (finding,) = results.findings.values()
    return finding


def test_a_finding_of_a_case_names_it() -> None:
    finding = _report("case", source=Source("case", "list"))
    assert finding.fingerprint == "ekran listSessions case case:list - 200"
    assert finding.evidence == _interaction().operation.evidence


@pytest.mark.parametrize(
    ("severity", "evidence", "code", "is_failure"),
    [
        (Severity(), "documented", "type", True),
        (Severity(), "example", "required", True),
        (Severity(), "related", "type", False),
        (Severity("related"), "related", "type", True),
        (Severity("documented"), "example", "type", False),
        (Severity(), "assumed", "type", False),
        (Severity("assumed"), "assumed", "type", True),
        (Severity(), "documented", "additionalProperties", False),
        (Severity(is_strict=True), "documented", "additionalProperties", True),
        (Severity(is_strict=True), "assumed", "additionalProperties", False),
    ],
)
def test_severity_depends_on_evidence_and_code(
    severity: Severity, evidence: str, code: str, is_failure: bool
) -> None:
    assert severity.is_failure(_report(code, evidence=evidence)) is is_failure
