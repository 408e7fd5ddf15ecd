"""The reports for programs: JSON for whoever wants everything, JUnit XML for a CI system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import orjson

from mockserver import __version__
from mockserver.check.reports.curl import curl
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, coverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict

__all__ = ["as_json", "as_junit"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> bytes:
    """Everything that a run found, as JSON."""
    found = list(verdicts)
    report = {
        "mockserver": __version__,
        "target": {"name": target.name, "url": mask.text(target.url)},
        "good": all(verdict.is_good for verdict in found),
        "apis": [_api(verdict, target, mask) for verdict in found],
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2, default=repr)


def _api(verdict: Verdict, target: Target, mask: Mask) -> dict[str, Any]:
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    cells = sorted(results.cells.items()) if results else []
    return {
        "api": verdict.api,
        "good": verdict.is_good,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "seed": verdict.seed,
        "failures": [_finding(one, base, mask) for one in verdict.failures],
        "differences": [_finding(one, base, mask) for one in verdict.differences],
        "known": [_finding(one, base, mask) for one in verdict.known],
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
        **(_coverage(coverage(results)) if results else {"parameters": [], "keywords": []}),
    }


def _coverage(tested: Coverage) -> dict[str, Any]:
    """How often each parameter was sent, and what each keyword of the contract met."""
    requests = [
        {"rule": one.rule, "of": "requests", "kept": one.kept, "broken": one.broken}
        for one in tested.requests
    ]
    answers = [
        {"rule": one.rule, "of": "answers", "validated": one.validated} for one in tested.answers
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
        "keywords": [*requests, *answers],
    }


def _finding(finding: Finding, base: str, mask: Mask) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "finding": finding.fingerprint,
        "operation": finding.operation,
        "status": finding.status,
        "code": finding.code,
        "rule": finding.rule,
        "evidence": finding.evidence,
        "sentence": mask.text(finding.sentence),
        "phases": finding.phases,
        "count": finding.count,
    }
    if finding.note:
        shown["note"] = finding.note
    if finding.exchange is not None:
        request, response = finding.exchange.request, finding.exchange.response
        shown["curl"] = curl(request, base, mask)
        shown["answer"] = mask.text(response.body.decode("utf-8", "replace"))[:20_000]
    return shown


def as_junit(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> bytes:
    """A suite an API, a test an operation and phase; what proves nothing is an error."""
    root = ElementTree.Element("testsuites", name=target.name)
    for verdict in verdicts:
        _suite(root, verdict, mask)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(root: ElementTree.Element, verdict: Verdict, mask: Mask) -> None:
    results = verdict.results
    tests = sorted({(one, phase) for one, _, phase in (results.cells if results else ())})
    failing: dict[tuple[str, str], list[str]] = {}
    for finding in verdict.failures:
        for phase in finding.phases:
            sentence = ": ".join(filter(None, (finding.note, mask.text(finding.sentence))))
            failing.setdefault((finding.operation, phase), []).append(sentence)
    every = [*tests, *(place for place in failing if place not in tests)]
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=verdict.api,
        tests=str(len(every) + len(verdict.inconclusive)),
        failures=str(len(failing)),
        errors=str(len(verdict.inconclusive)),
    )
    for operation, phase in every:
        name = f"{operation or 'the deployment'}-{phase}"
        case = ElementTree.SubElement(suite, "testcase", classname=verdict.api, name=name)
        for sentence in failing.get((operation, phase), ()):
            ElementTree.SubElement(case, "failure", message=_clean(sentence))
    for reason in verdict.inconclusive:
        said = _clean(mask.text(reason))
        case = ElementTree.SubElement(suite, "testcase", classname=verdict.api, name=said)
        ElementTree.SubElement(case, "error", message=said)


def _clean(text: str) -> str:
    """A text without the characters that XML cannot carry."""
    return _NOT_XML.sub("\ufffd", text)
