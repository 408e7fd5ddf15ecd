"""The pytest plugin: a mock server for a test run, and a new sandbox for each test.

Every pytest run in an environment with this package imports this module, so it imports nothing that
takes long: the fixtures do.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import MockserverError, SettingError
from mockserver.pytest_plugin.report import describe_requests, describe_sandbox
from mockserver.pytest_plugin.sandbox import Origin, Sandbox, create_sandbox, find_scenario
from mockserver.pytest_plugin.server import (
    MockServer,
    connect_server,
    run_server,
    start_server,
)
from mockserver.pytest_plugin.shared import request_url, share_server

__all__ = ["MockServer", "Sandbox"]

_MARKERS = (
    "scenario(name, *, seed=None, clock=None): what the test's sandbox is created from: "
    "the name of a scenario, or a YAML file in the test's folder.",
    "mutation(*names): the mutations that are on in the test's sandbox.",
    "fault(name=None, *, match=None, **effect): a fault of the test's sandbox, "
    "such as fault(status=503, match={'first': 2}).",
)
_SHARED = "mockserver_port"
_port = pytest.StashKey[int]()
_sandbox = pytest.StashKey[tuple[Sandbox, Path]]()
_has_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and settings."""
    group = parser.getgroup("mockserver", "mock server")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="The URL of a running server; by default, the run starts one for all its processes.",
    )
    group.addoption("--mockserver-token", metavar="TOKEN", help="The --admin-token of that server.")
    group.addoption(
        "--mockserver-keep",
        action="store_true",
        help="Keep the sandbox of a failed test on the server.",
    )
    parser.addini("mockserver_url", "The default of --mockserver-url.")
    parser.addini(
        "mockserver_default_scenario",
        "The scenario of tests without a marker: a name, or a YAML file.",
    )
    parser.addini(
        "mockserver_scenarios", "A folder of scenarios that the server of the run knows by name."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture(scope="session")
def mockserver(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """A mock server: its `url`, its control API as `client`, further sandboxes by `sandbox()`."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(_open_server(pytestconfig))
        except MockserverError as error:
            raise _fail(error) from None
        yield server


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest, mockserver: MockServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """A new sandbox for this test, as its markers say."""
    item = request.node
    try:
        mutations, faults = _read_mutations(item), _read_faults(item)
        origin, folder = _read_origin(item), item.path.parent
        sandbox = create_sandbox(mockserver.client, item.name, origin, folder, mutations, faults)
    except MockserverError as error:
        raise _fail(error) from None
    item.stash[_sandbox] = (sandbox, tmp_path_factory.getbasetemp() / "mockserver")
    item.stash[_has_failed] = False
    yield sandbox
    if not (item.stash[_has_failed] and item.config.getoption("mockserver_keep")):
        sandbox.delete()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist on this machine where the server of the run is."""
    config: pytest.Config = node.config
    if _find_url(config) or not node.gateway.spec.popen:
        return
    if _port not in config.stash:
        stack = ExitStack()
        start = partial(run_server, _find_scenarios(config))
        config.stash[_port] = stack.enter_context(share_server(start))
        config.add_cleanup(stack.close)
    node.workerinput[_SHARED] = config.stash[_port]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose markers had no effect; it may get its sandbox while it runs."""
    result = yield
    for name in ("mutation", "fault"):
        if _sandbox not in item.stash and item.get_closest_marker(name):
            raise _fail(
                SettingError(
                    f"The marker {name} has no effect, since the test has no sandbox: add "
                    "'sandbox' to its parameters, or remove the marker."
                )
            )
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the state of the sandbox to the report of a failed test, before it is deleted."""
    report = yield
    if report.failed and call.when != "teardown" and _sandbox in item.stash:
        item.stash[_has_failed] = True
        sandbox, folder = item.stash[_sandbox]
        scenarios = _find_scenarios(item.config)
        serve = "mockserver serve"
        if scenarios:
            serve += f" --scenarios {shlex.quote(str(scenarios))}"
        text = describe_sandbox(
            sandbox, folder, serve=serve, is_kept=item.config.getoption("mockserver_keep")
        )
        report.sections.append(("mockserver sandbox", text))
        requests = describe_requests(sandbox)
        if requests:
            report.sections.append(("mockserver requests", requests))
    return report


def _open_server(config: pytest.Config) -> AbstractContextManager[MockServer]:
    """The server of the options, else that of the run, else a new one. Raises SettingError."""
    url = _find_url(config)
    if url:
        return connect_server(url, config.getoption("mockserver_token"))
    port = getattr(config, "workerinput", {}).get(_SHARED)
    return connect_server(request_url(port)) if port else start_server(_find_scenarios(config))


def _find_url(config: pytest.Config) -> str:
    """The URL of a running server; empty if the run starts one."""
    url: str = config.getoption("mockserver_url") or config.getini("mockserver_url")
    return url


def _find_scenarios(config: pytest.Config) -> Path | None:
    """The folder of the project's own scenarios, if it has one."""
    folder = config.getini("mockserver_scenarios")
    return config.rootpath / folder if folder else None


def _fail(error: MockserverError) -> BaseException:
    """The exception that fails a test with a message and without a traceback."""
    return pytest.fail.Exception(str(error), pytrace=False)


def _read_mutations(item: pytest.Item) -> list[str]:
    """The names in all markers. Raises SettingError."""
    markers = list(item.iter_markers("mutation"))
    if any(marker.kwargs or not marker.args for marker in markers):
        raise SettingError("The marker mutation takes the names of mutations, and nothing else.")
    return [name for marker in markers for name in marker.args]


def _read_faults(item: pytest.Item) -> list[Callable[[Any], object]]:
    """What adds the faults in all markers, the outermost first. Raises SettingError."""
    markers = list(item.iter_markers("fault"))[::-1]
    if any(len(marker.args) > 1 or not marker.kwargs for marker in markers):
        raise SettingError(
            "The marker fault takes an effect, such as fault(status=503), and if you like a name "
            "before it and match=."
        )
    return [methodcaller("add", *marker.args, **marker.kwargs) for marker in markers]


def _read_origin(item: pytest.Item) -> Origin:
    """The origin in the nearest marker, else in the settings. Raises SettingError."""
    marker = item.get_closest_marker("scenario")
    names, options = (marker.args, marker.kwargs) if marker else ((), {})
    if len(names) > 1 or not options.keys() <= {"seed", "clock"}:
        given = ", ".join([*map(repr, names), *(f"{name}=…" for name in options)])
        raise SettingError(
            f"The marker scenario({given}) is not understood; "
            "it takes one name or file, seed= and clock=."
        )
    origin = Origin.read(item.path.parent, *names, **options)
    default = item.config.getini("mockserver_default_scenario")
    if origin.scenario is not None or not default:
        return origin
    return replace(origin, scenario=find_scenario(default, item.config.rootpath))
