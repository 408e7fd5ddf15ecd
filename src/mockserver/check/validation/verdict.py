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

    `failures` and `differences` are findings; `known` are those that a baseline excuses; `inconclusive`
    say why a run without failures would prove nothing, `skipped` what was left out on purpose.
    `seconds` is how long it took, `seed` that of the generated requests, if any were to be.
    """

    api: str
    failures: tuple[Finding, ...] = ()
    differences: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    inconclusive: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    seed: int | None = None
    results: Results | None = field(default=None, repr=False)

    @property
    def fingerprints(self) -> list[str]:
        """What a baseline may name, or names, of all that was found."""
        found = (*self.failures, *self.differences, *self.known)
        unmet = unmet_invariants(self.results) if self.results else {}
        return [*(finding.fingerprint for finding in found), *unmet]

    @property
    def base(self) -> str:
        """The path below which the API is served."""
        return self.results.api.contract.base if self.results else ""

    @property
    def is_good(self) -> bool:
        """Whether nothing failed, and the run proves it."""
        return not self.failures and not self.inconclusive

    @property
    def outcome(self) -> str:
        """`pass`, `fail` or `inconclusive`."""
        return "fail" if self.failures else "inconclusive" if self.inconclusive else "pass"


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
        if "invariants" in results.skipped_phases or results.cut:
            skipped.append(sentence)
        elif baseline.excuses(fingerprint):
            skipped.append(f"{sentence}, as the baseline knows")
        elif not void:
            inconclusive.append(sentence)
    inconclusive += [f"not all was asked: {reason}" for reason in dict.fromkeys(results.cut)]
    verdict = weigh(results, severity, baseline, inconclusive)
    return replace(verdict, skipped=(*verdict.skipped, *skipped))


def weigh(
    results: Results, severity: Severity, baseline: Baseline, inconclusive: Iterable[str] = ()
) -> Verdict:
    """The verdict on what a results has, where it is known what makes one reason it."""
    failures, differences, known = [], [], []
    for finding in results.findings.values():
        expired = baseline.expired(finding.fingerprint)
        if baseline.excuses(finding.fingerprint):
            known.append(finding)
        elif expired is not None:
            finding.note = f"the baseline excused it until {expired}, and that day is over"
            failures.append(finding)
        elif severity.of(finding.evidence, finding.code) == FAILURE:
            failures.append(finding)
        else:
            differences.append(finding)
    return Verdict(
        api=results.api.name,
        failures=tuple(failures),
        differences=tuple(differences),
        known=tuple(known),
        inconclusive=tuple(inconclusive),
        skipped=tuple(results.skipped),
        requests=results.requests,
        results=results,
    )


def _void(results: Results) -> str:
    """Why a run as a whole proves nothing; empty where it may prove something."""
    if not results.requests:
        return "nothing was asked: no phase had a request that the target allows"
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
            inconclusive.append(f"{operation.id} was never asked")
        elif not any(200 <= status < 300 for status in statuses):
            seen = ", ".join(str(status) for status in sorted(statuses))
            inconclusive.append(f"{operation.id} never reached a success; it answered {seen}")
    return inconclusive


def unmet_invariants(results: Results) -> dict[str, str]:
    """The invariants that had nothing to judge, each a sentence, by what a baseline calls it."""
    return {
        f"{results.api.name} - unmet invariant:{name} - -": (
            f"the invariant '{name}' never met an exchange that it could judge"
        )
        for name, times in results.evaluator.met.items()
        if not times
    }
