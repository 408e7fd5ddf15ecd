"""The view Faults: rules, mutations and events."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

LOG = "/v1/customer/sessions/1/log"


def get_rows(page: Page, label: str) -> Locator:
    return page.get_by_role("table", name=label).locator("tbody tr:not(.space)")


def add(dashboard: Dashboard, name: str, **rule: Any) -> None:
    dashboard.client.put(f"/__mock__/faults/{name}", json=rule).raise_for_status()


def test_rules_stand_in_their_order_with_how_often_they_matched_and_were_applied(
    dashboard: Dashboard,
) -> None:
    match = {"operation": "listSessionLogs", "first": 2}
    add(dashboard, "down", match=match, effect={"status": 503, "retry_after": "30s"})
    add(dashboard, "all", effect={"delay": "1ms"})
    page = dashboard.open("faults")
    expect(get_rows(page, "Rules")).to_have_count(2)
    for _ in range(3):
        dashboard.client.get(LOG)

    expect(get_rows(page, "Rules").first.locator("td").nth(4)).to_have_text("3")
    first, second = (row.locator("td").all_inner_texts() for row in get_rows(page, "Rules").all())
    assert first[:2] == ["1", "down"]
    assert [it.strip() for it in first[2:4]] == [
        "operation listSessionLogs first 2",
        "status 503 retry_after 30s",
    ]
    assert (first[4:6], second[:3], second[4:6]) == (
        ["3", "2"],
        ["2", "all", "every request to an API"],
        ["3", "3"],
    )
    dashboard.check_accessibility()


def test_a_rule_is_added_by_the_keyboard_and_holds(dashboard: Dashboard) -> None:
    page = dashboard.open("faults")
    page.get_by_text("The sandbox has no rule.").wait_for()
    page.get_by_role("button", name="Add a rule").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Add a rule")
    form.get_by_label("operation").fill("listSessionLogs")
    form.get_by_label("headers").fill("X-App: ios: *\nX-Name: سارة")
    form.get_by_label("first").fill("2")
    form.get_by_label("status").fill("503")
    form.get_by_label("name").fill("down")
    page.keyboard.press("Enter")

    page.get_by_text("The rule 'down' holds from the next request on.").wait_for()
    expect(page.get_by_role("button", name="Add a rule")).to_be_focused()
    rule = dashboard.client.get("/__mock__/faults/down").json()
    assert (rule["match"], rule["effect"]) == (
        {
            "operation": "listSessionLogs",
            "headers": {"X-App": "ios: *", "X-Name": "سارة"},
            "first": 2,
        },
        {"status": 503},
    )
    expect(get_rows(page, "Rules")).to_have_count(1)


def test_what_the_control_api_refuses_stands_at_its_field_and_what_was_typed_stays(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("faults")
    page.get_by_role("button", name="Add a rule").click()
    form = page.get_by_role("dialog", name="Add a rule")
    operation, delay = form.get_by_label("operation"), form.get_by_label("delay", exact=True)
    operation.fill(HOSTILE)
    delay.fill("soon")
    form.get_by_label("sigma").fill("9")
    form.get_by_role("button", name="Add", exact=True).click()

    sigma = form.get_by_label("sigma")
    expect(sigma).to_be_focused()
    expect(sigma).to_have_attribute("aria-invalid", "true")
    expect(sigma).to_have_accessible_description(
        re.compile("logarithm\\. 9 is greater than the maximum of 3$")
    )
    expect(form.get_by_role("alert")).to_have_text(
        "The server refused this. What is wrong stands at its field."
    )
    sigma.fill("1")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(operation).to_be_focused()
    assert "there is no operation '</script><img src=x onerror=" in form.inner_text()
    assert "'soon' is no duration" in form.inner_text()
    assert (operation.input_value(), delay.input_value()) == (HOSTILE, "soon")
    dashboard.check_accessibility()
    operation.fill("")
    delay.fill("2s")
    form.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("The rule 'fault-1' holds from the next request on.").wait_for()
    expect(form).to_have_count(0)


def test_a_rule_is_changed_and_keeps_its_place(dashboard: Dashboard) -> None:
    add(dashboard, "slow", match={"method": "GET"}, effect={"connection": "reset", "handled": True})
    add(dashboard, "last", effect={"duplicate": True})
    page = dashboard.open("faults")
    page.get_by_role("button", name="Change slow").click()
    form = page.get_by_role("dialog", name="Change the rule slow")
    expect(form.get_by_label("method")).to_have_value("GET")
    expect(form.get_by_label("handled")).to_be_checked()
    form.get_by_label("method").select_option("")
    form.get_by_label("connection", exact=True).select_option("empty")
    form.get_by_label("handled").uncheck()
    form.get_by_role("button", name="Change", exact=True).click()

    page.get_by_text("The rule 'slow' holds from the next request on.").wait_for()
    rules = dashboard.client.get("/__mock__/faults").json()["faults"]
    assert [(it["name"], it["match"], it["effect"]) for it in rules] == [
        ("slow", {}, {"connection": "empty"}),
        ("last", {}, {"duplicate": True}),
    ]


def test_one_rule_and_all_rules_are_deleted(dashboard: Dashboard) -> None:
    for name in ("a", "b", "c"):
        add(dashboard, name, effect={"delay": "1ms"})
    page = dashboard.open("faults")
    page.get_by_role("button", name="Delete b").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(get_rows(page, "Rules")).to_have_count(2)
    page.get_by_role("button", name="Delete all rules").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 rules are deleted.")
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()

    page.get_by_text("The sandbox has no rule.", exact=True).first.wait_for()
    expect(page.get_by_role("button", name="Delete all rules")).to_have_count(0)
    assert dashboard.client.get("/__mock__/faults").json() == {"faults": []}


def test_hostile_texts_of_a_rule_are_shown_as_they_are(dashboard: Dashboard) -> None:
    texts = [HOSTILE, REVERSED, ARABIC, "x" * 1000]
    headers = {f"X-{number}": text for number, text in enumerate(texts)}
    add(dashboard, "hostile", match={"headers": headers}, effect={"delay": "1ms"})
    page = dashboard.open("faults")

    match = get_rows(page, "Rules").first.locator("td").nth(2)
    expect(match).to_contain_text("<img src=x onerror=")
    expect(match).to_contain_text("invoiceU+202Egpj.exe")
    expect(match).to_contain_text(ARABIC)
    page.get_by_role("button", name="Change hostile").click()
    lines = page.get_by_role("dialog").get_by_label("headers")
    assert lines.input_value() == "\n".join(f"X-{n}: {text}" for n, text in enumerate(texts))
    assert page.title() != "hacked"


def test_a_mutation_is_found_turned_on_and_off(dashboard: Dashboard) -> None:
    name = "calwe.createSessionLog.lose-write"
    page = dashboard.open("faults", "mutations")
    page.get_by_role("searchbox", name="Search").fill("Lose-Write")
    page.get_by_label("API").select_option("calwe")
    switch = page.get_by_role("switch", name=name, exact=True)
    expect(switch).to_have_attribute("aria-checked", "false")
    assert page.url.endswith(
        f"#/faults/mutations?sandbox={dashboard.sandbox}&text=Lose-Write&api=calwe"
    )
    switch.focus()
    page.keyboard.press("Space")

    expect(switch).to_have_attribute("aria-checked", "true")
    on = {"params": {"active": "true"}}
    found = dashboard.client.get("/__mock__/mutations", **on).json()["mutations"]
    assert [it["name"] for it in found] == [name]
    page.get_by_label("State").select_option("on")
    page.get_by_role("searchbox", name="Search").fill("")
    expect(get_rows(page, "Mutations")).to_have_count(1)
    assert found[0]["description"].replace("`", "") in get_rows(page, "Mutations").inner_text()
    dashboard.check_accessibility()
    switch.click()
    page.get_by_text("No mutation passes the filters.").wait_for()
    assert dashboard.client.get("/__mock__/mutations", **on).json() == {"mutations": []}


def test_all_mutations_are_listed_and_turned_off_at_once(dashboard: Dashboard) -> None:
    client = dashboard.client
    total = len(client.get("/__mock__/mutations").json()["mutations"])
    for operator in ("lose-write", "double-write"):
        path = f"/__mock__/mutations/calwe.createSessionLog.{operator}"
        client.put(path).raise_for_status()
    page = dashboard.open("faults", "mutations")
    page.get_by_text(f"{total:,} of {total:,} mutations, 2 on.").wait_for()
    assert 20 < get_rows(page, "Mutations").count() < 80  # the others are not in the page
    page.get_by_role("button", name="Turn all off").click()
    page.get_by_role("dialog").get_by_role("button", name="Turn all off").click()

    page.get_by_text(f"{total:,} of {total:,} mutations, none on.").wait_for()
    expect(page.get_by_role("button", name="Turn all off")).to_have_count(0)


def test_an_event_is_triggered_with_its_options(dashboard: Dashboard) -> None:
    before = dashboard.client.get(LOG).json()["data"]["total"]
    page = dashboard.open("faults", "events")
    dashboard.check_accessibility()
    page.get_by_role("button", name="Trigger calwe.leave").click()
    form = page.get_by_role("dialog", name="Trigger calwe.leave")
    ids = form.locator("datalist option")
    expect(ids.first).to_be_attached()
    assert "1" in [it.get_attribute("value") for it in ids.all()]
    form.get_by_label("session").fill(HOSTILE)
    form.get_by_role("button", name="Trigger").click()
    expect(form.get_by_role("alert")).to_contain_text(
        "there is no session '</script><img src=x onerror="
    )
    form.get_by_label("session").fill("1")
    form.get_by_label("temporarily").check()
    dashboard.check_accessibility()
    form.get_by_role("button", name="Trigger").click()

    page.get_by_text("The event 'calwe.leave' happened at ").wait_for()
    entries = dashboard.client.get(LOG).json()["data"]
    assert entries["total"] == before + 1
    assert entries["data"][-1]["text"] == "Customer temporarily left the session"
