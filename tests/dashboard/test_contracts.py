"""The view Contracts: operations with their evidence, and requests by a form."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .conftest import HOSTILE, REVERSED, Dashboard

LOG = "/v1/customer/sessions/1/log"


def open_operation(dashboard: Dashboard, id: str, *path: str) -> Locator:
    page = dashboard.open("contracts", "calwe", id, *path)
    region = page.get_by_role("region", name=f"Operation {id}")
    region.get_by_role("heading", level=2).wait_for()
    return region


def test_operations_are_filtered_and_chosen_by_the_keyboard(dashboard: Dashboard) -> None:
    page = dashboard.open("contracts")
    page.get_by_text("7 of 7 operations").wait_for()
    page.get_by_role("searchbox", name="Search").fill("CUSTOMER/sessions")
    page.get_by_label("API").select_option("calwe")
    page.get_by_text("2 of 7 operations").wait_for()
    page.get_by_role("grid", name="Operations").focus()
    page.keyboard.press("End")

    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text("POST /v1/customer/sessions/{id}/log")
    assert page.url.endswith(
        f"#/contracts/calwe/createSessionLog?sandbox={dashboard.sandbox}"
        "&text=CUSTOMER%2Fsessions&api=calwe"
    )
    page.keyboard.press("ArrowUp")
    expect(heading).to_have_text("GET /v1/customer/sessions/{id}/log")
    page.get_by_role("button", name="Close").click()
    expect(heading).to_have_count(0)


def test_each_part_has_its_evidence_its_note_and_its_line(dashboard: Dashboard) -> None:
    evidence = dashboard.client.get("/__mock__/apis/calwe/evidence.json").json()
    line = evidence["listSessionLogs"]["/components/parameters/CalwePerPage"]["line"]
    region = open_operation(dashboard, "listSessionLogs")
    expect(region.locator(".place")).to_have_count(10)
    page_size = region.get_by_role("region", name="Parameter per_page").inner_text()
    assert "in query" in page_size
    assert "integer · from 1 · to 1000 · default 30" in page_size
    assert f"calwe.yaml, line {line}" in page_size
    missing = region.get_by_role("region", name="Response 404")
    assert "documented" in missing.inner_text()
    too_large = region.get_by_role("region", name="Response 413")
    assert "assumed" in too_large.inner_text()
    success = region.get_by_role("region", name="Response 200")
    success.get_by_text("Example documented").click()
    expect(success.get_by_text("current_page")).to_be_visible()
    dashboard.check_accessibility()


def test_nothing_is_better_founded_than_its_operation(dashboard: Dashboard) -> None:
    region = open_operation(dashboard, "listCoachSessionLogs")

    missing = region.get_by_role("region", name="Response 404")
    expect(missing.locator(".evidence")).to_have_text("related")
    assert "The vendor's Mentor page mirrors the customer's page" in missing.inner_text()


def test_an_operation_is_sent_with_a_credential_that_works(dashboard: Dashboard) -> None:
    region = open_operation(dashboard, "createSessionLog", "try")
    before = dashboard.client.get(LOG).json()["data"]["total"]
    expect(region.get_by_text("Authorization: Bearer ")).to_be_visible()
    expect(region.get_by_role("combobox", name="id *")).to_have_value("1")
    region.get_by_role("textbox", name="Body").fill('{"action_type": "LEFT"}')
    region.get_by_role("button", name="Send the request").focus()
    dashboard.page.keyboard.press("Enter")

    response = region.get_by_role("region", name="Response")
    expect(region.get_by_role("status")).to_have_text("The status is 200.")
    assert "statusCode" in response.locator(".json").inner_text()
    assert "x-mock-sandbox" in response.locator(".fields").inner_text()
    assert dashboard.client.get(LOG).json()["data"]["total"] == before + 1
    dashboard.check_accessibility()


def test_what_violates_the_contract_is_told_with_the_reason(dashboard: Dashboard) -> None:
    region = open_operation(dashboard, "listSessionLogs", "try")
    region.get_by_label("per_page").fill(HOSTILE)
    region.get_by_label("page", exact=True).fill("2")
    region.get_by_role("button", name="Send the request").click()

    response = region.get_by_role("region", name="Response")
    expect(region.get_by_role("status")).to_have_text("The status is 422.")
    expect(response.locator(".mark")).to_contain_text("/request/query/per_page")
    expect(response.locator(".mark")).to_contain_text("<img src=x onerror=")
    expect(response.locator(".why")).to_contain_text("The request violates the contract")
    response.get_by_role("link", name="Show it in Traffic").click()
    expect(dashboard.page.get_by_role("heading", level=1)).to_have_text("Traffic")
    expect(dashboard.page.get_by_role("heading", level=2)).to_contain_text(f"GET {LOG}")


def test_a_status_a_delay_and_an_example_are_preferred(dashboard: Dashboard) -> None:
    region = open_operation(dashboard, "listSessionLogs", "try")
    response = region.get_by_role("region", name="Response")
    region.get_by_label("Status").select_option("404")
    region.get_by_label("Delay").fill("1")
    region.get_by_role("combobox", name="id *").fill(f"a?{REVERSED}")
    region.get_by_role("button", name="Send the request").click()

    expect(region.get_by_role("status")).to_have_text("The status is 404.")
    applied = response.locator(".fields > div", has_text="preference-applied")
    assert applied.inner_text().split("\n")[-1] == "code=404, delay=1"
    region.get_by_label("Status").select_option("")
    region.get_by_label("Example").first.select_option("pastTheEnd")
    region.get_by_role("button", name="Send the request").click()
    expect(region.get_by_role("status")).to_have_text("The status is 200.")


def test_without_the_credential_the_response_is_the_refusal(dashboard: Dashboard) -> None:
    region = open_operation(dashboard, "listSessionLogs", "try")
    region.get_by_label("Send a credential").uncheck()
    region.get_by_role("button", name="Send the request").click()

    response = region.get_by_role("region", name="Response")
    expect(region.get_by_role("status")).to_have_text("The status is 401.")
    expect(response.locator(".json")).to_contain_text("يجب عليك تسجيل الدخول")


def test_an_unknown_operation_is_an_error_that_says_so(dashboard: Dashboard) -> None:
    page = dashboard.open("contracts", "calwe", HOSTILE)

    expect(page.get_by_role("alert")).to_contain_text("The API 'calwe' has no operation '</script>")
    dashboard.open("contracts", "nope", "x")
    expect(page.get_by_role("alert")).to_contain_text("There is no API 'nope'")
