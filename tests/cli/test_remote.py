"""Commands that ask a server: whom they ask, as what, and what becomes of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main

Mock = Callable[..., Result]
Run = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = (sys.executable, "-m", "mockserver")
CLOCK = (
    b'{"now": "2025-08-21T12:00:00Z", "mode": "fr\\u001b\\u2028\\ud800", "rate": 0, "offset": 0}'
)


@contextmanager
def answering(body: bytes, type: bytes = b"application/json") -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that answers one request with this, and the request it got."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(65536))
                head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % (type, len(body)) + body)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        thread.join()


def invoke(*arguments: str, **variables: str) -> Result:
    unset = dict.fromkeys(("MOCKSERVER_URL", "MOCKSERVER_SANDBOX", "MOCKSERVER_ADMIN_TOKEN"))
    return CliRunner().invoke(main, arguments, env={**unset, **variables})


def test_the_server_the_sandbox_and_the_token_come_from_the_environment() -> None:
    with answering(CLOCK) as (url, asked):
        variables = {"MOCKSERVER_SANDBOX": "case-17", "MOCKSERVER_ADMIN_TOKEN": "secret"}
        assert invoke("clock", MOCKSERVER_URL=url, **variables).exit_code == 0
    assert b"\r\nx-mock-sandbox: case-17\r\n" in asked[0].lower()
    assert b"\r\nauthorization: bearer secret\r\n" in asked[0].lower()


def test_options_go_before_the_environment() -> None:
    variables = {
        "MOCKSERVER_URL": "http://127.0.0.1:1",
        "MOCKSERVER_SANDBOX": "a",
        "MOCKSERVER_ADMIN_TOKEN": "b",
    }
    with answering(CLOCK) as (url, asked):
        options = ["--url", url, "--sandbox", "case-17", "--token", "secret"]
        assert invoke("clock", *options, **variables).exit_code == 0
    assert b"\r\nx-mock-sandbox: case-17\r\n" in asked[0].lower()
    assert b"\r\nauthorization: bearer secret\r\n" in asked[0].lower()


def test_a_variable_that_is_empty_says_nothing() -> None:
    with answering(CLOCK) as (url, asked):
        done = invoke("clock", MOCKSERVER_URL=url, MOCKSERVER_SANDBOX="", MOCKSERVER_ADMIN_TOKEN="")
        assert done.exit_code == 0
    assert b"x-mock-sandbox" not in asked[0].lower()
    assert b"authorization" not in asked[0].lower()


def test_the_help_says_where_the_server_is_and_the_token_is_not_shown() -> None:
    text = " ".join(invoke("reset", "--help", MOCKSERVER_ADMIN_TOKEN="secret").stdout.split())
    assert "default: http://127.0.0.1:4010" in text
    assert "env var: MOCKSERVER_URL" in text
    assert "env var: MOCKSERVER_SANDBOX" in text
    assert "env var: MOCKSERVER_ADMIN_TOKEN" in text
    assert "secret" not in text


def test_json_is_what_the_server_said_and_nothing_else() -> None:
    with answering(
        '{"now": "2025-08-21T12:00:00Z", "mode": "real", "rate": 1, "offset": 0.0, '
        '"place": "الرياض"}'.encode()
    ) as (url, _):
        done = invoke("clock", "--json", "--url", url)
    assert done.stdout == (
        '{\n  "now": "2025-08-21T12:00:00Z",\n  "mode": "real",\n  "rate": 1,\n'
        '  "offset": 0.0,\n  "place": "الرياض"\n}\n'
    )


def test_half_a_surrogate_pair_is_still_json() -> None:
    with answering(CLOCK) as (url, _):
        done = invoke("clock", "--json", "--url", url)
    assert json.loads(done.stdout_bytes)["mode"] == "fr\x1b\u2028\ud800"


def test_what_the_server_says_moves_no_terminal() -> None:
    with answering(CLOCK) as (url, _):
        done = invoke("clock", "--url", url)
    assert done.stdout == "2025-08-21T12:00:00Z, fr\\x1b\\u2028\\ud800\n"


def test_somebody_elses_server_is_a_sentence_and_exit_2() -> None:
    with answering(b"<html>", b"text/html") as (url, _):
        done = invoke("clock", "--url", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: What listens on {url} does not respond like a mock server: "
        "GET /__mock__/clock got 200 and 'text/html'. "
        "Give the URL that 'mockserver serve' printed when it started.\n"
    )


@pytest.mark.parametrize("url", ["localhost:4010", "", "http://", "http://x:99999"])
def test_what_is_no_url_is_a_sentence_and_exit_2(url: str) -> None:
    done = invoke("clock", "--url", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: '{url}' is not the URL of a server. Write it like http://127.0.0.1:4010.\n"
    )


def test_no_server_is_a_sentence_that_says_how_to_start_one(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = run("reset", "--url", f"http://127.0.0.1:{port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: http://127.0.0.1:{port} cannot be connected to: Connection refused. "
        f"Start a server with 'mockserver serve --port {port}', or give the URL of one that runs.\n"
    )


def test_a_server_that_hangs_is_waited_for_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = invoke("clock", "--url", url, "--timeout", "0.1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"mockserver: {url} did not respond within 0.1 seconds; it may need a longer timeout. "
    )


@pytest.mark.parametrize("timeout", ["0", "-1", "long"])
def test_a_timeout_is_a_positive_number(timeout: str) -> None:
    assert invoke("clock", "--timeout", timeout).exit_code == 2


def test_a_refusal_of_the_server_is_a_sentence_and_exit_2(mock: Mock) -> None:
    done = mock("restore", "befor")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert "'befor'" in done.stderr


@pytest.mark.parametrize("name", ["حالة", "a b", "x" * 65, "a/b"])
def test_a_name_that_no_sandbox_can_have_is_refused_by_the_server(mock: Mock, name: str) -> None:
    done = mock("clock", "--sandbox", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "sandbox" in done.stderr


def test_ctrl_c_ends_a_command_that_waits_without_a_trace(
    environment: Callable[..., dict[str, str]],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [*PROGRAM, "clock", "--url", url],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b"G"  # it has asked, and waits
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_pipe_that_is_closed_early_is_no_trace(
    server: str, environment: Callable[..., dict[str, str]], options: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [*PROGRAM, "state", "calwe", "entry", "--per-page", "1000", "--url", server]
    done = subprocess.run(
        [*command, *options],
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_without_the_letters_is_no_trace(
    documented_server: str, run: Run, encoding: str
) -> None:
    arguments = ("state", "calwe", "session", "1", "--url", documented_server)
    told = run(*arguments, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (told.returncode, told.stderr) == (0, "")
    done = run(*arguments, "--json", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert json.loads(done.stdout)["body"]["customer"] == "سارة العتيبي"


def test_the_heavy_parts_are_not_loaded_for_help() -> None:
    code = (
        "import sys\n"
        "from mockserver.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('httpx', 'rich', 'flask', 'mockserver.server', "
        "'mockserver.client') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")
