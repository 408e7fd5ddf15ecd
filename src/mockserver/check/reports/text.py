"""The report for a person, as plain lines that a CI log keeps as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.check.reports.curl import curl
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict, unmet_invariants

__all__ = ["lines", "summary"]

_SHOWN = 600


def lines(verdict: Verdict, target: Target, mask: Mask) -> Iterator[str]:
    """What a run over one API found, the worst first."""
    yield f"{verdict.api}: {summary(verdict)}"
    for title, findings in (
        ("FAILURE", verdict.failures),
        ("difference", verdict.differences),
        ("known", verdict.known),
    ):
        for finding in findings:
            yield from _finding(title, finding, target.url.rstrip("/") + verdict.base, mask)
    yield from _inconclusive(verdict, mask)
    yield from _reasons("skipped", verdict.skipped, mask)


def summary(verdict: Verdict) -> str:
    """The figures of a run over one API."""
    word = "good" if verdict.is_good else "NOT GOOD"
    return (
        f"{word}: {verdict.requests} requests, {len(verdict.failures)} failures, "
        f"{len(verdict.differences)} differences, {len(verdict.known)} known, "
        f"{len(verdict.inconclusive)} inconclusive, {len(verdict.skipped)} skipped, "
        f"{verdict.seconds:.1f} seconds"
    )


def _finding(title: str, finding: Finding, base: str, mask: Mask) -> Iterator[str]:
    where = finding.operation or "the deployment"
    status = f" {finding.status}" if finding.status else ""
    phases = ", ".join(finding.phases)
    yield f"  {title}: {where}{status}: {mask.text(finding.sentence)[:_SHOWN]}"
    yield f"    {finding.evidence} by {finding.rule}; seen {finding.count} times, by {phases}"
    if finding.note:
        yield f"    {finding.note}"
    if finding.exchange is not None:
        yield f"    {curl(finding.exchange.request, base, mask)[:_SHOWN]}"
    yield f"    finding: {_quoted(finding.fingerprint)}"


def _inconclusive(verdict: Verdict, mask: Mask) -> Iterator[str]:
    """The inconclusive, those that a baseline may excuse with what it calls them."""
    unmet = unmet_invariants(verdict.results) if verdict.results else {}
    named = {sentence: fingerprint for fingerprint, sentence in unmet.items()}
    for reason in verdict.inconclusive:
        yield f"  DOUBT: {mask.text(reason)}"
        if reason in named:
            yield f"    finding: {_quoted(named[reason])}"


def _quoted(fingerprint: str) -> str:
    """A fingerprint as YAML takes it into a baseline; ` #` alone would begin a comment there."""
    doubled = fingerprint.replace("'", "''")
    return f"'{doubled}'"


def _reasons(title: str, reasons: Iterable[str], mask: Mask) -> Iterator[str]:
    return (f"  {title}: {mask.text(reason)}" for reason in reasons)
