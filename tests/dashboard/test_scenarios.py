"""The view Scenarios: the library, the editor, snapshots and differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

SESSION = "/__mock__/state/calwe/session/1"


def change(dashboard: Dashboard, **fields: Any) -> None:
    dashboard.client.patch(SESSION, json=fields).raise_for_status()


def test_a_scenario_is_read_and_loaded_after_a_question(dashboard: Dashboard) -> None:
    page = dashboard.open("scenarios")
    page.get_by_role("searchbox", name="Search").fill("calwe-en")
    table = page.get_by_role("grid", name="Scenarios")
    expect(table.locator("tbody tr")).to_have_count(2)
    table.get_by_text("calwe-ended", exact=True).click()
    section = page.get_by_role("region", name="Scenario")
    section.get_by_text("name: calwe-ended").wait_for()
    dashboard.check_accessibility()
    section.get_by_role("button", name="Load").click()
    dialog = page.get_by_role("dialog", name="Load a scenario")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    sandbox = f"/__mock__/sandboxes/{dashboard.sandbox}"
    assert dashboard.client.get(sandbox).json()["scenario"] == "documented"

    section.get_by_role("button", name="Load").click()
    dialog.get_by_label("Seed").fill("7")
    dialog.get_by_label("Freeze the clock at").fill("2030-01-01T00:00:00Z")
    dialog.get_by_role("button", name="Load").click()
    page.get_by_text(f"The world of '{dashboard.sandbox}' is that").wait_for()
    loaded = dashboard.client.get(sandbox).json()
    assert (loaded["scenario"], loaded["seed"]) == ("calwe-ended", 7)
    assert loaded["clock"]["now"] == "2030-01-01T00:00:00Z"


def test_snapshots_are_taken_restored_and_deleted(dashboard: Dashboard) -> None:
    page = dashboard.open("scenarios", "snapshots")
    page.get_by_text("The sandbox has no snapshot.").wait_for()
    page.get_by_role("button", name="Take a snapshot").click()
    form = page.get_by_role("dialog", name="Take a snapshot")
    form.get_by_role("textbox", name="Name").fill("before")
    dashboard.check_accessibility()
    form.get_by_role("button", name="Take").click()
    row = page.get_by_role("row").filter(has_text="before")
    row.wait_for()
    dashboard.check_accessibility()
    page.get_by_role("button", name="Take a snapshot").click()
    form.get_by_role("textbox", name="Name").fill("before")
    form.get_by_role("button", name="Take").click()
    expect(form.get_by_role("alert")).to_contain_text("'before'")
    page.keyboard.press("Escape")

    change(dashboard, customer="somebody else")
    row.get_by_role("button", name="Restore before").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    page.get_by_text("The world is that of the snapshot 'before'.").wait_for()
    assert dashboard.client.get(SESSION).json()["body"]["customer"] == "سارة العتيبي"
    row.get_by_role("button", name="Delete before").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("The sandbox has no snapshot.").wait_for()


def test_a_snapshot_is_downloaded_and_uploaded(dashboard: Dashboard, tmp_path: Path) -> None:
    dashboard.client.post("/__mock__/snapshots", json={"name": "one"}).raise_for_status()
    page = dashboard.open("scenarios", "snapshots")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download one").click()
    assert downloading.value.suggested_filename == "one.json"
    file = tmp_path / "one.json"
    downloading.value.save_as(file)
    assert json.loads(file.read_text("utf-8"))["format"] == "mockserver-snapshot"

    page.get_by_role("button", name="Upload a file").click()
    form = page.get_by_role("dialog", name="Upload a snapshot")
    form.get_by_label("File").set_input_files(file)
    form.get_by_label("Name").fill("two")
    form.get_by_role("button", name="Upload").click()
    page.get_by_role("row").filter(has_text="two").wait_for()
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{", "utf-8")
    page.get_by_role("button", name="Upload a file").click()
    form.get_by_label("File").set_input_files(wrong)
    form.get_by_label("Name").fill("three")
    form.get_by_role("button", name="Upload").click()
    expect(form.get_by_role("alert")).to_be_visible()
    assert dashboard.client.get("/__mock__/snapshots/three").status_code == 404


def test_differences_are_read_as_a_page_and_hostile_texts_as_texts(dashboard: Dashboard) -> None:
    dashboard.client.post("/__mock__/snapshots", json={"name": "one"}).raise_for_status()
    page = dashboard.open("scenarios", "diff", before="one")
    page.get_by_text("The two worlds are equal.").wait_for()

    change(dashboard, customer=HOSTILE, coach=REVERSED)
    new = {"id": "new", "status": "PENDING", "customer": ARABIC}
    dashboard.client.post("/__mock__/state/calwe/session", json=new).raise_for_status()
    page.get_by_role("button", name="Reload").click()
    page.get_by_text("2 documents: 1 added, 0 removed, 1 changed.").wait_for()
    differences = page.get_by_role("region", name="Differences")
    expect(differences.locator("h2")).to_have_text(
        ["changed calwe session 1", "added calwe session new"], use_inner_text=True
    )
    expect(differences.locator("ins").filter(has_text="</script>")).to_have_count(1)
    expect(differences.locator("ins").filter(has_text="invoiceU+202Egpj.exe")).to_have_count(1)
    expect(differences.locator("del").filter(has_text="سارة العتيبي")).to_have_count(1)
    dashboard.check_accessibility()
    page.get_by_label("From").select_option("")
    assert "before" not in page.url
    page.get_by_text("1 added, 0 removed, 1 changed").wait_for()


def test_the_editor_names_line_and_field_and_loads_what_is_right(dashboard: Dashboard) -> None:
    page = dashboard.open("scenarios", "editor")
    text = page.get_by_label("The scenario as YAML")
    page.get_by_text("Nothing is wrong.").wait_for()
    text.fill("name: mine\ndescription: d\napis:\n  calwe:\n    documents:\n      sesion: []\n")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("sesion")
    expect(alert.get_by_role("button")).to_have_text("line 6")
    assert alert.inner_text().startswith("line 6 apis.calwe.documents.sesion")
    expect(page.get_by_role("button", name="Load", exact=True)).to_be_disabled()
    dashboard.check_accessibility()
    alert.get_by_role("button").click()
    expect(text).to_be_focused()
    where = text.evaluate("it => it.value.slice(0, it.selectionStart).split('\\n').length")
    assert where == 6
    page.keyboard.type("#")
    expect(alert.get_by_role("button")).to_have_text("line 5")
    page.reload()
    expect(text).to_have_value(
        "name: mine\ndescription: d\napis:\n  calwe:\n    documents:\n#      sesion: []\n"
    )
    text.fill("name: mine\ndescription: d\nclock: {freeze: 2030-01-01T00:00:00Z}\n")
    page.get_by_text("Nothing is wrong.").wait_for()
    page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Load").click()
    page.get_by_text(f"The world of '{dashboard.sandbox}' is that").wait_for()
    sandbox = dashboard.client.get(f"/__mock__/sandboxes/{dashboard.sandbox}").json()
    assert (sandbox["scenario"], sandbox["documents"]) == ("mine", 0)


def test_a_scenario_that_is_being_opened_replaces_nothing_that_was_typed(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("scenarios", "editor")
    held: list[Route] = []
    page.route("**/scenarios/calwe-empty", lambda route: held.append(route))
    with page.expect_request("**/scenarios/calwe-empty"):
        page.evaluate(
            "location.hash += (location.hash.includes('?') ? '&' : '?') + 'scenario=calwe-empty'"
        )
    text = page.get_by_label("The scenario as YAML")
    expect(text).not_to_be_editable()
    held[0].fulfill(status=404, body="{}")
    expect(text).to_be_editable()
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_scenario_is_opened_in_the_editor(dashboard: Dashboard) -> None:
    page = dashboard.open("scenarios", scenario="calwe-empty")
    page.get_by_role("link", name="Open in the editor").click()
    text = page.get_by_label("The scenario as YAML")
    expect(text).to_have_value(
        dashboard.client.get("/__mock__/scenarios/calwe-empty").json()["source"]
    )
    text.fill(f"name: {HOSTILE}\n")
    expect(page.get_by_role("alert")).to_be_visible()
    dashboard.check_accessibility()
