"""`mockserver serve`: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

import mockserver
from mockserver.settings import Settings

Invoke = Callable[..., Result]
Spawn = Callable[..., Any]

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"


@pytest.fixture
def read_settings(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings with which a command would serve."""
    served: list[Settings] = []
    monkeypatch.setattr("mockserver.server.run.serve", lambda settings, *_: served.append(settings))

    def read_settings(*arguments: str, **variables: str) -> Settings:
        done = invoke("serve", *arguments, **variables)
        assert (done.exit_code, done.output) == (0, "Stopped.\n")
        return served[-1]

    return read_settings


def test_a_targets_file_with_faults_is_refused(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text("targets: {one: {}}\n")
    done = invoke("serve", "--port", "0", "--targets", file)
    assert (done.exit_code, done.stderr) == (
        2,
        f'mockserver: {file}:1: targets.one: "url" is a required property\n',
    )


def test_proxy_is_serve_with_an_upstream(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("mockserver.server.run.serve", lambda settings, *_: served.append(settings))
    options = ("--enforce", "--mock", "createSessionLog", "--port", "0")

    done = invoke("proxy", "calwe", "https://staging.example/gw", *options)

    assert (done.exit_code, done.output) == (0, "Stopped.\n")
    invoke("serve", "--upstream", "calwe=https://staging.example/gw", *options)
    assert served[0] == served[1]
    assert served[0].upstream == ("calwe=https://staging.example/gw",)
    assert (served[0].enforce, served[0].mock) == (True, ("createSessionLog",))


def test_a_proxy_says_what_it_forwards_and_refuses_what_it_cannot(
    spawn: Spawn, invoke: Invoke
) -> None:
    server = spawn("--upstream", "calwe=http://127.0.0.1:9")
    assert "\n           forwarded to http://127.0.0.1:9\n" in server.announcement

    for upstream, sentence in (
        ("calwe", "--upstream: 'calwe' is no API and URL; write it like API=https://staging"),
        ("calwe=staging", "The URL of the upstream of 'calwe' cannot be used: it is no URL of"),
        ("calw=http://x.example", "--upstream: there is no API 'calw'; did you mean 'calwe'?"),
    ):
        refused = invoke("serve", "--port", "0", "--upstream", upstream)
        assert refused.exit_code == 2
        assert sentence in refused.stderr


# A process


def test_the_server_prints_its_url_and_apis_and_ends_cleanly(spawn: Spawn) -> None:
    # `-O` removes assertions, so the server may not depend on one.
    variables = {"NODE_ENV": "production", "FLASK_ENV": "production"}
    server = spawn("--scenario", "documented", flags=("-O",), **variables)
    url = str(server.client.base_url).rstrip("/")
    lines = server.announcement.splitlines()
    assert lines == [
        f"Mockserver {mockserver.__version__} listens on {url}, scenario 'documented'.",
        f"  autozod  {url}/__mock__/docs/autozod",
        f"  avaamo   {url}/__mock__/docs/avaamo",
        f"  calwe    {url}/__mock__/docs/calwe",
        f"  ekran    {url}/__mock__/docs/ekran",
        "Ctrl-C stops it.",
    ]
    assert url.startswith("http://127.0.0.1:")
    for line in lines[1:5]:
        assert server.client.get(line.split()[1]).status_code == 200
    for status in (200, 422):
        ended = server.client.post(LOG, headers=BEARER, json={"action_type": "ENDED"})
        assert ended.status_code == status
    assert server.client.get("/v1/x/%E0%A4%A").status_code == 400
    assert len(list(server.folder.iterdir())) == 1

    code, output, errors = server.stop(signal.SIGINT)
    assert (code, output + errors) == (0, "Stopped.\n")
    assert list(server.folder.iterdir()) == []
    # Its process group is empty: no process that it started goes on.
    with pytest.raises(ProcessLookupError):
        os.killpg(server.process.pid, 0)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/__mock__/health", verify=False)


def test_a_server_below_a_path_is_used_by_its_url(spawn: Spawn, invoke: Invoke) -> None:
    server = spawn("--scenario", "documented", "--base-path", "/team/mock/", "--workers", "2")
    url = str(server.client.base_url).rstrip("/")
    assert url.endswith("/team/mock")
    assert f"  calwe    {url}/__mock__/docs/calwe\n" in server.announcement

    frozen = invoke("clock", "--url", url)
    assert (frozen.exit_code, frozen.output) == (0, "2025-08-21T14:30:00Z, frozen\n")
    missed = invoke("clock", "--url", url.removesuffix("/team/mock"))
    assert (missed.exit_code, missed.output) == (
        2,
        "mockserver: There is nothing at '/__mock__/clock': this server lies below '/team/mock'. "
        "Write '/team/mock/__mock__/clock'.\n",
    )
    checked = invoke(
        "check", url, *("--api", "calwe", "--phase", "examples", "--phase", "workflows", "--plain")
    )
    assert checked.exit_code == 0, checked.output
    assert "calwe: pass" in checked.output


def test_a_server_that_other_machines_reach_says_so(spawn: Spawn) -> None:
    server = spawn("--scenario", "documented", "--host", "0.0.0.0")
    port = server.client.base_url.port

    assert server.stop(signal.SIGTERM)[2] == (
        f"Warning: other machines can use the APIs, on every address of this machine "
        f"(0.0.0.0:{port}). The control API answers this machine only; behind a proxy that does "
        "not say that it is one, it cannot know: give --admin-token.\nStopped.\n"
    )


def test_the_server_is_configured_by_the_environment(spawn: Spawn, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ndescription: One session.\nseed: 3\n"
        "apis: {calwe: {documents: {session: [{id: mine, status: PENDING}]}}}\n",
        encoding="utf-8",
    )
    server = spawn(
        "--seed",
        "9",
        MOCKSERVER_SCENARIO="mine.yaml",
        MOCKSERVER_SEED="8",
        MOCKSERVER_ONLY="autozod, calwe",
        MOCKSERVER_BODY_LIMIT="30",
        MOCKSERVER_LOG_LEVEL="info",
        MOCKSERVER_STORE="store.sqlite",
    )
    log = "/v1/customer/sessions/mine/log"
    found = server.client.get(log, headers=BEARER)
    assert (found.json()["data"]["total"], found.headers["x-mock-seed"]) == (0, "9")
    assert server.client.post(log, headers=BEARER, content=b"x" * 31).status_code == 413
    assert server.client.get("/ekranapi/sessions").status_code == 404
    code, _, errors = server.stop(signal.SIGTERM)
    assert code == 0
    assert f" 200 GET {log} " in errors
    assert (tmp_path / "store.sqlite").exists()
    assert list(server.folder.iterdir()) == []


def test_a_signal_while_the_server_starts_ends_it_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The folder of the store is made long before the first request is served. Before it, `tempfile`
    # writes a file to see whether it can, and deletes it; that one is not ours.
    while not any(path.is_dir() for path in folder.iterdir()) and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.removeprefix("Stopped.\n")) == (0, "")
    assert list(folder.iterdir()) == []


def test_ctrl_c_does_the_same_as_a_signal_to_terminate(
    read_settings: Callable[..., Settings],
) -> None:
    read_settings("--port", "0")
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        assert callable(handler)
        with pytest.raises(SystemExit) as ended:
            handler(number, None)
        assert ended.value.code == 0


# Options


def test_options_are_the_settings_and_go_before_the_environment(
    read_settings: Callable[..., Settings],
) -> None:
    options = "--only avaamo --only ekran --seed 7 --freeze-at 2025-08-21T14:30:00Z"
    assert read_settings(
        *options.split(),
        "--documented-only",
        MOCKSERVER_PORT="0",
        MOCKSERVER_SEED="8",
        MOCKSERVER_BODY_LIMIT="10",
    ) == Settings(
        port=0,
        only=("avaamo", "ekran"),
        seed=7,
        freeze_at=1_755_786_600_000_000,
        documented_only=True,
        body_limit=10,
    )
    by_comma = read_settings("--port", "0", "--only", "avaamo,ekran", "--host", "localhost")
    assert by_comma == Settings(host="localhost", port=0, only=("avaamo", "ekran"))


def test_the_help_has_every_option_with_its_default(invoke: Invoke) -> None:
    text = " ".join(invoke("serve", "--help").stdout.split())
    for option in (
        "--host ADDRESS",
        "--port PORT",
        "--store PLACE",
        "--scenario NAME",
        "--seed NUMBER",
        "--only API",
        "--freeze-at MOMENT",
        "--documented-only",
        "--body-limit BYTES",
        "--log-level LEVEL",
    ):
        assert option in text
    for default in ("127.0.0.1", "4010", "default", "1048576", "warning"):
        assert f"[default: {default}]" in text


# What is refused


def test_a_port_in_use_is_one_line_and_exit_2(invoke: Invoke, temporary: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = invoke("serve", "--port", str(port))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"mockserver: Port {port} on 127.0.0.1 is taken. "
        "Choose another with --port, or 0 for a free one.\n"
    )
    assert list(temporary.iterdir()) == []


def test_an_invalid_option_or_variable_is_one_line_and_exit_2(invoke: Invoke) -> None:
    done = invoke("serve", "--log-level", "loud")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: --log-level: 'loud' is none of debug, info, warning, error.\n"
    )
    done = invoke("serve", MOCKSERVER_PORT="many")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "mockserver: MOCKSERVER_PORT: 'many' is not a whole number.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--only calw", ["'calw'", "did you mean 'calwe'?"]),
        ("--scenario documentd", ["'documentd'", "did you mean 'documented'?"]),
        ("--scenario nope.yaml", ["'nope.yaml'"]),
        ("--store nope/store.sqlite", ["'nope/store.sqlite'"]),
        ("--store text.txt", ["'text.txt'"]),
        ("--store :memory: --workers 2", ["':memory:'", "Leave the store out"]),
        ("--host nowhere.invalid", ["'nowhere.invalid'"]),
    ],
)
def test_a_missing_file_scenario_or_host_is_named(
    folder: Path, temporary: Path, invoke: Invoke, arguments: str, words: list[str]
) -> None:
    (folder / "text.txt").write_text("no database, but long enough to be read as one\n" * 50)
    done = invoke("serve", "--port", "0", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_faults_of_a_scenario_are_listed_once_with_their_lines(
    folder: Path,
    temporary: Path,
    invoke: Invoke,
    capfd: pytest.CaptureFixture[str],
    workers: str,
) -> None:
    (folder / "wrong.yaml").write_text(
        "name: wrong\n"
        "description: Three faults.\n"
        "apis:\n"
        "  calwe:\n"
        "    documents:\n"
        "      session:\n"
        "        - {id: one, status: ASLEEP}\n"
        "        - {status: PENDING}\n"
        "  ekrn: {}\n",
        encoding="utf-8",
    )
    done = invoke("serve", "--port", "0", "--scenario", "wrong.yaml", "--workers", workers)
    assert (done.exit_code, done.stdout) == (2, "")
    places = [line.split(": ")[0] for line in done.stderr.removeprefix("mockserver: ").splitlines()]
    assert places == ["wrong.yaml:7", "wrong.yaml:8", "wrong.yaml:9"]
    assert list(temporary.iterdir()) == []
    # No worker was started, which would report it again.
    assert capfd.readouterr() == ("", "")
