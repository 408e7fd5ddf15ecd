"""Opens every view of the dashboard in a browser: makes its picture, or lets axe look at it.

    .venv/bin/python tools/dashboard_views.py pictures [VIEW...] [--theme dark] [--folder FOLDER]
    .venv/bin/python tools/dashboard_views.py axe [VIEW...]

It starts a server with the default world, leaves in it what an app, a tester and a run of tests
leave, and opens the views of VIEWS below.  `pictures` writes one of each into docs/images, or into
FOLDER.  `axe` prints how many of axe's rules each view passes and violates, and how many axe cannot
decide, in a light, a dark and a narrow window; it exits with 1 if one is violated.  The browser is
the one that tools/browser.sh finds.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from report_picture import check_mock

from mockserver.check.reports.writers import write_json
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

TOOLS = Path(__file__).parent
IMAGES = TOOLS.parent / "docs" / "images"
AXE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"
QUALITY = 82
SANDBOX = "qa-checkout"
WINDOW = ViewportSize(width=1280, height=800)
WINDOWS: dict[str, tuple[Literal["light", "dark"], ViewportSize]] = {
    "light": ("light", WINDOW),
    "dark": ("dark", WINDOW),
    "narrow": ("light", ViewportSize(width=480, height=800)),
}
JSON = {"Content-Type": "application/json"}
NAME = "نورة القحطاني"


@dataclass(frozen=True)
class View:
    """What stands behind `#/` in the URL of a view, and what is done there before it is shown."""

    place: str
    height: int = 800
    act: Callable[[Page], object] = Page.content


@dataclass(frozen=True)
class Stage:
    """A server with a sandbox that has been used; `names` are those that places mention."""

    url: str
    names: dict[str, str]


def _send_operation(page: Page) -> None:
    page.get_by_role("button", name="Send the request").click()
    page.get_by_role("region", name="Response").scroll_into_view_if_needed()


def _break_scenario(page: Page) -> None:
    text = page.locator("textarea")
    expect(text).to_have_value(re.compile("name: documented"))
    text.fill(re.sub(r"(status): \w+", r"\1: ASLEEP", text.input_value(), count=1))
    page.get_by_role("button", name=re.compile("^line ")).first.click()  # scrolls there


def _select_finding(page: Page) -> None:
    page.get_by_role("grid", name="Findings").locator("tbody tr").first.click()


VIEWS = {
    "start": View("", act=lambda page: page.locator("#ids tbody tr").first.wait_for()),
    "traffic": View("traffic/{violating}"),
    "world": View("world/{owner}", height=640),
    "document": View(
        "world/{document}",
        height=640,
        act=lambda page: page.get_by_role("button", name="Change", exact=True).click(),
    ),
    "timeline": View(
        "world/{interval}?show=timeline&from={from}&to={to}",
        height=640,
        act=lambda page: page.locator("svg a").first.wait_for(),
    ),
    "time": View("time", height=520),
    "scenarios": View("scenarios?scenario=documented"),
    "editor": View("scenarios/editor?scenario=documented", height=560, act=_break_scenario),
    "snapshots": View("scenarios/snapshots", height=360),
    "differences": View("scenarios/diff?before=before", height=520),
    "faults": View("faults", height=360),
    "rule": View(
        "faults",
        act=lambda page: page.get_by_role("button", name="Change slow-network").click(),
    ),
    "mutations": View("faults/mutations?operator=lose-write", height=520),
    "events": View("faults/events", height=560),
    "sandboxes": View("sandboxes", height=360),
    "contracts": View("contracts/{operation}"),
    "try": View("contracts/{operation}/try", act=_send_operation),
    "checks": View("checks", height=640),
    "report": View("checks/{report}", act=_select_finding),
}
"""The views; each has the height of its picture."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["pictures", "axe"])
    parser.add_argument("views", nargs="*", metavar="VIEW", help=", ".join(VIEWS))
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="for the pictures")
    given = parser.parse_args()
    views = given.views or [*VIEWS]
    with (
        serve(has_checks=bool({"checks", "report"} & {*views})) as stage,
        open_browser() as browser,
    ):
        if given.task == "axe":
            sys.exit(0 if _print_axe(browser, stage, views) else 1)
        given.folder.mkdir(parents=True, exist_ok=True)
        for view in views:
            size = ViewportSize(width=WINDOW["width"], height=VIEWS[view].height)
            page = browser.new_page(viewport=size, color_scheme=given.theme)
            open_view(page, stage, view)
            (given.folder / f"dashboard-{view}.webp").write_bytes(take_picture(page))
            page.close()


