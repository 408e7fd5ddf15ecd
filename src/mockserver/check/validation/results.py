"""The results of a run over one API: what was tested, what was found, what could not be tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import Struct

from mockserver.api import Api
from mockserver.check.validation.cause import group_by_cause
from mockserver.check.validation.finding import PHASES, Finding, Source
from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.text_encoding import find_text_faults
from mockserver.check.validation.unusual import (
    ALWAYS_ALLOWED,
    has_huge_number,
    is_spelt_otherwise,
    is_unusual,
)
from mockserver.contract import (
    EVIDENCE,
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    Exchange,
    Headers,
    Operation,
    Request,
    Response,
    ResponseSpec,
    Unmatched,
    Violation,
    weaker,
)
from mockserver.invariant import Interaction, Invariant
from mockserver.kit import load_kit
from mockserver.observation import weaken
from mockserver.redaction import FoundSecrets
from mockserver.traits.listing import has_unusual_range, may_be_past_the_end

_UNAUTHORIZED, _NOT_FOUND = 401, 404
_SERVER_ERROR, _NOT_IMPLEMENTED = 500, 501
_REFUSALS = (400, 422)
_CLIENT_ERRORS = range(400, 500)
_SEVERAL = frozenset({"required", "additionalProperties"})
"""Keywords of which one response can violate several parts: each property that is missing."""
_MOST_ALSO = 8
_MOST_TRAFFIC_BYTES = 128 * 2**20
_MOST_BEFORE = 20
"""A sequence with at most so many earlier requests is shown whole."""


class Cell(Struct):
    """What was seen of one operation, status and phase."""

    requests: int = 0
    findings: int = 0


@dataclass
class Results:
    """Adds up the interactions of a run over one API, validated by the contract and the invariants.

    `cells` are by operation, status and phase. `skipped` says what was not tested, and why, and
    `skipped_phases` are the phases that would have tested it; `truncated` says why not every
    request was sent. `admitted` counts, by whether it was accepted, requests with the credential of
    the target. `generation_phases` counts generated requests by operation and phase, `met`
    the interactions that each invariant applied to, `keywords` what was tested of the contract.
    `traffic` has at most `traffic_limit` exchanges whose bodies have at most 128 MiB, the newest
    last, each with its phase, its
    operation, which is empty where the contract has none, and the moment of its response by the
    deployment's own clock. `recognised` counts the responses of which the contract has the status
    and the content type, `unmatched` by phase those that belong to no operation that was called.
    `unavailable` counts by status those that say nothing about the API. `without_id` are the
    operations for whose paths the target has no id. `refused_later` counts requests whose
    credential an operation had accepted before, and `lost` names what was found before.
    `lost_in_a_row` counts the latest requests that got no response, up to one that did. `secrets`
    are those in the exchanges. `excluded` are the operations that the run leaves alone,
    `operations` the others. `used_up` has the ids of the target that another run cannot use,
    and `missing_ids` the names of those without which something was skipped.
    `on_record` is called after each interaction.
    """

    api: Api
    phase: str = ""
    excluded: frozenset[str] = frozenset()
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    cells: defaultdict[tuple[str, int, str], Cell] = field(
        default_factory=lambda: defaultdict(Cell)
    )
    skipped: list[str] = field(default_factory=list)
    skipped_phases: set[str] = field(default_factory=set)
    truncated: list[str] = field(default_factory=list)
    admitted: Counter[bool] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    generation_phases: Counter[tuple[str, str]] = field(default_factory=Counter)
    traffic: list[tuple[str, str, Exchange, int]] = field(default_factory=list)
    traffic_limit: int = 20_000
    recognised: int = 0
    unmatched: Counter[str] = field(default_factory=Counter)
    unavailable: Counter[int] = field(default_factory=Counter)
    without_id: set[str] = field(default_factory=set)
    refused_later: Counter[str] = field(default_factory=Counter)
    lost: dict[str, None] = field(default_factory=dict)
    lost_in_a_row: int = 0
    used_up: dict[str, str] = field(default_factory=dict)
    missing_ids: dict[str, str] = field(default_factory=dict)
    on_record: Callable[[], None] = lambda: None
    secrets: FoundSecrets = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.secrets = FoundSecrets(self.api.contract)
        self.operations = [
            operation
            for operation in self.api.contract.operations
            if operation.id not in self.excluded
        ]
        self.invariants = [
            invariant
            for invariant in load_kit(self.api).invariants
            if not self.excluded.issuperset(invariant.operations)
        ]
        self.met.update(dict.fromkeys((invariant.name for invariant in self.invariants), 0))
        self.keywords = Keywords(self.api.contract)
        self._groups: list[list[Finding]] | None = None
        self._traffic_bytes = 0
        self._number = 0  # of the request that findings are about
        self._succeeded: set[str] = set()
        self._found: set[tuple[str, str | None]] = set()
        self._served: set[str] = set()

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
        if interaction.is_admitted:
            self._count_admitted(interaction)
        self.keywords.count(interaction)
        documented = operation.response(status)
        self.recognised += self._is_of_the_api(interaction)
        # A server error is one finding, whatever its body is.
        if status < _SERVER_ERROR or documented:
            for violation in interaction.response_violations:
                self._report_violation(interaction, weaken(self.api, interaction, violation))
        for code, location, sentence in find_text_faults(interaction):
            self.report(interaction, code, sentence, evidence=EVIDENCE[-1], location=location)
        self._check_acceptance(interaction, before)
        for invariant in self.invariants:
            applies = operation.id in invariant.operations
            sentences = invariant.evaluate(interaction, before) if applies else None
            if sentences is None:
                continue
            self.met[invariant.name] += 1
            sequence = _find_sequence(invariant, interaction, before) if sentences else ()
            for sentence in sentences:
                self.report(
                    interaction,
                    "invariant",
                    f"{invariant.sentence} But {sentence}",
                    source=Source("invariant", invariant.name),
                    evidence=weaker(operation.evidence, invariant.evidence),
                    status=None,  # responses of several statuses violate it alike
                    before=sequence,
                )
        self.on_record()

    def _count_admitted(self, interaction: Interaction) -> None:
        """Count whether the credential of the target was accepted, and an id found, as before."""
        operation, status = interaction.operation, interaction.status
        request = interaction.exchange.request
        # Each world of a mock has ids of its own.
        place = f"{request.method} {request.path}?{request.query}"
        found = place, request.headers.get("x-mock-sandbox")
        # Other refusals may come before the credential is checked.
        if interaction.is_success or status == _UNAUTHORIZED:
            self.admitted[interaction.is_success] += 1
        if interaction.is_success:
            self._succeeded.add(operation.id)
            self._served.add(request.path)
            if operation.method in SAFE_METHODS:
                self._found.add(found)
            else:  # what a write deletes is rightly missing
                self._found = {other for other in self._found if other[1] != found[1]}
        elif status == _UNAUTHORIZED and operation.id in self._succeeded:
            self.refused_later[operation.id] += 1
        elif status == _NOT_FOUND and found in self._found:
            self.lost[place.removesuffix("?")] = None

    def _is_of_the_api(self, interaction: Interaction) -> bool:
        """Whether a response has a documented status, or succeeds, and is what is documented there.

        That is its content type, or JSON of the documented type whatever its header says.
        """
        operation, response = interaction.operation, interaction.exchange.response
        status = response.status if operation.response(response.status) else operation.success
        documented = operation.response(status)
        if documented is None or (status != response.status and not 200 <= response.status < 300):
            return False
        if _is_of_its_type(interaction, documented):
            return True
        if self.recognised or interaction.response_body is None:
            return False  # one response is enough, and this is slower
        headers = Headers([("Content-Type", next(iter(documented.content)))])
        typed = Response(status, headers, response.body)
        return not any(
            (violation.location, violation.code) == ("/response/body", "type")
            for violation in self.api.validator.validate_response(operation, typed)
        )

    def _check_acceptance(self, interaction: Interaction, before: Sequence[Interaction]) -> None:
        """Report a refusal of what the contract allows, and that what it does not is accepted.

        A server error is a finding whatever the request was.
        """
        contract, status = self.api.contract, interaction.status
        request, violations = interaction.exchange.request, interaction.request_violations
        if status == _NOT_IMPLEMENTED and interaction.operation.method != request.method:
            return  # a server does not know every method (RFC 9110, section 15.6.2)
        if status >= _SERVER_ERROR:
            self.report(interaction, "server-error", f"A request gets {status}")
        elif isinstance(contract.match(request.method, request.path), Unmatched):
            return  # a status case sends what is no operation of the contract
        elif violations and 200 <= status < 300:
            # The violated rule with the best evidence decides how severe it is to accept it.
            worst = min(violations, key=lambda violation: EVIDENCE.index(violation.evidence))
            # Where no document says that anything is refused, all may be accepted.
            refusals = map(interaction.operation.evidence_of, _REFUSALS)
            evidence = weaker(worst.evidence, min(refusals, key=EVIDENCE.index))
            if all(is_spelt_otherwise(contract, violation) for violation in violations):
                evidence = EVIDENCE[-1]
            prefix = f"A request that breaks the contract gets {status}: "
            self._report_violation(interaction, replace(worst, evidence=evidence), prefix)
        elif violations or not interaction.is_admitted:
            return
        elif status in _CLIENT_ERRORS and status not in ALWAYS_ALLOWED:
            documented = interaction.operation.response(status)
            # `x-beyond-schema` says that this status refuses what no schema can express.
            if not documented or not contract.resolve(documented.pointer).get("x-beyond-schema"):
                sentence = f"A request that the contract allows gets {status}"
                evidence = self._find_evidence_of_acceptance(interaction)
                if may_be_past_the_end(self.api.traits, interaction, before):
                    evidence = EVIDENCE[-1]
                self.report(interaction, "refused", sentence, evidence=evidence)

    def _find_evidence_of_acceptance(self, interaction: Interaction) -> str:
        """The evidence of that a valid request must be accepted.

        A page size above the default need not be where no document has a maximum.
        """
        operation, own = interaction.operation, self.api.traits.of(interaction)
        is_served = interaction.exchange.request.path in self._served
        if is_unusual(self.api.contract, interaction, is_served=is_served) or has_unusual_range(
            own, interaction
        ):
            return EVIDENCE[-1]
        evidence, name = operation.evidence, own.pagination.per_page if own.pagination else ""
        for spec in operation.parameters:
            size, default = interaction.arguments.get(spec.name), spec.schema.get("default")
            is_larger = type(size) is int and type(default) is int and size > default
            for rule in self.keywords.list_all(spec.schema_pointer) if spec.name == name else ():
                if is_larger and rule.endswith("/maximum"):
                    evidence = weaker(evidence, self.api.contract.evidence(rule))
        return evidence

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, or count it where the same one was found before."""
        first = self.findings.setdefault(finding.key, finding)
        if first is not finding:
            if finding.code in _SEVERAL and finding.message not in (first.message, *first.also):
                first.also += [finding.message] * (len(first.also) < _MOST_ALSO)
            if weaker(first.evidence, finding.evidence) != finding.evidence:
                # The occurrence with the best evidence decides how severe the fault is.
                finding.also, finding.seen, finding.phases = first.also, first.seen, first.phases
                first = self.findings[finding.key] = finding
        if first is finding:
            self._groups = None
        self._number += finding.exchange is None
        first.seen.add(self._number)
        first.count = len(first.seen)
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
        evidence = evidence or operation.evidence
        finding = Finding(
            api=self.api.name,
            operation=operation.id,
            code=code,
            source=source or Source("contract", operation.pointer),
            evidence=EVIDENCE[-1] if has_huge_number(interaction) else evidence,
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

    def report_missing_response(
        self, sentence: str, operation: Operation | None, request: Request | None = None
    ) -> None:
        """Add the finding that a request got no response."""
        self.lost_in_a_row += 1
        self.add_finding(
            Finding(
                api=self.api.name,
                operation=operation.id if operation else "",
                code="no-response",
                source=Source("contract", operation.pointer if operation else "#/paths"),
                evidence=operation.evidence if operation else EVIDENCE[0],
                sentence=sentence,
                request=request,
            )
        )

    def end_phase(self, reason: str) -> None:
        """Say why not every request of the phase was sent."""
        self.truncated.append(reason)

    def count_failure(self, status: int) -> None:
        """Count a response of a limit of the rate, or of a gateway without its server."""
        self.unavailable[status] += 1

    def report_retry(self, status: int) -> None:
        """Add the finding that a request was sent again after a response of this status."""
        is_limit = status == TOO_MANY_REQUESTS
        advice = "which limits the rate: give a lower one with --rate" if is_limit else "once"
        self.add_finding(
            Finding(
                api=self.api.name,
                operation="",
                code="sent-again",
                source=Source("contract", "#/paths"),
                evidence=EVIDENCE[-1],
                sentence=f"A request was sent again after a response of {status}, {advice}",
                status=status,
            )
        )

    def skip(self, reason: str) -> None:
        """Say that something was not tested, in the phase that would have tested it."""
        self.skipped_phases.add(self.phase)
        if reason not in self.skipped:
            self.skipped.append(reason)

    def mark_skipped(self) -> Callable[[], None]:
        """What undoes later additions to what is skipped."""
        names = ("skipped", "skipped_phases", "without_id", "used_up", "missing_ids")
        kept = {name: copy(getattr(self, name)) for name in names}
        return lambda: vars(self).update(kept)

    def group_by_cause(self) -> list[list[Finding]]:
        """The findings by cause."""
        if self._groups is None:
            self._groups = group_by_cause(self.api, self.findings.values())
        return self._groups

    def statuses(self, operation: str) -> Counter[int]:
        """How often an operation returned each status."""
        found: Counter[int] = Counter()
        for (name, status, _), cell in self.cells.items():
            if name == operation:
                found[status] += cell.requests
        return found

    def count_response(self) -> None:
        """Count that a request got a response."""
        self.lost_in_a_row = 0

    def count_exchange(self, operation: str, exchange: Exchange, moment: int) -> None:
        """Add an exchange to the traffic; the operation is empty where the contract has none."""
        self.secrets.add(exchange)
        self._number += 1
        self.cells[operation, exchange.response.status, self.phase].requests += 1
        self.traffic.append((self.phase, operation, exchange, moment))
        self._traffic_bytes += _measure(exchange)
        while len(self.traffic) > 1 and (
            len(self.traffic) > self.traffic_limit or self._traffic_bytes > _MOST_TRAFFIC_BYTES
        ):
            self._traffic_bytes -= _measure(self.traffic.pop(0)[2])


def _measure(exchange: Exchange) -> int:
    return len(exchange.request.body) + len(exchange.response.body)


def _find_sequence(
    invariant: Invariant, interaction: Interaction, before: Sequence[Interaction]
) -> tuple[Exchange, ...]:
    """The exchanges before one that violates an invariant, without which it would not.

    A sequence may begin with any of its requests, so that of a long one its end is enough. A short
    one, as that of a workflow, is whole: what was written first may be the reason.
    """
    if invariant.evaluate(interaction, ()):
        return ()
    starts = range(len(before) - _MOST_BEFORE, 0, -1)
    start = next((n for n in starts if invariant.evaluate(interaction, before[n:])), 0)
    return tuple(earlier.exchange for earlier in before[start:])


def _is_of_its_type(interaction: Interaction, documented: ResponseSpec) -> bool:
    """Whether the body of a response is of a documented content type, as its header says it is."""
    response = interaction.exchange.response
    media_type = response.headers.media_type
    is_parsed = "json" not in media_type or interaction.response_body is not None
    # JSON that is cut off, or in another encoding, is a fault of this API and not another one.
    is_parsed = is_parsed or response.body.lstrip()[:1] in (b"{", b"[")
    return not documented.content or (media_type in documented.content and is_parsed)
