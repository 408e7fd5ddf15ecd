"""The report for a person."""

from __future__ import annotations

from dataclasses import replace

from mockserver.check.reports.text import lines, summary
from mockserver.check.target.redaction import Mask
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response

EXCHANGE = Exchange(
    Request("GET", "/sessions", "start=x", Headers([("ApiKey", "top-secret")])), Response(200)
)
FINDING = Finding(
    "ekran",
    "listSessions",
    "pattern",
    "#/x",
    "assumed",
    "taken although top-secret",
    "/request/query/start",
    200,
    exchange=EXCHANGE,
    phases=["boundaries", "generated"],
    count=3,
)


def test_everything_is_said_and_no_secret() -> None:
    verdict = Verdict(
        "ekran", (FINDING,), inconclusive=("a",), skipped=("b: it writes",), requests=7
    )
    said = list(lines(verdict, Target("t", "http://mock/"), Mask(["top-secret"])))
    assert said == [
        "ekran: NOT GOOD: 7 requests, 1 failures, 0 differences, 0 known, 1 inconclusive, 1 skipped, "
        "0.0 seconds",
        "  FAILURE: listSessions 200: taken although ***",
        "    assumed by #/x; seen 3 times, by boundaries, generated",
        "    curl -s -i 'http://mock/sessions?start=x' -H 'apikey: ***'",
        "    finding: 'ekran listSessions pattern #/x /request/query/start 200'",
        "  DOUBT: a",
        "  skipped: b: it writes",
    ]


def test_a_good_run_says_so() -> None:
    assert summary(Verdict("ekran", requests=7)) == (
        "good: 7 requests, 0 failures, 0 differences, 0 known, 0 inconclusive, 0 skipped, 0.0 seconds"
    )


def test_a_note_is_said_and_reasons_have_no_secret() -> None:
    noted = replace(FINDING, note="the baseline excused it until 2025-01-01", exchange=None)
    verdict = Verdict("ekran", (noted,), inconclusive=("top-secret",), skipped=("top-secret",))
    said = list(lines(verdict, Target("t", "http://mock/"), Mask(["top-secret"])))
    assert "    the baseline excused it until 2025-01-01" in said
    assert said[-2:] == ["  DOUBT: ***", "  skipped: ***"]
