"""A browser for the pages that are made for looking."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")  # no longer: its event loop is in the way of other tests
def browser() -> Iterator[Browser]:
    """The browser that tools/browser.sh finds; where everything must be tested, there is one."""
    finding = [ROOT / "tools" / "browser.sh", "find"]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        sentence = "There is no browser here: tools/browser.sh says what to install."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    # The first is needed by root alone.
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()
