"""The command as a process: streams that are closed or full, folders that are gone."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
from click.testing import Result

from mockserver.cli.process import manage_process
from mockserver.server.signals import list_stop_signals

PROGRAM = (sys.executable, "-m", "mockserver")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("arguments", [["--version"], ["apis"], ["mutations", "--json"]])
def test_without_standard_output_a_command_ends_as_usual(run: Run, arguments: list[str]) -> None:
    done = run(*arguments, redirections="<&- >&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("arguments", [["--version"], ["apis"], ["mutations", "--json"]])
def test_output_that_cannot_be_written_is_one_sentence_and_exit_2(
    run: Run, arguments: list[str]
) -> None:
    done = run(*arguments, redirections=">/dev/full")
    assert (done.returncode, done.stderr) == (
        2,
        "mockserver: The output cannot be written: No space left on device.\n",
    )


@pytest.mark.parametrize("redirections", ["2>&-", "2>/dev/full"])
def test_without_standard_error_the_exit_code_is_the_same(run: Run, redirections: str) -> None:
    done = run("--version", redirections=redirections)
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "mockserver")
    refused = run("fixtures", "check", "nope.yaml", redirections=redirections)
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", "")


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After the test, signals are handled as before, and the standard streams are as before."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    handlers = {it: signal.getsignal(it) for it in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("streams")
def test_output_to_a_pipe_that_is_non_blocking_arrives_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As that of a command that a program in Node.js has started."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    received = []

    def read() -> None:
        with os.fdopen(reading, "rb") as file:
            received.append(file.read())

    reader = Thread(target=read)
    text = "x" * 1_000_000
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdout", file)
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit), manage_process():
            reader.start()
            sys.stdout.write(text)
            sys.exit(0)
    reader.join()
    assert received == [text.encode()]


INTERRUPTED_IN_A_CALLBACK = """
import os, signal, sys, time, weakref
from mockserver.cli.process import manage_process

class Collected: pass

def interrupt(_):
    os.kill(os.getpid(), signal.SIGTERM)

with manage_process():
    collected = Collected()
    reference = weakref.ref(collected, interrupt)
    try:
        del collected
        time.sleep(600)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_a_signal_in_a_callback_of_the_collector_is_not_lost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IN_A_CALLBACK],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "")


# A server


def is_group_alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("workers", "number"), [("1", signal.SIGHUP), ("2", signal.SIGHUP), ("2", signal.SIGQUIT)]
)
def test_a_server_without_streams_serves_and_ends_with_its_terminal(
    folder: Path, eventually: Callable[[Callable[[], bool]], None], workers: str, number: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    arguments = ("serve", "--port", str(port), "--workers", workers, "--only", "ekran")
    command = ("sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', *PROGRAM, *arguments)
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(folder)}, start_new_session=True
    )

    def is_ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/__mock__/ready", verify=False).is_success
        except httpx.TransportError:
            assert process.poll() is None
            return False

    eventually(is_ready)
    if number == signal.SIGHUP:
        os.killpg(process.pid, number)
    else:  # to one process, because the others would write core dumps
        process.send_signal(number)
    assert process.wait(timeout=60) == 0
    eventually(lambda: not is_group_alive(process.pid))  # multiprocessing's own process ends last
    assert list(folder.iterdir()) == []


def test_nohup_keeps_a_server_running_when_its_terminal_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = {signal.SIGHUP: signal.SIG_IGN}
    monkeypatch.setattr(signal, "getsignal", handlers.get)
    assert list_stop_signals() == [signal.SIGINT, signal.SIGTERM]
    handlers[signal.SIGHUP] = signal.SIG_DFL
    assert list_stop_signals() == [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


# Folders


@pytest.mark.parametrize("arguments", ["check http://127.0.0.1:9", "new-api notes"])
def test_a_current_folder_that_was_deleted_is_one_sentence(folder: Path, arguments: str) -> None:
    command = ("sh", "-c", 'rmdir "$PWD" && exec "$0" "$@"', *PROGRAM, *arguments.split())
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "mockserver: The current folder has been deleted; change to another one.\n",
    )


def test_a_folder_that_cannot_be_made_is_one_sentence(
    folder: Path, invoke: Callable[..., Result]
) -> None:
    (folder / "file").touch()
    done = invoke("new-api", "notes", "--folder", "file/apis")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "mockserver: 'file/apis' cannot be used: Not a directory.\n"
