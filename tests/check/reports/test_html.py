"""The HTML report in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from mockserver import apis
from mockserver.check.reports.html import write_html
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict, make_verdict
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe
from mockserver.redaction import Mask

APIS = apis.load()
JSON = ("Content-Type", "application/json")
TARGET = Target("staging", "http://mock.example/")
MASK = Mask(["top-secret"])
HOSTILE = "</script></style><img src=x onerror=hacked=1><script>hacked=2</script>\"'`{{7*7}}"
MESSAGE = "الجلسة غير موجودة!"


def results(name: str, *exchanges: tuple[str, Request, Response]) -> Results:
    """The results of a run in which phases saw these exchanges."""
    found = Results(APIS[name])
    for phase, request, response in exchanges:
        found.phase = phase
        match = APIS[name].contract.match(request.method, request.path)
        interaction = observe(APIS[name], Exchange(request, response), match, moment=0)
        found.record(interaction, ())
    return found


def response(status: int, body: Any, *headers: tuple[str, str]) -> Response:
    return Response(status, Headers([JSON, *headers]), json.dumps(body).encode())


def hostile() -> Results:
    """Results with a response that tries to run scripts, and with a secret that is sent back."""
    request = Request(
        "GET",
        "/sessions",
        "start=top%2Dsecret&end=%3Cimg%20src%3Dx%20onerror%3Dhacked%3D3%3E",
        Headers([("ApiKey", "top-secret"), ("X-Note", HOSTILE)]),
    )
    body = [{"userId": HOSTILE, HOSTILE: "top-secret \u202e"}]
    echo = response(200, body, ("X-Echo", "top-secret"), ("X-Bad", HOSTILE))
    found = results("ekran", ("examples", Request("GET", "/sessions"), response(200, [])))
    found.phase = "boundaries"
    match = APIS["ekran"].contract.match("GET", "/sessions")
    interaction = observe(APIS["ekran"], Exchange(request, echo), match, moment=0)
    found.record(interaction, ())
    found.report_missing_response(f"{HOSTILE} top-secret", None)
    found.skip(f"{HOSTILE} top-secret")
    return found


def arabic() -> Results:
    """Results with an Arabic message that is not the documented one, and with a page of HTML."""
    body = {"success": False, "message": MESSAGE, "data": [], "statusCode": 404}
    request = Request("GET", "/customer/sessions/x/log")
    html = Response(404, Headers([("Content-Type", "text/html")]), b"<p>")
    return results("calwe", ("cases", request, response(404, body)), ("cases", request, html))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a report with findings of each severity, on two APIs and an inconclusive one."""
    ekran = hostile()
    accepted = next(one for one in ekran.findings.values() if one.code == "type")
    severity = Severity()
    verdicts = [
        make_verdict(arabic(), severity, Baseline(), [f"it proves nothing, since {MESSAGE}"]),
        Verdict(
            **{
                **vars(make_verdict(ekran, severity, Baseline(), [HOSTILE])),
                "failures": tuple(one for one in ekran.findings.values() if one is not accepted),
                "warnings": (_warning(),),
                "accepted": (accepted,),
            }
        ),
        Verdict("avaamo", inconclusive=("'top-secret' does not respond",)),
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(write_html(verdicts, TARGET, MASK))
    return path


def _warning() -> Finding:
    return Finding(
        "ekran",
        "listSessions",
        "x",
        Source("contract", "#/x"),
        "assumed",
        "It differs",
        phases=["workflows"],
    )


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """The page of the browser that all tests use: each new one takes a process."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def page(tab: Page, report: Path) -> Iterator[Page]:
    """The page of the report, loaded anew; it loads nothing and has no error."""
    requested: list[str] = []
    logged: list[str] = []
    listeners: dict[Any, Any] = {
        "request": lambda request: requested.append(request.url),
        "console": lambda message: logged.append(message.text),
        "pageerror": lambda error: logged.append(str(error)),
    }
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(media="null", color_scheme="null")
    for event, listener in listeners.items():
        tab.on(event, listener)
    tab.goto(report.as_uri())
    yield tab
    tab.goto("about:blank")
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    # A picture in the page itself is not requested from a server.
    seen = [url for url in requested if not url.startswith(("data:", "about:"))]
    assert seen == [report.as_uri()]
    assert logged == []


def shown(page: Page) -> list[str]:
    """The API and severity of each visible finding."""
    found = page.locator(".finding:visible").all()
    return [
        f"{one.get_attribute('data-api')} {one.get_attribute('data-severity')}" for one in found
    ]


def finding(page: Page, text: str) -> Locator:
    """The first finding with a text in its sentence, opened."""
    found = page.locator(".finding", has=page.locator(".sentence", has_text=text)).first
    found.locator("> details").evaluate("details => details.open = true")
    return found


def direction(place: Locator) -> str:
    computed: str = place.evaluate("element => getComputedStyle(element).direction")
    return computed


def test_file_has_no_secret(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "top-secret" not in text
    assert "top%2Dsecret" not in text
    assert "***" in text


def test_page_has_the_target_and_the_verdicts(page: Page) -> None:
    assert page.title() == "Fail: staging"
    assert page.locator("h1").inner_text() == "staging"
    assert "http://mock.example/" in page.locator(".facts").inner_text()
    cards = page.locator(".api")
    assert [card.get_attribute("data-api") for card in cards.all()] == ["calwe", "ekran", "avaamo"]
    assert [card.locator(".badge").inner_text() for card in cards.all()] == [
        "fail",
        "fail",
        "inconclusive",
    ]
    assert page.locator("#api-avaamo .inconclusive li").inner_text() == "'***' does not respond"


def test_text_of_responses_is_escaped(page: Page) -> None:
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert HOSTILE in page.locator("#api-ekran .inconclusive li").inner_text()
    broken = finding(page, "/response/body/0/userId")
    strings = broken.locator(".body .string").all_inner_texts()
    assert HOSTILE.replace('"', '\\"') in strings
    assert "*** \\u202e" in strings


def test_content_security_policy_blocks_other_scripts(tab: Page, report: Path) -> None:
    tab.goto(report.as_uri())
    tab.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hacked = 4";
            document.body.append(script);
        }"""
    )
    assert tab.evaluate("typeof hacked") == "undefined"


