"""`mockserver serve`, as a process: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

import mockserver

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., AbstractContextManager[Any]]
Help = Callable[..., str]

LOG = "/v1/customer/sessions/1/log"
PROGRAM = (sys.executable, "-m", "mockserver")
SECONDS = 60


def temporary(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "temporary").iterdir())


def test_it_prints_its_url_and_one_line_for_each_api(serving: Start) -> None:
    with serving("--port", "0", "--scenario", "documented") as it:
        assert it.lines == [
            f"Mockserver {mockserver.__version__} listens on {it.url}, scenario 'documented'.",
            f"  autozod  {it.url}/__mock__/docs/autozod",
            f"  avaamo   {it.url}/__mock__/docs/avaamo",
            f"  calwe    {it.url}/__mock__/docs/calwe",
            f"  ekran    {it.url}/__mock__/docs/ekran",
            "Ctrl-C stops it.",
        ]
        assert it.url.startswith("http://127.0.0.1:")
        for line in it.lines[1:5]:
            assert it.client.get(line.split()[1]).status_code == 200
        # The line is printed once requests are answered, so this one may not be refused.
        assert it.client.get(LOG).json()["data"]["total"] == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path: Path, serving: Start, number: int) -> None:
    with serving("--port", "0", "--scenario", "documented") as it:
        assert it.client.post(LOG, json={"action_type": "LEFT"}).status_code == 200
        assert len(temporary(tmp_path)) == 1

        code, output, errors = it.stop(number)
        assert (code, output + errors) == (0, "Stopped.\n")
        assert temporary(tmp_path) == []
        # Its process group is empty: nothing that it started goes on.
        with pytest.raises(ProcessLookupError):
            os.killpg(it.process.pid, 0)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{it.url}/__mock__/health")


def test_the_options_reach_the_server(serving: Start) -> None:
    options = "--port 0 --only avaamo --only ekran --seed 7 --freeze-at 2025-08-21T14:30:00Z"
    with serving(*options.split(), "--body-limit", "10", "--host", "localhost") as it:
        assert [line.split()[0] for line in it.lines[1:-1]] == ["avaamo", "ekran"]
        answer = it.client.get("/api/v1/cap/change_logs.json")
        assert answer.headers["x-mock-seed"] == "7"
        assert answer.json()["time_token"] == 1755786600
        assert it.client.get(LOG).status_code == 404
        large = it.client.request("GET", "/ekranapi/sessions", content=b"x" * 11)
        assert large.status_code == 413


def test_several_apis_can_be_named_with_commas(serving: Start) -> None:
    with serving("--port", "0", "--only", "avaamo,ekran") as it:
        assert [line.split()[0] for line in it.lines[1:-1]] == ["avaamo", "ekran"]


def test_every_setting_is_read_from_the_environment_and_options_go_first(
    tmp_path: Path, serving: Start
) -> None:
    with serving(
        "--seed",
        "9",
        MOCKSERVER_PORT="0",
        MOCKSERVER_SCENARIO="documented",
        MOCKSERVER_SEED="8",
        MOCKSERVER_ONLY="autozod, calwe",
        MOCKSERVER_FREEZE_AT="2025-08-21T09:05:00+00:00",
        MOCKSERVER_DOCUMENTED_ONLY="true",
        MOCKSERVER_BODY_LIMIT="30",
        MOCKSERVER_LOG_LEVEL="info",
        MOCKSERVER_STORE=str(tmp_path / "store.sqlite"),
        MOCKSERVER_HOST="127.0.0.1",
    ) as it:
        saved = it.client.post(LOG, json={"action_type": "LEFT"})
        assert saved.json()["data"]["date"] == "9:05 AM"
        assert saved.headers["x-mock-seed"] == "9"
        query = (
            "team_id=1000&agent_id=68a6d35049a09719b70539b4"
            "&start_date=21-08-2025&end_date=21-08-2025"
        )
        days = it.client.get(f"/api/sessionLogs/list?{query}").json()["data"]["daily_breakdown"]
        assert days == [None]
        assert it.client.post(LOG, content=b"x" * 31).status_code == 413
        assert it.client.get("/ekranapi/sessions").status_code == 404
        code, output, errors = it.stop()

    assert code == 0
    assert f'"POST {LOG} HTTP/1.1" 200' in output + errors
    assert (tmp_path / "store.sqlite").exists()
    assert temporary(tmp_path) == []


def test_a_scenario_file_of_one_s_own(tmp_path: Path, serving: Start) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ndescription: One session.\nseed: 3\n"
        "apis: {calwe: {documents: {session: [{id: mine, status: PENDING}]}}}\n",
        encoding="utf-8",
    )
    with serving("--port", "0", "--scenario", "mine.yaml") as it:
        assert it.client.get("/v1/customer/sessions/mine/log").json()["data"]["total"] == 0
        assert it.client.get(LOG).status_code == 404


def test_a_store_survives_the_death_of_the_process(serving: Start) -> None:
    options = ("--port", "0", "--scenario", "documented", "--store", "worlds.sqlite")
    with serving(*options) as it:
        for name in ("default", "other"):
            headers = {"X-Mock-Sandbox": name}
            answer = it.client.post(LOG, headers=headers, json={"action_type": "ENDED"})
            assert answer.status_code == 200
        it.process.kill()
        it.process.wait(SECONDS)

    with serving(*options) as it:
        for name, total in (("default", 4), ("other", 4), ("new", 2)):
            log = it.client.get(LOG, headers={"X-Mock-Sandbox": name}).json()["data"]
            assert log["total"] == total
        assert it.client.post(LOG, json={"action_type": "LEFT"}).status_code == 422


def test_it_serves_from_any_folder_and_in_production_mode(serving: Start) -> None:
    # `-O` takes every assertion away; whoever leans on one for more than a check would notice.
    program = (sys.executable, "-O", "-m", "mockserver", "serve")
    variables = {"NODE_ENV": "production", "FLASK_ENV": "production"}
    arguments = ("--port", "0", "--scenario", "documented")
    with serving(*arguments, program=program, **variables) as it:
        assert it.client.post(LOG, json={"action_type": "ENDED"}).status_code == 200
        assert it.client.post(LOG, json={"action_type": "ENDED"}).status_code == 422
        assert it.client.get("/v1/x/%E0%A4%A").status_code == 400


def test_a_taken_port_is_one_sentence_and_exit_2(tmp_path: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", str(port))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"mockserver: Port {port} on 127.0.0.1 is taken. "
        "Choose another with --port, or 0 for a free one.\n"
    )
    assert temporary(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--port abc", "--port: 'abc' is not a whole number."),
        ("--port 65536", "--port: 65536 is not from 0 to 65535."),
        ("--port -1", "--port: -1 is not from 0 to 65535."),
        ("--seed 1.5", "--seed: '1.5' is not a whole number."),
        ("--seed -1", "--seed: -1 is not from 0 to 9223372036854775807."),
        ("--body-limit 0", "--body-limit: 0 is not from 1 to 2147483647."),
        (
            "--freeze-at yesterday",
            "--freeze-at: 'yesterday' is not a moment; write it like 2025-08-21T14:30:00Z.",
        ),
        ("--log-level loud", "--log-level: 'loud' is none of debug, info, warning, error."),
    ],
)
def test_an_option_without_a_meaning_is_one_sentence_and_exit_2(
    run: Run, arguments: str, sentence: str
) -> None:
    ended = run("serve", *arguments.split())

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"mockserver: {sentence}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--only calw", ["'calw'", "did you mean 'calwe'?"]),
        ("--scenario documentd", ["'documentd'", "did you mean 'documented'?"]),
        ("--scenario nope.yaml", ["'nope.yaml'"]),
        ("--store nope/store.sqlite", ["'nope/store.sqlite'"]),
        ("--store text.txt", ["'text.txt'"]),
        ("--host nowhere.invalid", ["'nowhere.invalid'"]),
    ],
)
def test_what_is_not_there_is_said_by_name(
    tmp_path: Path, run: Run, arguments: str, words: list[str]
) -> None:
    (tmp_path / "text.txt").write_text("no database, but long enough to be read as one\n" * 50)
    ended = run("serve", "--port", "0", *arguments.split())

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mockserver: ")
    assert ended.stderr.count("\n") == 1
    for word in words:
        assert word in ended.stderr
    assert temporary(tmp_path) == []


def test_a_variable_without_a_meaning_is_named(run: Run) -> None:
    ended = run("serve", MOCKSERVER_PORT="many")

    assert ended.returncode == 2
    assert ended.stderr == "mockserver: MOCKSERVER_PORT: 'many' is not a whole number.\n"


def test_everything_wrong_with_a_scenario_is_said_with_its_line(tmp_path: Path, run: Run) -> None:
    (tmp_path / "wrong.yaml").write_text(
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
    ended = run("serve", "--port", "0", "--scenario", "wrong.yaml")

    assert (ended.returncode, ended.stdout) == (2, "")
    for line in (7, 8, 9):
        assert f"wrong.yaml:{line}: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert temporary(tmp_path) == []


def test_the_help_of_serve_has_every_option_with_its_default(help_of: Help) -> None:
    text = " ".join(help_of("serve").split())

    for option in (
        "--host ADDRESS",
        "--port PORT",
        "--store FILE",
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_while_it_starts_ends_it_with_nothing_left_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
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
    # The store is made long before anybody is served; its folder says that it has begun.
    while not list(folder.iterdir()) and process.poll() is None:
        pass
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.removeprefix("Stopped.\n")) == (0, "")
    assert list(folder.iterdir()) == []
