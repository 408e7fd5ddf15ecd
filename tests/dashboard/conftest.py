"""The dashboard in a real browser, in a sandbox of its own, with what no page of it may do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from dashboard_views import AXE, run_axe
from playwright.sync_api import Browser, Page

HOSTILE = (
    "</script><img src=x onerror=\"document.title='hacked'\"><script>alert(1)</script>'`{{7*7}}"
)
"""A text that runs a script where it is taken for HTML."""
REVERSED = "invoice\u202egpj.exe"
"""A text that looks like another one where its override of the direction is obeyed."""
ARABIC = "سارة العتيبي (1)"


@dataclass
class Dashboard:
    """A page with the dashboard of a server. `client` is a client of the same sandbox."""

    page: Page
    url: str
    client: httpx.Client
    axe: str

    @property
    def sandbox(self) -> str:
        return self.client.headers["X-Mock-Sandbox"]

    def open(self, view: str, *path: str, **query: str) -> Page:
        """Open a view, with what follows it in the URL and its filters; wait for its heading."""
        parts = "/".join(quote(part, safe="") for part in (view, *path))
        fields = urlencode({"sandbox": self.sandbox, **query})
        self.page.goto(f"{self.url}/__mock__/ui/#/{parts}?{fields}")
        self.page.get_by_role("heading", level=1).wait_for()
        return self.page

    def check_accessibility(self) -> None:
        """axe finds nothing in the page as it is now, in light and dark colours, and narrow."""
        for window, found in run_axe(self.page, self.axe):
            assert found["passes"]
            assert [
                (window, it["id"], it["help"], [node["html"][:200] for node in it["nodes"]])
                for it in found["violations"]
            ] == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core; where everything must be tested, it is there."""
    if not AXE.is_file():
        sentence = "There is no axe-core here: `make tests` installs it."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return AXE.read_text("utf-8")


@pytest.fixture
def watch_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes a page of a server. At the end: it had no error, and asked no other server."""
    made: list[Page] = []
    faults: list[str] = []

    def make(url: str, **options: Any) -> Page:
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 800}, **options})
        page.on("pageerror", lambda error: faults.append(str(error)))
        # Chrome writes one about every response that is no success, which may well be.
        page.on(
            "console",
            lambda it: (
                faults.append(it.text)
                if it.type in ("error", "warning")
                and not it.text.startswith("Failed to load resource")
                else None
            ),
        )
        page.on(
            "request",
            lambda it: faults.append(it.url) if not it.url.startswith((url, "blob:")) else None,
        )
        page.on("dialog", lambda it: (faults.append(it.message), it.dismiss()))
        made.append(page)
        return page

    yield make
    for page in made:
        page.close()
    assert faults == []


@pytest.fixture
def dashboard(
    watch_page: Callable[..., Page], documented: httpx.Client, documented_server: str, axe: str
) -> Dashboard:
    """The dashboard of the documents' world, whose clock is frozen, in a new sandbox."""
    documented.headers.update({"Authorization": "Bearer token", "access-token": "token"})
    documented.post("/__mock__/reset").raise_for_status()  # so that it exists
    return Dashboard(watch_page(documented_server), documented_server, documented, axe)
