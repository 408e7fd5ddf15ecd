"""The verdict of a run over one API, which cannot be green by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.check.baseline import Baseline
from mockserver.check.finding import FAILURE, Finding, Severity
from mockserver.check.ledger import Ledger
from mockserver.check.trial import Trial

__all__ = ["Verdict", "reach"]


@dataclass(frozen=True)
class Verdict:
    """What came of a run over one API.

    `failures` and `differences` are findings; `known` are those that a baseline excuses; `doubts`
    say why a run without failures would prove nothing, `unchecked` what was left out on purpose.
    """

    api: str
    failures: tuple[Finding, ...] = ()
    differences: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    requests: int = 0
    ledger: Ledger | None = field(default=None, repr=False)

    @property
    def base(self) -> str:
        """The path below which the API is served."""
        return self.ledger.api.contract.base if self.ledger else ""

    @property
    def is_good(self) -> bool:
        """Whether nothing failed, and the run proves it."""
        return not self.failures and not self.doubts


def reach(trial: Trial, severity: Severity, baseline: Baseline, layers: frozenset[str]) -> Verdict:
    """The verdict on what a trial's ledger has, for the layers that were run."""
    ledger = trial.ledger
    failures, differences, known = [], [], []
    for finding in ledger.findings.values():
        if baseline.excuses(finding):
            known.append(finding)
        elif severity.of(finding.evidence, finding.code) == FAILURE:
            failures.append(finding)
        else:
            differences.append(finding)
    return Verdict(
        api=trial.api.name,
        failures=tuple(failures),
        differences=tuple(differences),
        known=tuple(known),
        doubts=tuple(_doubts(trial, layers)),
        unchecked=tuple(ledger.unchecked),
        requests=ledger.requests,
        ledger=ledger,
    )


def _doubts(trial: Trial, layers: frozenset[str]) -> list[str]:
    ledger, doubts = trial.ledger, []
    if not ledger.requests:
        return ["nothing was asked: no layer had a request that the target allows"]
    if ledger.admitted[False] and not ledger.admitted[True]:
        return ["the credential was refused throughout: it got 401 and never a success"]
    tested = [one for one in trial.api.contract.operations if trial.allows(one)]
    for operation in tested:
        statuses = ledger.statuses(operation.id)
        if not statuses:
            doubts.append(f"{operation.id} was never asked")
        elif not any(200 <= status < 300 for status in statuses):
            seen = ", ".join(str(status) for status in sorted(statuses))
            doubts.append(f"{operation.id} never reached a success; it answered {seen}")
    if "laws" in layers:
        doubts.extend(
            f"the law '{name}' never met an exchange that it could judge"
            for name, times in ledger.court.met.items()
            if not times and not ledger.unchecked
        )
    return doubts
