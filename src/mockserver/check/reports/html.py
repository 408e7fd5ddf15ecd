"""The HTML report: one page that loads nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from json import dumps
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mockserver import __version__
from mockserver.check.reports.curl import format_curl
from mockserver.check.reports.page.excerpt import Excerpt, Excerpts
from mockserver.check.reports.page.layout import shorten, split_runs
from mockserver.check.reports.page.matrix import Matrix, NumberedFinding, make_matrix
from mockserver.check.reports.page.message import Message, layout_request, layout_response
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, measure_coverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import to_datetime
from mockserver.json_pointer import split_pointer
from mockserver.kit import load_kit

_FOLDER = Path(__file__).parent
_SENTENCE, _CURL, _VALUE, _OPEN = 600, 4_000, 60, 3
_OBVIOUS = {"components", "schemas", "schema", "properties", "content", "application/json"}
_SEVERITIES = ("failure", "warning", "accepted")
_OUTCOMES = ("fail", "inconclusive", "pass")


@dataclass(frozen=True)
class _Finding:
    """A finding with its exchange and the excerpt of what it violates."""

    number: int
    severity: str
    finding: Finding
    sentence: str
    request: Message | None
    response: Message | None
    excerpt: Excerpt | None
    curl: str
    is_open: bool


@dataclass(frozen=True)
class _Meter:
    """A share of what the contract has that was tested."""

    name: str
    explanation: str
    done: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * self.done // self.whole if self.whole else 100


@dataclass(frozen=True)
class _Api:
    """Everything on the page about one API."""

    verdict: Verdict
    title: str
    findings: tuple[_Finding, ...]
    matrix: Matrix | None
    coverage: Coverage | None
    meters: tuple[_Meter, ...]
    sentences: Mapping[str, str]
    keywords: Mapping[str, tuple[str, str]]


def write_html(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write the verdicts on the APIs of a target as one HTML page."""
    apis = list(_make_apis(verdicts, target, mask))
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    page = (
        _environment(mask)
        .get_template("report.html")
        .render(
            target=target,
            apis=apis,
            findings=[finding for api in apis for finding in api.findings],
            counts=_count_severities(apis),
            outcome=min(
                (verdict.outcome for verdict in verdicts), key=_OUTCOMES.index, default="pass"
            ),
            began=_find_start(verdicts),
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


def _environment(mask: Mask) -> Environment:
    def redact(value: Any) -> Any:
        # Markup is the template's own, or was made from redacted text.
        is_text = isinstance(value, str) and not hasattr(value, "__html__")
        return mask.text(value) if is_text else value

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=redact,
    )
    environment.filters["runs"] = lambda text: split_runs(mask.text(text))
    environment.filters["code_runs"] = lambda text: split_runs(mask.text(text), is_code=True)
    return environment


def _make_apis(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> Iterator[_Api]:
    numbers = count(1)
    for verdict in verdicts:
        numbered = [
            NumberedFinding(next(numbers), severity, finding)
            for severity, findings in zip(
                _SEVERITIES, (verdict.failures, verdict.warnings, verdict.accepted), strict=True
            )
            for finding in findings
        ]
        results = verdict.results
        tested = measure_coverage(results) if results else None
        excerpts = Excerpts(results.api) if results else None
        base = target.url.rstrip("/") + verdict.base
        yield _Api(
            verdict=verdict,
            title=results.api.contract.title if results else "",
            findings=tuple(_make_finding(one, results, excerpts, base, mask) for one in numbered),
            matrix=make_matrix(results, tested.statuses, numbered) if results and tested else None,
            coverage=tested,
            meters=tuple(_make_meters(results, tested)) if results and tested else (),
            sentences={
                invariant.name: invariant.sentence for invariant in load_kit(results.api).invariants
            }
            if results
            else {},
            keywords=_describe_keywords(results, tested) if results and tested else {},
        )


def _make_finding(
    numbered: NumberedFinding,
    results: Results | None,
    excerpts: Excerpts | None,
    base: str,
    mask: Mask,
) -> _Finding:
    finding, exchange = numbered.finding, numbered.finding.exchange
    request = response = None
    if exchange is not None and results is not None:
        request = layout_request(finding, exchange, results.api.contract, mask)
        response = layout_response(finding, exchange, results.api.contract, mask)
    return _Finding(
        number=numbered.number,
        severity=numbered.severity,
        finding=finding,
        sentence=shorten(mask.text(finding.sentence), _SENTENCE),
        request=request,
        response=response,
        excerpt=excerpts.find(finding) if excerpts else None,
        curl=shorten(format_curl(exchange.request, base, mask), _CURL) if exchange else "",
        is_open=numbered.number <= _OPEN,
    )


def _make_meters(results: Results, tested: Coverage) -> Iterator[_Meter]:
    operations = results.api.contract.operations
    reached = [
        any(200 <= status < 300 for status in results.statuses(one.id)) for one in operations
    ]
    statuses = [bool(one.seen) for one in tested.statuses if one.is_documented]
    parameters = [bool(one.valid and one.invalid) for one in tested.parameters]
    for name, explanation, done in (
        ("Operations", "that returned a success", reached),
        ("Statuses", "documented ones that were seen", statuses),
        ("Parameters", "sent with valid and with invalid values", parameters),
        ("Request keywords", "satisfied and violated", [one.is_covered for one in tested.requests]),
        (
            "Response keywords",
            "that validated a response",
            [one.is_covered for one in tested.responses],
        ),
        (
            "Invariants",
            "that had something to validate",
            [times > 0 for times in tested.invariants.values()],
        ),
    ):
        yield _Meter(name, explanation, sum(done), len(done))


def _describe_keywords(results: Results, tested: Coverage) -> dict[str, tuple[str, str]]:
    """The place of each keyword in words, and its value."""
    contract = results.api.contract
    rules = [*(one.rule for one in tested.requests), *(one.rule for one in tested.responses)]
    return {
        rule: (
            " › ".join(part for part in split_pointer(rule)[1:-1] if part not in _OBVIOUS),
            shorten(_format_value(contract.resolve(rule)), _VALUE),
        )
        for rule in rules
    }


def _format_value(value: Any) -> str:
    """The value of a keyword in one line; of an object, its names."""
    if isinstance(value, dict):
        return ", ".join(value)
    return dumps(value, ensure_ascii=False, default=str)


def _count_severities(apis: Iterable[_Api]) -> dict[str, int]:
    """The number of findings of each severity."""
    severities = [finding.severity for api in apis for finding in api.findings]
    return {severity: severities.count(severity) for severity in _SEVERITIES}


def _find_start(verdicts: Iterable[Verdict]) -> str:
    """When the first request was sent, where that was measured."""
    timings = [
        exchange.response.timing.began
        for verdict in verdicts
        if verdict.results
        for _, _, exchange in verdict.results.traffic[:1]
        if exchange.response.timing
    ]
    return to_datetime(min(timings)).strftime("%Y-%m-%d %H:%M UTC") if timings else ""
