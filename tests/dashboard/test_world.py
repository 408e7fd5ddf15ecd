"""The view World: kinds, documents in a table and on a timeline, and their forms."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

STATE = "/__mock__/state"
AGENT = "68a6d35049a09719b70539b4"


def load(dashboard: Dashboard, **apis: Any) -> None:
    """Replace the world by documents, by API and kind; the clock is frozen."""
    scenario = {
        "name": "of-the-test",
        "description": "d",
        "clock": {"freeze": "2025-08-21T14:30:00Z"},
        "apis": {api: {"documents": documents} for api, documents in apis.items()},
    }
    dashboard.client.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()


def keys(table: Locator) -> list[str]:
    return table.locator("tbody tr[id] td:first-child").all_inner_texts()


def test_a_kind_is_opened_from_the_list_and_another_one_is_chosen(dashboard: Dashboard) -> None:
    page = dashboard.open("world")
    row = page.get_by_role("row").filter(has_text="calwe").filter(has_text="entry")
    assert row.get_by_role("cell").all_inner_texts() == ["calwe", "entry", "session", "2"]
    row.get_by_role("link", name="entry").click()

    expect(page.get_by_role("status").filter(has_text="2 documents")).to_be_visible()
    assert page.url.endswith(f"#/world/calwe/entry?sandbox={dashboard.sandbox}")
    page.get_by_label("Kind").select_option("calwe/session")
    expect(page.get_by_role("gridcell").or_(page.get_by_role("cell")).first).to_have_text("1")
    dashboard.check_accessibility()


def test_documents_are_searched_and_sorted_by_the_server(dashboard: Dashboard) -> None:
    sessions = [
        {"id": str(n), "status": "PENDING", "customer": f"c{n % 7}-{n}"} for n in range(1, 1201)
    ]
    load(dashboard, calwe={"session": sessions})
    page = dashboard.open("world", "calwe", "session")
    table = page.get_by_role("grid", name="Documents")

    expect(page.get_by_role("status").filter(has_text="1,200 documents")).to_be_visible()
    page.get_by_role("button", name="Key").click()
    page.get_by_role("button", name="Key").click()
    expect(table.get_by_role("columnheader", name="Key")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(table.locator("tbody tr[id] td").first).to_have_text("1200")
    assert table.locator("tbody tr").count() < 100
    table.press("End")  # its page is not loaded yet
    page.get_by_role("heading", level=2, name="session 1", exact=True).wait_for()
    table.press("PageUp")
    expect(page.get_by_role("heading", level=2)).not_to_have_text("session 1")
    page.get_by_label("Search").fill("C6-6")
    expect(
        page.get_by_role("status").filter(has_text=re.compile(r"^\d+ documents?$"))
    ).to_be_visible()
    expect(table.locator("tbody tr[id] td").first).to_have_text("699")
    assert "search=C6-6" in page.url
    assert "sort=-key" in page.url
    page.get_by_label("Search").fill("nobody")
    page.get_by_text("No document is like that.").wait_for()


def test_the_keyboard_selects_a_document_which_is_shown_below(dashboard: Dashboard) -> None:
    sessions = [{"id": f"s {n}/ü", "status": "PENDING"} for n in range(3)]
    load(dashboard, calwe={"session": sessions[:0]})
    for session in sessions:
        session["id"] = session["id"].replace("/", "-")
        dashboard.client.post(f"{STATE}/calwe/session", json=session).raise_for_status()
    page = dashboard.open("world", "calwe", "session")
    table = page.get_by_role("grid", name="Documents")
    table.get_by_text("s 0-ü").first.wait_for()
    table.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")

    page.get_by_role("heading", level=2, name="session s 1-ü").wait_for()
    active = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).innerText"
    )
    assert active.startswith("s 1-ü")
    dashboard.check_accessibility()
    page.reload()
    page.get_by_role("heading", level=2, name="session s 1-ü").wait_for()
    page.get_by_role("button", name="Close the document").click()
    expect(page.get_by_role("heading", level=2)).to_have_count(0)


def test_hostile_texts_are_texts(dashboard: Dashboard) -> None:
    agents = [
        {"id": "a" * 24, "name": HOSTILE, "team_id": 1},
        {"id": "b" * 24, "name": REVERSED, "team_id": 1},
        {"id": "c" * 24, "name": ARABIC, "team_id": 1},
        {"id": "d" * 24, "name": "x" * 255, "team_id": 1},
    ]
    duties = [
        {"agent_id": agent["id"], "start": "2025-08-21T08:00:00Z", "end": None} for agent in agents
    ]
    team = {"id": 1, "name": HOSTILE, "timezone": "UTC"}
    load(dashboard, autozod={"team": [team], "agent": agents, "duty": duties})
    page = dashboard.open("world", "autozod", "agent", "a" * 24)
    page.get_by_role("heading", level=2).wait_for()

    expect(
        page.get_by_role("cell").or_(page.get_by_role("gridcell")).filter(has_text=HOSTILE)
    ).to_have_count(1)
    page.get_by_text("invoiceU+202Egpj.exe").first.wait_for()
    box = page.get_by_text(ARABIC).first
    assert box.get_attribute("dir") == "auto"
    page.get_by_role("button", name="Change", exact=True).click()
    assert page.get_by_role("dialog").get_by_label("name").input_value() == HOSTILE
    dashboard.check_accessibility()
    page.keyboard.press("Escape")
    page = dashboard.open("world", "autozod", "duty", show="timeline")
    page.get_by_role("listitem").filter(has_text="</script>").wait_for()
    page.get_by_role("listitem").filter(has_text="invoiceU+202Egpj.exe").wait_for()
    dashboard.check_accessibility()
    assert page.title().startswith("World")


def test_a_document_is_added_with_errors_at_the_fields(dashboard: Dashboard) -> None:
    page = dashboard.open("world", "autozod", "team")
    page.get_by_role("button", name="Add").click()
    form = page.get_by_role("dialog", name="Add a document of the kind team")
    form.get_by_label("id").fill("many")
    form.get_by_label("name").fill("فريق")
    form.get_by_label("timezone").fill("Mars/Base")
    form.get_by_role("button", name="Add").click()

    expect(form.get_by_label("id")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("id")).to_be_focused()
    expect(form.get_by_label("id")).to_have_accessible_description(
        re.compile('"many" is not of type "integer"')
    )
    dashboard.check_accessibility()
    form.get_by_label("id").fill("7")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_label("timezone")).to_have_accessible_description(re.compile("Mars/Base"))
    expect(form.get_by_label("id")).not_to_have_attribute("aria-invalid", "true")
    form.get_by_label("timezone").fill("Asia/Riyadh")
    form.get_by_role("button", name="Add").click()
    page.get_by_role("heading", level=2, name="team 7").wait_for()
    assert dashboard.client.get(f"{STATE}/autozod/team/7").json()["body"] == {
        "id": 7,
        "name": "فريق",
        "timezone": "Asia/Riyadh",
    }


def test_a_document_is_changed_field_by_field_and_as_json(dashboard: Dashboard) -> None:
    path = f"{STATE}/avaamo/change/2202440"
    before = dashboard.client.get(path).json()["body"]
    page = dashboard.open("world", "avaamo", "change", "2202440")
    page.get_by_role("button", name="Change", exact=True).click()
    form = page.get_by_role("dialog", name="Change a document")
    form.get_by_role("group", name="resource").get_by_label("type").select_option("Team")
    form.get_by_label("timestamp").fill("-1d")
    form.get_by_role("button", name="Change").click()

    page.get_by_text("The change '2202440' is changed.").wait_for()
    changed = {**before, "resource": {"id": 739, "type": "Team"}, "timestamp": 1755700200}
    assert dashboard.client.get(path).json()["body"] == changed
    page.get_by_role("button", name="Change", exact=True).click()
    form.get_by_role("button", name="Write it as JSON").click()
    text = form.get_by_label("The document as JSON")
    text.fill(text.input_value().replace('"Team"', '"Us'))
    form.get_by_role("button", name="Change").click()
    expect(form.get_by_role("alert")).to_contain_text("The text is not JSON")
    text.fill(text.input_value().replace('"Us', '"User"'))
    form.get_by_role("button", name="Change").click()
    expect(form).to_have_count(0)
    assert dashboard.client.get(path).json()["body"]["resource"]["type"] == "User"


def test_a_document_that_others_belong_to_is_deleted_with_them_or_not(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("world", "calwe", "session", "1")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete a document")
    dialog.get_by_role("button", name="Delete").click()

    expect(dialog.get_by_role("alert")).to_contain_text("has 2 of the kind 'entry'")
    dialog.get_by_label("Also delete what belongs to it").check()
    dialog.get_by_role("button", name="Delete").click()
    page.get_by_text("There is no document of this kind.").wait_for()
    assert dashboard.client.get(f"{STATE}/calwe/session/1").status_code == 404
    assert dashboard.client.get(f"{STATE}/calwe/entry").json()["total"] == 0


def test_a_document_leads_to_what_it_belongs_to_and_to_what_belongs_to_it(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("world", "autozod", "agent", AGENT)
    page.get_by_role("link", name="its documents of the kind duty").click()
    expect(page.get_by_role("status").filter(has_text="2 documents")).to_be_visible()
    expect(page.get_by_label("Of agent")).to_have_value(AGENT)
    page.get_by_role("grid", name="Documents").get_by_text("2025-08-21T08:00:00Z").click()
    page.get_by_role("link", name=f"agent {AGENT}").click()
    page.get_by_role("heading", level=2, name=f"agent {AGENT}").wait_for()


def test_a_timeline_shows_intervals_by_their_owners_and_now(dashboard: Dashboard) -> None:
    page = dashboard.open("world", "autozod", "duty")
    page.get_by_role("button", name="Timeline").click()
    chart = page.get_by_role("group", name="Timeline")
    first = chart.get_by_role("link", name="2025-08-21T08:00:00Z to 2025-08-21T11:30:00Z")
    second = chart.get_by_role("link", name="2025-08-21T12:15:00Z to 2025-08-21T14:00:00Z")

    first.wait_for()
    expect(chart.get_by_role("listitem")).to_have_text(["Omar Nasser"])
    expect(chart.get_by_text("now", exact=True)).to_have_count(0)  # 14:30 is beyond the documents
    dashboard.check_accessibility()
    a, b = first.bounding_box(), second.bounding_box()
    assert a and b
    assert a["x"] + a["width"] < b["x"]
    assert abs(a["width"] / b["width"] - 2) < 0.05  # 3:30 and 1:45
    chart.focus()
    page.keyboard.press("-")
    expect(chart.get_by_text("now", exact=True)).to_be_visible()
    zoomed = first.bounding_box()
    assert zoomed
    assert abs(zoomed["width"] * 2 - a["width"]) < 2
    page.keyboard.press("ArrowRight")
    page.reload()
    first.wait_for()
    moved = first.bounding_box()
    assert moved
    assert moved["x"] < zoomed["x"]
    page.get_by_role("button", name="Now").click()
    second.click()
    page.get_by_role("heading", level=2).filter(has_text="duty").wait_for()
    page.get_by_role("button", name="Table").click()
    page.get_by_role("grid", name="Documents").wait_for()


def test_a_timeline_shows_what_belongs_to_an_interval_inside_it(dashboard: Dashboard) -> None:
    session = dashboard.client.get(f"{STATE}/ekran/session").json()["documents"][0]
    body = {"sessionId": session["body"]["sessionId"], "at": session["body"]["loginDate"]}
    dashboard.client.post(f"{STATE}/ekran/activity", json=body).raise_for_status()
    page = dashboard.open("world", "ekran", "session", show="timeline")
    chart = page.get_by_role("group", name="Timeline")
    mark = chart.get_by_role("link", name="activity").first
    bar = chart.get_by_role("link", name=f"session {session['key']}:").first

    bar.wait_for()
    page.get_by_role("button", name="All").click()
    mark.wait_for()
    inner, outer = mark.bounding_box(), bar.bounding_box()
    assert inner and outer
    assert outer["y"] < inner["y"] < outer["y"] + outer["height"]
    dashboard.check_accessibility()


def test_a_timeline_without_documents_says_so(dashboard: Dashboard) -> None:
    load(dashboard)
    page = dashboard.open("world", "avaamo", "change", show="timeline")
    page.get_by_text("No document has a time here.").wait_for()


def test_a_kind_that_there_is_none_is_told(dashboard: Dashboard) -> None:
    page = dashboard.open("world", "calwe", "<script>alert(1)<")
    expect(page.get_by_role("alert")).to_contain_text("has no kind")
    page = dashboard.open("world", "calwe", "session", HOSTILE)
    expect(page.get_by_role("alert")).to_contain_text("There is no session")
    dashboard.check_accessibility()


def test_a_document_that_is_opened_to_be_changed_and_is_not_stays_as_it_is(
    dashboard: Dashboard,
) -> None:
    kinds = dashboard.client.get(STATE).json()["kinds"]
    page = dashboard.page
    for api, kind in [(it["api"], it["kind"]) for it in kinds if it["size"] > 0]:
        path = f"{STATE}/{api}/{kind}"
        before = dashboard.client.get(path).json()["documents"]
        dashboard.open("world", api, kind, before[0]["key"])
        page.get_by_role("button", name="Change", exact=True).click()
        form = page.get_by_role("dialog", name="Change a document")
        form.get_by_role("button", name="Change", exact=True).click()
        expect(form).to_have_count(0)
        assert dashboard.client.get(path).json()["documents"] == before, kind
