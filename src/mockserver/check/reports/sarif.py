"""Writes verdicts as SARIF 2.1.0, which GitHub's code scanning and other viewers read.

A finding is a result, and what it violates is its rule. A result stands at the line of the contract
that it violates, or at that of its operation: a deployment has no source files here. What a
baseline accepts is suppressed, and a reason of an inconclusive verdict is a notification.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import orjson

from mockserver import __version__
from mockserver.api import Api
from mockserver.check.reports.evidence import explain_evidence, find_line
from mockserver.check.reports.text import format_curl, format_message
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.kit import load_kit
from mockserver.redaction import Mask

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def write_sarif(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write the findings of all APIs as one run, whose category is the target."""
    results = [result for verdict in verdicts for result in _list_results(verdict, target, mask)]
    rules = {
        f"{verdict.api}/{finding.source}": _describe_rule(verdict, finding)
        for verdict in verdicts
        for finding in (*verdict.failures, *verdict.warnings, *verdict.accepted)
    }
    reasons = [
        f"{verdict.api}: {verdict.extend(mask).text(reason)}"
        for verdict in verdicts
        for reason in verdict.inconclusive
    ]
    run = {
        "tool": {
            "driver": {
                "name": "mockserver check",
                "semanticVersion": __version__,
                "rules": [{"id": id, **rule} for id, rule in rules.items()],
            }
        },
        # Whatever is before the last `/` is what GitHub calls the category.
        "automationDetails": {"id": f"mockserver/{mask.text(target.name)}/"},
        "invocations": [
            {
                "executionSuccessful": not reasons,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": reason}} for reason in reasons
                ],
            }
        ],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2)


def _describe_rule(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    """The sentence of an invariant; of other rules, what the source says of itself."""
    kit = load_kit(verdict.results.api) if verdict.results else None
    sentences = {
        invariant.name: invariant.sentence for invariant in (kit.invariants if kit else ())
    }
    name = finding.source.name
    text = sentences.get(name, name) if finding.source.kind == "invariant" else name
    return {"shortDescription": {"text": text}}


def _list_results(verdict: Verdict, target: Target, mask: Mask) -> Iterator[dict[str, Any]]:
    base, mask = target.url.rstrip("/") + verdict.base, verdict.extend(mask)
    api = verdict.results.api if verdict.results else None
    for level, findings, suppressions in (
        ("error", verdict.failures, []),
        ("warning", verdict.warnings, []),
        ("note", verdict.accepted, [{"kind": "external"}]),
    ):
        for finding in findings:
            fingerprint = mask.text(finding.fingerprint)
            yield {
                "ruleId": f"{verdict.api}/{finding.source}",
                "level": level,
                "message": {"text": _describe(finding, api, base, mask)},
                "locations": [_locate(verdict.api, api, finding)],
                # The first is the one that GitHub reads; it would make it of a file otherwise.
                "partialFingerprints": {
                    "primaryLocationLineHash": f"{sha256(fingerprint.encode()).hexdigest()[:16]}:1",
                    "mockserverFinding/v1": fingerprint,
                },
                "suppressions": suppressions,
            }


def _describe(finding: Finding, api: Api | None, base: str, mask: Mask) -> str:
    where = " ".join(filter(None, (finding.operation, str(finding.status or ""))))
    lines = [f"{where or 'the deployment'}: {format_message(finding, mask)}"]
    if api is not None:
        lines.append(f"{finding.evidence}: {explain_evidence(api, finding)}")
    if finding.request is not None:
        lines.append(format_curl(finding.request, base, mask))
    return "\n".join(lines)


def _locate(name: str, api: Api | None, finding: Finding) -> dict[str, Any]:
    line = find_line(api, finding) if api is not None else 1
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": f"openapi/{name}.yaml"},
            "region": {"startLine": line},
        }
    }
    if finding.operation:
        location["logicalLocations"] = [
            {"name": finding.operation, "fullyQualifiedName": f"{name}.{finding.operation}"}
        ]
    return location
