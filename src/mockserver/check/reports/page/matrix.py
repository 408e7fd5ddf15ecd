"""The matrix of a run over one API: operations by statuses, and in each cell the phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from msgspec import Struct

from mockserver.check.reports.page.excerpt import Excerpt
from mockserver.check.reports.page.message import Message
from mockserver.check.validation.coverage import StatusCoverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.results import Cell as Count
from mockserver.check.validation.results import Results
from mockserver.contract import Operation

_STEPS = (1, 10, 50, 200)
"""The numbers of requests at which a part becomes darker."""


class Part(Struct, frozen=True):
    """The requests of one phase in a cell; `severity` is that of the worst finding, or empty."""

    phase: str
    requests: int
    severity: str

    @property
    def level(self) -> int:
        """How dark it is, from 0 for no request."""
        return sum(self.requests >= step for step in _STEPS)


class Cell(Struct, frozen=True):
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
        if self.state != "seen":
            return f"{'' if self.state == 'gap' else 'not '}documented, and never seen"
        phases = ", ".join(f"{part.phase} {part.requests}" for part in self.parts if part.requests)
        requests = f"{self.requests} request{'s' * (self.requests > 1)}"
        findings = f"; {self.findings} finding{'s' * (self.findings > 1)}" if self.findings else ""
        undocumented = "" if self.is_documented else "; not documented"
        return f"{requests}: {phases}{findings}{undocumented}"


class Matrix(Struct, frozen=True):
    """The statuses that are documented or were seen, and a row of their cells an operation."""

    statuses: tuple[str, ...]
    rows: tuple[tuple[Operation, tuple[Cell, ...]], ...]


class PageFinding(Struct, frozen=True):
    """A finding on a page: its number and severity, its exchange, and what it violates.

    `places` are the operations and statuses that have it too. `before` are the exchanges before it,
    each with its line, and `script` repeats them.
    """

    number: int
    severity: str
    finding: Finding
    sentence: str = ""
    also: tuple[str, ...] = ()
    places: str = ""
    request: Message | None = None
    response: Message | None = None
    excerpt: Excerpt | None = None
    curl: str = ""
    before: tuple[tuple[str, Message, Message], ...] = ()
    script: str = ""

    def list_phases(self, operation: str, status: str) -> set[str]:
        """The phases that saw it in a cell; one of an invariant may belong to several cells."""
        return {
            phase
            for place in self.finding.places
            if place.operation == operation and place.exchange
            if place.status is None or str(place.exchange.response.status) == status
            for phase in place.phases
        }


def make_matrix(
    results: Results, statuses: Iterable[StatusCoverage], findings: Sequence[PageFinding]
) -> Matrix:
    """The matrix of a run, whose findings are sorted with the worst first."""
    gaps = {(status.operation, status.status) for status in statuses if not status.seen}
    operations = results.operations
    documented = {status for operation in operations for status in operation.responses}
    seen = {str(status) for _, status, _ in results.cells}
    columns = sorted(documented | seen, key=lambda status: (not status.isdecimal(), status))
    rows = []
    for operation in operations:
        cells = [_make_cell(results, operation, status, findings, gaps) for status in columns]
        rows.append((operation, tuple(cells)))
    return Matrix(tuple(columns), tuple(rows))


def _make_cell(
    results: Results,
    operation: Operation,
    status: str,
    findings: Iterable[PageFinding],
    gaps: Set[tuple[str, str]],
) -> Cell:
    here = [(shown, shown.list_phases(operation.id, status)) for shown in findings]
    number = int(status) if status.isdecimal() else 0
    parts = []
    for phase in results.phases:
        count = results.cells.get((operation.id, number, phase), Count())
        severities = (
            shown.severity for shown, phases in here if count.findings and phase in phases
        )
        parts.append(Part(phase, count.requests, next(severities, "")))
    if not any(part.requests for part in parts):
        state = "gap" if (operation.id, status) in gaps else "none"
        return Cell(status, state, is_documented=status in operation.responses)
    is_marked = any(part.severity for part in parts)
    numbers = [shown.number for shown, phases in here if phases and is_marked]
    return Cell(
        status,
        "seen",
        is_documented=operation.response(number) is not None,
        parts=tuple(parts),
        first=numbers[0] if numbers else None,
        findings=len(numbers),
    )
