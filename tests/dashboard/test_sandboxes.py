"""The view Sandboxes."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Dashboard


def test_a_sandbox_is_created_opened_and_deleted(dashboard: Dashboard) -> None:
    name = f"{dashboard.sandbox}-new"
    page = dashboard.open("sandboxes")
    page.get_by_role("button", name="Create a sandbox").click()
    form = page.get_by_role("dialog", name="Create a sandbox")
    form.get_by_label("Name").fill(name)
    form.get_by_label("Scenario").select_option("calwe-ended")
    form.get_by_label("Seed").fill("7")
    form.get_by_label("Freeze the clock at").fill("2025-08-21T14:30:00Z")
    dashboard.check_accessibility()
    form.get_by_role("button", name="Create").click()

    page.get_by_role("heading", level=1, name="Traffic").wait_for()
    assert page.url.endswith(f"#/traffic?sandbox={name}")
    page.get_by_text(f"The sandbox '{name}' is created.").wait_for()
    made = dashboard.client.get(f"/__mock__/sandboxes/{name}").json()
    assert (made["scenario"], made["seed"], made["clock"]["now"], made["clock"]["mode"]) == (
        *("calwe-ended", 7, "2025-08-21T14:30:00Z"),
        "frozen",
    )

    page.get_by_role("link", name="Sandboxes").click()
    page.get_by_role("searchbox", name="Name").fill(name)
    row = page.get_by_role("row").filter(has_text=name)
    row.wait_for()
    assert row.get_by_role("cell").all_inner_texts()[:2] == [f"{name} this one", "calwe-ended"]
    row.get_by_role("button", name=f"Delete {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text(f"The sandbox '{name}' is deleted.").wait_for()
    expect(row).to_have_count(0)
    assert f"#/sandboxes?sandbox=default&name={name}" in page.url
    assert dashboard.client.get(f"/__mock__/sandboxes/{name}").status_code == 404


def test_what_the_control_api_refuses_is_shown_in_the_dialog_which_stays(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("sandboxes")
    page.get_by_role("button", name="Create a sandbox").click()
    form = page.get_by_role("dialog", name="Create a sandbox")
    form.get_by_label("Name").fill(dashboard.sandbox)
    form.get_by_role("button", name="Create").click()

    assert dashboard.sandbox in form.get_by_role("alert").inner_text()
    form.get_by_label("Name").fill("<script>alert(1)</script>")
    form.get_by_role("button", name="Create").click()
    expect(form.get_by_role("alert")).to_contain_text("<script>alert(1)</script>")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(page.get_by_role("button", name="Create a sandbox")).to_be_focused()


def test_a_sandbox_is_reset_to_its_scenario(dashboard: Dashboard) -> None:
    path = "/__mock__/state/calwe/session/1"
    dashboard.client.delete(path, params={"cascade": "true"}).raise_for_status()
    page = dashboard.open("sandboxes", name=dashboard.sandbox)
    page.get_by_role("button", name=f"Reset {dashboard.sandbox}", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()

    page.get_by_text(f"The sandbox '{dashboard.sandbox}' is as its scenario says.").wait_for()
    assert dashboard.client.get(path).status_code == 200


def test_the_list_is_filtered_and_the_filter_stays_in_the_url(dashboard: Dashboard) -> None:
    page = dashboard.open("sandboxes")
    page.get_by_role("searchbox", name="Name").fill(dashboard.sandbox)

    page.get_by_text("1 of ").wait_for()
    assert page.url.endswith(f"#/sandboxes?sandbox={dashboard.sandbox}&name={dashboard.sandbox}")
    page.reload()
    page.get_by_text("1 of ").wait_for()
    assert page.get_by_role("rowheader").count() == 0
    assert page.get_by_role("row").count() == 2


def test_the_list_is_sorted_by_a_column(dashboard: Dashboard) -> None:
    for end in ("-b9", "-b10", "-a"):
        body = {"name": f"sorted{end}"}
        dashboard.client.post("/__mock__/sandboxes", json=body).raise_for_status()
    page = dashboard.open("sandboxes", name="sorted-")
    header = page.get_by_role("columnheader", name="Name")
    links = page.get_by_role("table", name="Sandboxes").get_by_role("link")

    links.nth(2).wait_for()
    page.get_by_role("button", name="Name").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert links.all_inner_texts() == ["sorted-a", "sorted-b9", "sorted-b10"]
    page.get_by_role("button", name="Name").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert links.all_inner_texts() == ["sorted-b10", "sorted-b9", "sorted-a"]
