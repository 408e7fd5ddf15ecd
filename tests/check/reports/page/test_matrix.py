"""The matrix of a run."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.reports.page.matrix import Cell, Matrix, PageFinding, Part, make_matrix
from mockserver.check.validation.coverage import measure_coverage
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe

API = apis.load()["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def record(results: Results, phase: str, status: int, body: bytes = b"[]", times: int = 1) -> None:
    results.phase = phase
    request = Request("GET", "/sessions")
    exchange = Exchange(request, Response(status, JSON, body))
    match = API.contract.match(request.method, request.path)
    interaction = observe(API, exchange, match, moment=0)
    for _ in range(times):
        results.record(interaction, ())


def draw(results: Results, severity: str = "failure") -> Matrix:
    findings = [
        PageFinding(n, severity, finding) for n, finding in enumerate(results.findings.values(), 1)
    ]
    return make_matrix(results, measure_coverage(results).statuses, findings)


def cell(found: Matrix, status: str) -> Cell:
    ((_, cells),) = found.rows
    return cells[found.statuses.index(status)]


def test_cell_has_a_part_for_each_phase() -> None:
    results = Results(API)
    record(results, "examples", 200, times=10)
    record(results, "workflows", 200)
    seen = cell(draw(results), "200")
    assert seen.parts == (
        Part("examples", 10, ""),
        Part("cases", 0, ""),
        Part("generated", 0, ""),
        Part("workflows", 1, ""),
        Part("boundaries", 0, ""),
    )
    assert [part.level for part in seen.parts] == [2, 0, 0, 1, 0]
    assert (seen.state, seen.requests, seen.is_documented) == ("seen", 11, True)
    assert seen.description == "11 requests: examples 10, workflows 1"


def test_documented_status_that_was_never_seen_is_a_gap() -> None:
    found = draw(Results(API))
    assert found.statuses == ("200", "400", "401", "405", "413")
    assert {cell(found, status).state for status in found.statuses} == {"gap"}
    assert cell(found, "400").description == "documented, and never seen"


def test_finding_marks_the_phases_that_saw_it() -> None:
    results = Results(API)
    record(results, "examples", 200)
    record(results, "boundaries", 200, b"{}")
    seen = cell(draw(results, "warning"), "200")
    assert [part.severity for part in seen.parts] == ["", "", "", "", "warning"]
    assert (seen.first, seen.findings) == (1, 1)
    assert seen.description == "2 requests: examples 1, boundaries 1; 1 finding"


def test_undocumented_status_is_a_column() -> None:
    results = Results(API)
    record(results, "boundaries", 418)
    found = draw(results)
    assert found.statuses == ("200", "400", "401", "405", "413", "418")
    seen = cell(found, "418")
    assert (seen.state, seen.is_documented) == ("seen", False)
    assert seen.description.endswith("; not documented")
