"""The report in lines, and a request as a curl command."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.check.reports.text import format_curl, format_summary, format_verdict
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.redaction import Mask

MASK = Mask(["top-secret"])
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
    lines = list(format_verdict(verdict, Target("t", "http://mock/"), MASK))
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
    lines = list(format_verdict(verdict, Target("t", "http://mock/"), MASK))
    assert "    the baseline accepted it until 2025-01-01" in lines
    assert lines[-2:] == ["  INCONCLUSIVE: ***", "  skipped: ***"]


def test_command_that_is_cut_says_where_it_is_whole() -> None:
    long = replace(FINDING, exchange=Exchange(Request("GET", "/" + "x" * 900), Response(200)))
    lines = list(format_verdict(Verdict("ekran", (long,)), Target("t", "http://mock/"), MASK))
    assert lines[3] == (
        "    curl -s -i http://mock/" + "x" * 577 + "… (--report script=FILE has it whole)"
    )
    assert lines[4].startswith("    finding: ")


def test_get_request_is_short() -> None:
    request = Request("GET", "/v1/log", "page=2&a=%20")
    assert format_curl(request, "http://mock:4010/", MASK) == (
        "curl -s -i 'http://mock:4010/v1/log?page=2&a=%20'"
    )


def test_secrets_are_redacted_and_headers_of_curl_left_out() -> None:
    headers = Headers(
        [("Authorization", "Bearer top-secret"), ("Host", "mock"), ("X-A", "top-secret")]
    )
    request = Request("POST", "/v1/log", "t=top-secret", headers, b'{"t": "top-secret"}')
    command = format_curl(request, "http://mock", MASK)
    assert "top-secret" not in command
    assert shlex.split(command) == [
        *("curl", "-s", "-i", "-X", "POST", "http://mock/v1/log?t=***"),
        *("-H", "authorization: Bearer ***", "-H", "x-a: ***"),
        *("--data-binary", '{"t": "***"}'),
    ]


def test_command_is_quoted_for_a_shell() -> None:
    request = Request("POST", "/جلسة/$(id)", "", Headers(), b"it's `x` \xff")
    words = shlex.split(format_curl(request, "http://mock", MASK))
    assert words[5] == "http://mock/%D8%AC%D9%84%D8%B3%D8%A9/$(id)"
    assert words[7] == "it's `x` \\xff"


def test_command_works_as_printed(rogue: Callable[..., str], saying: Callable[..., Any]) -> None:
    seen: list[str] = []

    def respond(handler: Any) -> None:
        seen.append(f"{handler.command} {handler.path} {handler.headers['x-a']}")
        saying(200, b"[1]")(handler)

    request = Request("PUT", "/a b/log", "page=1", Headers([("X-A", "it's")]), b"{}")
    command = format_curl(request, rogue(respond), MASK)
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[1]")
    assert seen == ["PUT /a%20b/log?page=1 it's"]


def test_dots_in_a_path_are_kept() -> None:
    assert format_curl(Request("GET", "/a/../b"), "http://h", Mask()) == (
        "curl -s -i --path-as-is http://h/a/../b"
    )


def test_encoded_secrets_are_redacted() -> None:
    request = Request("GET", "/a/top-secret", "a=%41&b=x+top%2Dsecret")
    assert format_curl(request, "http://h", MASK) == ("curl -s -i 'http://h/a/***?a=%41&b=x+***'")
