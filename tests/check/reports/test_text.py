"""The report in lines."""

from __future__ import annotations

from dataclasses import replace

from mockserver.check.reports.text import format_summary, format_verdict
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response

EXCHANGE = Exchange(
    Request("GET", "/sessions", "start=x", Headers([("ApiKey", "top-secret")])), Response(200)
)
FINDING = Finding(
    "ekran",
    "listSessions",
    "pattern",
    Source("contract", "#/x"),
    "assumed",
    "accepted although top-secret",
    "/request/query/start",
    200,
    exchange=EXCHANGE,
    phases=["boundaries", "generated"],
    count=3,
)


def test_lines_have_everything_and_no_secret() -> None:
    verdict = Verdict(
        "ekran", (FINDING,), inconclusive=("a",), skipped=("b: it writes",), requests=7
    )
    lines = list(format_verdict(verdict, Target("t", "http://mock/"), Mask(["top-secret"])))
    assert lines == [
        "ekran: FAIL: 7 requests, 1 failures, 0 warnings, 0 accepted, 1 inconclusive, 1 skipped, "
        "0.0 seconds",
        "  FAILURE: listSessions 200: accepted although ***",
        "    assumed by #/x; seen 3 times, by boundaries, generated",
        "    curl -s -i 'http://mock/sessions?start=x' -H 'apikey: ***'",
        "    finding: 'ekran listSessions pattern #/x /request/query/start 200'",
        "  INCONCLUSIVE: a",
        "  skipped: b: it writes",
    ]


def test_summary_begins_with_the_verdict() -> None:
    assert format_summary(Verdict("ekran", requests=7)) == (
        "pass: 7 requests, 0 failures, 0 warnings, 0 accepted, 0 inconclusive, 0 skipped, "
        "0.0 seconds"
    )
    inconclusive = Verdict("ekran", inconclusive=("a",))
    assert format_summary(inconclusive).startswith("INCONCLUSIVE: 0 requests, ")


def test_note_is_printed_and_reasons_are_redacted() -> None:
    noted = replace(FINDING, note="the baseline accepted it until 2025-01-01", exchange=None)
    verdict = Verdict("ekran", (noted,), inconclusive=("top-secret",), skipped=("top-secret",))
    lines = list(format_verdict(verdict, Target("t", "http://mock/"), Mask(["top-secret"])))
    assert "    the baseline accepted it until 2025-01-01" in lines
    assert lines[-2:] == ["  INCONCLUSIVE: ***", "  skipped: ***"]
