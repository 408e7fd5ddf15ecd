"""The results of a run over one API: what was tested, what was found, what could not be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.validation.finding import (
    PHASES,
    ContractRule,
    Finding,
    make_invariant_finding,
    make_violation_finding,
)
from mockserver.check.validation.invariants import InvariantEvaluator
from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.observation import Observation, check_acceptance
from mockserver.contract import EVIDENCE, Exchange, RawParameters
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

_UNAUTHORIZED = 401


@dataclass
class Cell:
    """What was seen of one operation, status and phase."""

    requests: int = 0
    findings: int = 0


@dataclass
class Results:
    """Adds up the interactions of a run over one API, validated by the contract and the invariants.

    `cells` are by operation, status and phase. `skipped` says what was not tested, and why, and
    `skipped_phases` are the phases that would have tested it; `truncated` says why not every
    request was sent. `admitted` counts, by whether it was accepted, requests with the credential of
    the target. `generation_phases` counts generated requests by operation and phase. `parameters`
    counts those that were sent, by operation, name and whether they conformed; a body is called
    `body`. `satisfied` and `violated` count requests by the pointer of each rule of the contract.
    `traffic` has at most `traffic_limit` exchanges, the newest last, and `moments` when each of
    them was answered by the deployment's own clock. `unmatched` are exchanges, and their moments,
    that no operation of the contract has. `conforming` counts the responses without a violation.
    `on_record` is called after each interaction.
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
    satisfied: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)
    generation_phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    traffic: list[tuple[str, str, Exchange]] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    unmatched: list[tuple[Exchange, int]] = field(default_factory=list)
    traffic_limit: int = 20_000
    conforming: int = 0
    on_record: Callable[[], None] = lambda: None

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
        """How many interactions were recorded."""
        return sum(cell.requests for cell in self.cells.values())

    def record(self, observation: Observation, before: Sequence[Interaction]) -> None:
        """Add an interaction, with those before it in the same sequence."""
        api, interaction = self.api.name, observation.interaction
        self._count(observation)
        self.conforming += not observation.response_violations
        for violation in observation.response_violations:
            self.add_finding(make_violation_finding(api, interaction, violation))
        for finding in check_acceptance(self.api, observation):
            self.add_finding(finding)
        for invariant, sentence in self.evaluator.evaluate(interaction, before):
            self.add_finding(make_invariant_finding(api, interaction, invariant, sentence))
        self.on_record()

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, or count it where the same one was found before."""
        first = self.findings.setdefault(finding.key, finding)
        if first is not finding:
            first.count += 1
        if self.phase not in first.phases:
            first.phases.append(self.phase)
        if finding.exchange is not None:
            self._cell(finding.operation, finding.exchange).findings += 1

    def add_missing_response(self, sentence: str) -> None:
        """Add the finding that a request got no response, while others did."""
        self.add_finding(
            Finding(
                api=self.api.name,
                operation="",
                code="no-response",
                source=ContractRule("#/paths"),
                evidence=EVIDENCE[0],
                sentence=sentence,
            )
        )

    def skip(self, reason: str) -> None:
        """Say that something was not tested, in the phase that would have tested it."""
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
        interaction = observation.interaction
        self._cell(interaction.operation.id, interaction.exchange).requests += 1
        # Other refusals may come before the credential is checked.
        is_refused = interaction.status == _UNAUTHORIZED
        if interaction.is_admitted and (interaction.is_success or is_refused):
            self.admitted[interaction.is_success] += 1
        self._count_request(observation)
        self.traffic.append((self.phase, interaction.operation.id, interaction.exchange))
        self.moments.append(interaction.moment)
        if len(self.traffic) > self.traffic_limit:
            del self.traffic[0], self.moments[0]

    def _count_request(self, observation: Observation) -> None:
        interaction, satisfied = observation.interaction, set[str]()
        operation, arguments = interaction.operation, interaction.arguments
        wrong = {violation.parameter for violation in observation.request_violations}
        raw = RawParameters(interaction.exchange.request, {})
        for spec in operation.parameters:
            # A parameter that was not sent has its default among the arguments, and tests nothing.
            is_sent = spec.location == "path" or raw.has(spec)
            is_read = is_sent and spec.name in arguments
            if spec.name in wrong or is_read:
                self.parameters[operation.id, spec.name, spec.name not in wrong] += 1
            if is_read:
                satisfied |= {f"{spec.pointer}/required"} if spec.required else set()
                if spec.schema_pointer:
                    value = arguments[spec.name]
                    satisfied |= self.keywords.list_applied(spec.schema_pointer, value)
        if operation.body and (interaction.exchange.request.body or "" in wrong):
            self.parameters[operation.id, "body", "body" in arguments] += 1
            satisfied |= self._list_satisfied_by_body(interaction)
        self.satisfied.update(satisfied)
        # Once a request, however often it violates a rule.
        self.violated.update({violation.rule for violation in observation.request_violations})

    def _list_satisfied_by_body(self, interaction: Interaction) -> set[str]:
        """The rules that a body satisfies: all of them, or none where it violates one."""
        operation = interaction.operation
        media = operation.body.get(interaction.exchange.request.media_type)
        if "body" not in interaction.arguments or media is None:
            return set()
        satisfied = {f"{operation.body_pointer}/content"}
        if operation.is_body_required:
            satisfied.add(f"{operation.body_pointer}/required")
        if media.pointer:
            satisfied |= self.keywords.list_applied(media.pointer, interaction.arguments["body"])
        return satisfied
