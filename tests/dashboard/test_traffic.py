"""The view Traffic: the journal as it comes, and one exchange in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

LOG = "/v1/customer/sessions/1/log"


def get_rows(page: Page) -> Locator:
    return page.get_by_role("grid", name="Exchanges").locator("tbody tr:not(.space)")


def find_id(dashboard: Dashboard, number: int = -1) -> str:
    id: str = dashboard.client.get("/__mock__/journal").json()["entries"][number]["id"]
    return id


def open_exchange(dashboard: Dashboard) -> Locator:
    """Open the last exchange; the region that shows it."""
    page = dashboard.open("traffic", find_id(dashboard))
    region = page.get_by_role("region", name="Exchange")
    region.get_by_role("heading", level=2).wait_for()
    return region


def test_exchanges_appear_as_they_come(dashboard: Dashboard) -> None:
    page = dashboard.open("traffic")
    page.get_by_text("No request has come to this sandbox yet.").wait_for()

    dashboard.client.get(LOG)
    dashboard.client.get("/v1/nope")
    expect(get_rows(page)).to_have_count(2)
    first, second = (row.locator("td").all_inner_texts() for row in get_rows(page).all())
    assert first[1:5] == ["200", "calwe", "listSessionLogs", f"GET {LOG}"]
    assert second[1:5] == ["404", "none", "", "GET /v1/nope"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", first[0])
    dashboard.check_accessibility()


def test_a_paused_page_shows_what_has_come_when_it_continues(dashboard: Dashboard) -> None:
    dashboard.client.get(LOG)
    page = dashboard.open("traffic")
    expect(get_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    dashboard.client.get(LOG)
    page.wait_for_timeout(1000)

    expect(get_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Continue").click()
    expect(get_rows(page)).to_have_count(2)


def test_filters_select_exchanges_and_stay_in_the_url(dashboard: Dashboard) -> None:
    for path in (LOG, f"{LOG}?per_page=x", "/nope", "/ekranapi/sessions"):
        dashboard.client.get(path)
    dashboard.client.post(LOG, json={"action_type": "LEFT"})
    page = dashboard.open("traffic")
    expect(get_rows(page)).to_have_count(5)
    column = 4  # the request

    def read() -> list[str]:
        return [row.locator("td").nth(column).inner_text() for row in get_rows(page).all()]

    page.get_by_label("API").select_option("calwe")
    expect(get_rows(page)).to_have_count(3)
    page.get_by_label("Operation").select_option("listSessionLogs")
    expect(get_rows(page)).to_have_count(2)
    page.get_by_label("Status").fill("4xx")
    expect(get_rows(page)).to_have_count(1)
    assert read() == [f"GET {LOG}?per_page=x"]
    assert page.url.endswith("&api=calwe&operation=listSessionLogs&status=4xx")
    page.reload()
    expect(get_rows(page)).to_have_count(1)
    dashboard.open("traffic", api="-")
    expect(get_rows(page)).to_have_count(1)
    assert read() == ["GET /nope"]
    dashboard.open("traffic", violations="yes")
    expect(get_rows(page)).to_have_count(1)
    dashboard.open("traffic", path="ekran")
    expect(get_rows(page)).to_have_count(1)
    dashboard.open("traffic", status="5XX")
    page.get_by_text("No exchange passes the filters.").wait_for()


def test_violations_are_marked_at_their_place_with_the_lines_of_the_contract(
    dashboard: Dashboard,
) -> None:
    dashboard.client.post(f"{LOG}?page=0", json={"action_type": "NOPE", "text": ["a", 1]})
    region = open_exchange(dashboard)

    field = region.locator(".fields > div", has_text="page")
    mark = region.locator(".json .leaf.marked.error", has_text="action_type")
    expect(mark.locator(".mark")).to_contain_text('"NOPE" is not one of')
    assert "documented" in mark.locator(".mark").inner_text()
    assert field.count() >= 1
    mark.get_by_text("Contract: #/components/schemas/ActionType/enum").click()
    expect(mark.get_by_text("ENTERED", exact=True)).to_be_visible()
    expect(mark.get_by_text("This rule is violated.")).to_be_visible()
    why = region.get_by_role("region", name="Why").inner_text()
    assert "The request violates the contract at '/request/body/action_type'" in why
    dashboard.check_accessibility()


def test_a_violation_of_the_query_is_marked_at_its_field(dashboard: Dashboard) -> None:
    dashboard.client.get(f"{LOG}?page=2&per_page=x")
    region = open_exchange(dashboard)

    fields = region.get_by_role("region", name="Request").locator(".fields").first
    expect(fields.locator("> div").nth(0).locator(".mark")).to_have_count(0)
    expect(fields.locator("> div").nth(1).locator(".mark")).to_contain_text("per_page")


def test_a_path_without_operation_names_the_nearest(dashboard: Dashboard) -> None:
    dashboard.client.get("/v1/custmer/sessions/1/log")
    region = open_exchange(dashboard)

    region.get_by_role("heading", name="Nearest operations").wait_for()
    why = region.get_by_role("region", name="Why").inner_text()
    assert "calwe.listSessionLogs: GET /v1/customer/sessions/{id}/log" in why
    assert "segment 2 is 'customer', not 'custmer'" in why


def test_the_keyboard_selects_exchanges_and_the_details_follow(dashboard: Dashboard) -> None:
    for status in ("a", "b", "c"):
        dashboard.client.get(f"/{status}")
    page = dashboard.open("traffic")
    expect(get_rows(page)).to_have_count(3)
    grid = page.get_by_role("grid", name="Exchanges")
    grid.focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("heading", level=2)).to_contain_text("/a")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", level=2)).to_contain_text("/b")
    page.keyboard.press("End")
    expect(page.get_by_role("heading", level=2)).to_contain_text("/c")
    selected = page.locator('[aria-selected="true"]')
    expect(selected).to_have_count(1)
    assert grid.get_attribute("aria-activedescendant") == selected.get_attribute("id")
    assert page.url.endswith(f"#/traffic/{find_id(dashboard)}?sandbox={dashboard.sandbox}")


def test_a_replay_sends_the_request_again_with_a_credential_that_works(
    dashboard: Dashboard,
) -> None:
    body = {"action_type": "LEFT", "text": ARABIC}
    headers = {"Authorization": "", "X-Own": "kept"}
    refused = dashboard.client.post(LOG, json=body, headers=headers)
    assert refused.status_code == 401
    region = open_exchange(dashboard)
    region.get_by_role("button", name="Replay").click()

    notice = dashboard.page.get_by_text("The request was sent again")
    notice.wait_for()
    assert notice.inner_text().endswith("The status is 200; it was 401.")
    entry = dashboard.client.get("/__mock__/journal").json()["entries"][-1]
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", LOG, 200)
    assert json.loads(entry["request"]["body"]) == body
    assert ["x-own", "kept"] in entry["request"]["headers"]


def test_a_request_of_which_the_journal_has_a_part_is_not_replayed(dashboard: Dashboard) -> None:
    dashboard.client.post(LOG, json={"action_type": "LEFT", "text": "x" * 20_000})
    region = open_exchange(dashboard)
    region.get_by_text("of which the beginning is kept").wait_for()
    region.get_by_role("button", name="Replay").click()

    dashboard.page.get_by_text("The journal has only the beginning of the body").wait_for()
    assert len(dashboard.client.get("/__mock__/journal").json()["entries"]) == 1


def test_an_exchange_becomes_a_fault(dashboard: Dashboard) -> None:
    dashboard.client.get(LOG)
    region = open_exchange(dashboard)
    region.get_by_role("button", name="Make this a fault").click()
    form = dashboard.page.get_by_role("dialog", name="Make this a fault")
    form.get_by_label("Status").fill("503")
    form.get_by_label("How often").select_option("the first requests")
    form.get_by_label("Number").fill("2")
    form.get_by_label("Name").fill("outage")
    dashboard.check_accessibility()
    form.get_by_role("button", name="Add the rule").click()
    dashboard.page.get_by_text("The fault 'outage' holds from the next request on.").wait_for()

    [fault] = dashboard.client.get("/__mock__/faults").json()["faults"]
    assert fault["match"] == {"api": "calwe", "operation": "listSessionLogs", "first": 2}
    assert fault["effect"] == {"status": 503}
    statuses = [dashboard.client.get(LOG).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_exchanges_become_a_scenario_that_is_loaded_into_a_new_sandbox(
    dashboard: Dashboard,
) -> None:
    dashboard.client.get(LOG)
    dashboard.client.get("/nope")
    dashboard.open("traffic", find_id(dashboard, 0))
    page = dashboard.page
    page.get_by_role("button", name="Make this a scenario").click()
    form = page.get_by_role("dialog", name="Make this a scenario")
    form.get_by_label("Name", exact=True).fill(f"{dashboard.sandbox}-made")
    form.get_by_label("Exchanges").select_option("all")
    form.get_by_role("button", name="Record").click()
    made = page.get_by_role("dialog", name="The scenario")
    made.get_by_text("1 exchange became").wait_for()
    dashboard.check_accessibility()
    with page.expect_download() as download:
        made.get_by_role("button", name="Download the file").click()
    assert download.value.suggested_filename == f"{dashboard.sandbox}-made.yaml"
    assert b"action_type: ENTERED" in download.value.path().read_bytes()
    made.get_by_role("button", name="Load into a new sandbox").click()

    page.get_by_role("heading", level=1, name="World").wait_for()
    assert page.url.endswith(f"#/world?sandbox={dashboard.sandbox}-made")
    headers = {"X-Mock-Sandbox": f"{dashboard.sandbox}-made"}
    assert dashboard.client.get(LOG, headers=headers).json()["data"]["total"] == 2


def test_clearing_empties_the_journal_and_the_page(dashboard: Dashboard) -> None:
    dashboard.client.get(LOG)
    page = dashboard.open("traffic")
    expect(get_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear").click()

    expect(get_rows(page)).to_have_count(0)
    assert dashboard.client.get("/__mock__/journal").json()["total"] == 0
    dashboard.client.get(LOG)
    expect(get_rows(page)).to_have_count(1)


def test_hostile_texts_of_clients_are_texts(dashboard: Dashboard) -> None:
    client = dashboard.client
    key = f"{HOSTILE}/~{REVERSED}"
    client.post(
        f"/v1/{HOSTILE}",
        params={HOSTILE: REVERSED},
        json={HOSTILE: [HOSTILE, ARABIC, {key: None}], "__proto__": 1, "constructor": {}},
        headers={"X-Bad": HOSTILE.replace("\n", "")},
    )
    region = open_exchange(dashboard)

    body = region.get_by_role("region", name="Request").locator(".json")
    expect(body.get_by_text(HOSTILE, exact=True).first).to_be_visible()
    expect(body.get_by_text("U+202E").first).to_be_visible()
    names = body.locator(".key").all_inner_texts()
    assert {"__proto__", "constructor", HOSTILE} <= {*names}
    assert (
        body.get_by_text(ARABIC).locator("xpath=ancestor-or-self::bdi").first.get_attribute("dir")
        == "auto"
    )
    assert dashboard.page.locator("img:not([src='icon.svg']), script:not([src])").count() == 0
    assert dashboard.page.title().startswith("Traffic")
    dashboard.check_accessibility()


def test_a_body_of_a_megabyte_is_shown_in_parts(
    watch_page: Callable[..., Page], start: Callable[..., Any], axe: str
) -> None:
    client: httpx.Client = start(scenario="documented", journal_body=2_000_000)
    client.headers["X-Mock-Sandbox"] = "default"
    url = str(client.base_url).rstrip("/")
    dashboard = Dashboard(watch_page(url), url, client, axe)
    rows = [{"n": n, "text": "x" * 80} for n in range(9_000)]
    client.post("/nope", json={"rows": rows, "long": "y" * 100_000})
    region = open_exchange(dashboard)

    body = region.get_by_role("region", name="Request").locator(".json")
    expect(body.locator(".members .index")).to_have_count(100)
    body.get_by_role("button", name="Show more of 9,000").click()
    expect(body.locator(".members .index")).to_have_count(500)
    body.get_by_role("button", name="Show all 100,000 characters").click()
    expect(body.get_by_text("y" * 1000)).to_be_visible()


def test_a_thousand_exchanges_are_few_rows_of_the_page(dashboard: Dashboard) -> None:
    for n in range(1000):
        dashboard.client.get(f"/{n}")
    page = dashboard.open("traffic")
    page.get_by_text("1,000 of 1,000 exchanges").wait_for()
    expect(get_rows(page).last).to_contain_text("/999")

    assert get_rows(page).count() < 80
    assert page.get_by_role("grid").get_attribute("aria-rowcount") == "1001"
    page.get_by_role("grid").focus()
    page.keyboard.press("Home")
    expect(get_rows(page).first).to_contain_text("/0")
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Path").fill("/77")
    expect(get_rows(page)).to_have_count(11)


@pytest.mark.parametrize("id", ["1-999999", "x", HOSTILE])
def test_an_exchange_that_is_not_there_is_told(dashboard: Dashboard, id: str) -> None:
    page = dashboard.open("traffic", id)

    expect(page.get_by_role("alert")).to_be_visible()
    assert page.title().startswith("Traffic")


def test_the_page_does_not_grow_with_the_traffic(dashboard: Dashboard) -> None:
    """Each connection of the stream brings 10,000 exchanges; then the page connects again."""
    page, size, sent, wanted = dashboard.page, 10_000, 0, 0
    dashboard.client.get(LOG)
    [example] = dashboard.client.get("/__mock__/journal", params={"summary": True}).json()[
        "entries"
    ]

    def respond(route: Route) -> None:
        nonlocal sent
        numbers = range(sent, sent + size) if sent < wanted else range(0)
        sent += len(numbers)
        entries = ({**example, "id": f"9-{n}", "path": f"/{n}"} for n in numbers)
        events = (f"event: exchange\ndata: {json.dumps(entry)}\n\n" for entry in entries)
        route.fulfill(content_type="text/event-stream", body="".join(events))

    def measure(count: int) -> dict[str, float]:
        nonlocal wanted
        wanted = count
        expect(get_rows(page).last).to_contain_text(f"/{count - 1}", timeout=60_000)
        page.get_by_text("5,000 of 5,000 exchanges").wait_for()
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {it["name"]: it["value"] for it in metrics}

    page.route("**/journal/stream*", respond)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    dashboard.open("traffic")
    first, last = measure(2 * size), measure(5 * size)

    assert last["JSHeapUsedSize"] < first["JSHeapUsedSize"] + 2_000_000
    assert last["Nodes"] < first["Nodes"] + 400
    assert last["JSEventListeners"] < first["JSEventListeners"] + 50


def test_an_exchange_that_comes_again_after_a_connection_was_lost_is_shown_once(
    dashboard: Dashboard,
) -> None:
    dashboard.client.get(LOG)
    [example] = dashboard.client.get("/__mock__/journal", params={"summary": True}).json()[
        "entries"
    ]
    parts = [[1, 2], [example["id"], 1, 2, 3], []]

    def respond(route: Route) -> None:
        entries = [{**example, "id": f"9-{n}" if isinstance(n, int) else n} for n in parts.pop(0)]
        events = (f"event: exchange\ndata: {json.dumps(entry)}\n\n" for entry in entries)
        route.fulfill(content_type="text/event-stream", body="".join(events))

    dashboard.page.route("**/journal/stream*", respond, times=3)
    page = dashboard.open("traffic")
    page.get_by_text("4 of 4 exchanges").wait_for()
    expect(get_rows(page)).to_have_count(4)


def test_a_sandbox_that_is_not_there_yet_is_watched(dashboard: Dashboard) -> None:
    dashboard.client.headers["X-Mock-Sandbox"] += "-later"
    page = dashboard.open("traffic")
    page.get_by_text(f"There is no sandbox '{dashboard.sandbox}'").wait_for()
    page.get_by_text("not connected").wait_for()

    dashboard.client.get(LOG)
    expect(get_rows(page)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
