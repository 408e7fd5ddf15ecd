"""Runs the contract kit once for each API, in all its layers, on a mock that is started here.

The APIs are discovered, and none is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.reports.text import summary
from mockserver.check.runner import Plan, check
from mockserver.check.target import Target
from mockserver.check.verdict import Verdict
from mockserver.server.run import running
from mockserver.settings import Settings

TESTED = "tested"
"""The property of a test's report that says how much was tested."""

APIS = apis.load()


@pytest.fixture(scope="session")
def verdict() -> Iterator[Callable[[str], Verdict]]:
    """Gives the verdict on an API; each API is run once."""
    with running(Settings(port=0)) as url:

        def judged(name: str) -> Verdict:
            (reached,) = check(Target("the mock", url), [APIS[name]], Plan())
            return reached

        yield cache(judged)


@pytest.fixture
def tell(record_property: Callable[[str, str], None]) -> Callable[[Verdict], None]:
    """Puts how much was tested into the report of a test."""

    def told(reached: Verdict) -> None:
        operations = len(APIS[reached.api].contract.operations)
        record_property(TESTED, f"{reached.api}: {operations} operations, {summary(reached)}")

    return told


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much was tested, so that nobody takes an empty run for a green one."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    lines = [
        value for report in reports for name, value in report.user_properties if name == TESTED
    ]
    for line in sorted(lines):
        terminalreporter.write_line(line)
