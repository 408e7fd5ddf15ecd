"""The HTML report: one page that loads nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from json import dumps
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mockserver import __version__
from mockserver.check.reports.page.excerpt import Excerpts
from mockserver.check.reports.page.layout import shorten, split_runs
from mockserver.check.reports.page.matrix import PageFinding, make_matrix
from mockserver.check.reports.page.message import layout_message
from mockserver.check.reports.script import format_script
from mockserver.check.reports.text import format_curl, format_places, format_step
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, measure_coverage
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import to_datetime
from mockserver.json_pointer import split_pointer
from mockserver.kit import load_kit
from mockserver.redaction import Mask

_FOLDER = Path(__file__).parent
_SENTENCE, _CURL, _VALUE = 600, 4_000, 60
_OBVIOUS = {"components", "schemas", "schema", "properties", "content", "application/json"}
_SEVERITIES = ("failure", "warning", "accepted")
_OUTCOMES = ("fail", "inconclusive", "pass")


def write_html(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write the verdicts on the APIs of a target as one HTML page."""
    numbers = count(1)
    apis = [_make_api(verdict, numbers, target, mask) for verdict in verdicts]
    severities = [finding.severity for api in apis for finding in api["findings"]]
    timings = [
        exchange.response.timing.began
        for verdict in verdicts
        if verdict.results
        for _, _, exchange, _ in verdict.results.traffic[:1]
        if exchange.response.timing
    ]
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    page = (
        _make_environment(mask)
        .get_template("report.html")
        .render(
            target=target,
            apis=apis,
            counts={severity: severities.count(severity) for severity in _SEVERITIES},
            outcome=min(
                (verdict.outcome for verdict in verdicts), key=_OUTCOMES.index, default="pass"
            ),
            # When the first request was sent, where that was measured.
            began=to_datetime(min(timings)).strftime("%Y-%m-%d %H:%M UTC") if timings else "",
            seeds=sorted({verdict.seed for verdict in verdicts if verdict.seed is not None}),
            seconds=sum(verdict.seconds for verdict in verdicts),
            version=__version__,
            style=(_FOLDER / "report.css").read_text(encoding="utf-8"),
            script=script,
            # The browser runs no other script, whatever a response contains.
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )
    # A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    return page.encode("utf-8", "replace")


def _make_environment(mask: Mask) -> Environment:
    def redact(value: Any) -> Any:
        # Markup is the template's own, or was made from redacted text.
        is_text = isinstance(value, str) and not hasattr(value, "__html__")
        return mask.known(value) if is_text else value

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=redact,
    )
    environment.filters["runs"] = lambda text: split_runs(mask.known(text))
    environment.filters["code_runs"] = lambda text: split_runs(mask.known(text), is_code=True)
    return environment


def _make_api(
    verdict: Verdict, numbers: Iterator[int], target: Target, mask: Mask
) -> dict[str, Any]:
    """Everything on the page about one API; without results, the verdict alone."""
    results, mask = verdict.results, verdict.extend(mask)
    findings = list(_make_findings(verdict, numbers, target, mask))
    verdict = replace(
        verdict,
        inconclusive=tuple(map(mask.text, verdict.inconclusive)),
        skipped=tuple(map(mask.text, verdict.skipped)),
    )
    if results is None:
        return {"verdict": verdict, "findings": findings, "title": ""}
    tested, invariants = measure_coverage(results), load_kit(results.api).invariants
    return {
        "verdict": verdict,
        "findings": findings,
        "title": results.api.contract.title,
        "matrix": make_matrix(results, tested.statuses, findings),
        "coverage": tested,
        "sentences": {invariant.name: invariant.sentence for invariant in invariants},
        "keywords": _describe_keywords(results, tested),
    }


def _make_findings(
    verdict: Verdict, numbers: Iterator[int], target: Target, mask: Mask
) -> Iterator[PageFinding]:
    results, base = verdict.results, target.url.rstrip("/") + verdict.base
    if results is None:
        return
    excerpts, contract = Excerpts(results.api), results.api.contract
    lists = (verdict.failures, verdict.warnings, verdict.accepted)
    for severity, findings in zip(_SEVERITIES, lists, strict=True):
        for finding in findings:
            exchange, request, response = finding.exchange, None, None
            plain = replace(finding, location="", code="")  # the exchanges before are not wrong
            if exchange:
                request = layout_message(finding, exchange.request, contract, mask)
                response = layout_message(finding, exchange.response, contract, mask)
            yield PageFinding(
                number=next(numbers),
                severity=severity,
                finding=finding,
                sentence=shorten(mask.text(finding.sentence), _SENTENCE),
                also=tuple(shorten(mask.text(message), _SENTENCE) for message in finding.also),
                places=format_places(finding),
                request=request,
                response=response,
                excerpt=excerpts.find(finding),
                before=tuple(
                    (
                        format_step(earlier, mask),
                        layout_message(plain, earlier.request, contract, mask),
                        layout_message(plain, earlier.response, contract, mask),
                    )
                    for earlier in finding.before
                ),
                script=format_script(finding, base, mask) if finding.before else "",
                curl=shorten(format_curl(exchange.request, base, mask), _CURL) if exchange else "",
            )


def _describe_keywords(results: Results, tested: Coverage) -> dict[str, tuple[str, str]]:
    """The place of each keyword in words, and its value in one line; of an object, its names."""
    keywords = {}
    rules = [*(rule.rule for rule in tested.requests), *tested.responses]
    for rule in rules:
        value = results.api.contract.resolve(rule)
        is_object = isinstance(value, dict)
        text = ", ".join(value) if is_object else dumps(value, ensure_ascii=False, default=str)
        place = " › ".join(part for part in split_pointer(rule)[1:-1] if part not in _OBVIOUS)
        keywords[rule] = (place, shorten(text, _VALUE))
    return keywords