@contextmanager
def open_browser() -> Iterator[Browser]:
    found = subprocess.run([TOOLS / "browser.sh", "find"], capture_output=True, text=True)
    if found.returncode:
        sys.exit("There is no browser here: tools/browser.sh says what to install.")
    with sync_playwright() as playwright:
        # The first is needed by root alone.
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=options)
        yield browser
        browser.close()


@contextmanager
def serve(*, has_checks: bool) -> Iterator[Stage]:
    """A server whose sandbox has been used, and that has the reports of some checks, or none."""
    with (
        run_in_thread(Settings(port=0)) as url,
        httpx.Client(base_url=f"{url}/__mock__/", headers={"X-Mock-Sandbox": SANDBOX}) as client,
    ):
        _create_sandboxes(client)
        names = {"report": "", **_send_requests(client, url)}
        names |= _change_world(client) | _add_faults(client, names["operation"])
        if has_checks:
            names["report"] = _keep_reports(client, names["mutation"])
        yield Stage(url, names)


def open_view(page: Page, stage: Stage, view: str) -> None:
    """Open a view, do what belongs to it, and wait until it stands still."""
    place, _, query = VIEWS[view].place.format(**stage.names).partition("?")
    fields = "&".join(filter(None, [f"sandbox={SANDBOX}", query]))
    address = (
        f"{stage.url}/__sandbox__/{SANDBOX}/" if view == "start" else f"{stage.url}/__mock__/ui/#/"
    )
    page.goto("about:blank")
    page.goto(address if view == "start" else f"{address}{place}?{fields}")
    page.get_by_role("heading", level=1).wait_for()
    VIEWS[view].act(page)
    page.wait_for_timeout(800)


def take_picture(page: Page) -> bytes:
    """What the window shows, as WebP, of which a browser makes less than half of a PNG."""
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": QUALITY}
    return base64.b64decode(session.send("Page.captureScreenshot", options)["data"])


def run_axe(page: Page, source: str) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """What axe, of which this is the source, says of a page as it is now, in each of WINDOWS.

    It has `passes`, `violations` and `incomplete`, which axe cannot decide.
    """
    page.evaluate(source)
    before = page.viewport_size
    for window, (scheme, size) in WINDOWS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(50)  # until the page knows its size
        yield window, page.evaluate("axe.run()")
    page.set_viewport_size(before or WINDOW)


def _print_axe(browser: Browser, stage: Stage, views: list[str]) -> bool:
    """Whether no view violates a rule."""
    groups = ("passes", "violations", "incomplete")
    print(f"{'view':12} {'window':8}" + "".join(f"{it:>12}" for it in groups))
    is_right = True
    for view in views:
        page = browser.new_page(viewport=WINDOW)
        open_view(page, stage, view)
        for window, found in run_axe(page, AXE.read_text("utf-8")):
            counts = "".join(f"{len(found[it]):12}" for it in groups)
            undecided = ", ".join(f"{it['id']} ({len(it['nodes'])})" for it in found["incomplete"])
            print(f"{view:12} {window:8}{counts} {undecided}", flush=True)
            for rule in found["violations"]:
                is_right = False
                for node in rule["nodes"]:
                    print(f"    {rule['id']}: {rule['help']}: {node['html'][:160]}")
        page.close()
    return is_right


