"""The page at `/`: the APIs, requests that work when they are copied, ids, and links."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from .conftest import HOSTILE, Dashboard

SCENARIO = {
    "name": "hostile",
    "description": HOSTILE,
    "tokens": {"ekran": {"valid": [HOSTILE.replace("\n", "")]}},
    "apis": {
        "calwe": {"documents": {"session": [{"id": HOSTILE.replace("/", ""), "status": "PENDING"}]}}
    },
}


def open_start_page(dashboard: Dashboard) -> Page:
    dashboard.page.goto(f"{dashboard.url}/__sandbox__/{dashboard.sandbox}/")
    dashboard.page.locator("#ids tbody tr").first.wait_for()
    return dashboard.page


def test_it_has_the_apis_with_their_urls_and_the_links(dashboard: Dashboard) -> None:
    page = open_start_page(dashboard)
    base = f"{dashboard.url}/__sandbox__/{dashboard.sandbox}"
    rows = page.get_by_role("region", name="APIs").get_by_role("row")

    assert [row.locator("code").inner_text() for row in rows.all()[1:]] == [
        *(f"{base}/api", f"{base}/api/v1", f"{base}/v1", f"{base}/ekranapi"),
    ]
    dashboard.check_accessibility()
    page.get_by_role("link", name="Dashboard").click()
    page.get_by_role("heading", level=1, name="Traffic").wait_for()
    assert page.url == f"{base}/__mock__/ui/"
    expect(page).to_have_title(f"Traffic · {dashboard.sandbox} · Mockserver")


def test_every_request_that_it_shows_works(dashboard: Dashboard) -> None:
    page = open_start_page(dashboard)
    shown = page.locator("#requests pre").all_inner_texts()

    assert len(shown) == 7
    for command in shown:
        words = shlex.split(command)
        found = subprocess.run(
            [*words, "--silent", "--noproxy", "*", "--write-out", "\n%{http_code}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.rpartition("\n")[2] in ("200", "201"), (command, found.stdout)


def test_hostile_texts_of_a_scenario_are_texts(dashboard: Dashboard) -> None:
    loaded = dashboard.client.post("/__mock__/load", json={"scenario": SCENARIO})
    loaded.raise_for_status()
    page = open_start_page(dashboard)

    link = page.locator("#ids").get_by_role("link", name=HOSTILE.replace("/", ""))
    expect(link.first).to_be_visible()
    command = page.locator("#requests pre", has_text="/ekranapi/sessions").inner_text()
    assert f"apikey: {HOSTILE}" in shlex.split(command)
    assert page.title() == "Mockserver"
    assert page.locator("img, script:not([src])").count() == 0


def test_who_may_not_use_the_control_api_reads_why(
    watch_page: Callable[..., Page], start: Callable[..., Any]
) -> None:
    client: httpx.Client = start(scenario="documented", admin_token="secret")
    page = watch_page(str(client.base_url).rstrip("/"))
    page.goto(str(client.base_url))

    message = page.get_by_role("status").filter(has_text="admin token")
    message.wait_for()
    expect(page.get_by_role("heading", name="Requests to try")).to_be_hidden()
    expect(page.get_by_role("link", name="calwe")).to_be_visible()
