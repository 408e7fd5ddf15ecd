"""A difference between two deployments, and which of the two violates the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.check.comparison.pairing import ComparedInteraction
from mockserver.check.validation.finding import Finding, Severity, Source

A, B, BOTH, NEITHER = "a", "b", "both", "neither"
_VIOLATED_BY = {(True, False): A, (False, True): B, (True, True): BOTH, (False, False): NEITHER}


@dataclass
class Difference:
    """What two deployments do differently, in one sentence, with the interactions that show it.

    `violated_by` says which of the two violates the contract. `code` and `source` are those of
    the finding that only one of them has; where the classes of their statuses differ, `code` is
    `status`. `phases` are those that saw it, `count` is how often.
    """

    operation: str
    violated_by: str
    code: str
    sentence: str
    source: Source | None = None
    evidence: str = ""
    a: ComparedInteraction | None = None
    b: ComparedInteraction | None = None
    phases: list[str] = field(default_factory=list)
    count: int = 1
    variant: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two differences of an API the same."""
        return (self.operation, self.violated_by, self.code, str(self.source), self.variant)


def compare_interactions(
    a: ComparedInteraction, b: ComparedInteraction, severity: Severity
) -> Iterator[Difference]:
    """Compare the responses to the same request: the class of the status, then the findings.

    Where the class differs, the findings are its reasons, and all of it is one difference.
    """
    of_a = [finding for key, finding in a.findings.items() if key not in b.findings]
    of_b = [finding for key, finding in b.findings.items() if key not in a.findings]
    if a.status_class != b.status_class:
        failures = [
            [finding for finding in own if severity.is_failure(finding)] for own in (of_a, of_b)
        ]
        reasons = [
            f"; {side.upper()} violates {own[0].evidence} {own[0].source}: {own[0].sentence}"
            for side, own in zip((A, B), failures, strict=True)
            if own
        ]
        statuses = f"A returns {a.interaction.status}, and B {b.interaction.status}"
        yield Difference(
            operation=a.interaction.operation.id,
            violated_by=_VIOLATED_BY[bool(failures[0]), bool(failures[1])],
            code="status",
            sentence="".join([statuses, *reasons]),
            a=a,
            b=b,
            phases=[a.phase],
            variant=f"{a.status_class} {b.status_class}",
        )
        return
    for side, own in ((A, of_a), (B, of_b)):
        for finding in own:
            yield replace(report_finding(side, a.phase, finding, severity), a=a, b=b)


def report_missing_response(side: str, phase: str, reason: str) -> Difference:
    """The difference that only one of them gave no response, so that the phase ended early."""
    sentence = f"Only {side.upper()} gives no response in '{phase}': {reason}"
    return Difference("", side, "no-response", sentence, phases=[phase])


def report_finding(side: str, phase: str, finding: Finding, severity: Severity) -> Difference:
    """The difference that only one of them has a finding."""
    return Difference(
        operation=finding.operation,
        violated_by=side if severity.is_failure(finding) else NEITHER,
        code=finding.code,
        sentence=f"Only {side.upper()} violates this: {finding.sentence}",
        source=finding.source,
        evidence=finding.evidence,
        phases=[phase],
        variant=side,
    )
