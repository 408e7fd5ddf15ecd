"""Formats a verdict as plain lines, for a terminal and for CI logs."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.check.reports.curl import format_curl
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict, list_unmet_invariants

_LONGEST = 600


def format_verdict(verdict: Verdict, target: Target, mask: Mask) -> Iterator[str]:
    """The verdict on one API in lines, the worst findings first."""
    base = target.url.rstrip("/") + verdict.base
    yield f"{verdict.api}: {format_summary(verdict)}"
    for title, findings in (
        ("FAILURE", verdict.failures),
        ("warning", verdict.warnings),
        ("accepted", verdict.accepted),
    ):
        for finding in findings:
            yield from _format_finding(title, finding, base, mask)
    unmet = list_unmet_invariants(verdict.results) if verdict.results else {}
    fingerprints = {sentence: fingerprint for fingerprint, sentence in unmet.items()}
    for reason in verdict.inconclusive:
        yield f"  INCONCLUSIVE: {mask.text(reason)}"
        if reason in fingerprints:  # a baseline can accept it
            yield _format_fingerprint(fingerprints[reason])
    yield from (f"  skipped: {mask.text(reason)}" for reason in verdict.skipped)


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
    yield _format_fingerprint(finding.fingerprint)


def _format_fingerprint(fingerprint: str) -> str:
    # Quoted for YAML, where ` #` begins a comment.
    doubled = fingerprint.replace("'", "''")
    return f"    finding: '{doubled}'"
