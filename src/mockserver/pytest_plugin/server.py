"""A server for tests: one that is started for them, or one that runs already."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from mockserver.errors import SettingError
from mockserver.pytest_plugin.sandbox import ClockSetting, Origin, Sandbox, Scenario, create_sandbox

if TYPE_CHECKING:
    from mockserver import client

_READY_SECONDS = 10.0
_STOP_SECONDS = 10.0


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
    """Start a server on a free port, and stop it at the end of the block.

    It knows the scenarios in a folder, if one is given, by name. Raises SettingError.
    """
    with run_server(scenarios) as url, connect_server(url) as server:
        yield server


@contextmanager
def run_server(scenarios: Path | None = None) -> Iterator[str]:
    """Run a server in a process of its own for the length of the block, which gets the URL.

    What a test replaces in its process (the time, sockets) does not reach the server. It ignores
    the environment, so that a test has the same result on every machine, and deletes no sandbox
    that is idle. It ends with this process, even if that is killed. Raises SettingError.
    """
    settings = {"port": "0", "idle_expiry": "0"}
    if scenarios:
        settings["scenarios"] = str(scenarios)
    # A run with PYTHONWARNINGS=error must not fail by warnings of the server's libraries.
    python = [sys.executable, "-P", "-W", "ignore"]
    command = [*python, "-m", "mockserver.server.child", json.dumps(settings)]
    with subprocess.Popen(  # noqa: S603 - this interpreter, this package
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        # Not a timeout of `wait`: its clock may be one that a test has stopped.
        killer = Timer(_STOP_SECONDS, process.kill)
        try:
            yield _read_url(process)
        finally:
            killer.start()
            process.communicate()  # ends its standard input
            killer.cancel()


def _read_url(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    started = json.loads(line) if line else {"error": "The server ended before it had begun."}
    if "error" in started:
        raise SettingError(started["error"])
    url: str = started["url"]
    return url


@contextmanager
def connect_server(url: str, token: str | None = None) -> Iterator[MockServer]:
    """Connect to a running server. Raises ClientError if none is ready within ten seconds."""
    from mockserver.client import Client

    with Client(url, token=token) as client:
        client.wait_until_ready(_READY_SECONDS)
        yield MockServer(client)
