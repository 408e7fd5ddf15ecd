"""The matrix of a run."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.coverage import coverage
from mockserver.check.finding import Finding
from mockserver.check.ledger import Ledger
from mockserver.check.observer import observe
from mockserver.check.reports.page.matrix import Cell, Matrix, Part, Shown, matrix
from mockserver.contract import Headers, Request, Response

API = apis.load()["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def record(ledger: Ledger, layer: str, status: int, body: bytes = b"[]", times: int = 1) -> None:
    ledger.layer = layer
    request = Request("GET", "/sessions")
    observation = observe(API, request, Response(status, JSON, body), moment=0)
    assert observation is not None
    for _ in range(times):
        ledger.record(observation, ())


def drawn(ledger: Ledger, severity: str = "failure") -> Matrix:
    findings: list[Finding] = list(ledger.findings.values())
    shown = [Shown(n, severity, finding) for n, finding in enumerate(findings, 1)]
    return matrix(ledger, coverage(ledger).statuses, shown)


def cell(found: Matrix, status: str) -> Cell:
    (row,) = found.rows
    return row.cells[found.statuses.index(status)]


def test_a_cell_has_a_part_for_each_layer() -> None:
    ledger = Ledger(API)
    record(ledger, "examples", 200, times=10)
    record(ledger, "laws", 200)
    seen = cell(drawn(ledger), "200")
    assert seen.parts == (
        Part("examples", 10, ""),
        Part("provocations", 0, ""),
        Part("generated", 0, ""),
        Part("laws", 1, ""),
        Part("probes", 0, ""),
    )
    assert [part.level for part in seen.parts] == [2, 0, 0, 1, 0]
    assert (seen.state, seen.requests, seen.is_documented) == ("seen", 11, True)
    assert seen.said == "11 requests: examples 10, laws 1"


def test_a_documented_status_that_was_never_seen_is_a_gap() -> None:
    found = drawn(Ledger(API))
    assert found.statuses == ("200", "400", "401", "405", "413")
    assert {cell(found, status).state for status in found.statuses} == {"gap"}
    assert cell(found, "400").said == "documented, and never seen"


def test_a_finding_marks_the_layers_that_saw_it() -> None:
    ledger = Ledger(API)
    record(ledger, "examples", 200)
    record(ledger, "probes", 200, b"{}")
    seen = cell(drawn(ledger, "difference"), "200")
    assert [part.severity for part in seen.parts] == ["", "", "", "", "difference"]
    assert (seen.first, seen.findings) == (1, 1)
    assert seen.said == "2 requests: examples 1, probes 1; 1 finding"


def test_a_status_that_no_document_has_is_a_column_of_its_own() -> None:
    ledger = Ledger(API)
    record(ledger, "probes", 418)
    found = drawn(ledger)
    assert found.statuses == ("200", "400", "401", "405", "413", "418")
    seen = cell(found, "418")
    assert (seen.state, seen.is_documented) == ("seen", False)
    assert seen.said.endswith("; not documented")
