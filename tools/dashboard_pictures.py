"""Makes the pictures of the dashboard's views, in a browser's window.

    .venv/bin/python tools/dashboard_pictures.py [VIEW...]

It starts a server with the default world, sends it some requests and writes a picture of each view
of VIEWS below into docs/images.  The browser is the one that tools/browser.sh finds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

BROWSER = Path(__file__).with_name("browser.sh")
IMAGES = Path(__file__).parents[1] / "docs" / "images"
SANDBOX = "qa-checkout"
VIEWS = {"traffic": "traffic/{violating}", "sandboxes": "sandboxes"}
"""What stands behind `#/` in the URL of each picture; `{violating}` is the id of an exchange."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("views", nargs="*", metavar="VIEW", help=", ".join(VIEWS))
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    found = subprocess.run([BROWSER, "find"], capture_output=True, text=True, check=True)
    with run_in_thread(Settings(port=0)) as url, sync_playwright() as playwright:
        violating = send_requests(url)
        # The first is needed by root alone.
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=options)
        page = browser.new_page(viewport={"width": width, "height": height})
        for view in given.views or VIEWS:
            page.goto("about:blank")
            place = VIEWS[view].format(violating=violating)
            page.goto(f"{url}/__mock__/ui/#/{place}?sandbox={SANDBOX}")
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_timeout(1000)
            (IMAGES / f"dashboard-{view}.png").write_bytes(page.screenshot())
        browser.close()


def send_requests(url: str) -> str:
    """What an app, a tester and a run of tests may have left; an exchange with a violation."""
    with httpx.Client(base_url=url, headers={"X-Mock-Sandbox": SANDBOX}) as client:
        [other, *_] = client.get("/__mock__/scenarios").json()["scenarios"]
        for body in ({"name": SANDBOX}, {"name": "ci-1842", "scenario": other["name"]}):
            client.post("/__mock__/sandboxes", json=body).raise_for_status()
        apis = client.get("/__mock__/requests").json()["apis"]
        for request in (request for api in apis for request in api["requests"]):
            method, target, headers = request["method"], request["target"], request["headers"]
            client.request(method, target, headers=headers, content=request["body"])
            if request["body"]:
                broken = dict.fromkeys(json.loads(request["body"]), "nothing that it can be")
                client.request(method, target, headers=headers, content=json.dumps(broken))
        client.get(target)  # without a credential
        client.get(f"{target}/none")
        found = client.get("/__mock__/journal", params={"violations": True}).json()["entries"]
        return str(found[-1]["id"])


if __name__ == "__main__":
    main()
