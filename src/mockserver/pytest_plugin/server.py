"""A server for tests: one of this process, or one that runs already."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.pytest_plugin.sandbox import ClockSetting, Origin, Sandbox, Scenario, create_sandbox

if TYPE_CHECKING:
    from mockserver import client

_READY_SECONDS = 10.0


class MockServer:
    """A running server.

    Attributes:
        client: The client of its control API.
        url: Its URL without a final slash; requests to it use the sandbox `default`.
    """

    def __init__(self, client: client.Client) -> None:
        self.client, self.url = client, client.url

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    @contextmanager
    def sandbox(
        self,
        label: str = "sandbox",
        scenario: Scenario | None = None,
        *,
        seed: int | None = None,
        clock: ClockSetting | None = None,
    ) -> Iterator[Sandbox]:
        """Create a sandbox, and delete it at the end of the block; its name begins with the label.

        For a fixture of a wider scope, and for a second sandbox in a test. Files are looked for in
        the current folder. Raises ClientError, and SettingError for a file that does not exist.
        """
        folder = Path.cwd()
        origin = Origin.read(folder, scenario, seed=seed, clock=clock)
        sandbox = create_sandbox(self.client, label, origin, folder)
        try:
            yield sandbox
        finally:
            sandbox.delete()


@contextmanager
def start_server(scenarios: Path | None = None) -> Iterator[MockServer]:
    """Start a server in this process on a free port, and stop it at the end of the block.

    It knows the scenarios in a folder, if one is given, by name. It ignores the environment, so
    that a test has the same result on every machine. Raises SettingError and ScenarioError.
    """
    given = {"port": "0"} if scenarios is None else {"port": "0", "scenarios": str(scenarios)}
    with ExitStack() as stack:
        # A run with `-W error` must not fail by warnings of the libraries that the server uses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Imported here because it takes long, and only a run that uses the server needs it.
            from mockserver.server.run import run_in_thread
            from mockserver.settings import Settings

            url = stack.enter_context(run_in_thread(Settings.load(given, environ={})))
        yield stack.enter_context(connect_server(url))


@contextmanager
def connect_server(url: str, token: str | None = None) -> Iterator[MockServer]:
    """Connect to a running server. Raises ClientError if none is ready within ten seconds."""
    from mockserver.client import Client

    with Client(url, token=token) as client:
        client.wait_until_ready(_READY_SECONDS)
        yield MockServer(client)