def test_matrix_has_a_cell_for_each_operation_and_status(page: Page) -> None:
    cells = page.locator("#api-ekran .matrix .cell")
    found = {cell.get_attribute("data-status"): cell for cell in cells.all()}
    assert list(found) == ["200", "400", "401", "405", "413"]
    assert "seen" in (found["200"].get_attribute("class") or "")
    assert "gap" in (found["400"].get_attribute("class") or "")
    assert found["400"].inner_text().split("\n")[0] == "not seen"
    parts = found["200"].locator(".parts i").all()
    phases = ["examples", "cases", "generated", "workflows", "boundaries"]
    assert [part.get_attribute("data-phase") for part in parts] == phases
    marks = ["failure" in (part.get_attribute("class") or "") for part in parts]
    assert marks == [False, False, False, False, True]
    colours = [part.evaluate("part => getComputedStyle(part).backgroundColor") for part in parts]
    assert len(set(colours)) == 3
    operations = page.locator("#api-calwe .matrix tbody th .name").all_inner_texts()
    assert operations == [
        "listSessionLogs",
        "createSessionLog",
        "listCoachSessionLogs",
        "createCoachSessionLog",
    ]


def test_cell_links_to_a_finding_that_a_filter_hides(page: Page) -> None:
    page.get_by_role("button", name="Close all").click()
    page.get_by_label("Failures").uncheck()
    page.locator("#api-ekran .cell a").first.click()
    target = page.locator(".finding:target")
    target.wait_for(state="visible")  # the page hears of another fragment after the click
    assert target.locator(".beside").is_visible()
    assert page.get_by_label("Failures").is_checked()


def test_arabic_message_runs_from_right_to_left(page: Page) -> None:
    broken = finding(page, "/response/body/message")
    line = broken.locator(".body .line.wrong")
    assert line.inner_text().strip() == f'"message": "{MESSAGE}",'
    assert direction(line.locator(".string")) == "rtl"
    assert direction(line) == "ltr"
    # What runs from the right begins at its right end, between quotes that stay where they are.
    key, string = (line.locator(name).bounding_box() for name in (".key", ".string"))
    assert key is not None
    assert string is not None
    assert key["x"] + key["width"] < string["x"]
    comma = line.locator(".sign").last.bounding_box()
    assert comma is not None
    assert string["x"] + string["width"] < comma["x"]
    sentence = broken.locator(".sentence")
    assert direction(sentence) == "ltr"
    assert direction(sentence.locator("bdi").first) == "rtl"
    assert direction(broken.locator(".source .marked bdi").first) == "rtl"


def test_exchange_is_beside_the_contract(page: Page) -> None:
    broken = finding(page, "/response/body/message")
    left = broken.locator(".exchange").bounding_box()
    right = broken.locator(".excerpt").bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"] + 1
    assert "enum:" in broken.locator(".excerpt .marked").inner_text()
    assert broken.locator(".excerpt .tag").inner_text() == "documented"
    curl = broken.locator(".copyable").first.inner_text()
    assert "curl -s -i http://mock.example/v1/customer/sessions/x/log" in curl


