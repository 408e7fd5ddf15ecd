"""A difference between two deployments, and which of the two violates the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.check.comparison.context import ComparedInteraction
from mockserver.check.validation.finding import FAILURE, Finding, Severity, Source

A, B, BOTH, NEITHER = "a", "b", "both", "neither"
_VIOLATED_BY = {
    (True, False): A,
    (False, True): B,
    (True, True): BOTH,
    (False, False): NEITHER,
}


@dataclass
class Difference:
    """What two deployments do differently, in one sentence, with the interactions that show it.

    `violated_by` says which of the two violates the contract. `code` and `source` are those of
    the finding that only one of them has, `status` and none where the classes of their statuses differ.
    `phases` are those that saw it, `count` is how often.
    """

    api: str
    operation: str
    violated_by: str
    code: str
    source: Source | None
    sentence: str
    evidence: str = ""
    a: ComparedInteraction | None = None
    b: ComparedInteraction | None = None
    phases: list[str] = field(default_factory=list)
    count: int = 1
    variant: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two differences the same."""
        return (
            self.api,
            self.operation,
            self.violated_by,
            self.code,
            str(self.source),
            self.variant,
        )


def compare_interactions(
    api: str, a: ComparedInteraction, b: ComparedInteraction, severity: Severity
) -> Iterator[Difference]:
    """Compare the responses to the same request: the class of the status, then the findings.

    Where the class differs, the findings are its reasons, and all of it is one difference.
    """
    own = _subtract(a, b), _subtract(b, a)
    if a.status_class != b.status_class:
        yield _compare_statuses(api, a, b, own, severity)
        return
    for side, findings in zip((A, B), own, strict=True):
        for finding in findings:
            difference = report_finding(api, side, a.phase, finding, severity)
            yield replace(difference, a=a, b=b)


def find_common(a: ComparedInteraction, b: ComparedInteraction) -> list[Finding]:
    """The findings that both have, which are no difference."""
    return [finding for key, finding in a.findings.items() if key in b.findings]


def report_missing_response(api: str, side: str, phase: str, reason: str) -> Difference:
    """The difference that only one of them gave no response, so that the phase ended early."""
    sentence = f"Only {side.upper()} gives no response in '{phase}': {reason}"
    return Difference(api, "", side, "no-response", None, sentence, phases=[phase])


def report_finding(
    api: str, side: str, phase: str, finding: Finding, severity: Severity
) -> Difference:
    """The difference that only one of them has a finding."""
    return Difference(
        api=api,
        operation=finding.operation,
        violated_by=side if _is_failure(finding, severity) else NEITHER,
        code=finding.code,
        source=finding.source,
        sentence=f"Only {side.upper()} violates this: {finding.sentence}",
        evidence=finding.evidence,
        phases=[phase],
        variant=side,
    )


def _subtract(own: ComparedInteraction, other: ComparedInteraction) -> list[Finding]:
    return [finding for key, finding in own.findings.items() if key not in other.findings]


def _is_failure(finding: Finding, severity: Severity) -> bool:
    return severity.of(finding.evidence, finding.code) == FAILURE


def _compare_statuses(
    api: str,
    a: ComparedInteraction,
    b: ComparedInteraction,
    own: tuple[list[Finding], list[Finding]],
    severity: Severity,
) -> Difference:
    failures = [[one for one in found if _is_failure(one, severity)] for found in own]
    reasons = [
        f"; {side.upper()} violates {found[0].evidence} {found[0].source}: {found[0].sentence}"
        for side, found in zip((A, B), failures, strict=True)
        if found
    ]
    return Difference(
        api=api,
        operation=a.interaction.operation.id,
        violated_by=_VIOLATED_BY[bool(failures[0]), bool(failures[1])],
        code="status",
        source=None,
        sentence=f"A returns {a.interaction.status}, and B {b.interaction.status}{''.join(reasons)}",
        a=a,
        b=b,
        phases=[a.phase],
        variant=f"{a.status_class} {b.status_class}",
    )
