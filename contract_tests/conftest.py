"""Runs the contract kit once for each API, in all its phases, and reports the verdicts as tests.

It validates a mock that is started here, or with `--target` a deployment. The APIs are discovered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.http.mock import find_mock
from mockserver.check.reports.text import format_summary
from mockserver.check.runner import Plan, check, is_complete
from mockserver.check.target.selection import exclude_operations
from mockserver.check.target.target import Target
from mockserver.check.validation.baseline import Baseline, read_baseline
from mockserver.check.validation.finding import PHASES, Severity
from mockserver.check.validation.verdict import Verdict, list_unneeded
from mockserver.cli.targets import find_target
from mockserver.contract import SAFE_METHODS, Operation
from mockserver.errors import MockserverError
from mockserver.kit import load_kit
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

TESTED = "tested"
"""The property of a test's report that has the numbers of the run."""

SERVED = pytest.StashKey[dict[str, Api]]()
TARGET = pytest.StashKey[Target]()
PLAN = pytest.StashKey[Plan]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contracts", "the contract tests")
    group.addoption(
        "--target",
        metavar="NAME_OR_URL",
        help="The deployment to validate; without this, a mock that is started for it.",
    )
    group.addoption(
        "--targets",
        metavar="FILE",
        type=Path,
        help="The targets file in which a name is looked up; 'targets.yaml' without it.",
    )
    group.addoption(
        "--operation",
        metavar="ID",
        action="append",
        default=[],
        help="Only this operation, by operationId or as API.ID; can be given several times.",
    )
    group.addoption(
        "--exclude",
        metavar="ID",
        action="append",
        default=[],
        help="Neither request nor validate this operation; can be given several times.",
    )
    group.addoption(
        "--baseline",
        metavar="FILE",
        type=Path,
        help="A file of accepted findings, as `mockserver check --baseline` reads it.",
    )
    group.addoption(
        "--quick",
        action="store_true",
        help="Send fewer requests, as `mockserver check --quick` does.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the target before the tests are collected: there are tests for each of its APIs."""
    try:
        name, file = config.getoption("target", None), config.getoption("targets", None)
        target = Target("the mock", "") if name is None else find_target(name, file)
        only, excluded = config.getoption("operation", []), config.getoption("exclude", [])
        target = exclude_operations(target, only, excluded)
        config.stash[TARGET] = target if name is None else target.with_secrets()
        config.stash[SERVED] = apis.load(target.apis)
        severity, file = Severity(target.evidence), config.getoption("baseline", None)
        config.stash[PLAN] = Plan(
            is_quick=config.getoption("quick", False),
            is_partial=bool(only or excluded),
            severity=severity,
            baseline=read_baseline(file) if file else Baseline(),
        )
    except MockserverError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test by API, operation, phase or link, depending on its arguments."""
    served = metafunc.config.stash[SERVED].values()
    operations = [(api, it) for api in served for it in _operations(metafunc.config, api)]
    cases = {
        ("api",): [(api.name,) for api in served],
        ("api", "operation"): [(api.name, operation.id) for api, operation in operations],
        ("api", "operation", "phase"): [
            (api.name, operation.id, phase)
            for api, operation in operations
            for phase in PHASES
            if phase != "workflows" or load_kit(api).workflows
        ],
        ("api", "linked"): [
            (api.name, linked)
            for api in served
            for linked in sorted(_linked(api, _operations(metafunc.config, api)))
        ],
    }
    wanted = ("api", "operation", "phase", "linked")
    names = tuple(name for name in wanted if name in metafunc.fixturenames)
    if names:
        metafunc.parametrize(names, cases[names], ids=["-".join(case) for case in cases[names]])


def _operations(config: pytest.Config, api: Api) -> list[Operation]:
    """The operations of an API that the target does not exclude."""
    excluded = config.stash[TARGET].excluded.get(api.name, ())
    return [operation for operation in api.contract.operations if operation.id not in excluded]


def _linked(api: Api, operations: Sequence[Operation]) -> set[str]:
    """The ids of the operations that a link leads from or to."""
    linked, ids = set[str](), {operation.id for operation in operations}
    for operation in operations:
        for response in operation.responses.values():
            links = api.contract.resolve(response.pointer).get("links", {}).values()
            targets = {link.get("operationId") for link in links} & ids
            linked |= targets | ({operation.id} if targets else set())
    return linked


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The deployment that is validated."""
    chosen = pytestconfig.stash[TARGET]
    if chosen.url:
        yield chosen
        return
    with run_in_thread(Settings(port=0)) as url:
        yield replace(chosen, url=url)


@pytest.fixture(scope="session")
def served(pytestconfig: pytest.Config) -> dict[str, Api]:
    """The APIs of the target."""
    return pytestconfig.stash[SERVED]


@pytest.fixture(scope="session")
def is_lenient(pytestconfig: pytest.Config) -> bool:
    """Whether warnings are allowed: for every deployment but our own mock."""
    return bool(pytestconfig.stash[TARGET].url)


@pytest.fixture(scope="session")
def require(target: Target, served: dict[str, Api]) -> Callable[[str, str], None]:
    """Skips a test of an operation that may not be called."""
    mock = find_mock(target)
    if mock:
        mock.close()

    def skip_if_unsafe(api: str, operation: str) -> None:
        method = served[api].contract.operation(operation).method
        if mock is None and not target.allow_writes and method not in SAFE_METHODS:
            pytest.skip(f"{method} writes, and the target does not allow it")

    return skip_if_unsafe


@pytest.fixture(scope="session")
def verdict(
    target: Target, served: dict[str, Api], pytestconfig: pytest.Config
) -> Callable[[str], Verdict]:
    """Gets the verdict on an API; each is checked once, and an error is raised for each test."""
    plan = pytestconfig.stash[PLAN]

    @cache
    def run(name: str) -> Verdict | str:
        try:
            (only,) = check(target, [served[name]], plan)
        except MockserverError as error:
            return target.mask.text(str(error))
        return only if only.is_validated else target.mask.text(only.inconclusive[0])

    def get_verdict(name: str) -> Verdict:
        found = run(name)
        if isinstance(found, str):
            pytest.fail(found, pytrace=False)
        return found

    return get_verdict


@pytest.fixture
def report_summary(
    served: dict[str, Api],
    pytestconfig: pytest.Config,
    record_property: Callable[[str, str], None],
) -> Callable[[Verdict], None]:
    """Adds the numbers of the run to the report of a test."""

    def report(reached: Verdict) -> None:
        operations = len(_operations(pytestconfig, served[reached.api]))
        record_property(
            TESTED, f"{reached.api}: {operations} operations, {format_summary(reached)}"
        )
        plan = pytestconfig.stash[PLAN]
        if is_complete(plan, [reached]):
            for fingerprint in list_unneeded(plan.baseline, [reached]):
                record_property(
                    TESTED,
                    f"{reached.api}: no longer needed in the baseline, since it was not "
                    f"found: {fingerprint}",
                )

    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the numbers of each run, so that an empty run does not look like a passed one."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    lines = [
        value for report in reports for name, value in report.user_properties if name == TESTED
    ]
    for line in sorted(lines):
        terminalreporter.write_line(line)
