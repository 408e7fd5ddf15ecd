"""The verdict of a run over one API, which cannot be green by accident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.check.context import CheckContext
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import FAILURE, Finding, Severity
from mockserver.check.validation.results import Results

__all__ = ["Verdict", "reach", "unmet_invariants", "weigh"]


@dataclass(frozen=True)
class Verdict:
    """What came of a run over one API.

    `failures` and `warnings` are findings; `accepted` are those that a baseline accepts.
    `inconclusive` says why a run without failures proves nothing, `skipped` what was left out.
    `seconds` is how long it took, `seed` that of the generated requests, if any were to be.
    """

    api: str
    failures: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    inconclusive: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    seed: int | None = None
    results: Results | None = field(default=None, repr=False)

    @property
    def fingerprints(self) -> list[str]:
        """What a baseline may name, or names, of all that was found."""
        found = (*self.failures, *self.warnings, *self.accepted)
        unmet = unmet_invariants(self.results) if self.results else {}
        return [*(finding.fingerprint for finding in found), *unmet]

    @property
    def base(self) -> str:
        """The path below which the API is served."""
        return self.results.api.contract.base if self.results else ""

    @property
    def outcome(self) -> str:
        """`fail`, `inconclusive` or `pass`."""
        return "fail" if self.failures else "inconclusive" if self.inconclusive else "pass"

    @property
    def passed(self) -> bool:
        """Whether nothing failed, and the run proves it."""
        return self.outcome == "pass"


def reach(
    context: CheckContext, severity: Severity, baseline: Baseline, phases: frozenset[str]
) -> Verdict:
    """The verdict on what a context's results has, for the phases that were run."""
    results = context.results
    void = _void(results)
    inconclusive = [void] if void else _inconclusive(context)
    skipped: list[str] = []
    for fingerprint, sentence in (
        unmet_invariants(results).items() if "invariants" in phases else ()
    ):
        # Where a workflow was left out on purpose, it may be what the invariant would have validated.
        if "invariants" in results.skipped_phases or results.truncated:
            skipped.append(sentence)
        elif baseline.accepts(fingerprint):
            skipped.append(f"{sentence}, accepted by the baseline")
        elif not void:
            inconclusive.append(sentence)
    inconclusive += [
        f"not every request was sent: {reason}" for reason in dict.fromkeys(results.truncated)
    ]
    verdict = weigh(results, severity, baseline, inconclusive)
    return replace(verdict, skipped=(*verdict.skipped, *skipped))


def weigh(
    results: Results, severity: Severity, baseline: Baseline, inconclusive: Iterable[str] = ()
) -> Verdict:
    """The verdict on what a results has, where it is known what makes one reason it."""
    failures, warnings, accepted = [], [], []
    for finding in results.findings.values():
        expired = baseline.expired(finding.fingerprint)
        if baseline.accepts(finding.fingerprint):
            accepted.append(finding)
        elif expired is not None:
            finding.note = f"the baseline accepted it until {expired}, and that day is over"
            failures.append(finding)
        elif severity.of(finding.evidence, finding.code) == FAILURE:
            failures.append(finding)
        else:
            warnings.append(finding)
    return Verdict(
        api=results.api.name,
        failures=tuple(failures),
        warnings=tuple(warnings),
        accepted=tuple(accepted),
        inconclusive=tuple(inconclusive),
        skipped=tuple(results.skipped),
        requests=results.requests,
        results=results,
    )


def _void(results: Results) -> str:
    """Why a run as a whole proves nothing; empty where it may prove something."""
    if not results.requests:
        return "nothing was sent: no phase had a request that the target allows"
    if results.admitted[False] and not results.admitted[True]:
        return "the credential was refused throughout: it got 401 and never a success"
    return ""


def _inconclusive(context: CheckContext) -> list[str]:
    """What in particular is not proved."""
    results, inconclusive = context.results, []
    tested = [one for one in context.api.contract.operations if context.allows(one)]
    for operation in tested:
        statuses = results.statuses(operation.id)
        if not statuses:
            inconclusive.append(f"{operation.id} was never called")
        elif not any(200 <= status < 300 for status in statuses):
            seen = ", ".join(str(status) for status in sorted(statuses))
            inconclusive.append(f"{operation.id} never reached a success; it answered {seen}")
    return inconclusive


def unmet_invariants(results: Results) -> dict[str, str]:
    """The invariants that had nothing to judge, each a sentence, by what a baseline calls it."""
    return {
        f"{results.api.name} - unmet invariant:{name} - -": (
            f"the invariant '{name}' never met an exchange that it applies to"
        )
        for name, times in results.evaluator.met.items()
        if not times
    }
