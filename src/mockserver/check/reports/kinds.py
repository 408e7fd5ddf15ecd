"""The kinds of reports that a run can write, by the name that a user gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockserver.check.reports.documents import as_json, as_junit
from mockserver.check.reports.har import as_har
from mockserver.check.reports.html import as_html
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict

__all__ = ["WRITERS", "Writer"]

Writer = Callable[[Sequence[Verdict], Target, Mask], bytes]
"""Writes the verdicts on the APIs of a target as one file."""

WRITERS: Mapping[str, Writer] = {
    "json": as_json,
    "junit": as_junit,
    "har": as_har,
    "html": as_html,
}
