"""The verdict of a run over one API: pass only where the run proves something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, merge_findings
from mockserver.check.validation.results import Results
from mockserver.contract import (
    EVIDENCE,
    GATEWAY_ERRORS,
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    Operation,
)
from mockserver.redaction import Mask

_NO_MASK = Mask()

_HINDRANCES = {
    TOO_MANY_REQUESTS: "the deployment limits the rate; give a lower one with --rate",
    **dict.fromkeys(
        sorted(GATEWAY_ERRORS),
        "the deployment, or a gateway before it, was down; run the check again later",
    ),
}
"""Statuses that say nothing about the API, each with what to do."""


@dataclass(frozen=True)
class Verdict:
    """What came of a run over one API.

    `failures` and `warnings` are findings; `accepted` are those that a baseline accepts.
    `inconclusive` says why a run without failures proves nothing, `skipped` what was left out.
    Nothing of it counts where the target could not be validated at all.
    Its texts have no secrets; exchanges have them.
    `seconds` is how long it took, `seed` that of the generated requests, if any were to be.
    """

    api: str
    failures: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    inconclusive: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    is_validated: bool = True
    requests: int = 0
    seconds: float = 0.0
    seed: int | None = None
    results: Results | None = field(default=None, repr=False)

    @property
    def fingerprints(self) -> list[str]:
        """What a baseline may name, or names, of all that was found."""
        found = (*self.failures, *self.warnings, *self.accepted)
        return [name for finding in found for name in finding.names]

    @property
    def excluded(self) -> list[str]:
        """The operations that the run has left alone."""
        return sorted(self.results.excluded) if self.results else []

    @property
    def used_up(self) -> str:
        """A sentence on the ids that the run has used up; empty where there is none."""
        ids = self.results.used_up if self.results else {}
        if not ids:
            return ""
        shown = ", ".join(f"{name} {value}" for name, value in ids.items())
        return f"{shown}; the next run that writes needs others"

    @property
    def base(self) -> str:
        """The path below which the API is served."""
        return self.results.api.contract.base if self.results else ""

    def extend(self, mask: Mask) -> Mask:
        """A target's mask with the names of the API, and with the secrets that were found."""
        return mask.extended(self.results.secrets) if self.results else mask

    @property
    def outcome(self) -> str:
        """`fail`, `inconclusive` or `pass`."""
        if self.failures and self.is_validated:
            return "fail"
        return "inconclusive" if self.inconclusive else "pass"

    @property
    def passed(self) -> bool:
        """Whether nothing failed, and the run proves it."""
        return self.outcome == "pass"


def reach_verdict(
    results: Results,
    expected: Iterable[Operation],
    severity: Severity,
    baseline: Baseline,
    phases: frozenset[str],
    mask: Mask = _NO_MASK,
) -> Verdict:
    """Reach the verdict on the phases of a run, which was to call the expected operations.

    `mask` is that of the target.
    """
    skipped, inconclusive, proves_nothing = list[str](), list[str](), True
    operations = list(expected)
    if not results.requests:
        inconclusive.append("nothing was sent: no phase had a request that the target allows")
    elif not operations:
        inconclusive.append(
            "no operation was called: the target names none of the ids that they need"
        )
    else:
        proves_nothing = False
        for operation, sentence in _list_unproved(results, operations):
            # A deployment need not have what its documents do not say.
            is_due = severity.is_binding(operation.evidence)
            (inconclusive if is_due else skipped).append(sentence)
        inconclusive += _list_hindrances(results)
    if "workflows" in phases:
        unmet = [name for name, count in results.met.items() if not count]
        skipped += [
            f"the invariant '{name}': it applies to no exchange of this run" for name in unmet
        ]
        # A workflow that was skipped on purpose may be the one that an invariant applies to.
        if not (proves_nothing or "workflows" in results.skipped_phases or results.truncated):
            inconclusive += _list_untested(results, severity, unmet)
    inconclusive += [
        f"not every request was sent: {reason}" for reason in dict.fromkeys(results.truncated)
    ]
    verdict = make_verdict(results, severity, baseline, inconclusive, mask)
    return replace(verdict, skipped=(*verdict.skipped, *skipped))


