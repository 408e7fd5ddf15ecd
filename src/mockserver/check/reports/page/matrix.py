"""The matrix of a run over one API: operations by statuses, and in each cell the phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockserver.check.validation.coverage import StatusCoverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.results import Results
from mockserver.contract import Operation

_STEPS = (1, 10, 50, 200)
"""The numbers of requests at which a part becomes darker."""


@dataclass(frozen=True, slots=True)
class Part:
    """The requests of one phase in a cell; `severity` is that of the worst finding, or empty."""

    phase: str
    requests: int
    severity: str

    @property
    def level(self) -> int:
        """How dark it is, from 0 for no request."""
        return sum(self.requests >= step for step in _STEPS)


@dataclass(frozen=True, slots=True)
class Cell:
    """An operation and a status: `seen`, a `gap` where it is documented and was not, or `none`.

    `is_documented` is false for a status that the contract does not have there. `first` is the
    number of the first finding.
    """

    status: str
    state: str
    is_documented: bool
    parts: tuple[Part, ...] = ()
    first: int | None = None
    findings: int = 0

    @property
    def requests(self) -> int:
        """The number of requests."""
        return sum(part.requests for part in self.parts)

    @property
    def description(self) -> str:
        """The cell in words."""
        if self.state == "none":
            return "not documented, and never seen"
        if self.state == "gap":
            return "documented, and never seen"
        phases = ", ".join(f"{one.phase} {one.requests}" for one in self.parts if one.requests)
        found = f"; {self.findings} finding{'s' * (self.findings > 1)}" if self.findings else ""
        requests = f"{self.requests} request{'s' * (self.requests > 1)}"
        undocumented = "" if self.is_documented else "; not documented"
        return f"{requests}: {phases}{found}{undocumented}"


@dataclass(frozen=True)
class Row:
    """An operation, and its cells in the order of the statuses."""

    operation: Operation
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The statuses that are documented or were seen, and a row an operation."""

    statuses: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class NumberedFinding:
    """A finding of a page, with its number and severity."""

    number: int
    severity: str
    finding: Finding


def make_matrix(
    results: Results, statuses: Iterable[StatusCoverage], findings: Sequence[NumberedFinding]
) -> Matrix:
    """The matrix of a run, whose findings are sorted with the worst first."""
    gaps = {(one.operation, one.status) for one in statuses if not one.seen}
    operations = results.api.contract.operations
    documented = {status for one in operations for status in one.responses}
    seen = {str(status) for _, status, _ in results.cells}
    columns = sorted(documented | seen, key=lambda status: (not status.isdecimal(), status))
    rows = [
        Row(
            operation,
            tuple(
                Cell(status, "gap", is_documented=True)
                if (operation.id, status) in gaps
                else _make_cell(results, operation, status, findings)
                for status in columns
            ),
        )
        for operation in operations
    ]
    return Matrix(tuple(columns), tuple(rows))


def _make_cell(
    results: Results, operation: Operation, status: str, findings: Sequence[NumberedFinding]
) -> Cell:
    here = [one for one in findings if _is_in_cell(one.finding, operation.id, status)]
    parts = tuple(
        _make_part(results, operation.id, status, phase, here) for phase in results.phases
    )
    if not any(part.requests for part in parts):
        return Cell(status, "none", is_documented=status in operation.responses)
    findings = here if any(part.severity for part in parts) else []
    return Cell(
        status,
        "seen",
        is_documented=operation.response(int(status)) is not None,
        parts=parts,
        first=findings[0].number if findings else None,
        findings=len(findings),
    )


def _is_in_cell(finding: Finding, operation: str, status: str) -> bool:
    """Whether a finding belongs to a cell; that of an invariant may belong to several."""
    if finding.operation != operation or finding.exchange is None:
        return False
    return finding.status is None or str(finding.exchange.response.status) == status


def _make_part(
    results: Results, operation: str, status: str, phase: str, here: Sequence[NumberedFinding]
) -> Part:
    cell = results.cells.get((operation, int(status), phase)) if status.isdecimal() else None
    if cell is None:
        return Part(phase, 0, "")
    phases = (one.severity for one in here if cell.findings and phase in one.finding.phases)
    return Part(phase, cell.requests, next(phases, ""))
