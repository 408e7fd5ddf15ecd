"""What a page in a real browser may do: read refusals, send cookies, use the mock's own pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

LOG = "/v1/customer/sessions/1/log"
FETCH = """async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    return [response.status, await response.text(), response.headers.get("x-mock-sandbox")];
  } catch (error) {
    return String(error);
  }
}"""


class App(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextmanager
def serve_app() -> Iterator[str]:
    """An app on an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of an app."""
    with serve_app() as origin:
        page = browser.new_page()
        page.goto(origin)
        yield page
        page.close()


@pytest.mark.parametrize(
    ("path", "options", "status", "text"),
    [
        ("/v1/customer/nope", {}, 404, '"statusCode":404'),
        ("/nope", {"headers": {"X-Mock-Sandbox": "browser"}}, 404, "There is nothing at '/nope'."),
        (LOG, {}, 401, '"statusCode":401'),
        (LOG, {"method": "DELETE", "headers": {"Authorization": "Bearer t"}}, 405, "405"),
        (LOG, {"method": "POST", "body": "x" * 1_100_000}, 413, '"statusCode":413'),
        ("/" + "x" * 70_000, {}, 414, "The URL of the request is too long."),
    ],
)
def test_a_page_reads_why_it_was_refused(
    page: Page, documented_server: str, path: str, options: dict[str, Any], status: int, text: str
) -> None:
    found = page.evaluate(FETCH, [documented_server + path, options])

    assert found[0] == status, found
    assert text in found[1]
    if status != 414:  # no sandbox is known before the path is
        assert found[2] == options.get("headers", {}).get("X-Mock-Sandbox", "default")


def test_a_page_sends_cookies_to_a_mock_that_names_its_origin(
    page: Page, start: Callable[..., Any], documented_server: str
) -> None:
    origin = page.url.rstrip("/")
    named = str(start(scenario="documented", cors_origin=(origin,)).base_url).rstrip("/")
    options = {"credentials": "include", "headers": {"Authorization": "Bearer token"}}

    assert page.evaluate(FETCH, [named + LOG, options])[0] == 200
    assert page.evaluate(FETCH, [f"{named}/v1/nope", options])[0] == 404
    failed = "TypeError: Failed to fetch"
    assert page.evaluate(FETCH, [documented_server + LOG, options]) == failed
    assert page.evaluate(FETCH, [f"{named}/__mock__/health", options]) == failed
    with serve_app() as other:
        page.goto(other)
        assert page.evaluate(FETCH, [named + LOG, {"headers": options["headers"]}]) == failed


def test_the_start_page_lists_ids_of_its_sandbox_and_says_why_it_cannot(
    browser: Browser, start: Callable[..., Any]
) -> None:
    url = str(start(scenario="documented", base_path="/mock").base_url).rstrip("/")
    page = browser.new_page()
    page.goto(url)  # without a slash at the end
    row = page.get_by_role("row", name="IN_PROGRESS: takes entries, can be ended or cancelled")
    row.wait_for()
    assert row.locator("td").all_inner_texts()[3:] == ["1", "", "سارة العتيبي"]
    row.get_by_role("link", name="1").click()
    assert page.url == f"{url}/__mock__/state/calwe/session/1"
    page.goto(f"{url}/__sandbox__/defualt/")
    message = page.get_by_text("There is no sandbox 'defualt'")
    message.wait_for()
    assert "did you mean 'default'?" in message.inner_text()
    page.close()


def test_swagger_ui_sends_requests_below_the_base_path_and_to_the_sandbox_of_its_page(
    browser: Browser, start: Callable[..., Any]
) -> None:
    url = str(start(scenario="documented", base_path="/mock").base_url).rstrip("/")
    page = browser.new_page()
    for prefix in ("", "/__sandbox__/browser"):
        page.goto(f"{url}{prefix}/__mock__/docs/ekran")
        page.get_by_text("/sessions", exact=True).first.click()
        page.get_by_role("button", name="Try it out").click()
        with page.expect_response(lambda it: "/ekranapi/sessions" in it.url) as response:
            page.get_by_role("button", name="Execute").click()
        assert response.value.url.startswith(f"{url}{prefix}/ekranapi/sessions")
        assert response.value.status == 200
    page.close()
