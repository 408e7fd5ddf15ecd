"""The results of a run over one API: what was tested, what was found, what could not be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.check.validation.finding import PHASES, Finding, Source
from mockserver.check.validation.keywords import Keywords
from mockserver.contract import (
    EVIDENCE,
    Exchange,
    Operation,
    RawParameters,
    Unmatched,
    Violation,
    read_header,
    weaker,
)
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

_UNAUTHORIZED = 401
_ALWAYS_ALLOWED = frozenset({401, 403, 404, 408, 413, 429})
"""Refusals that do not depend on a request's form: the client, the resource, the amount."""


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
    `body`. `satisfied` and `violated` count requests by the pointer of each rule of the contract,
    `validated` responses by that of each rule that applied, `met` the interactions that each
    invariant applied to. `traffic` has at most `traffic_limit`
    exchanges, the newest last, each with its phase, its operation, which is empty where the
    contract has none, and the moment of its response by the deployment's own clock. `conforming`
    counts the responses without a violation. `on_record` is called after each interaction.
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
    validated: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    generation_phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    traffic: list[tuple[str, str, Exchange, int]] = field(default_factory=list)
    traffic_limit: int = 20_000
    conforming: int = 0
    on_record: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.invariants = load_kit(self.api).invariants
        self.met.update(dict.fromkeys((invariant.name for invariant in self.invariants), 0))
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

    def record(self, interaction: Interaction, before: Sequence[Interaction]) -> None:
        """Add an interaction, with those before it in the same sequence."""
        operation, status = interaction.operation, interaction.status
        self.count_exchange(operation.id, interaction.exchange, interaction.moment)
        # Other refusals may come before the credential is checked.
        if interaction.is_admitted and (interaction.is_success or status == _UNAUTHORIZED):
            self.admitted[interaction.is_success] += 1
        self._count_request(interaction)
        self._count_response(interaction)
        self.conforming += not interaction.response_violations
        for violation in interaction.response_violations:
            self._report_violation(interaction, violation)
        self._check_acceptance(interaction)
        for invariant in self.invariants:
            applies = operation.id in invariant.operations
            sentences = invariant.evaluate(interaction, before) if applies else None
            if sentences is None:
                continue
            self.met[invariant.name] += 1
            for sentence in sentences:
                self.report(
                    interaction,
                    "invariant",
                    f"{invariant.sentence} But {sentence}",
                    source=Source("invariant", invariant.name),
                    evidence=weaker(operation.evidence, invariant.evidence),
                    status=None,  # responses of several statuses violate it alike
                )
        self.on_record()

    def _check_acceptance(self, interaction: Interaction) -> None:
        """Report a refusal of what the contract allows, and that what it does not is accepted.

        A server error is a finding whatever the request was.
        """
        contract, status = self.api.contract, interaction.status
        request, violations = interaction.exchange.request, interaction.request_violations
        if status >= 500:
            self.report(interaction, "server-error", f"A request gets {status}")
        elif isinstance(contract.match(request.method, request.path), Unmatched):
            return  # a status case sends what is no operation of the contract
        elif violations and 200 <= status < 300:
            # The violated rule with the best evidence decides how severe it is to accept it.
            worst = min(violations, key=lambda violation: EVIDENCE.index(violation.evidence))
            prefix = f"A request that breaks the contract gets {status}: "
            self._report_violation(interaction, worst, prefix)
        elif violations or not interaction.is_admitted:
            return
        elif 400 <= status < 500 and status not in _ALWAYS_ALLOWED:
            documented = interaction.operation.response(status)
            # `x-beyond-schema` says that this status refuses what no schema can express.
            if not documented or not contract.resolve(documented.pointer).get("x-beyond-schema"):
                sentence = f"A request that the contract allows gets {status}"
                self.report(interaction, "refused", sentence)

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, or count it where the same one was found before."""
        first = self.findings.setdefault(finding.key, finding)
        if first is not finding:
            first.count += 1
        if self.phase not in first.phases:
            first.phases.append(self.phase)
        if finding.exchange is not None:
            status = finding.exchange.response.status
            self.cells[finding.operation, status, self.phase].findings += 1

    def report(
        self,
        interaction: Interaction,
        code: str,
        sentence: str,
        *,
        source: Source | None = None,
        evidence: str = "",
        **fields: Any,
    ) -> None:
        """Add the finding that something is wrong with an interaction.

        Without a source and evidence of its own, it has the operation's.
        """
        operation = interaction.operation
        finding = Finding(
            api=self.api.name,
            operation=operation.id,
            code=code,
            source=source or Source("contract", operation.pointer),
            evidence=evidence or operation.evidence,
            sentence=sentence,
            exchange=interaction.exchange,
            **{"status": interaction.status, **fields},
        )
        self.add_finding(finding)

    def _report_violation(
        self, interaction: Interaction, violation: Violation, prefix: str = ""
    ) -> None:
        self.report(
            interaction,
            violation.code,
            f"{prefix}{violation.location}: {violation.message}",
            source=Source("contract", violation.rule),
            evidence=violation.evidence,
            location=violation.location,
            value=violation.value,
        )

    def report_missing_response(self, sentence: str, operation: Operation | None = None) -> None:
        """Add the finding that a request got no response, while others did."""
        self.add_finding(
            Finding(
                api=self.api.name,
                operation=operation.id if operation else "",
                code="no-response",
                source=Source("contract", operation.pointer if operation else "#/paths"),
                evidence=operation.evidence if operation else EVIDENCE[0],
                sentence=sentence,
            )
        )

    def skip(self, reason: str) -> None:
        """Say that something was not tested, in the phase that would have tested it."""
        self.skipped_phases.add(self.phase)
        if reason not in self.skipped:
            self.skipped.append(reason)

    def statuses(self, operation: str) -> Counter[int]:
        """How often an operation returned each status."""
        found: Counter[int] = Counter()
        for (name, status, _), cell in self.cells.items():
            if name == operation:
                found[status] += cell.requests
        return found

    def count_exchange(self, operation: str, exchange: Exchange, moment: int) -> None:
        """Add an exchange to the traffic; the operation is empty where the contract has none."""
        self.cells[operation, exchange.response.status, self.phase].requests += 1
        self.traffic.append((self.phase, operation, exchange, moment))
        del self.traffic[: -self.traffic_limit]

    def _count_request(self, interaction: Interaction) -> None:
        satisfied = set[str]()
        operation, arguments = interaction.operation, interaction.arguments
        wrong = {violation.parameter for violation in interaction.request_violations}
        request = interaction.exchange.request
        raw = RawParameters(request, {})
        for spec in operation.parameters:
            # A parameter that was not sent has its default among the arguments, and tests nothing.
            is_sent = spec.location == "path" or raw.has(spec)
            is_read = is_sent and spec.name in arguments
            if spec.name in wrong or is_read:
                self.parameters[operation.id, spec.name, spec.name not in wrong] += 1
            if is_read:
                satisfied |= {f"{spec.pointer}/required"} if spec.required else set()
                satisfied |= self.keywords.list_applied(spec.schema_pointer, arguments[spec.name])
        if operation.body and (request.body or "" in wrong):
            self.parameters[operation.id, "body", "body" in arguments] += 1
            media = operation.body.get(request.headers.media_type)
            # A body satisfies all of its rules, or none where it violates one.
            if media is not None and "body" in arguments:
                satisfied.add(f"{operation.body_pointer}/content")
                if operation.is_body_required:
                    satisfied.add(f"{operation.body_pointer}/required")
                satisfied |= self.keywords.list_applied(media.pointer, arguments["body"])
        self.satisfied.update(satisfied)
        # Once a request, however often it violates a rule.
        self.violated.update({violation.rule for violation in interaction.request_violations})

    def _count_response(self, interaction: Interaction) -> None:
        response, applied = interaction.exchange.response, set[str]()
        spec = interaction.operation.response(response.status)
        if spec is None:
            return
        if spec.content:
            applied.add(f"{spec.pointer}/content")
        if response.headers.media_type in spec.content:
            with suppress(orjson.JSONDecodeError):
                pointer = spec.content[response.headers.media_type].pointer
                applied |= self.keywords.list_applied(pointer, orjson.loads(response.body))
        for header in spec.headers:
            text = response.headers.get(header.name)
            applied |= {f"{header.pointer}/required"} if header.required else set()
            if text is not None:
                value = read_header(text, header)
                applied |= self.keywords.list_applied(header.schema_pointer, value)
        self.validated.update(applied)
