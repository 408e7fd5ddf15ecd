"""The view Checks: runs that the server does, their history, and how those of a target went."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from .conftest import HOSTILE, REVERSED, Dashboard
from .test_checks import open_report, write_report

BROKEN = "ekran.listSessions.null:200"
CHECK = {"apis": ["ekran"], "phases": ["cases"], "quick": True}

Open = Callable[..., Dashboard]


@pytest.fixture
def serve(
    start: Callable[..., httpx.Client], watch_page: Callable[..., Page], axe: str, tmp_path: Path
) -> Open:
    """The dashboard of a server with a history of its own, which can check these targets."""

    def serve(**targets: str) -> Dashboard:
        file = tmp_path / "targets.yaml"
        file.write_text(json.dumps({"targets": {it: {"url": targets[it]} for it in targets}}))
        client = start(scenario="documented", targets=file if targets else None)
        client.headers["X-Mock-Sandbox"] = "default"
        url = str(client.base_url).rstrip("/")
        return Dashboard(watch_page(url), url, client, axe)

    return serve


def begin(dashboard: Dashboard, **more: Any) -> str:
    """Start a check as another client does; its id."""
    response = dashboard.client.post("/__mock__/checks", json={**CHECK, **more})
    return str(response.raise_for_status().json()["id"])


def expect_state(page: Page, state: str) -> None:
    shown = page.get_by_role("status").filter(has_text="The check is")
    expect(shown).to_have_text(f"The check is {state}.", timeout=60_000)


def test_a_check_is_started_and_followed_and_its_report_opens(serve: Open) -> None:
    dashboard = serve()
    page = dashboard.open("checks")
    page.get_by_text("There was no check yet.").wait_for()
    page.get_by_role("button", name="Start a check").click()
    form = page.get_by_role("dialog", name="Start a check")
    form.get_by_label("ekran").check()
    form.get_by_label("cases").check()
    form.get_by_label("Quick").check()
    form.get_by_label("Operations").fill("listSesions")
    dashboard.check_accessibility()
    form.get_by_role("button", name="Start").click()
    expect(form.get_by_role("alert")).to_contain_text("There is no operation 'listSesions'")
    form.get_by_label("Operations").fill("listSessions")
    form.get_by_label("Seed").fill("7")
    form.get_by_role("button", name="Start").click()

    page.get_by_role("heading", name="Check 1").wait_for()
    page.get_by_role("table", name="Progress").wait_for()
    dashboard.check_accessibility()
    page.reload()
    expect_state(page, "passed")
    facts = page.locator("dl[aria-label=Check]")
    expect(facts).to_contain_text("quick; cases; listSessions; seed 7")
    page.get_by_text("The run found nothing.").wait_for()
    dashboard.check_accessibility()
    page.get_by_role("link", name="Coverage").click()
    expect(page.get_by_role("table", name="Coverage")).to_contain_text("listSessions")
    assert "/checks/1/coverage" in page.url
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download the report").click()
    report = dashboard.client.get("/__mock__/checks/1/report").json()
    assert json.loads(downloading.value.path().read_text("utf-8")) == report
    page.get_by_role("link", name="All checks").click()
    row = page.get_by_role("table", name="Checks").locator("tbody tr")
    expect(row).to_have_count(1)
    requests = sum(it["requests"] for it in report["apis"])
    assert [row.locator("td").nth(column).inner_text() for column in (1, 2, 6, 7, 8)] == [
        *("passed", "this server", str(requests), "0", "0")
    ]
    row.get_by_role("link").click()
    page.get_by_role("button", name="Run it again").click()
    page.get_by_role("heading", name="Check 2").wait_for()
    first, second = (dashboard.client.get(f"/__mock__/checks/{id}").json() for id in (1, 2))
    assert [second[it] for it in ("target", "apis", "options")] == [
        first[it] for it in ("target", "apis", "options")
    ]


def test_a_check_of_another_client_appears_and_is_stopped_and_deleted(serve: Open) -> None:
    dashboard = serve()
    page = dashboard.open("checks")
    page.get_by_text("There was no check yet.").wait_for()
    begin(dashboard, apis=["calwe", "ekran"], phases=["generated", "workflows"], quick=False)
    row = page.get_by_role("table", name="Checks").locator("tbody tr")
    expect(row).to_contain_text("running")
    page.get_by_role("button", name="Start a check").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Start").click()
    expect(form.get_by_role("alert")).to_contain_text("Check 1 of this server is running")
    page.keyboard.press("Escape")
    expect(row.get_by_role("button")).to_have_count(0)

    row.get_by_role("link", name="Check 1").click()
    stages = page.get_by_role("table", name="Progress").locator("tbody tr")
    expect(stages).to_have_count(4)
    expect(stages.first).to_contain_text("runs", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect_state(page, "stopped")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("link", name="All checks").click()
    row.get_by_role("button", name="Delete check 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("There was no check yet.").wait_for()
    assert dashboard.client.get("/__mock__/checks/1").status_code == 404


def test_failures_of_a_target_are_read_by_a_link_and_seen_over_time(
    serve: Open, start: Callable[..., httpx.Client]
) -> None:
    broken = str(start(scenario="documented", mutate=(BROKEN,)).base_url)
    dashboard = serve(broken=broken)
    page = dashboard.open("checks")
    page.get_by_role("button", name="Start a check").click()
    form = page.get_by_role("dialog", name="Start a check")
    form.get_by_label("Target").select_option("broken")
    form.get_by_label("ekran").check()
    form.get_by_label("cases").check()
    form.get_by_role("button", name="Start").click()
    expect_state(page, "failed")
    grid = page.get_by_role("grid", name="Findings")
    grid.locator("tbody tr").first.click()
    finding = page.get_by_role("region", name="Finding")
    sentence = finding.get_by_role("heading", level=2).inner_text()
    dashboard.check_accessibility()
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(finding.get_by_role("heading", level=2)).to_have_text(sentence)

    report = dashboard.client.get("/__mock__/checks/1/report").json()
    failures = sum(len(it["failures"]) for it in report["apis"])
    assert failures > 0
    for api in report["apis"]:
        api.update(failures=[], verdict="pass", passed=True)
    kept = dashboard.client.post("/__mock__/checks/reports", json={**report, "passed": True})
    kept.raise_for_status()
    page = dashboard.open("checks", target="broken")
    chart = page.get_by_role("img", name="of the checks of broken")
    description = chart.get_attribute("aria-description") or ""
    assert description.startswith(f"check 1: {failures} failure")
    assert "; check 2: 0 failures" in description
    page.get_by_text("As a table").click()
    rows = page.locator("figure tbody tr")
    assert [it.locator("td").first.inner_text() for it in rows.all()] == [str(failures), "0"]
    dashboard.check_accessibility()
    page.get_by_label("State").select_option("failed")
    page.get_by_text("1 of 2 checks").wait_for()


def test_a_report_of_a_file_is_kept_and_its_texts_stay_texts(serve: Open) -> None:
    dashboard = serve()
    page = dashboard.open("checks")
    report = json.loads(write_report([HOSTILE, REVERSED]))
    report["target"]["name"] = HOSTILE
    open_report(page, json.dumps(report).encode())
    page.get_by_text("3 of 3 findings").wait_for()
    dashboard.check_accessibility()
    page.get_by_role("button", name="Keep it in the history").click()
    page.get_by_role("heading", name="Check 1").wait_for()
    page.get_by_text("3 of 3 findings").wait_for()
    expect(page.locator("dl[aria-label=Check]")).to_contain_text("<img src=x onerror=")
    page.get_by_role("link", name="All checks").click()
    table = page.get_by_role("table", name="Checks")
    expect(table).to_contain_text("kept report")
    expect(table).to_contain_text("<img src=x onerror=")
    dashboard.check_accessibility()
    assert page.title() != "hacked"

    open_report(page, b'{"mockserver": "1", "apis": []}')
    page.get_by_role("button", name="Keep it in the history").click()
    expect(page.get_by_text("target").last).to_be_visible()
    assert len(dashboard.client.get("/__mock__/checks").json()["checks"]) == 1


@pytest.mark.parametrize(("id", "sentence"), [("99", "There is no check 99"), ("x", "id")])
def test_a_check_that_is_not_there_is_an_error(
    dashboard: Dashboard, id: str, sentence: str
) -> None:
    page = dashboard.open("checks", id)

    expect(page.get_by_role("alert")).to_contain_text(sentence)
