"""Runs the contract kit once for each API, in all its phases, and shows the outcome as tests.

What is validated is a mock that is started here, or with `--target` a deployment. The APIs are
discovered, and none is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.http.mock import find_mock
from mockserver.check.reports.text import format_summary
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import PHASES, Severity
from mockserver.check.validation.verdict import Verdict
from mockserver.cli.targets import find_target
from mockserver.contract import SAFE_METHODS
from mockserver.errors import MockserverError
from mockserver.kit import load_kit
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

TESTED = "tested"
"""The property of a test's report that says how much was tested."""

SERVED = pytest.StashKey[dict[str, Api]]()
TARGET = pytest.StashKey[Target | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contracts", "the contract tests")
    group.addoption(
        "--target",
        metavar="NAME_OR_URL",
        help="The deployment to judge; a mock that is started for it without this.",
    )
    group.addoption(
        "--targets",
        metavar="FILE",
        type=Path,
        help="The targets file in which a name is looked up; 'targets.yaml' without it.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the target before anything is collected: which APIs it has decides on the tests."""
    try:
        target, file = config.getoption("target", None), config.getoption("targets", None)
        config.stash[TARGET] = None if target is None else find_target(target, file).with_secrets()
        config.stash[SERVED] = apis.load(getattr(config.stash[TARGET], "apis", ()))
    except MockserverError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each API, operation, phase or link, as far as it asks for them."""
    served = metafunc.config.stash[SERVED].values()
    cases = {
        ("api",): [(api.name,) for api in served],
        ("api", "operation"): _operations(served),
        ("api", "operation", "phase"): [
            (api.name, operation.id, phase)
            for api in served
            for operation in api.contract.operations
            for phase in PHASES
            if phase != "invariants" or load_kit(api).workflows
        ],
        ("api", "linked"): [
            (api.name, linked) for api in served for linked in sorted(api.contract.linked)
        ],
    }
    wanted = ("api", "operation", "phase", "linked")
    names = tuple(name for name in wanted if name in metafunc.fixturenames)
    if names:
        metafunc.parametrize(names, cases[names], ids=["-".join(case) for case in cases[names]])


def _operations(served: Iterable[Api]) -> list[tuple[str, str]]:
    return [(api.name, operation.id) for api in served for operation in api.contract.operations]


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The deployment that is validated."""
    chosen = pytestconfig.stash[TARGET]
    if chosen is not None:
        yield chosen
        return
    with run_in_thread(Settings(port=0)) as url:
        yield Target("the mock", url)


@pytest.fixture(scope="session")
def served(pytestconfig: pytest.Config) -> dict[str, Api]:
    """The APIs of the target."""
    return pytestconfig.stash[SERVED]


@pytest.fixture(scope="session")
def is_lenient(pytestconfig: pytest.Config) -> bool:
    """Whether a difference is borne: from every deployment, but not from the mock that is ours."""
    return pytestconfig.stash[TARGET] is not None


@pytest.fixture(scope="session")
def require(target: Target, served: dict[str, Api]) -> Callable[[str, str], None]:
    """Skips a test of an operation that may not be asked."""
    mock = find_mock(target)
    if mock:
        mock.close()

    def required(api: str, operation: str) -> None:
        method = served[api].contract.operation(operation).method
        if mock is None and not target.allow_writes and method not in SAFE_METHODS:
            pytest.skip(f"{method} writes, and the target does not allow it")

    return required


@pytest.fixture(scope="session")
def verdict(target: Target, served: dict[str, Api]) -> Callable[[str], Verdict]:
    """Gives the verdict on an API; each API is run once, and what is no verdict is said again."""
    plan = Plan(severity=Severity(is_assumed_binding=target.evidence == "assumed"))

    @cache
    def reached(name: str) -> Verdict | str:
        try:
            (only,) = check(target, [served[name]], plan)
        except MockserverError as error:
            return target.mask.text(str(error))
        return only

    def validated(name: str) -> Verdict:
        found = reached(name)
        if isinstance(found, str):
            pytest.fail(found, pytrace=False)
        return found

    return validated


@pytest.fixture
def tell(
    served: dict[str, Api], record_property: Callable[[str, str], None]
) -> Callable[[Verdict], None]:
    """Puts how much was tested into the report of a test."""

    def told(reached: Verdict) -> None:
        operations = len(served[reached.api].contract.operations)
        record_property(
            TESTED, f"{reached.api}: {operations} operations, {format_summary(reached)}"
        )

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
