"""Formats a verdict as plain lines, for a terminal and for CI logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.check.reports.curl import format_curl
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict, list_unmet_invariants

_LONGEST = 600


def format_verdict(verdict: Verdict, target: Target, mask: Mask) -> Iterator[str]:
    """The verdict on one API in lines, the worst findings first."""
    yield f"{verdict.api}: {format_summary(verdict)}"
    for title, findings in (
        ("FAILURE", verdict.failures),
        ("warning", verdict.warnings),
        ("accepted", verdict.accepted),
    ):
        for finding in findings:
            yield from _format_finding(title, finding, target.url.rstrip("/") + verdict.base, mask)
    yield from _format_inconclusive(verdict, mask)
    yield from _reasons("skipped", verdict.skipped, mask)


def format_summary(verdict: Verdict) -> str:
    """The figures of a run over one API in one line."""
    # In capitals what must not be overlooked in a long log.
    word = "pass" if verdict.outcome == "pass" else verdict.outcome.upper()
    return (
        f"{word}: {verdict.requests} requests, {len(verdict.failures)} failures, "
        f"{len(verdict.warnings)} warnings, {len(verdict.accepted)} accepted, "
        f"{len(verdict.inconclusive)} inconclusive, {len(verdict.skipped)} skipped, "
        f"{verdict.seconds:.1f} seconds"
    )


def _format_finding(title: str, finding: Finding, base: str, mask: Mask) -> Iterator[str]:
    where = finding.operation or "the deployment"
    status = f" {finding.status}" if finding.status else ""
    phases = ", ".join(finding.phases)
    yield f"  {title}: {where}{status}: {mask.text(finding.sentence)[:_LONGEST]}"
    yield f"    {finding.evidence} by {finding.source}; seen {finding.count} times, by {phases}"
    if finding.note:
        yield f"    {finding.note}"
    if finding.exchange is not None:
        yield f"    {format_curl(finding.exchange.request, base, mask)[:_LONGEST]}"
    yield f"    finding: {_quote(finding.fingerprint)}"


def _format_inconclusive(verdict: Verdict, mask: Mask) -> Iterator[str]:
    """The reasons of an inconclusive verdict, with the fingerprint of those that a baseline can accept."""
    unmet = list_unmet_invariants(verdict.results) if verdict.results else {}
    named = {sentence: fingerprint for fingerprint, sentence in unmet.items()}
    for reason in verdict.inconclusive:
        yield f"  INCONCLUSIVE: {mask.text(reason)}"
        if reason in named:
            yield f"    finding: {_quote(named[reason])}"


def _quote(fingerprint: str) -> str:
    """Quote a fingerprint for YAML, where ` #` begins a comment."""
    doubled = fingerprint.replace("'", "''")
    return f"'{doubled}'"


def _reasons(title: str, reasons: Iterable[str], mask: Mask) -> Iterator[str]:
    return (f"  {title}: {mask.text(reason)}" for reason in reasons)
