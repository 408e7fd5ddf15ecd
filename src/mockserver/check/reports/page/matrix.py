"""The matrix of a run over one API: operations by statuses, and in each cell the phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockserver.check.validation.coverage import StatusCoverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.results import Results
from mockserver.contract import Operation

__all__ = ["Cell", "Matrix", "Part", "Row", "Shown", "matrix"]

_STEPS = (1, 10, 50, 200)
"""From how many requests on a part is darker."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one phase saw in a cell; `severity` is of the worst finding, or nothing."""

    phase: str
    requests: int
    severity: str

    @property
    def level(self) -> int:
        """How dark it is, from 0 for nothing."""
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
        """How many there were."""
        return sum(part.requests for part in self.parts)

    @property
    def said(self) -> str:
        """The cell in words."""
        if self.state == "none":
            return "not documented, and never seen"
        if self.state == "gap":
            return "documented, and never seen"
        phases = ", ".join(f"{one.phase} {one.requests}" for one in self.parts if one.requests)
        found = f"; {self.findings} finding{'s' * (self.findings > 1)}" if self.findings else ""
        stray = "" if self.is_documented else "; not documented"
        asked = f"{self.requests} request{'s' * (self.requests > 1)}"
        return f"{asked}: {phases}{found}{stray}"


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

    @property
    def gaps(self) -> int:
        """How many documented statuses were never seen."""
        return sum(cell.state == "gap" for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page has it: with a number and a severity."""

    number: int
    severity: str
    finding: Finding


def matrix(
    results: Results, statuses: Iterable[StatusCoverage], findings: Sequence[Shown]
) -> Matrix:
    """The matrix of a results, whose findings come the worst first."""
    gaps = {(one.operation, one.status) for one in statuses if not one.seen}
    operations = results.api.contract.operations
    written = {status for one in operations for status in one.responses}
    seen = {str(status) for _, status, _ in results.cells}
    columns = sorted(written | seen, key=lambda status: (not status.isdecimal(), status))
    rows = [
        Row(
            operation,
            tuple(
                Cell(status, "gap", is_documented=True)
                if (operation.id, status) in gaps
                else _cell(results, operation, status, findings)
                for status in columns
            ),
        )
        for operation in operations
    ]
    return Matrix(tuple(columns), tuple(rows))


def _cell(results: Results, operation: Operation, status: str, findings: Sequence[Shown]) -> Cell:
    here = [one for one in findings if _stands_in(one.finding, operation.id, status)]
    parts = tuple(_part(results, operation.id, status, phase, here) for phase in results.phases)
    if not any(part.requests for part in parts):
        return Cell(status, "none", is_documented=status in operation.responses)
    shown = [one for one in here if any(part.severity for part in parts)]
    return Cell(
        status,
        "seen",
        is_documented=operation.response(int(status)) is not None,
        parts=parts,
        first=shown[0].number if shown else None,
        findings=len(shown),
    )


def _stands_in(finding: Finding, operation: str, status: str) -> bool:
    """Whether a finding may stand in a cell; that of an invariant may stand in several."""
    if finding.operation != operation or finding.exchange is None:
        return False
    return finding.status is None or str(finding.exchange.response.status) == status


def _part(results: Results, operation: str, status: str, phase: str, here: Sequence[Shown]) -> Part:
    cell = results.cells.get((operation, int(status), phase)) if status.isdecimal() else None
    if cell is None:
        return Part(phase, 0, "")
    phases = (one.severity for one in here if cell.findings and phase in one.finding.phases)
    return Part(phase, cell.requests, next(phases, ""))
