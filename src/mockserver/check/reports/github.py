"""Formats failures as annotations of GitHub Actions, which a pull request and a run show.

They are workflow commands, one line each. GitHub shows ten errors of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.check.reports.text import format_message
from mockserver.check.validation.verdict import Verdict
from mockserver.redaction import Mask

_MOST = 10


def format_annotations(verdicts: Sequence[Verdict], mask: Mask) -> list[str]:
    """A line for each failure and each reason of an inconclusive verdict, at most ten."""
    lines = [line for verdict in verdicts for line in _format_verdict(verdict, mask)]
    if len(lines) > _MOST:
        more = len(lines) - _MOST + 1
        text = f"{more} more failures and reasons are in the log and the reports"
        lines[_MOST - 1 :] = [f"::error title=mockserver::{text}"]
    return lines


def _format_verdict(verdict: Verdict, mask: Mask) -> Iterator[str]:
    mask = verdict.extend(mask)
    for finding in verdict.failures:
        status = f" {finding.status}" if finding.status else ""
        title = f"{verdict.api}: {finding.operation or 'the deployment'}{status}"
        message = f"{format_message(finding, mask)}\n{mask.text(finding.fingerprint)}"
        yield f"::error title={_escape_property(title)}::{_escape(message)}"
    for reason in verdict.inconclusive:
        title = _escape_property(f"{verdict.api}: inconclusive")
        yield f"::error title={title}::{_escape(mask.text(reason))}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
