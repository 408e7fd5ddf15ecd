"""The command, in this process or in one of its own."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main

PROGRAM = (sys.executable, "-m", "mockserver")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

_numbers = count()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is empty."""
    path = tmp_path / "current"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs a command in this process, without our own variables in its environment.

    Nor has it that of GitHub Actions, in which failures are annotations too.
    """
    ours = [name for name in os.environ if name.startswith("MOCKSERVER_")]
    for name in (*ours, "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def invoke(
        *arguments: str | Path,
        input: str | bytes | None = None,
        charset: str = "utf-8",
        **variables: str,
    ) -> Result:
        runner = CliRunner(charset=charset)
        done = runner.invoke(main, [*map(str, arguments)], input=input, env=variables)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    yield invoke
    for number, handler in handlers.items():
        signal.signal(number, handler)  # `serve` sets its own


@pytest.fixture
def call(invoke: Callable[..., Result], documented_server: str) -> Callable[..., Result]:
    """Runs a command in this process, on a sandbox of its own of the scenario `documented`."""
    variables = {
        "MOCKSERVER_URL": documented_server,
        "MOCKSERVER_SANDBOX": f"command-{next(_numbers)}",
    }

    def call(*arguments: str | Path, input: str | bytes | None = None) -> Result:
        return invoke(*arguments, input=input, **variables)

    call("reset")  # so that it exists
    return call


@pytest.fixture
def run(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a process, to its end."""

    def run(
        *arguments: str, stdout: int = subprocess.PIPE, redirections: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", f'exec "$0" "$@" {redirections}', *PROGRAM, *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=folder,
            encoding="utf-8",
            env={**os.environ, **variables},
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the temporary files of this process."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Makes a stream of this process a terminal for a block; the value has what was printed."""

    @contextmanager
    def terminal(stream: str, columns: int = 100, **variables: str) -> Iterator[list[str]]:
        for name in ("CI", "NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"TERM": "xterm", "COLUMNS": str(columns), **variables}.items():
            monkeypatch.setenv(name, value)
        master, slave = pty.openpty()
        printed: list[str] = []

        def read() -> None:
            content = b""
            try:
                while part := os.read(master, 65_536):
                    content += part
            except OSError:  # the other end is closed
                pass
            printed.append(content.decode().replace("\r\n", "\n"))

        reader = Thread(target=read)
        reader.start()
        try:
            with os.fdopen(slave, "w", encoding="utf-8") as file, monkeypatch.context() as patch:
                patch.setattr(sys, stream, file)
                yield printed
        finally:
            reader.join()
            os.close(master)

    return terminal