def make_verdict(
    results: Results,
    severity: Severity,
    baseline: Baseline,
    inconclusive: Iterable[str] = (),
    mask: Mask = _NO_MASK,
) -> Verdict:
    """The verdict on results, with the reasons that make it inconclusive."""
    failures, warnings, accepted = list[Finding](), list[Finding](), list[Finding]()
    mask = mask.extended(results.secrets)
    for group in results.group_by_cause():
        # Before a baseline is compared: it names no secrets, which differ from run to run.
        group = [_redact(finding, mask) for finding in group]
        causes = {name for finding in group for name in finding.names[:1]}
        known = [it for it in group if any(map(baseline.accepts, {*causes, *it.names}))]
        if known:
            accepted.append(_merge(known))
        others = [finding for finding in group if finding not in known]
        days = [baseline.expired(name) for it in others for name in (*causes, *it.names)]
        expired = next(filter(None, days), None)
        severe = [finding for finding in others if severity.is_failure(finding)]
        if not others:
            continue
        found = _merge(others, severe or others)
        if expired is not None:
            found.note = f"the baseline accepted it until {expired}, and that day has passed"
        (failures if severe or expired else warnings).append(found)
    return Verdict(
        api=results.api.name,
        failures=tuple(failures),
        warnings=tuple(warnings),
        accepted=tuple(accepted),
        inconclusive=tuple(map(mask.text, inconclusive)),
        skipped=tuple(map(mask.text, results.skipped)),
        requests=results.requests,
        results=results,
    )


def list_unneeded(baseline: Baseline, verdicts: Sequence[Verdict]) -> list[str]:
    """The entries of a baseline that a whole run over some APIs has not found."""
    seen = [fingerprint for verdict in verdicts for fingerprint in verdict.fingerprints]
    # What several operations have in common may have been seen at an excluded one alone.
    excluded = {
        (verdict.api, operation)
        for verdict in verdicts
        for operation in (*verdict.excluded, "*" * bool(verdict.excluded))
    }
    return [
        fingerprint
        for fingerprint in baseline.unneeded(seen, {verdict.api for verdict in verdicts})
        if tuple(fingerprint.split(" ")[:2]) not in excluded
    ]


def _redact(finding: Finding, mask: Mask) -> Finding:
    return replace(
        finding,
        sentence=mask.text(finding.sentence),
        location=mask.text(finding.location),
        also=[mask.text(message) for message in finding.also],
        cause=tuple(map(mask.text, finding.cause)),
    )


def _merge(findings: Sequence[Finding], leaders: Sequence[Finding] = ()) -> Finding:
    """One finding of several that have one cause; the best evidence among the leaders leads."""
    leader = min(leaders or findings, key=lambda finding: EVIDENCE.index(finding.evidence))
    return merge_findings(leader, findings)


def _list_untested(results: Results, severity: Severity, unmet: Collection[str]) -> Iterator[str]:
    """That most of the invariants that can fail a run apply to none of its exchanges.

    Some never do where a deployment has few rows, or does not do what no document demands.
    """
    binding = [
        invariant.name
        for invariant in results.invariants
        if severity.is_binding(invariant.evidence)
    ]
    untested = [name for name in binding if name in unmet]
    if 2 * len(untested) > len(binding):
        yield (
            f"{len(untested)} of {len(binding)} invariants apply to no exchange of this run: the "
            "deployment has too few rows, or the target too few ids"
        )


def _list_hindrances(results: Results) -> Iterator[str]:
    """What came between the run and the API, a sentence each that says what to do."""
    if results.refused_later:
        operations = ", ".join(results.refused_later)
        yield (
            "the credential was accepted and refused later: "
            f"{results.refused_later.total()} requests got 401 after {operations} had "
            "succeeded; give one that is valid for longer, or say in the targets file how it is "
            "fetched"
        )
    if results.lost:
        yield (
            f"what was found is missing later, with 404: {', '.join(list(results.lost)[:5])}; "
            "give ids that are not deleted while the check runs"
        )
    received = Counter[str]()
    for (_, _, phase), cell in results.cells.items():
        received[phase] += cell.requests
    for status, reason in _HINDRANCES.items():
        if results.unavailable[status]:
            number = f"{results.unavailable[status]} requests got {status}"
            yield f"{number}, so what they were to test is not tested: {reason}"
    for phase, unmatched in results.unmatched.items():
        if unmatched > received[phase]:
            yield f"the phase '{phase}' got {unmatched} responses that belong to no operation"


def _list_unproved(
    results: Results, expected: Iterable[Operation]
) -> Iterator[tuple[Operation, str]]:
    for operation in expected:
        statuses = results.statuses(operation.id)
        if not statuses:
            yield operation, f"{operation.id} was never called"
        elif not any(200 <= status < 300 for status in statuses):
            seen = ", ".join(str(status) for status in sorted(statuses))
            sentence = f"{operation.id} never succeeded; it got {seen}"
            if operation.method not in SAFE_METHODS and results.used_up:
                ids = ", ".join(f"{name} {value}" for name, value in results.used_up.items())
                sentence += f"; an earlier run may have used up what it needs: {ids}"
            yield operation, sentence
