"""Commands that call a server: which server, with which headers, and what they print."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import click
import pytest
from click.testing import CliRunner, Result

from mockserver.cli.remote import parse_pairs, read_input
from mockserver.errors import ClientError

Call = Callable[..., Result]
Invoke = Callable[..., Result]
Run = Callable[..., subprocess.CompletedProcess[str]]

CLOCK = (
    b'{"now": "2025-08-21T12:00:00Z", "mode": "fr\\u001b\\u2028\\ud800", "rate": 0, "offset": 0}'
)


@contextmanager
def responding(body: bytes, type: bytes = b"application/json") -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that responds once with a body, and the request that it got."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                requests.append(connection.recv(65536))
                head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % (type, len(body)) + body)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        thread.join()


def test_the_server_the_sandbox_and_the_token_come_from_the_environment(invoke: Invoke) -> None:
    with responding(CLOCK) as (url, requests):
        variables = {"MOCKSERVER_SANDBOX": "case-17", "MOCKSERVER_ADMIN_TOKEN": "secret"}
        assert invoke("clock", MOCKSERVER_URL=url, **variables).exit_code == 0
    assert b"\r\nx-mock-sandbox: case-17\r\n" in requests[0].lower()
    assert b"\r\nauthorization: bearer secret\r\n" in requests[0].lower()


def test_options_go_before_the_environment(invoke: Invoke) -> None:
    variables = {
        "MOCKSERVER_URL": "http://127.0.0.1:1",
        "MOCKSERVER_SANDBOX": "a",
        "MOCKSERVER_ADMIN_TOKEN": "b",
    }
    with responding(CLOCK) as (url, requests):
        options = ["--url", url, "--sandbox", "case-17", "--token", "secret"]
        assert invoke("clock", *options, **variables).exit_code == 0
    assert b"\r\nx-mock-sandbox: case-17\r\n" in requests[0].lower()
    assert b"\r\nauthorization: bearer secret\r\n" in requests[0].lower()


def test_an_empty_variable_is_ignored(invoke: Invoke) -> None:
    with responding(CLOCK) as (url, requests):
        done = invoke("clock", MOCKSERVER_URL=url, MOCKSERVER_SANDBOX="", MOCKSERVER_ADMIN_TOKEN="")
        assert done.exit_code == 0
    assert b"x-mock-sandbox" not in requests[0].lower()
    assert b"authorization" not in requests[0].lower()


def test_the_help_says_where_the_server_is_and_the_token_is_not_shown(invoke: Invoke) -> None:
    text = " ".join(invoke("reset", "--help", MOCKSERVER_ADMIN_TOKEN="secret").stdout.split())
    assert "default: http://127.0.0.1:4010" in text
    assert "env var: MOCKSERVER_URL" in text
    assert "env var: MOCKSERVER_SANDBOX" in text
    assert "env var: MOCKSERVER_ADMIN_TOKEN" in text
    assert "secret" not in text


def test_json_is_what_the_server_said_and_nothing_else(invoke: Invoke) -> None:
    with responding(
        '{"now": "2025-08-21T12:00:00Z", "mode": "real", "rate": 1, "offset": 0.0, '
        '"place": "الرياض"}'.encode()
    ) as (url, _):
        done = invoke("clock", "--json", "--url", url)
    assert done.stdout == (
        '{\n  "now": "2025-08-21T12:00:00Z",\n  "mode": "real",\n  "rate": 1,\n'
        '  "offset": 0.0,\n  "place": "الرياض"\n}\n'
    )


def test_half_a_surrogate_pair_is_still_json(invoke: Invoke) -> None:
    with responding(CLOCK) as (url, _):
        done = invoke("clock", "--json", "--url", url)
    assert json.loads(done.stdout_bytes)["mode"] == "fr\x1b\u2028\ud800"


def test_control_characters_of_a_response_are_escaped(invoke: Invoke) -> None:
    with responding(CLOCK) as (url, _):
        done = invoke("clock", "--url", url)
    assert done.stdout == "2025-08-21T12:00:00Z, fr\\x1b\\u2028\\ud800\n"


def test_somebody_elses_server_is_a_message_and_exit_2(invoke: Invoke) -> None:
    with responding(b"<html>", b"text/html") as (url, _):
        done = invoke("clock", "--url", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: What listens on {url} does not respond like a mock server: "
        "GET /__mock__/clock got 200 and 'text/html'. "
        "Give the URL that 'mockserver serve' printed when it started.\n"
    )


@pytest.mark.parametrize("url", ["localhost:4010", "", "http://", "http://x:99999"])
def test_an_invalid_url_is_a_message_and_exit_2(invoke: Invoke, url: str) -> None:
    done = invoke("clock", "--url", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: '{url}' is not the URL of a server. Write it like http://127.0.0.1:4010.\n"
    )


def test_no_server_is_a_message_that_says_how_to_start_one(invoke: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = invoke("reset", "--url", f"http://127.0.0.1:{port}")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: http://127.0.0.1:{port} cannot be connected to: Connection refused. "
        f"Start a server with 'mockserver serve --port {port}', or give the URL of one that runs.\n"
    )


def test_a_server_that_hangs_ends_in_a_timeout(invoke: Invoke) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = invoke("clock", "--url", url, "--timeout", "0.1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"mockserver: {url} did not respond within 0.1 seconds; it may need a longer timeout. "
    )


@pytest.mark.parametrize("timeout", ["0", "-1", "long"])
def test_a_timeout_is_a_positive_number(invoke: Invoke, timeout: str) -> None:
    assert invoke("clock", "--timeout", timeout).exit_code == 2


def test_a_refusal_of_the_server_is_a_message_and_exit_2(call: Call) -> None:
    done = call("restore", "befor")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert "'befor'" in done.stderr


@pytest.mark.parametrize("name", ["حالة", "a b", "x" * 65, "a/b"])
def test_a_name_that_no_sandbox_can_have_is_refused_by_the_server(call: Call, name: str) -> None:
    done = call("clock", "--sandbox", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "sandbox" in done.stderr


def test_ctrl_c_ends_a_command_that_waits_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "clock", "--url", url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b"G"  # it has sent its request, and waits
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_pipe_that_is_closed_early_gives_no_traceback(
    server: str, run: Run, options: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ("state", "calwe", "entry", "--per-page", "1000", "--url", server)
    done = run(*arguments, *options, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_characters_that_the_terminal_does_not_have_are_escaped(
    documented_server: str, run: Run, encoding: str
) -> None:
    arguments = ("state", "calwe", "session", "1", "--url", documented_server)
    done = run(*arguments, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    # click writes UTF-8 where Python would write ASCII, which is what it takes for no encoding.
    assert ("\\u0633" in done.stdout) == (encoding == "cp1252")
    done = run(*arguments, "--json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout)["body"]["customer"] == "سارة العتيبي"


# Input


def test_input_is_the_bytes_of_a_file_or_of_stdin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"\xff\r\n")
    assert read_input(str(tmp_path / "a")) == b"\xff\r\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\r\n")))
    assert read_input("-") == b"\xff\r\n"


@pytest.mark.parametrize(
    ("name", "reason"), [("none", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ClientError) as raised:
        read_input(str(tmp_path / name))
    assert str(raised.value) == f"'{tmp_path / name}' cannot be read: {reason}."


@click.command()
@click.argument("words", nargs=-1, callback=parse_pairs)
def print_pairs(words: dict[str, str]) -> None:
    click.echo(repr(words))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], {}),
        (["a=b"], {"a": "b"}),
        (["a=b=c", "d="], {"a": "b=c", "d": ""}),
        (["اسم=قيمة"], {"اسم": "قيمة"}),
    ],
)
def test_pairs_are_split_at_the_first_equals_sign(words: list[str], found: dict[str, str]) -> None:
    assert CliRunner().invoke(print_pairs, words).stdout == f"{found!r}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a"], "'a' is not written NAME=VALUE."),
        (["=a"], "'=a' is not written NAME=VALUE."),
        (["a=1", "b=2", "a=3"], "'a' is given twice."),
    ],
)
def test_an_invalid_or_repeated_pair_is_refused(words: list[str], sentence: str) -> None:
    done = CliRunner().invoke(print_pairs, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{sentence}\n")
