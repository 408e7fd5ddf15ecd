"""What is around every view: navigation, sandbox, token, theme, errors, keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from .conftest import ARABIC, HOSTILE, REVERSED, Dashboard

VIEWS = ["Traffic", "World", "Time", "Scenarios", "Faults", "Sandboxes", "Contracts", "Checks"]


def test_the_navigation_opens_each_view_and_the_heading_gets_the_focus(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("traffic")
    navigation = page.get_by_role("navigation", name="Views")

    assert navigation.get_by_role("link").all_inner_texts() == VIEWS
    for title in VIEWS[1:]:
        navigation.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_focused()
        expect(page).to_have_title(f"{title} · {dashboard.sandbox} · Mockserver")
        assert page.url.endswith(f"#/{title.lower()}?sandbox={dashboard.sandbox}")
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Contracts")).to_be_visible()


@pytest.mark.parametrize("view", [title.lower() for title in VIEWS])
def test_axe_finds_nothing_in_a_view(dashboard: Dashboard, view: str) -> None:
    dashboard.client.get("/v1/customer/sessions/1/log")
    page = dashboard.open(view)
    page.get_by_role("main").locator(":is(table, dl, pre):visible").first.wait_for()

    dashboard.check_accessibility()


def test_an_unknown_view_is_named_and_is_never_html(dashboard: Dashboard) -> None:
    page = dashboard.open(HOSTILE)

    assert page.get_by_role("heading", level=1).inner_text() == f"There is no view '{HOSTILE}'"
    dashboard.check_accessibility()


def test_a_sandbox_is_chosen_by_its_name_and_stays_in_the_url(dashboard: Dashboard) -> None:
    page = dashboard.open("world")
    field = page.get_by_label("Sandbox", exact=True)

    assert field.input_value() == dashboard.sandbox
    field.fill("default")
    field.press("Enter")
    expect(page).to_have_title("World · default · Mockserver")
    assert page.url.endswith("#/world?sandbox=default")
    expect(page.get_by_role("link", name="Time")).to_have_attribute(
        "href", "#/time?sandbox=default"
    )


@pytest.mark.parametrize("name", ["defualt", HOSTILE[:64], REVERSED, ARABIC, "a\nb"])
def test_a_sandbox_that_is_none_is_told_as_text(dashboard: Dashboard, name: str) -> None:
    page = dashboard.page
    page.goto(f"{dashboard.url}/__mock__/ui/#/world?sandbox={quote(name)}")

    message = page.get_by_role("alert")
    message.wait_for()
    assert "sandbox" in message.inner_text()
    page.get_by_role("button", name="Try again").wait_for()
    dashboard.check_accessibility()


def test_an_override_of_the_direction_is_shown_and_not_obeyed(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.goto(f"{dashboard.url}/__mock__/ui/#/{quote(REVERSED)}")

    heading = page.get_by_role("heading", level=1)
    heading.wait_for()
    assert heading.inner_text() == "There is no view 'invoiceU+202Egpj.exe'"


def test_the_dashboard_below_a_base_path_and_the_path_of_a_sandbox(
    watch_page: Callable[..., Page], start: Callable[..., Any]
) -> None:
    url = str(start(scenario="documented", base_path="/mock").base_url).rstrip("/")
    page = watch_page(url)
    page.goto(f"{url}/__sandbox__/default/__mock__/ui")

    page.get_by_role("link", name="World").click()
    page.get_by_role("cell", name="session", exact=True).first.wait_for()
    assert page.url == f"{url}/__sandbox__/default/__mock__/ui/#/world?sandbox=default"
    page.goto(f"{url}/__mock__/ui/#/contracts?api=calwe")
    page.get_by_role("link", name="documentation").click()
    page.wait_for_url(f"{url}/__mock__/docs/calwe")


def test_a_server_with_a_token_is_asked_for_it_and_it_is_forgotten_with_the_tab(
    watch_page: Callable[..., Page], start: Callable[..., Any], axe: str
) -> None:
    client = start(scenario="documented", admin_token="سر")
    url = str(client.base_url).rstrip("/")
    page = watch_page(url)
    page.goto(f"{url}/__mock__/ui/#/world")
    field = page.get_by_label("Admin token")

    expect(field).to_be_focused()
    Dashboard(page, url, client, axe).check_accessibility()
    field.fill("wrong")
    field.press("Enter")
    page.get_by_text("It refused the one that was given.").wait_for()
    page.get_by_label("Admin token").fill("سر")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("cell", name="session", exact=True).first.wait_for()
    page.reload()
    page.get_by_role("cell", name="session", exact=True).first.wait_for()
    assert page.evaluate("Object.keys(localStorage)") == []
    page.get_by_role("button", name="Forget the token").click()
    expect(page.get_by_label("Admin token")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_the_theme_is_the_system_s_until_another_is_chosen(dashboard: Dashboard) -> None:
    page = dashboard.open("checks")
    read = "getComputedStyle(document.body).backgroundColor"

    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(read)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(read) == "rgb(255, 255, 255)" != dark
    page.get_by_label("Theme").select_option("Dark")
    assert page.evaluate(read) == dark
    page.reload()
    page.get_by_role("heading", level=1).wait_for()
    assert page.evaluate(read) == dark


def test_the_keyboard_skips_the_navigation(dashboard: Dashboard) -> None:
    page = dashboard.open("sandboxes")
    before = page.url

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert page.url == before
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Create a sandbox")).to_be_focused()


def test_at_a_zoom_of_200_percent_the_details_of_a_row_can_be_read(dashboard: Dashboard) -> None:
    dashboard.client.get("/v1/customer/sessions/1/log")
    [exchange] = dashboard.client.get("/__mock__/journal").json()["entries"]
    dashboard.page.set_viewport_size({"width": 640, "height": 400})  # of 1280 by 800
    places = (("traffic", exchange["id"]), ("contracts", "calwe", "listSessionLogs"))
    for place in places:
        page = dashboard.open(*place)
        details = page.locator("section.exchange")
        details.get_by_role("heading", level=2).wait_for()
        details.scroll_into_view_if_needed()
        box = details.bounding_box()
        assert box
        assert (box["height"] > 200, box["width"] > 500) == (True, True), place
        assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_in_a_window_of_a_telephone_a_form_has_its_hints_below_the_fields(
    dashboard: Dashboard,
) -> None:
    dashboard.page.set_viewport_size({"width": 320, "height": 640})
    page = dashboard.open("faults")
    page.get_by_role("button", name="Add a rule").click()

    hint = page.get_by_role("dialog").get_by_text("The name of the API.")
    box = hint.bounding_box()
    assert box
    assert box["width"] > 100
    assert box["height"] < 40
