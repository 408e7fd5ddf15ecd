"""Writes verdicts as JUnit XML, as Jenkins, GitLab, GitHub and Azure read it.

A suite for each API, a test case for each operation and phase. These viewers show one failure of a
test case: its message in a list, and its text below. What was skipped is a test case too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree

from mockserver.check.reports.text import format_finding
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import SECOND

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write JUnit XML; a reason for an inconclusive verdict is a test case with an error."""
    root = ElementTree.Element("testsuites", name=target.name)
    for verdict in verdicts:
        _add_suite(root, verdict, target, mask)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add_suite(root: ElementTree.Element, verdict: Verdict, target: Target, mask: Mask) -> None:
    base, mask = target.url.rstrip("/") + verdict.base, verdict.extend(mask)
    seconds, failures = _add_up_seconds(verdict), defaultdict[tuple[str, str], list[Finding]](list)
    for finding in verdict.failures:
        for phase in finding.phases:
            failures[finding.operation, phase].append(finding)
    places = sorted({*seconds, *failures})
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=verdict.api,
        tests=str(len(places) + len(verdict.inconclusive) + len(verdict.skipped)),
        failures=str(len(failures)),
        errors=str(len(verdict.inconclusive)),
        skipped=str(len(verdict.skipped)),
        time=f"{verdict.seconds:.3f}",
    )
    for place in places:
        operation, phase = place
        name = f"{operation or 'the deployment'}-{phase}"
        case = _add_case(suite, verdict.api, name, seconds.get(place, 0))
        if found := failures.get(place):
            lines = [line for it in found for line in format_finding("FAILURE", it, base, mask)]
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            sentence = ": ".join(filter(None, (found[0].note, mask.text(found[0].sentence))))
            _add_outcome(case, "failure", sentence + more, "\n".join(lines), found[0].code)
    for kind, reasons in (("error", verdict.inconclusive), ("skipped", verdict.skipped)):
        for reason in map(mask.text, reasons):
            case = _add_case(suite, verdict.api, reason, 0)
            _add_outcome(case, kind, reason, reason, "inconclusive" if kind == "error" else "")


def _add_up_seconds(verdict: Verdict) -> dict[tuple[str, str], float]:
    """How long the responses of each operation took in each phase."""
    seconds: dict[tuple[str, str], float] = {}
    if verdict.results:
        seconds = dict.fromkeys(
            ((operation, phase) for operation, _, phase in verdict.results.cells), 0.0
        )
        for phase, operation, exchange, _ in verdict.results.traffic:
            timing = exchange.response.timing
            if timing and (operation, phase) in seconds:
                seconds[operation, phase] += timing.took / SECOND
    return seconds


def _add_case(
    suite: ElementTree.Element, api: str, name: str, seconds: float
) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname=api, name=_NOT_XML.sub("\ufffd", name), time=f"{seconds:.3f}"
    )


def _add_outcome(case: ElementTree.Element, kind: str, message: str, text: str, code: str) -> None:
    outcome = ElementTree.SubElement(case, kind, message=_NOT_XML.sub("\ufffd", message))
    if code:
        outcome.set("type", code)
    outcome.text = _NOT_XML.sub("\ufffd", text)
