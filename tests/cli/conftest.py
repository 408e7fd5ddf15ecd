"""The command, in a process of its own or in this one, and servers for it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
PROGRAM = (sys.executable, "-m", "mockserver")
SECONDS = 60

_numbers = count()


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The environment without our own variables, its temporary files in a folder of the test."""

    def make(**variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "MOCKSERVER" not in name}
        temporary = tmp_path / "temporary"
        temporary.mkdir(exist_ok=True)
        return {**kept, "TMPDIR": str(temporary), **variables}

    return make


@pytest.fixture
def run(
    tmp_path: Path, environment: Callable[..., dict[str, str]]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a process, to its end."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment(**variables),
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    return run


@pytest.fixture
def mock(documented_server: str) -> Callable[..., Result]:
    """Runs the command in this process, in a sandbox of its own that has the documents' world."""
    environment = {
        "MOCKSERVER_URL": documented_server,
        "MOCKSERVER_SANDBOX": f"command-{next(_numbers)}",
        "MOCKSERVER_ADMIN_TOKEN": None,
    }

    def mock(*arguments: str, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=input, env=environment)

    return mock


@pytest.fixture
def help_of() -> Callable[..., str]:
    """The help of a command."""

    def help_of(*command: str) -> str:
        done = CliRunner().invoke(main, [*command, "--help"], prog_name="mockserver")
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout

    return help_of


@dataclass
class Serving:
    """A server in a process of its own, and what it has printed so far."""

    process: subprocess.Popen[str]
    lines: list[str]
    client: httpx.Client

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """The exit code and the rest of the output after a signal."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output, errors


@pytest.fixture
def serving(
    tmp_path: Path, environment: Callable[..., dict[str, str]]
) -> Callable[..., AbstractContextManager[Serving]]:
    """Runs a server as a process, from when it has announced itself to the end of the block."""

    @contextmanager
    def serving(
        *arguments: str, program: tuple[str, ...] = (*PROGRAM, "serve"), **variables: str
    ) -> Iterator[Serving]:
        process = subprocess.Popen(
            [*program, *arguments],
            cwd=tmp_path,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            lines = _announced(process)
            found = re.search(r"http://\S+:\d+", lines[0])
            assert found
            with httpx.Client(base_url=found[0], headers=BEARER) as client:
                yield Serving(process, lines, client)
        finally:
            process.kill()
            process.communicate(timeout=SECONDS)

    return serving


def _announced(process: subprocess.Popen[str]) -> list[str]:
    lines = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line == "Ctrl-C stops it.\n":
            return lines
    pytest.fail(f"It ended: {process.communicate(timeout=SECONDS)[1]}")
