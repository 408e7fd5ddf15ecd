"""Makes the pictures of the dashboard's views, in a browser's window.

    .venv/bin/python tools/dashboard_pictures.py [VIEW...]

It starts a server with the default world, sends it some requests and writes a picture of each view
of VIEWS below into docs/images.  The browser is the one that tools/browser.sh finds.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

BROWSER = Path(__file__).with_name("browser.sh")
IMAGES = Path(__file__).parents[1] / "docs" / "images"
VIEWS = {"sandboxes": "sandboxes?sandbox=qa-checkout"}
"""What stands behind `#/` in the URL of each picture, which shows the sandbox `qa-checkout`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("views", nargs="*", metavar="VIEW", help=", ".join(VIEWS))
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    found = subprocess.run([BROWSER, "find"], capture_output=True, text=True, check=True)
    with run_in_thread(Settings(port=0)) as url, sync_playwright() as playwright:
        send_requests(url)
        # The first is needed by root alone.
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=options)
        page = browser.new_page(viewport={"width": width, "height": height})
        for view in given.views or VIEWS:
            page.goto("about:blank")
            page.goto(f"{url}/__mock__/ui/#/{VIEWS[view]}", wait_until="load")
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_timeout(1000)
            (IMAGES / f"dashboard-{view}.png").write_bytes(page.screenshot())
        browser.close()


def send_requests(url: str) -> None:
    """What an app, a tester and two runs of tests may have left behind."""
    with httpx.Client(base_url=url) as control:
        scenarios = control.get("/__mock__/scenarios").json()["scenarios"]
        for name, scenario in zip(("ci-1842", "qa-checkout"), scenarios, strict=False):
            body = {"name": name, "scenario": scenario["name"]}
            control.post("/__mock__/sandboxes", json=body).raise_for_status()


if __name__ == "__main__":
    main()
