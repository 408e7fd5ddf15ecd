"""Writes verdicts as JUnit XML, as Jenkins, GitLab, GitHub and Azure read it.

A suite for each API, in which each finding is a test case, named as a baseline names it, and so is
each operation and phase without one. These viewers show one failure of a test case: its message in
a list, and its text below. A warning passes; its text is the output of the test.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent
from xml.etree import ElementTree

from mockserver.check.reports.evidence import explain_evidence
from mockserver.check.reports.text import format_finding, format_message
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import SECOND
from mockserver.redaction import Mask

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write JUnit XML; a reason for an inconclusive verdict is a test case with an error."""
    root = ElementTree.Element("testsuites", name=target.name)
    for verdict in verdicts:
        _add_suite(root, verdict, target, mask)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    root.set("time", f"{sum(verdict.seconds for verdict in verdicts):.3f}")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add_suite(root: ElementTree.Element, verdict: Verdict, target: Target, mask: Mask) -> None:
    base, mask = target.url.rstrip("/") + verdict.base, verdict.extend(mask)
    suite = ElementTree.SubElement(root, "testsuite", name=verdict.api)
    for title, findings in (
        ("FAILURE", verdict.failures),
        ("warning", verdict.warnings),
        ("accepted", verdict.accepted),
    ):
        for finding in findings:
            name = finding.fingerprint.removeprefix(f"{verdict.api} ")
            case = _add_case(suite, verdict.api, mask.text(name), _find_seconds(finding))
            evidence = explain_evidence(verdict.results.api, finding) if verdict.results else ""
            text = dedent("\n".join(format_finding(title, finding, base, mask, evidence)))
            if title == "FAILURE":
                message = format_message(finding, mask)
                _add_outcome(case, "failure", message, text, finding.code)
            else:
                _add_text(ElementTree.SubElement(case, "system-out"), text)
    for (operation, phase), seconds in sorted(_add_up_seconds(verdict).items()):
        _add_case(suite, verdict.api, f"{operation or 'the deployment'}-{phase}", seconds)
    for reason in map(mask.text, verdict.inconclusive):
        case = _add_case(suite, verdict.api, reason, 0)
        _add_outcome(case, "error", reason, reason, "inconclusive")
    for reason in map(mask.text, verdict.skipped):
        _add_outcome(_add_case(suite, verdict.api, reason, 0), "skipped", reason, "", "skipped")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(verdict.failures)))
    suite.set("errors", str(len(verdict.inconclusive)))
    suite.set("skipped", str(len(verdict.skipped)))
    suite.set("time", f"{verdict.seconds:.3f}")


def _find_seconds(finding: Finding) -> float:
    """How long the response took that shows a finding."""
    timing = finding.exchange.response.timing if finding.exchange else None
    return timing.took / SECOND if timing else 0


def _add_up_seconds(verdict: Verdict) -> dict[tuple[str, str], float]:
    """How long the responses of each operation took in each phase in which nothing was found."""
    seconds: dict[tuple[str, str], float] = {}
    if verdict.results:
        findings = (*verdict.failures, *verdict.warnings, *verdict.accepted)
        found = {
            (place.operation, phase)
            for finding in findings
            for place in finding.places
            for phase in place.phases
        }
        places = ((operation, phase) for operation, _, phase in verdict.results.cells)
        seconds = dict.fromkeys((place for place in places if place not in found), 0.0)
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
    outcome = ElementTree.SubElement(case, kind, type=code, message=_NOT_XML.sub("\ufffd", message))
    _add_text(outcome, text)


def _add_text(element: ElementTree.Element, text: str) -> None:
    element.text = _NOT_XML.sub("\ufffd", text)
