"""The pytest plugin: a mock server for a test run, and a fresh world on it for each test.

Every pytest of an environment that has this package loads this file, so it imports nothing that
takes time: what is heavy is imported by the fixtures.
"""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import MockserverError, SettingError
from mockserver.pytest_plugin.origin import Origin, located
from mockserver.pytest_plugin.report import last_state
from mockserver.pytest_plugin.sandbox import Sandbox, create
from mockserver.pytest_plugin.server import MockServer, attached, started

__all__ = ["MockServer", "Sandbox"]

_MARKERS = (
    "scenario(name, *, seed=None, clock=None): what the test's sandbox is made from: "
    "the name of a scenario, or a YAML file in the test's folder.",
    "mutation(*names): the mutations that are on in the test's sandbox.",
)
_world = pytest.StashKey[tuple[Sandbox, Path]]()
_has_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings of a run."""
    group = parser.getgroup("mockserver", "mock server")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="Use the server that runs there; without it each process of the run starts its own.",
    )
    group.addoption(
        "--mockserver-token",
        metavar="TOKEN",
        help="What that server was started with as its --admin-token.",
    )
    group.addoption(
        "--mockserver-keep",
        action="store_true",
        help="Leave the sandbox of a failed test on the server.",
    )
    parser.addini("mockserver_url", "What --mockserver-url is without the option.")
    parser.addini(
        "mockserver_default_scenario",
        "What the sandboxes of tests without a marker are made from: a name, or a YAML file.",
    )
    parser.addini(
        "mockserver_scenarios",
        "A folder of scenarios that a server of the run knows by name.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture(scope="session")
def mockserver(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """A mock server: its `url`, its control API as `client`, and worlds by `sandbox()`."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(_server(pytestconfig))
        except MockserverError as error:
            raise _failed(error) from None
        yield server


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest,
    mockserver: MockServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sandbox]:
    """A fresh world for this test, as its markers `scenario` and `mutation` say."""
    item = request.node
    mutations = [name for marker in item.iter_markers("mutation") for name in marker.args]
    try:
        world = create(mockserver.client, item.name, _origin(item), item.path.parent, mutations)
    except MockserverError as error:
        raise _failed(error) from None
    item.stash[_world] = (world, tmp_path_factory.getbasetemp() / "mockserver")
    item.stash[_has_failed] = False
    yield world
    if not (item.stash[_has_failed] and _keeps(item)):
        world.delete()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say below a failure what the test left in its sandbox, while that is still there."""
    report = yield
    if report.failed and call.when != "teardown" and _world in item.stash:
        item.stash[_has_failed] = True
        world, folder = item.stash[_world]
        serve = _serve(item.config)
        told = last_state(world, folder, serve=serve, is_kept=_keeps(item))
        report.sections.append(("mockserver sandbox", told))
    return report


def _server(config: pytest.Config) -> AbstractContextManager[MockServer]:
    """The server that the options name, else one of our own."""
    url = config.getoption("mockserver_url") or config.getini("mockserver_url")
    if url:
        return attached(url, config.getoption("mockserver_token"))
    return started(_scenarios(config))


def _scenarios(config: pytest.Config) -> Path | None:
    """The folder of the project's own scenarios, if it has one."""
    folder = config.getini("mockserver_scenarios")
    return config.rootpath / folder if folder else None


def _serve(config: pytest.Config) -> str:
    """The command that starts a server which knows the same scenarios."""
    folder = _scenarios(config)
    return "mockserver serve" + (f" --scenarios {shlex.quote(str(folder))}" if folder else "")


def _failed(error: MockserverError) -> BaseException:
    """What ends a test's setup with a sentence, and without the way that led to it."""
    return pytest.fail.Exception(str(error), pytrace=False)


def _keeps(item: pytest.Item) -> bool:
    return bool(item.config.getoption("mockserver_keep"))


def _origin(item: pytest.Item) -> Origin:
    """What the nearest marker says, and the settings where it says nothing. Raises SettingError."""
    folder, config = item.path.parent, item.config
    marker = item.get_closest_marker("scenario")
    origin = Origin() if marker is None else _marked(folder, *marker.args, **marker.kwargs)
    default = config.getini("mockserver_default_scenario")
    if origin.scenario is not None or not default:
        return origin
    return replace(origin, scenario=located(default, config.rootpath))


def _marked(folder: Path, *names: Any, **words: Any) -> Origin:
    """What a marker says. Raises SettingError."""
    if len(names) > 1 or not words.keys() <= {"seed", "clock"}:
        given = ", ".join([*map(repr, names), *(f"{word}=…" for word in words)])
        raise SettingError(
            f"The marker scenario({given}) is not understood; "
            "it takes one name or file, seed= and clock=."
        )
    return Origin.read(folder, *names, **words)