def test_invariant_is_shown_by_its_sentence(page: Page) -> None:
    heading = page.locator(".excerpt h5", has_text=re.compile("^the invariant", re.IGNORECASE))
    broken = page.locator(".finding").filter(has=heading).first
    broken.locator("> details").evaluate("details => details.open = true")
    sentence = broken.locator("blockquote").inner_text().partition("\n")[0]
    assert sentence.endswith(".")
    assert broken.locator(".sentence").first.inner_text().startswith(sentence)


def test_missing_property_is_marked(page: Page) -> None:
    broken = finding(page, '"clientGuid" is a required property')
    missing = broken.locator(".line.missing").all_inner_texts()
    assert '"sessionId" is missing' in [line.strip() for line in missing]


def test_headers_are_unfolded_where_one_is_marked(page: Page) -> None:
    headers = finding(page, "/response/headers/content-type").locator(".headers")
    assert [row.get_attribute("class") for row in headers.locator("tr").all()] == ["wrong"]
    assert headers.evaluate("details => details.open")
    other = finding(page, "/response/body/message").locator(".headers")
    assert not other.evaluate("details => details.open")


def test_findings_are_filtered_by_severity_with_the_keyboard(page: Page) -> None:
    every = shown(page)
    assert set(every) == {
        "calwe failure",
        "calwe warning",
        "ekran failure",
        "ekran warning",
        "ekran accepted",
    }
    page.get_by_label("Failures").focus()
    page.keyboard.press("Space")
    assert shown(page) == ["calwe warning", "ekran warning", "ekran accepted"]
    assert page.locator("output").inner_text() == f"3 of {len(every)} findings"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["ekran accepted"]
    assert page.locator("#api-calwe .nothing").is_visible()


def test_findings_are_filtered_by_api_with_the_keyboard(page: Page) -> None:
    page.get_by_label("All", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert set(shown(page)) == {"calwe failure", "calwe warning"}
    assert page.locator("#api-calwe").is_visible()
    assert page.locator("#api-ekran").is_hidden()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#api-ekran").is_visible()


def test_fingerprint_is_copied(browser: Browser, report: Path) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(report.as_uri())
    broken = finding(page, "/response/body/message")
    broken.get_by_role("button", name="Copy the fingerprint").click()
    broken.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "calwe listSessionLogs enum #/components/schemas/SessionNotFound/"
        "properties/message/enum /response/body/message 404"
    )
    context.close()


def test_coverage_has_its_meters_and_gaps(page: Page) -> None:
    meters = page.locator("#api-ekran .meters li").all_inner_texts()
    assert [meter.split("\n")[0] for meter in meters] == [
        "Operations",
        "Statuses",
        "Parameters",
        "Request keywords",
        "Response keywords",
        "Invariants",
    ]
    assert "1 of 5" in meters[1]
    page.locator("#api-ekran").get_by_text("Parameters", exact=True).last.click()
    row = page.locator("#api-ekran .plain tr", has_text="start").first
    assert row.locator("td").all_inner_texts() == ["listSessions", "start", "query", "0", "1"]
    assert row.locator("td.gap").all_inner_texts() == ["0"]


def test_page_fits_the_window(page: Page) -> None:
    page.get_by_role("button", name="Open all").click()
    for width in (1280, 800, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_page_follows_the_dark_setting(page: Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(245, 246, 248)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colour) == "rgb(18, 22, 27)"


def test_printed_page_is_unfolded_without_buttons(page: Page) -> None:
    page.get_by_role("button", name="Close all").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".finding .beside").first.is_visible()
    assert page.locator(".filters").is_hidden()
    page.set_viewport_size({"width": 720, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 720
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".finding .beside").first.is_hidden()


def test_report_of_a_passing_run(mock_url: str, tab: Page, tmp_path: Path) -> None:
    target = Target("the mock", mock_url)
    plan = Plan(phases=frozenset({"examples", "cases"}), is_quick=True)
    verdicts = list(check(target, [APIS["ekran"]], plan))
    path = tmp_path / "report.html"
    path.write_bytes(write_html(verdicts, target, target.mask))
    tab.goto(path.as_uri())
    assert tab.title() == "Pass: the mock"
    assert tab.locator(".cell.gap").count() == 0
    assert tab.locator(".finding").count() == 0
    assert "Began" in tab.locator(".facts").inner_text()
