"""A difference between two deployments, and which of the two leaves the contract by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.check.comparison.interactions import Note
from mockserver.check.validation.finding import FAILURE, Finding, Severity

__all__ = [
    "BOTH",
    "NEITHER",
    "A",
    "B",
    "Difference",
    "differences",
    "loose",
    "shared",
    "unanswered",
]

A, B, BOTH, NEITHER = "a", "b", "both", "neither"
_LEAVING = {(True, False): A, (False, True): B, (True, True): BOTH, (False, False): NEITHER}


@dataclass
class Difference:
    """What two deployments do differently, in one sentence, with the exchanges that show it.

    `leaving` says which of the two leaves the contract. `code` and `rule` are those of the breach
    that only one of them has, `status` and none where their answers are of another class.
    `phases` are those that saw it, `count` is how often.
    """

    api: str
    operation: str
    leaving: str
    code: str
    rule: str
    sentence: str
    evidence: str = ""
    a: Note | None = None
    b: Note | None = None
    phases: list[str] = field(default_factory=list)
    count: int = 1
    variant: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two differences the same."""
        return (self.api, self.operation, self.leaving, self.code, self.rule, self.variant)


def differences(api: str, a: Note, b: Note, severity: Severity) -> Iterator[Difference]:
    """How the answers to the same request differ: in their class, or in what they break.

    Where the class differs, so does all that is said of the answers, and that is one difference.
    """
    own = _only(a, b), _only(b, a)
    if a.status_class != b.status_class:
        yield _other_class(api, a, b, own, severity)
        return
    for side, findings in zip((A, B), own, strict=True):
        for finding in findings:
            yield _breach(api, side, finding, (a, b), severity)


def shared(a: Note, b: Note) -> list[Finding]:
    """What both break alike, which is no difference."""
    return [finding for key, finding in a.findings.items() if key in b.findings]


def unanswered(api: str, side: str, phase: str, reason: str) -> Difference:
    """That only one of them gave no answer, so that the rest of a phase was not asked."""
    sentence = f"Only {side.upper()} gives no answer in '{phase}': {reason}"
    return Difference(api, "", side, "no-answer", "", sentence, phases=[phase])


def loose(api: str, side: str, phase: str, finding: Finding, severity: Severity) -> Difference:
    """What only one of them breaks, in a request that has no pair."""
    return replace(_breach(api, side, finding, None, severity), phases=[phase])


def _only(own: Note, other: Note) -> list[Finding]:
    return [finding for key, finding in own.findings.items() if key not in other.findings]


def _failing(findings: list[Finding], severity: Severity) -> list[Finding]:
    return [one for one in findings if severity.of(one.evidence, one.code) == FAILURE]


def _other_class(
    api: str, a: Note, b: Note, own: tuple[list[Finding], list[Finding]], severity: Severity
) -> Difference:
    failing = [_failing(findings, severity) for findings in own]
    reasons = [
        f"; {side.upper()} breaks {found[0].evidence} {found[0].rule}: {found[0].sentence}"
        for side, found in zip((A, B), failing, strict=True)
        if found
    ]
    return Difference(
        api=api,
        operation=a.seen.operation.id,
        leaving=_LEAVING[bool(failing[0]), bool(failing[1])],
        code="status",
        rule="",
        sentence=f"A answers {a.seen.status}, and B {b.seen.status}{''.join(reasons)}",
        a=a,
        b=b,
        phases=[a.phase],
        variant=f"{a.status_class} {b.status_class}",
    )


def _breach(
    api: str, side: str, finding: Finding, notes: tuple[Note, Note] | None, severity: Severity
) -> Difference:
    is_failing = bool(_failing([finding], severity))
    return Difference(
        api=api,
        operation=finding.operation,
        leaving=side if is_failing else NEITHER,
        code=finding.code,
        rule=finding.rule,
        sentence=f"Only {side.upper()} breaks this: {finding.sentence}",
        evidence=finding.evidence,
        a=notes[0] if notes else None,
        b=notes[1] if notes else None,
        phases=[notes[0].phase] if notes else [],
        variant=side,
    )
