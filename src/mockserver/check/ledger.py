"""The ledger of a run over one API: what was tested, what was found, what could not be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.acceptance import unaccepted
from mockserver.check.court import Court
from mockserver.check.finding import Finding, breach, law_breach
from mockserver.check.observer import Observation
from mockserver.contract import EVIDENCE, Exchange
from mockserver.law import Seen

__all__ = ["Cell", "Ledger"]

_REFUSED = 401


@dataclass
class Cell:
    """What was seen of one operation, status and layer."""

    requests: int = 0
    findings: int = 0


@dataclass
class Ledger:
    """Takes down every exchange of a run over one API, judged by the contract and the laws.

    `cells` are by operation, status and layer. `unchecked` says what was not tested, and why.
    `phases` counts generated requests by operation and phase.
    `traffic` are the exchanges, the newest last, as many as are kept. `conforming` counts
    the answers in which the contract found nothing wrong.
    """

    api: Api
    layer: str = ""
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    cells: defaultdict[tuple[str, int, str], Cell] = field(
        default_factory=lambda: defaultdict(Cell)
    )
    unchecked: list[str] = field(default_factory=list)
    admitted: Counter[bool] = field(default_factory=Counter)
    parameters: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    traffic: list[tuple[str, str, Exchange]] = field(default_factory=list)
    keeps: int = 20_000
    conforming: int = 0

    def __post_init__(self) -> None:
        self.court = Court(self.api)

    @property
    def requests(self) -> int:
        """How many exchanges were taken down."""
        return sum(cell.requests for cell in self.cells.values())

    def record(self, observation: Observation, before: Sequence[Seen]) -> None:
        """Take down an exchange, with those before it in the same thread."""
        seen = observation.seen
        operation, exchange = seen.operation.id, seen.exchange
        self._count(observation)
        self.conforming += not observation.answered
        for violation in observation.answered:
            self.find(breach(self.api.name, operation, violation, exchange))
        for finding in unaccepted(self.api, observation):
            self.find(finding)
        for law, sentence in self.court.breaches(seen, before):
            self.find(law_breach(self.api.name, seen.operation, law, sentence, exchange))

    def find(self, finding: Finding) -> None:
        """Take down a finding, as the same one where it was seen before."""
        known = self.findings.setdefault(finding.key, finding)
        if known is not finding:
            known.count += 1
        if self.layer not in known.layers:
            known.layers.append(self.layer)
        if finding.exchange is not None:
            self._cell(finding.operation, finding.exchange).findings += 1

    def fail(self, sentence: str) -> None:
        """Take down that a request got no answer, while others did."""
        self.find(
            Finding(
                api=self.api.name,
                operation="",
                code="no-answer",
                rule="#/paths",
                evidence=EVIDENCE[0],
                sentence=sentence,
            )
        )

    def leave_out(self, reason: str) -> None:
        """Say that something was not tested."""
        if reason not in self.unchecked:
            self.unchecked.append(reason)

    def statuses(self, operation: str) -> Counter[int]:
        """How often an operation answered with each status."""
        found: Counter[int] = Counter()
        for (name, status, _), cell in self.cells.items():
            if name == operation:
                found[status] += cell.requests
        return found

    def _cell(self, operation: str, exchange: Exchange) -> Cell:
        return self.cells[operation, exchange.response.status, self.layer]

    def _count(self, observation: Observation) -> None:
        seen = observation.seen
        self._cell(seen.operation.id, seen.exchange).requests += 1
        # Other refusals may come before anybody looks at a credential.
        if seen.is_admitted and (seen.is_success or seen.status == _REFUSED):
            self.admitted[seen.is_success] += 1
        wrong = {violation.parameter for violation in observation.asked}
        for spec in seen.operation.parameters:
            if spec.name in seen.arguments or spec.name in wrong:
                self.parameters[seen.operation.id, spec.name, spec.name not in wrong] += 1
        self.traffic.append((self.layer, seen.operation.id, seen.exchange))
        if len(self.traffic) > self.keeps:
            del self.traffic[0]
