"""The view Time: the clock as it moves, and what is done with it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import HOSTILE, Dashboard

CLOCK = "/__mock__/clock"


def read(dashboard: Dashboard) -> tuple[str, str]:
    clock = dashboard.client.get(CLOCK).json()
    return clock["now"], clock["mode"]


def test_a_frozen_clock_is_shown_moved_and_frozen_elsewhere(dashboard: Dashboard) -> None:
    page = dashboard.open("time")
    shown = page.get_by_role("timer")
    expect(shown).to_have_text("2025-08-21 14:30:00 UTC")
    dashboard.check_accessibility()

    page.get_by_role("button", name="+1h").click()
    expect(shown).to_have_text("2025-08-21 15:30:00 UTC")
    page.get_by_role("button", name="−1d").click()
    expect(shown).to_have_text("2025-08-20 15:30:00 UTC")
    form = page.get_by_role("form", name="Advance")
    form.get_by_label("By").fill("1d 2h 5s")
    page.keyboard.press("Enter")
    expect(shown).to_have_text("2025-08-21 17:30:05 UTC")
    form = page.get_by_role("form", name="Freeze")
    form.get_by_label("At").fill("today 09:00 Asia/Riyadh")
    form.get_by_role("button", name="Freeze").click()
    expect(shown).to_have_text("2025-08-21 06:00:00 UTC")
    assert read(dashboard) == ("2025-08-21T06:00:00Z", "frozen")


def test_a_clock_that_runs_moves_in_the_page_without_asking_the_server(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("time")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("shifted. It runs")).to_be_visible()
    expect(page.get_by_role("button", name="Run")).to_be_disabled()
    form = page.get_by_role("form", name="Rate")
    form.get_by_label("Seconds in a real second").fill("86400")
    form.get_by_role("button", name="Set the rate").click()
    expect(page.get_by_text("scaled. It runs")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if CLOCK in it.url else None)
    seen = set()
    for _ in range(3):  # each time another day
        days = page.get_by_role("timer").inner_text()[:10]
        seen.add(days)
        expect(page.get_by_role("timer")).not_to_contain_text(days)
    assert len(seen) == 3
    assert len(asked) <= 1
    assert read(dashboard)[1] == "scaled"


def test_a_clock_is_shifted_from_that_of_the_machine(dashboard: Dashboard) -> None:
    page = dashboard.open("time")
    form = page.get_by_role("form", name="Shift")
    form.get_by_label("From the machine's clock by").fill("-1d 1h")
    form.get_by_role("button", name="Shift").click()

    expect(page.get_by_text(re.compile("behind the clock of this browser"))).to_be_visible()
    assert read(dashboard)[1] == "shifted"
    form.get_by_label("From the machine's clock by").fill("0s")
    form.get_by_role("button", name="Shift").click()
    expect(page.get_by_text("real. It shows the machine's time.")).to_be_visible()
    assert read(dashboard)[1] == "real"


@pytest.mark.parametrize("text", ["soon", HOSTILE[:64]], ids=["word", "hostile"])
def test_a_moment_that_is_none_is_told_beside_its_field(dashboard: Dashboard, text: str) -> None:
    page = dashboard.open("time")
    form = page.get_by_role("form", name="Freeze")
    form.get_by_label("At").fill(text)
    form.get_by_role("button", name="Freeze").click()

    expect(form.get_by_role("alert")).to_contain_text(f"'{text}'")
    expect(form.get_by_label("At")).to_have_attribute("aria-invalid", "true")
    dashboard.check_accessibility()
    assert read(dashboard) == ("2025-08-21T14:30:00Z", "frozen")


def test_what_others_do_with_the_clock_is_shown_after_a_reload_of_the_view(
    dashboard: Dashboard,
) -> None:
    page = dashboard.open("time")
    page.get_by_role("button", name="+1m").click()
    expect(page.get_by_role("timer")).to_have_text("2025-08-21 14:31:00 UTC")
    dashboard.client.post(f"{CLOCK}/freeze", json={"at": "2030-01-01"}).raise_for_status()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("timer")).to_have_text("2030-01-01 00:00:00 UTC")
