"""The report for looking: one HTML page that asks nobody for anything."""

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
from mockserver.check.reports.curl import curl
from mockserver.check.reports.page.excerpt import Rule, Rules
from mockserver.check.reports.page.matrix import Matrix, Shown, matrix
from mockserver.check.reports.page.message import Message, request_of, response_of
from mockserver.check.reports.page.text import cut, runs
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.coverage import Coverage, coverage
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.clock import to_datetime
from mockserver.json_pointer import tokens
from mockserver.kit import load_kit

__all__ = ["as_html"]

_FOLDER = Path(__file__).parent
_SENTENCE, _CURL, _VALUE, _OPEN = 600, 4_000, 60, 3
_OBVIOUS = {"components", "schemas", "schema", "properties", "content", "application/json"}
_SEVERITIES = ("failure", "difference", "known")


@dataclass(frozen=True)
class _Finding:
    """A finding beside what it was held against."""

    number: int
    severity: str
    finding: Finding
    sentence: str
    request: Message | None
    response: Message | None
    rule: Rule | None
    curl: str
    is_open: bool


@dataclass(frozen=True)
class _Meter:
    """How much of something there was to test was tested."""

    name: str
    explanation: str
    done: int
    whole: int

    @property
    def percent(self) -> int:
        """Rounded down, so that only all is 100."""
        return 100 * self.done // self.whole if self.whole else 100


@dataclass(frozen=True)
class _Api:
    """All that the page says of one API."""

    verdict: Verdict
    title: str
    findings: tuple[_Finding, ...]
    matrix: Matrix | None
    coverage: Coverage | None
    meters: tuple[_Meter, ...]
    sentences: Mapping[str, str]
    written: Mapping[str, tuple[str, str]]


def as_html(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """The verdicts on the APIs of a target as a page that stands by itself."""
    apis = list(_apis(verdicts, target, mask))
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    page = (
        _environment(mask)
        .get_template("report.html")
        .render(
            target=target,
            apis=apis,
            findings=[finding for api in apis for finding in api.findings],
            counts=_counts(apis),
            is_good=all(verdict.is_good for verdict in verdicts),
            began=_began(verdicts),
            seeds=sorted({verdict.seed for verdict in verdicts if verdict.seed is not None}),
            seconds=sum(verdict.seconds for verdict in verdicts),
            version=__version__,
            style=(_FOLDER / "report.css").read_text(encoding="utf-8"),
            script=script,
            # Nothing else is run, whatever an answer has in it.
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )
    # Half a character, which no UTF-8 can carry, is told as a question mark.
    return page.encode("utf-8", "replace")


def _environment(mask: Mask) -> Environment:
    def masked(value: Any) -> Any:
        # Markup is the template's own, or was made of what had been masked.
        is_text = isinstance(value, str) and not hasattr(value, "__html__")
        return mask.text(value) if is_text else value

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=masked,
    )
    environment.filters["runs"] = lambda text: runs(mask.text(text))
    environment.filters["code_runs"] = lambda text: runs(mask.text(text), is_code=True)
    return environment


def _apis(verdicts: Iterable[Verdict], target: Target, mask: Mask) -> Iterator[_Api]:
    numbers = count(1)
    for verdict in verdicts:
        shown = [
            Shown(next(numbers), severity, finding)
            for severity, findings in zip(
                _SEVERITIES, (verdict.failures, verdict.differences, verdict.known), strict=True
            )
            for finding in findings
        ]
        results = verdict.results
        tested = coverage(results) if results else None
        rules = Rules(results.api) if results else None
        base = target.url.rstrip("/") + verdict.base
        yield _Api(
            verdict=verdict,
            title=results.api.contract.title if results else "",
            findings=tuple(_finding(one, results, rules, base, mask) for one in shown),
            matrix=matrix(results, tested.statuses, shown) if results and tested else None,
            coverage=tested,
            meters=tuple(_meters(results, tested)) if results and tested else (),
            sentences={
                invariant.name: invariant.sentence for invariant in load_kit(results.api).invariants
            }
            if results
            else {},
            written=_written(results, tested) if results and tested else {},
        )


def _finding(
    shown: Shown, results: Results | None, rules: Rules | None, base: str, mask: Mask
) -> _Finding:
    finding, exchange = shown.finding, shown.finding.exchange
    request = response = None
    if exchange is not None and results is not None:
        request = request_of(finding, exchange, results.api.contract, mask)
        response = response_of(finding, exchange, results.api.contract, mask)
    return _Finding(
        number=shown.number,
        severity=shown.severity,
        finding=finding,
        sentence=cut(mask.text(finding.sentence), _SENTENCE),
        request=request,
        response=response,
        rule=rules.of(finding) if rules else None,
        curl=cut(curl(exchange.request, base, mask), _CURL) if exchange else "",
        is_open=shown.number <= _OPEN,
    )


def _meters(results: Results, tested: Coverage) -> Iterator[_Meter]:
    operations = results.api.contract.operations
    reached = [
        any(200 <= status < 300 for status in results.statuses(one.id)) for one in operations
    ]
    statuses = [bool(one.seen) for one in tested.statuses if one.is_documented]
    parameters = [bool(one.valid and one.invalid) for one in tested.parameters]
    for name, explanation, done in (
        ("Operations", "that reached a success", reached),
        ("Statuses", "documented ones that were seen", statuses),
        ("Parameters", "sent both as the contract has it and otherwise", parameters),
        ("Request keywords", "kept and broken", [one.is_covered for one in tested.requests]),
        ("Answer keywords", "that validated an answer", [one.is_covered for one in tested.answers]),
        (
            "Invariants",
            "that had something to judge",
            [times > 0 for times in tested.invariants.values()],
        ),
    ):
        yield _Meter(name, explanation, sum(done), len(done))


def _written(results: Results, tested: Coverage) -> dict[str, tuple[str, str]]:
    """Where each rule stands, in words, and what is written there."""
    contract = results.api.contract
    rules = [*(one.rule for one in tested.requests), *(one.rule for one in tested.answers)]
    return {
        rule: (
            " › ".join(part for part in tokens(rule)[1:-1] if part not in _OBVIOUS),
            cut(_value(contract.resolve(rule)), _VALUE),
        )
        for rule in rules
    }


def _value(written: Any) -> str:
    """What is written behind a keyword, in a line; of what is large, what it is about."""
    if isinstance(written, dict):
        return ", ".join(written)
    return dumps(written, ensure_ascii=False, default=str)


def _counts(apis: Iterable[_Api]) -> dict[str, int]:
    """How many findings there are of each severity."""
    severities = [finding.severity for api in apis for finding in api.findings]
    return {severity: severities.count(severity) for severity in _SEVERITIES}


def _began(verdicts: Iterable[Verdict]) -> str:
    """When the first request was sent, as far as anybody looked at a clock."""
    timings = [
        exchange.response.timing.began
        for verdict in verdicts
        if verdict.results
        for _, _, exchange in verdict.results.traffic[:1]
        if exchange.response.timing
    ]
    return to_datetime(min(timings)).strftime("%Y-%m-%d %H:%M UTC") if timings else ""
