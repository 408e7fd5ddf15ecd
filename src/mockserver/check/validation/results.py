"""The results of a run over one API: what was tested, what was found, what could not be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.validation.acceptance import unaccepted
from mockserver.check.validation.finding import PHASES, Finding, breach, invariant_breach
from mockserver.check.validation.invariants import InvariantEvaluator
from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.observation import Observation
from mockserver.contract import EVIDENCE, Exchange, RawParameters
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

__all__ = ["Cell", "Results"]

_REFUSED = 401


@dataclass
class Cell:
    """What was seen of one operation, status and phase."""

    requests: int = 0
    findings: int = 0


@dataclass
class Results:
    """Takes down every exchange of a run over one API, validated by the contract and the invariants.

    `cells` are by operation, status and phase. `skipped` says what was not tested, and why;
    `skipped_phases` are the phases that would have tested it. `truncated` says why
    not every request was sent.
    `generation_phases` counts generated requests by operation and phase. `parameters` counts those that were
    sent, by operation, name and whether they conformed; a body is one called `body`. `kept` and
    `broken` count, by the pointer of each rule of the contract, the requests that did so to it.
    `traffic` are the exchanges, the newest last, as many as are kept, and `moments` when each was
    answered by the deployment's own clock, as far as that is known. `unmatched` are exchanges, and
    their moments, of which the contract has no operation. `conforming` counts the answers in which
    the contract found nothing wrong. `recorded` is called after each exchange.
    """

    api: Api
    phase: str = ""
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    cells: defaultdict[tuple[str, int, str], Cell] = field(
        default_factory=lambda: defaultdict(Cell)
    )
    skipped: list[str] = field(default_factory=list)
    skipped_phases: set[str] = field(default_factory=set)
    truncated: list[str] = field(default_factory=list)
    admitted: Counter[bool] = field(default_factory=Counter)
    parameters: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    generation_phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    traffic: list[tuple[str, str, Exchange]] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    unmatched: list[tuple[Exchange, int]] = field(default_factory=list)
    keeps: int = 20_000
    conforming: int = 0
    recorded: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.evaluator = InvariantEvaluator(load_kit(self.api).invariants)
        self.keywords = Keywords(self.api.contract)

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases that it can be read by: those of a run, or where its traffic comes from."""
        others = sorted({phase for _, _, phase in self.cells} - {*PHASES, ""})
        return tuple(others) or PHASES

    @property
    def requests(self) -> int:
        """How many exchanges were taken down."""
        return sum(cell.requests for cell in self.cells.values())

    def record(self, observation: Observation, before: Sequence[Interaction]) -> None:
        """Take down an exchange, with those before it in the same thread."""
        seen = observation.seen
        operation, exchange = seen.operation.id, seen.exchange
        self._count(observation)
        self.conforming += not observation.answered
        for violation in observation.answered:
            self.find(breach(self.api.name, operation, violation, exchange))
        for finding in unaccepted(self.api, observation):
            self.find(finding)
        for invariant, sentence in self.evaluator.breaches(seen, before):
            self.find(
                invariant_breach(self.api.name, seen.operation, invariant, sentence, exchange)
            )
        self.recorded()

    def find(self, finding: Finding) -> None:
        """Take down a finding, as the same one where it was seen before."""
        known = self.findings.setdefault(finding.key, finding)
        if known is not finding:
            known.count += 1
        if self.phase not in known.phases:
            known.phases.append(self.phase)
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
        """Say that something was not tested, in the phase that would have."""
        self.skipped_phases.add(self.phase)
        if reason not in self.skipped:
            self.skipped.append(reason)

    def statuses(self, operation: str) -> Counter[int]:
        """How often an operation answered with each status."""
        found: Counter[int] = Counter()
        for (name, status, _), cell in self.cells.items():
            if name == operation:
                found[status] += cell.requests
        return found

    def _cell(self, operation: str, exchange: Exchange) -> Cell:
        return self.cells[operation, exchange.response.status, self.phase]

    def _count(self, observation: Observation) -> None:
        seen = observation.seen
        self._cell(seen.operation.id, seen.exchange).requests += 1
        # Other refusals may come before anybody looks at a credential.
        if seen.is_admitted and (seen.is_success or seen.status == _REFUSED):
            self.admitted[seen.is_success] += 1
        self._count_request(observation)
        self._keep(seen)

    def _count_request(self, observation: Observation) -> None:
        seen, kept = observation.seen, set[str]()
        wrong = {violation.parameter for violation in observation.asked}
        raw = RawParameters(seen.exchange.request, {})
        for spec in seen.operation.parameters:
            # What was not sent has its default among the arguments, and tests nothing.
            is_sent = spec.location == "path" or raw.has(spec)
            if spec.name in wrong or (is_sent and spec.name in seen.arguments):
                self.parameters[seen.operation.id, spec.name, spec.name not in wrong] += 1
            if is_sent and spec.name in seen.arguments:
                value = seen.arguments[spec.name]
                kept |= {f"{spec.pointer}/required"} if spec.required else set()
                if spec.schema_pointer:
                    kept |= self.keywords.held(spec.schema_pointer, value)
        if seen.operation.body and (seen.exchange.request.body or "" in wrong):
            self.parameters[seen.operation.id, "body", "body" in seen.arguments] += 1
            kept |= self._kept_by_body(seen)
        self.kept.update(kept)
        # Once a request, however often it breaks a rule.
        self.broken.update({violation.rule for violation in observation.asked})

    def _kept_by_body(self, seen: Interaction) -> set[str]:
        """The rules that the body of a request kept, of which all or nothing is known."""
        operation = seen.operation
        media = operation.body.get(seen.exchange.request.media_type)
        if "body" not in seen.arguments or media is None:
            return set()
        kept = {f"{operation.body_pointer}/content"}
        if operation.is_body_required:
            kept.add(f"{operation.body_pointer}/required")
        body = seen.arguments["body"]
        return kept | (self.keywords.held(media.pointer, body) if media.pointer else set())

    def _keep(self, seen: Interaction) -> None:
        self.traffic.append((self.phase, seen.operation.id, seen.exchange))
        self.moments.append(seen.moment)
        if len(self.traffic) > self.keeps:
            del self.traffic[0], self.moments[0]
