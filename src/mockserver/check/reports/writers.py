"""Writes reports as files, by the name of their kind: JSON, JUnit, SARIF, HAR, HTML, a script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from msgspec.structs import asdict

from mockserver import __version__
from mockserver.check.reports.evidence import explain_evidence
from mockserver.check.reports.har import write_har
from mockserver.check.reports.html import write_html
from mockserver.check.reports.junit import write_junit
from mockserver.check.reports.sarif import write_sarif
from mockserver.check.reports.script import format_script, write_script
from mockserver.check.reports.text import format_curl, format_url
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, measure_coverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Request, Response
from mockserver.redaction import Mask

_LONGEST_BODY = 20_000


def write_json(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write everything that a run found as JSON."""
    report = {
        "mockserver": __version__,
        "target": {"name": target.name, "url": mask.text(target.url)},
        "passed": all(verdict.passed for verdict in verdicts),
        "apis": [_describe_api(verdict, target, mask) for verdict in verdicts],
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2, default=repr)


def _describe_api(verdict: Verdict, target: Target, mask: Mask) -> dict[str, Any]:
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    mask = verdict.extend(mask)
    cells = sorted(results.cells.items()) if results else []
    tested = measure_coverage(results) if results else Coverage((), (), (), {}, {})
    of_requests = [
        {
            "rule": rule.rule,
            "of": "requests",
            "satisfied": rule.satisfied,
            "violated": rule.violated,
        }
        for rule in tested.requests
    ]
    of_responses = [
        {"rule": rule, "of": "responses", "validated": count}
        for rule, count in tested.responses.items()
    ]

    def describe(findings: Iterable[Finding]) -> list[dict[str, Any]]:
        return [_describe_finding(verdict, finding, base, mask) for finding in findings]

    return {
        "api": verdict.api,
        "passed": verdict.passed,
        "verdict": verdict.outcome,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "seed": verdict.seed,
        "failures": describe(verdict.failures),
        "warnings": describe(verdict.warnings),
        "accepted": describe(verdict.accepted),
        "inconclusive": [mask.text(reason) for reason in verdict.inconclusive],
        "skipped": [mask.text(reason) for reason in verdict.skipped],
        "excluded": verdict.excluded,
        "used_up": mask.text(verdict.used_up),
        "invariants": tested.invariants,
        "coverage": [
            {"operation": operation, "status": status, "phase": phase, **asdict(cell)}
            for (operation, status, phase), cell in cells
        ],
        "parameters": [
            {
                "operation": parameter.operation,
                "parameter": parameter.name,
                "in": parameter.location,
                "valid": parameter.valid,
                "invalid": parameter.invalid,
            }
            for parameter in tested.parameters
        ],
        "keywords": [*of_requests, *of_responses],
    }


def _describe_finding(verdict: Verdict, finding: Finding, base: str, mask: Mask) -> dict[str, Any]:
    document: dict[str, Any] = {
        "finding": mask.text(finding.fingerprint),
        "operation": finding.operation,
        "status": finding.status,
        "code": finding.code,
        "source": str(finding.source),
        "location": mask.text(finding.location),
        "evidence": finding.evidence,
        "sentence": mask.text(finding.sentence),
        "also": [mask.text(message) for message in finding.also],
        "phases": finding.phases,
        "count": finding.count,
        "places": [
            {
                "finding": mask.text(place.names[-1]),
                "operation": place.operation,
                "status": place.status,
                "evidence": place.evidence,
                "phases": place.phases,
                "count": place.count,
            }
            for place in finding.places
        ],
    }
    if verdict.results:
        document["evidence_note"] = explain_evidence(verdict.results.api, finding)
    if finding.note:
        document["note"] = finding.note
    if finding.request is not None:
        document["curl"] = format_curl(finding.request, base, mask)
    if finding.exchange is not None:
        document["response"] = _show_body(finding.exchange.response, mask)
    if finding.before:
        document["sequence"] = [
            {
                "method": exchange.request.method,
                "url": format_url(exchange.request, base, mask),
                "body": _show_body(exchange.request, mask),
                "status": exchange.response.status,
                "response": _show_body(exchange.response, mask),
            }
            for exchange in finding.sequence
        ]
        document["script"] = format_script(finding, base, mask)
    return document


def _show_body(message: Request | Response, mask: Mask) -> str:
    body = message.body.decode("utf-8", "replace")
    return mask.body(body, message.headers.media_type)[:_LONGEST_BODY]


Writer = Callable[[Sequence[Verdict], Target, Mask], bytes]
"""Writes the verdicts on the APIs of a target as one file."""


def _redact_again(write: Writer) -> Writer:
    """A writer whose report is redacted as a whole too, so that no text of it is forgotten."""

    def write_redacted(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
        return mask.known(write(verdicts, target, mask).decode()).encode()

    return write_redacted


WRITERS: Mapping[str, Writer] = {
    "json": _redact_again(write_json),
    "junit": _redact_again(write_junit),
    "har": write_har,  # large, and each of its texts is redacted
    "html": write_html,  # as its template is filled in
    "sarif": _redact_again(write_sarif),
    "script": _redact_again(write_script),
}
