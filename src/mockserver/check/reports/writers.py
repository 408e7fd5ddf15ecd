"""Writes reports as files: JSON, JUnit XML, HAR and HTML, by the name that a user gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import orjson

from mockserver import __version__
from mockserver.check.reports.curl import format_curl
from mockserver.check.reports.har import write_har
from mockserver.check.reports.html import write_html
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, measure_coverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_json(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> bytes:
    """Write everything that a run found as JSON."""
    found = list(verdicts)
    report = {
        "mockserver": __version__,
        "target": {"name": target.name, "url": mask.text(target.url)},
        "passed": all(verdict.passed for verdict in found),
        "apis": [_api(verdict, target, mask) for verdict in found],
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2, default=repr)


def _api(verdict: Verdict, target: Target, mask: Mask) -> dict[str, Any]:
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    cells = sorted(results.cells.items()) if results else []
    return {
        "api": verdict.api,
        "passed": verdict.passed,
        "verdict": verdict.outcome,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "seed": verdict.seed,
        "failures": [_finding(one, base, mask) for one in verdict.failures],
        "warnings": [_finding(one, base, mask) for one in verdict.warnings],
        "accepted": [_finding(one, base, mask) for one in verdict.accepted],
        "inconclusive": [mask.text(reason) for reason in verdict.inconclusive],
        "skipped": [mask.text(reason) for reason in verdict.skipped],
        "invariants": dict(results.evaluator.met) if results else {},
        "coverage": [
            {
                "operation": operation,
                "status": status,
                "phase": phase,
                "requests": cell.requests,
                "findings": cell.findings,
            }
            for (operation, status, phase), cell in cells
        ],
        **(_coverage(measure_coverage(results)) if results else {"parameters": [], "keywords": []}),
    }


def _coverage(tested: Coverage) -> dict[str, Any]:
    """How often each parameter was sent, and how often each keyword was satisfied and violated."""
    requests = [
        {"rule": one.rule, "of": "requests", "satisfied": one.satisfied, "violated": one.violated}
        for one in tested.requests
    ]
    responses = [
        {"rule": one.rule, "of": "responses", "validated": one.validated}
        for one in tested.responses
    ]
    return {
        "parameters": [
            {
                "operation": one.operation,
                "parameter": one.name,
                "in": one.location,
                "valid": one.valid,
                "invalid": one.invalid,
            }
            for one in tested.parameters
        ],
        "keywords": [*requests, *responses],
    }


def _finding(finding: Finding, base: str, mask: Mask) -> dict[str, Any]:
    document: dict[str, Any] = {
        "finding": finding.fingerprint,
        "operation": finding.operation,
        "status": finding.status,
        "code": finding.code,
        "source": str(finding.source),
        "location": finding.location,
        "evidence": finding.evidence,
        "sentence": mask.text(finding.sentence),
        "phases": finding.phases,
        "count": finding.count,
    }
    if finding.note:
        document["note"] = finding.note
    if finding.exchange is not None:
        request, response = finding.exchange.request, finding.exchange.response
        document["curl"] = format_curl(request, base, mask)
        document["response"] = mask.text(response.body.decode("utf-8", "replace"))[:20_000]
    return document


def write_junit(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> bytes:
    """Write JUnit XML: a suite for each API, a test for each operation and phase.

    A reason for an inconclusive verdict is a test with an error.
    """
    root = ElementTree.Element("testsuites", name=target.name)
    for verdict in verdicts:
        _add_suite(root, verdict, mask)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add_suite(root: ElementTree.Element, verdict: Verdict, mask: Mask) -> None:
    results = verdict.results
    tests = sorted({(one, phase) for one, _, phase in (results.cells if results else ())})
    failing: dict[tuple[str, str], list[str]] = {}
    for finding in verdict.failures:
        for phase in finding.phases:
            sentence = ": ".join(filter(None, (finding.note, mask.text(finding.sentence))))
            failing.setdefault((finding.operation, phase), []).append(sentence)
    names = [*tests, *(place for place in failing if place not in tests)]
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=verdict.api,
        tests=str(len(names) + len(verdict.inconclusive)),
        failures=str(len(failing)),
        errors=str(len(verdict.inconclusive)),
    )
    for operation, phase in names:
        name = f"{operation or 'the deployment'}-{phase}"
        case = ElementTree.SubElement(suite, "testcase", classname=verdict.api, name=name)
        for sentence in failing.get((operation, phase), ()):
            ElementTree.SubElement(case, "failure", message=_remove_controls(sentence))
    for reason in verdict.inconclusive:
        name = _remove_controls(mask.text(reason))
        case = ElementTree.SubElement(suite, "testcase", classname=verdict.api, name=name)
        ElementTree.SubElement(case, "error", message=name)


def _remove_controls(text: str) -> str:
    """Replace the characters that XML cannot carry."""
    return _NOT_XML.sub("\ufffd", text)


Writer = Callable[[Sequence[Verdict], Target, Mask], bytes]
"""Writes the verdicts on the APIs of a target as one file."""

WRITERS: Mapping[str, Writer] = {
    "json": write_json,
    "junit": write_junit,
    "har": write_har,
    "html": write_html,
}
