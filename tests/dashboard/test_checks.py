"""The view Checks: a report from a file, its findings and its coverage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page, expect

from mockserver import apis
from mockserver.check.reports.writers import write_json
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe
from mockserver.redaction import Mask

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

API = apis.load()["ekran"]


def write_report(sentences: Sequence[str]) -> bytes:
    """A report as the contract kit writes it: a failure for each sentence, and one warning."""
    request = Request("GET", "/sessions", "start=2025-08-21")
    headers = Headers([("Content-Type", "application/json")])
    exchange = Exchange(request, Response(200, headers, json.dumps([{"user": ARABIC}]).encode()))
    results = Results(API, phase="boundaries")
    match = API.contract.match(request.method, request.path)
    results.record(observe(API, exchange, match, moment=0), ())
    found = [
        Finding(
            *("ekran", "listSessions", "invariant", Source("invariant", f"few-{number}")),
            *(evidence, sentence),
            status=200,
            exchange=exchange,
            request=request,
            phases=["boundaries"],
            also=[f"also {sentence}"],
        )
        for number, (sentence, evidence) in enumerate(
            [*((it, "documented") for it in sentences), ("only assumed", "assumed")]
        )
    ]
    *failures, warning = found
    verdict = Verdict("ekran", tuple(failures), (warning,), requests=1, results=results)
    return write_json([verdict], Target("staging", "http://mock/"), Mask([]))


def open_report(page: Page, content: bytes, name: str = "report.json") -> None:
    file: Any = {"name": name, "mimeType": "application/json", "buffer": content}
    page.get_by_label("Open a report").set_input_files(file)


def test_without_a_report_the_page_has_the_command_that_writes_one(dashboard: Dashboard) -> None:
    page = dashboard.open("checks", "file")

    command = f"mockserver check {dashboard.url} --report json=report.json"
    expect(page.get_by_text(command, exact=True)).to_be_visible()
    assert page.locator("main button").all_inner_texts() == ["Copy the command"]
    dashboard.check_accessibility()


def test_findings_stand_by_severity_and_one_shows_request_response_and_evidence(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("checks")
    open_report(page, write_report(["there are too few", "a row is missing"]))
    page.get_by_text("3 of 3 findings").wait_for()
    grid = page.get_by_role("grid", name="Findings")
    first, _, last = (it.locator("td").all_inner_texts() for it in grid.locator("tbody tr").all())
    assert first[:4] == ["failure", "ekran", "listSessions", "200"]
    assert (last[0], last[4], last[5]) == ("warning", "only assumed", "assumed")
    grid.focus()
    page.keyboard.press("Home")

    finding = page.get_by_role("region", name="Finding")
    expect(finding.get_by_role("heading", level=2)).to_have_text(first[4])
    request = finding.get_by_role("region", name="Request").inner_text()
    assert "curl" in request
    assert "http://mock/ekranapi/sessions?start=2025-08-21" in request
    expect(finding.get_by_role("region", name="Response")).to_contain_text(ARABIC)
    assert "the vendor's page says it" in finding.inner_text()
    dashboard.check_accessibility()
    page.get_by_label("Severity").select_option("warning")
    page.get_by_text("1 of 3 findings").wait_for()
    page.get_by_label("Severity").select_option("")
    page.get_by_role("searchbox", name="Search").fill("MISSING")
    page.get_by_text("1 of 3 findings").wait_for()


def test_the_coverage_of_the_run_is_shown(dashboard: Dashboard) -> None:
    page = dashboard.open("checks")
    open_report(page, write_report([]))
    page.get_by_role("link", name="Coverage").click()
    rows = page.get_by_role("table", name="Coverage").locator("tbody tr")
    expect(rows).to_have_count(1)
    assert rows.first.locator("td").all_inner_texts()[:5] == [
        *("ekran", "listSessions", "200", "boundaries", "1")
    ]
    page.get_by_label("Coverage of").select_option("parameters")
    start = rows.filter(has_text="start").locator("td")
    expect(start.nth(2)).to_have_text("start")
    assert start.all_inner_texts()[3:] == ["query", "1", "0"]
    page.get_by_label("Coverage of").select_option("rules")
    bound = rows.filter(has_text="#/components/schemas/Bound/pattern")
    assert bound.locator("td").all_inner_texts()[2:] == ["requests", "1", "1", "0"]
    of_response = rows.filter(has_text="#/components/schemas/Session/required")
    assert of_response.locator("td").all_inner_texts()[2:] == ["responses", "1", "", ""]
    page.get_by_label("Coverage of").select_option("invariants")
    expect(rows.filter(has_text="rows-are-in-order")).to_have_count(1)
    dashboard.check_accessibility()


def test_hostile_texts_of_a_report_are_shown_as_they_are(dashboard: Dashboard) -> None:
    page = dashboard.open("checks")
    open_report(page, write_report([HOSTILE, REVERSED, "x" * 5000]), f"{REVERSED}.json")
    page.get_by_text("4 of 4 findings").wait_for()
    grid = page.get_by_role("grid", name="Findings")
    expect(grid).to_contain_text("<img src=x onerror=")
    expect(grid).to_contain_text("invoiceU+202Egpj.exe")
    grid.get_by_text("<img src=x").click()

    expect(page.get_by_role("heading", level=2)).to_contain_text("<img src=x onerror=")
    assert page.title() != "hacked"


def test_what_is_no_report_is_refused_with_a_sentence(dashboard: Dashboard) -> None:
    page = dashboard.open("checks")
    alert = page.get_by_role("alert")
    for content, sentence in [
        (b"<html>", "'x.json' is no JSON: "),
        (b"[1]", "'x.json' is JSON, but no report of 'mockserver check'"),
        (b"null", "'x.json' is JSON, but no report of 'mockserver check'"),
        (b"", "'x.json' is no JSON: "),
    ]:
        open_report(page, content, "x.json")
        expect(alert).to_contain_text(sentence)
    odd = {"mockserver": "1", "apis": [None, 7, {"api": {}, "failures": [{"also": 3}, "x"]}]}
    open_report(page, json.dumps(odd).encode())
    page.get_by_text("1 of 1 finding").wait_for()
    page.get_by_role("grid", name="Findings").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("region", name="Finding")).to_be_visible()


def test_many_findings_are_not_all_in_the_page(dashboard: Dashboard) -> None:
    page = dashboard.open("checks")
    document = json.loads(write_report(["few"]))
    document["apis"][0]["failures"] *= 5000
    open_report(page, json.dumps(document).encode())

    page.get_by_text("5,001 of 5,001 findings").wait_for()
    assert page.get_by_role("grid", name="Findings").locator("tbody tr").count() < 90
