"""The verdict of a run over one API, which cannot be green by accident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.check.baseline import Baseline
from mockserver.check.finding import FAILURE, Finding, Severity
from mockserver.check.ledger import Ledger
from mockserver.check.trial import Trial

__all__ = ["Verdict", "reach", "unmet_laws", "weigh"]


@dataclass(frozen=True)
class Verdict:
    """What came of a run over one API.

    `failures` and `differences` are findings; `known` are those that a baseline excuses; `doubts`
    say why a run without failures would prove nothing, `unchecked` what was left out on purpose.
    `seconds` is how long it took, `seed` that of the generated requests, if any were to be.
    """

    api: str
    failures: tuple[Finding, ...] = ()
    differences: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    seed: int | None = None
    ledger: Ledger | None = field(default=None, repr=False)

    @property
    def fingerprints(self) -> list[str]:
        """What a baseline may name, or names, of all that was found."""
        found = (*self.failures, *self.differences, *self.known)
        unmet = unmet_laws(self.ledger) if self.ledger else {}
        return [*(finding.fingerprint for finding in found), *unmet]

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
    void = _void(ledger)
    doubts = [void] if void else _doubts(trial)
    unchecked: list[str] = []
    for fingerprint, sentence in unmet_laws(ledger).items() if "laws" in layers else ():
        # Where an experiment was left out on purpose, it may be what the law would have judged.
        if "laws" in ledger.curtailed or ledger.cut:
            unchecked.append(sentence)
        elif baseline.excuses(fingerprint):
            unchecked.append(f"{sentence}, as the baseline knows")
        elif not void:
            doubts.append(sentence)
    doubts += [f"not all was asked: {reason}" for reason in dict.fromkeys(ledger.cut)]
    verdict = weigh(ledger, severity, baseline, doubts)
    return replace(verdict, unchecked=(*verdict.unchecked, *unchecked))


def weigh(
    ledger: Ledger, severity: Severity, baseline: Baseline, doubts: Iterable[str] = ()
) -> Verdict:
    """The verdict on what a ledger has, where it is known what makes one doubt it."""
    failures, differences, known = [], [], []
    for finding in ledger.findings.values():
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
        api=ledger.api.name,
        failures=tuple(failures),
        differences=tuple(differences),
        known=tuple(known),
        doubts=tuple(doubts),
        unchecked=tuple(ledger.unchecked),
        requests=ledger.requests,
        ledger=ledger,
    )


def _void(ledger: Ledger) -> str:
    """Why a run as a whole proves nothing; empty where it may prove something."""
    if not ledger.requests:
        return "nothing was asked: no layer had a request that the target allows"
    if ledger.admitted[False] and not ledger.admitted[True]:
        return "the credential was refused throughout: it got 401 and never a success"
    return ""


def _doubts(trial: Trial) -> list[str]:
    """What in particular is not proved."""
    ledger, doubts = trial.ledger, []
    tested = [one for one in trial.api.contract.operations if trial.allows(one)]
    for operation in tested:
        statuses = ledger.statuses(operation.id)
        if not statuses:
            doubts.append(f"{operation.id} was never asked")
        elif not any(200 <= status < 300 for status in statuses):
            seen = ", ".join(str(status) for status in sorted(statuses))
            doubts.append(f"{operation.id} never reached a success; it answered {seen}")
    return doubts


def unmet_laws(ledger: Ledger) -> dict[str, str]:
    """The laws that had nothing to judge, each a sentence, by what a baseline calls it."""
    return {
        f"{ledger.api.name} - unmet law:{name} - -": (
            f"the law '{name}' never met an exchange that it could judge"
        )
        for name, times in ledger.court.met.items()
        if not times
    }
