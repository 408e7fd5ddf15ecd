"""A server for tests: one of this process, or one that runs already."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.pytest_plugin.origin import ClockSetting, Origin, Scenario
from mockserver.pytest_plugin.sandbox import Sandbox, create

if TYPE_CHECKING:
    from mockserver import client

__all__ = ["MockServer", "attached", "started"]

_PATIENCE_SECONDS = 10.0


class MockServer:
    """A running server: `client` is its control API, `sandbox` makes worlds on it."""

    def __init__(self, client: client.Client) -> None:
        self.client = client

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; requests land in the sandbox `default`."""
        return self.client.url

    @contextmanager
    def sandbox(
        self,
        label: str = "sandbox",
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Iterator[Sandbox]:
        """A fresh world for as long as the block lasts, its name beginning with the label.

        For a fixture of a wider scope, and for a second world in a test. Files are looked for in
        the current folder. Raises ClientError, and SettingError for a file that is not there.
        """
        folder = Path.cwd()
        origin = Origin.read(folder, scenario, seed=seed, clock=clock)
        sandbox = create(self.client, label, origin, folder)
        try:
            yield sandbox
        finally:
            sandbox.delete()


@contextmanager
def started(scenarios: Path | None = None) -> Iterator[MockServer]:
    """A server of this process on a free port, for as long as the block lasts.

    It knows the scenarios of a folder, if one is given, by their names. The environment changes
    nothing about it: a test says the same on every machine. Raises SettingError and ScenarioError.
    """
    given = {"port": "0"} if scenarios is None else {"port": "0", "scenarios": str(scenarios)}
    with ExitStack() as stack:
        # A run that takes warnings for errors must not fail by those of the libraries below us.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Heavy, so only a run that uses the server pays for it.
            from mockserver.server.run import run_in_thread
            from mockserver.settings import Settings

            url = stack.enter_context(run_in_thread(Settings.load(given, environ={})))
        yield stack.enter_context(attached(url))


@contextmanager
def attached(url: str, token: str | None = None) -> Iterator[MockServer]:
    """A server that runs already. Raises ClientError when none answers within ten seconds."""
    from mockserver.client import Client

    with Client(url, token=token) as client:
        client.wait_until_ready(_PATIENCE_SECONDS)
        yield MockServer(client)
