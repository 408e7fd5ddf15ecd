"""A script sends the requests of a finding again, in their order."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.reports.html import write_html
from mockserver.check.reports.script import format_script, write_script
from mockserver.check.reports.text import format_finding
from mockserver.check.reports.writers import write_json
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.redaction import Mask

MASK = Mask(["top-secret"], variables={"top-secret": "STAGING_TOKEN"})
TOKEN = ("Authorization", "Bearer top-secret")


def _exchange(method: str, status: int, body: bytes = b"", *headers: tuple[str, str]) -> Exchange:
    request = Request(method, "/it's/log", "page=1", Headers([TOKEN, *headers]), body)
    return Exchange(request, Response(status, Headers(), b"top-secret"))


def _find(*exchanges: Exchange, sentence: str = "one is lost") -> Finding:
    return Finding(
        *("calwe", "listSessionLogs", "invariant", Source("invariant", "few"), "documented"),
        sentence,
        exchange=exchanges[-1],
        before=exchanges[:-1],
        phases=["workflows"],
    )


SEQUENCE = (_exchange("POST", 200, b'{"a": "$(id)"}'), _exchange("GET", 200))


@pytest.fixture
def requests(rogue: Callable[..., str], saying: Callable[..., Any]) -> tuple[str, list[str]]:
    """The URL of a server, and what it was sent."""
    seen: list[str] = []

    def respond(handler: Any) -> None:
        sent = f"{handler.command} {handler.path} {handler.headers['Authorization']}"
        seen.append(sent + handler.body.decode())
        saying()(handler)

    return rogue(respond), seen


def test_script_repeats_the_sequence_with_the_token_of_the_environment(
    requests: tuple[str, list[str]],
) -> None:
    url, seen = requests
    script = format_script(_find(*SEQUENCE), url, MASK)
    assert "top-secret" not in script
    environment = {"STAGING_TOKEN": "another", "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh"], input=script, env=environment, check=True, text=True)
    assert seen == [
        'POST /it\'s/log?page=1 Bearer another{"a": "$(id)"}',
        "GET /it's/log?page=1 Bearer another",
    ]


def test_script_says_what_it_shows_and_that_its_values_are_of_the_run() -> None:
    found = _find(*SEQUENCE, sentence="there is\n$(touch x) \u2028 `id`")
    lines = format_script(found, "http://h", MASK).splitlines()
    assert lines[:2] == ["#!/bin/sh", "# there is $(touch x)   `id`"]
    assert lines[2].startswith("# All values are those of the run, ids too")
    assert [line for line in lines if " of 2" in line] == [
        "# 1 of 2: it got 200",
        "# 2 of 2: it got 200",
    ]
    in_sandbox = _find(_exchange("GET", 200, b"", ("X-Mock-Sandbox", "check-1")))
    assert "# x-mock-sandbox selects a sandbox" in format_script(in_sandbox, "http://h", MASK)


def test_report_repeats_the_finding_of_a_number(
    requests: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, seen = requests
    lost = _find(*SEQUENCE, sentence="no response\nEND_OF_LIST")
    lost.exchange = None
    one, other = Verdict("calwe", (lost,)), Verdict("ekran", warnings=(_find(*SEQUENCE[1:]),))
    path = tmp_path / "repeat.sh"
    path.write_bytes(write_script([one, other], Target("t", url), MASK))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"STAGING_TOKEN": "another", "PATH": "/usr/bin:/bin"}
        return subprocess.run(["/bin/sh", path, *words], env=environment, stdout=-1, text=True)

    shown = run()
    assert shown.returncode == 2
    assert shown.stdout.splitlines() == [
        "Give the number of a finding:",
        "1  calwe: no response END_OF_LIST",
        "2  ekran: one is lost",
    ]
    assert seen == []
    assert run("2").returncode == 0
    assert seen == ["GET /it's/log?page=1 Bearer another"]
    run("1")
    assert len(seen) == 2  # without a response there is one request


def test_terminal_and_json_have_the_sequence() -> None:
    lines = list(format_finding("FAILURE", _find(*SEQUENCE), "http://h", MASK))
    assert lines[2:5] == [
        "    the last of 2 requests, which --report script=FILE repeats:",
        "      POST /it's/log?page=1 200",
        "      GET /it's/log?page=1 200",
    ]
    many = _find(*SEQUENCE[:1] * 30, SEQUENCE[1])
    assert list(format_finding("FAILURE", many, "http://h", MASK))[2:5] == [
        "    the last of 31 requests, which --report script=FILE repeats:",
        "      …",
        "      POST /it's/log?page=1 200",
    ]
    report = write_json([Verdict("calwe", (_find(*SEQUENCE),))], Target("t", "http://h"), MASK)
    assert b"top-secret" not in report
    assert b'"script": "#!/bin/sh' in report
    assert b'"body": "{\\"a\\": \\"$(id)\\"}"' in report


def test_page_has_the_requests_before_it_and_the_script() -> None:
    results = Results(apis.load()["calwe"])
    verdict = Verdict("calwe", (_find(*SEQUENCE),), results=results)
    page = write_html([verdict], Target("t", "http://h"), MASK).decode()
    assert "top-secret" not in page
    assert page.count("POST /it&#39;s/log?page=1 200") == 1
    assert "Copy the script" in page
    alone = Verdict("calwe", (_find(*SEQUENCE[1:]),), results=results)
    assert "Copy the script" not in write_html([alone], Target("t", "http://h"), MASK).decode()
