"""Makes the picture of an HTML report: of a mock with some mutations, in a browser's window.

    .venv/bin/python tools/report_picture.py docs/images/report.png MUTATION...

The APIs of the mutations are checked. The browser is the one that tools/browser.sh finds. With a
second file after `--page`, the page itself is written too.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from mockserver import apis
from mockserver.check.reports.html import write_html
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.check.validation.verdict import Verdict
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

BROWSER = Path(__file__).with_name("browser.sh")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("mutations", nargs="+", metavar="MUTATION")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--size", default="1280x1560", help="of the window, in pixels")
    given = parser.parse_args()
    page = report(given.mutations)
    if given.page:
        given.page.write_bytes(page)
    width, height = map(int, given.size.split("x"))
    given.picture.parent.mkdir(exist_ok=True)
    given.picture.write_bytes(picture(page, width, height))


def report(mutations: list[str]) -> bytes:
    """The report on a mock with these mutations."""
    verdicts, target = check_mock(mutations, [name.partition(".")[0] for name in mutations])
    return write_html(verdicts, target, target.mask)


def check_mock(mutations: Sequence[str], names: Iterable[str]) -> tuple[list[Verdict], Target]:
    """The verdicts on some APIs of a mock with these mutations."""
    with run_in_thread(Settings(port=0, mutate=tuple(mutations))) as url:
        target = Target("staging", url)
        return list(
            check(target, apis.load(tuple(dict.fromkeys(names))).values(), Plan(is_quick=True))
        ), target


def picture(page: bytes, width: int, height: int) -> bytes:
    """What a window shows of a page."""
    found = subprocess.run([BROWSER, "find"], capture_output=True, text=True, check=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_bytes(page)
        # The first is needed by root alone.
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=options)
        shown = browser.new_page(viewport={"width": width, "height": height})
        shown.goto(file.as_uri())
        png = shown.screenshot()
        browser.close()
    return png


if __name__ == "__main__":
    main()