def _create_sandboxes(client: httpx.Client) -> None:
    name = _read(client, "scenarios")["scenarios"][0]["name"]
    for body in ({"name": SANDBOX}, {"name": "ci-1842", "scenario": name}):
        client.post("sandboxes", json=body).raise_for_status()
    client.post("snapshots", json={"name": "before"}).raise_for_status()


def _send_requests(client: httpx.Client, url: str) -> dict[str, str]:
    """Send what an app sends: each operation, a broken body, no credential, an unknown path."""
    operation = ""
    for api in _read(client, "requests")["apis"]:
        for request in api["requests"]:
            target = f"{url}{request['target']}"
            send = {"method": request["method"], "url": target, "headers": request["headers"]}
            client.request(**send, content=request["body"])
            if request["body"]:
                operation = operation or f"{api['api']}/{request['operation']}"
                broken = dict.fromkeys(json.loads(request["body"]), "nothing that it can be")
                client.request(**send, content=json.dumps(broken))
    client.get(target)
    client.get(f"{target}/none")
    violating = _read(client, "journal", violations=True)["entries"][-1]["id"]
    return {"operation": operation, "violating": violating}


def _change_world(client: httpx.Client) -> dict[str, str]:
    """Change a document and trigger an event of it; the places of this and of a timeline."""
    sizes = _read(client, "state")["kinds"]
    kinds = [_read(client, f"kinds/{it['api']}/{it['kind']}") for it in sizes]
    interval = next(it for it in kinds if it["interval"] and it["parent"])
    owners = f"{interval['api']}/{interval['parent']}"
    owner = _read(client, f"state/{owners}", per_page=4)["documents"][-1]["key"]
    changed, event = next(
        (kind, event)
        for kind in kinds
        for event in _read(client, "events")["events"]
        if event["api"] == kind["api"] and [it["name"] for it in event["options"]] == [kind["kind"]]
        if kind["label"] and any("enum" in it for it in kind["schema"]["properties"].values())
    )
    place = f"{changed['api']}/{changed['kind']}"
    key = _read(client, f"state/{place}")["documents"][0]["key"]
    client.patch(f"state/{place}/{key}", json={changed["label"]: NAME}).raise_for_status()
    with_options = {"with": {changed["kind"]: key}}
    client.post(f"events/{event['name']}", json=with_options).raise_for_status()
    now = datetime.fromisoformat(_read(client, "clock")["now"])
    return {
        "owner": f"{owners}/{owner}",
        "document": f"{place}/{key}",
        "interval": f"{interval['api']}/{interval['kind']}",
        "from": f"{now - timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M:%SZ}",
    }


def _add_faults(client: httpx.Client, operation: str) -> dict[str, str]:
    api, _, name = operation.partition("/")
    rules = {
        "outage": ({"operation": name, "first": 3}, {"status": 503, "retry_after": "30s"}),
        "slow-network": ({"api": api, "percent": 20}, {"delay": "800ms", "delay_max": "2s"}),
    }
    for rule, (match, effect) in rules.items():
        body = {"match": match, "effect": effect}
        client.put(f"faults/{rule}", json=body).raise_for_status()
    [mutation, *_] = _read(client, "mutations", operation=name, operator="lose-write")["mutations"]
    client.put(f"mutations/{mutation['name']}").raise_for_status()
    return {"mutation": mutation["name"]}


def _keep_reports(client: httpx.Client, mutation: str) -> str:
    """Keep the reports of a deployment that becomes better; the id of the first."""
    api = mutation.partition(".")[0]
    others = _read(client, "mutations", operator="drop-property")["mutations"]
    other = next(it for it in others if it["api"] != api)
    ids = []
    for mutations in ([mutation, other["name"]], [mutation], []):
        verdicts, target = check_mock(mutations, [api, other["api"]])
        report = write_json(verdicts, replace(target, url="https://staging.example"), target.mask)
        kept = client.post("checks/reports", content=report, headers=JSON).raise_for_status()
        ids.append(kept.json()["id"])
    return str(ids[0])


def _read(client: httpx.Client, path: str, **query: Any) -> Any:
    return client.get(path, params=query).raise_for_status().json()


if __name__ == "__main__":
    main()
