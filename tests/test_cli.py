"""The command line, as a process of its own: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import mockserver

BEARER = {"Authorization": "Bearer token", "access-token": "token"}
LOG = "/v1/customer/sessions/1/log"
PROGRAM = (sys.executable, "-m", "mockserver")
SECONDS = 60


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    """The environment without our own variables, its temporary files in a folder of the test."""
    kept = {name: value for name, value in os.environ.items() if "MOCKSERVER" not in name}
    temporary = tmp_path / "temporary"
    temporary.mkdir(exist_ok=True)
    return {**kept, "TMPDIR": str(temporary), **variables}


def run(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=tmp_path,
        env=environment(tmp_path, **variables),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


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


@contextmanager
def serving(
    tmp_path: Path,
    *arguments: str,
    program: tuple[str, ...] = (*PROGRAM, "serve"),
    **variables: str,
) -> Iterator[Serving]:
    """The server, from when it has announced itself."""
    process = subprocess.Popen(
        [*program, *arguments],
        cwd=tmp_path,
        env=environment(tmp_path, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line == "Ctrl-C stops it.\n":
                break
        else:
            pytest.fail(f"It ended: {process.communicate(timeout=SECONDS)[1]}")
        found = re.search(r"http://\S+:\d+", lines[0])
        assert found
        with httpx.Client(base_url=found[0], headers=BEARER) as client:
            yield Serving(process, lines, client)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def temporary(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "temporary").iterdir())


def test_it_prints_its_url_and_one_line_for_each_api(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0", "--scenario", "documented") as it:
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
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "--port", "0", "--scenario", "documented") as it:
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


def test_the_options_reach_the_server(tmp_path: Path) -> None:
    options = "--port 0 --only avaamo --only ekran --seed 7 --freeze-at 2025-08-21T14:30:00Z"
    with serving(tmp_path, *options.split(), "--body-limit", "10", "--host", "localhost") as it:
        assert [line.split()[0] for line in it.lines[1:-1]] == ["avaamo", "ekran"]
        answer = it.client.get("/api/v1/cap/change_logs.json")
        assert answer.headers["x-mock-seed"] == "7"
        assert answer.json()["time_token"] == 1755786600
        assert it.client.get(LOG).status_code == 404
        large = it.client.request("GET", "/ekranapi/sessions", content=b"x" * 11)
        assert large.status_code == 413


def test_several_apis_can_be_named_with_commas(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0", "--only", "avaamo,ekran") as it:
        assert [line.split()[0] for line in it.lines[1:-1]] == ["avaamo", "ekran"]


def test_every_setting_is_read_from_the_environment_and_options_go_first(tmp_path: Path) -> None:
    with serving(
        tmp_path,
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


def test_a_scenario_file_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ndescription: One session.\nseed: 3\n"
        "apis: {calwe: {documents: {session: [{id: mine, status: PENDING}]}}}\n",
        encoding="utf-8",
    )
    with serving(tmp_path, "--port", "0", "--scenario", "mine.yaml") as it:
        assert it.client.get("/v1/customer/sessions/mine/log").json()["data"]["total"] == 0
        assert it.client.get(LOG).status_code == 404


def test_a_store_survives_the_death_of_the_process(tmp_path: Path) -> None:
    options = ("--port", "0", "--scenario", "documented", "--store", "worlds.sqlite")
    with serving(tmp_path, *options) as it:
        for name in ("default", "other"):
            headers = {"X-Mock-Sandbox": name}
            answer = it.client.post(LOG, headers=headers, json={"action_type": "ENDED"})
            assert answer.status_code == 200
        it.process.kill()
        it.process.wait(SECONDS)

    with serving(tmp_path, *options) as it:
        for name, total in (("default", 4), ("other", 4), ("new", 2)):
            log = it.client.get(LOG, headers={"X-Mock-Sandbox": name}).json()["data"]
            assert log["total"] == total
        assert it.client.post(LOG, json={"action_type": "LEFT"}).status_code == 422


def test_it_serves_from_any_folder_and_in_production_mode(tmp_path: Path) -> None:
    # `-O` takes every assertion away; whoever leans on one for more than a check would notice.
    program = (sys.executable, "-O", "-m", "mockserver", "serve")
    variables = {"NODE_ENV": "production", "FLASK_ENV": "production"}
    arguments = ("--port", "0", "--scenario", "documented")
    with serving(tmp_path, *arguments, program=program, **variables) as it:
        assert it.client.post(LOG, json={"action_type": "ENDED"}).status_code == 200
        assert it.client.post(LOG, json={"action_type": "ENDED"}).status_code == 422
        assert it.client.get("/v1/x/%E0%A4%A").status_code == 400


def test_a_taken_port_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(tmp_path, "serve", "--port", str(port))

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
    tmp_path: Path, arguments: str, sentence: str
) -> None:
    ended = run(tmp_path, "serve", *arguments.split())

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
    tmp_path: Path, arguments: str, words: list[str]
) -> None:
    (tmp_path / "text.txt").write_text("no database, but long enough to be read as one\n" * 50)
    ended = run(tmp_path, "serve", "--port", "0", *arguments.split())

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mockserver: ")
    assert ended.stderr.count("\n") == 1
    for word in words:
        assert word in ended.stderr
    assert temporary(tmp_path) == []


@pytest.mark.parametrize(
    "arguments", ["serve --prot 1", "serve extra", "serve --port", "sevre", "apis --all"]
)
def test_what_is_no_option_and_no_command_is_refused(tmp_path: Path, arguments: str) -> None:
    ended = run(tmp_path, *arguments.split())

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Error: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_variable_without_a_meaning_is_named(tmp_path: Path) -> None:
    ended = run(tmp_path, "serve", MOCKSERVER_PORT="many")

    assert ended.returncode == 2
    assert ended.stderr == "mockserver: MOCKSERVER_PORT: 'many' is not a whole number.\n"


def test_everything_wrong_with_a_scenario_is_said_with_its_line(tmp_path: Path) -> None:
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
    ended = run(tmp_path, "serve", "--port", "0", "--scenario", "wrong.yaml")

    assert (ended.returncode, ended.stdout) == (2, "")
    for line in (7, 8, 9):
        assert f"wrong.yaml:{line}: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert temporary(tmp_path) == []


def test_the_version(tmp_path: Path) -> None:
    ended = run(tmp_path, "--version")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"mockserver, version {mockserver.__version__}\n"


def help_of(tmp_path: Path, *command: str) -> str:
    ended = run(tmp_path, *command, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def example_in(text: str) -> list[str]:
    """The command line that stands under `Example:`."""
    found = re.search(r"^ *Example:\n +(mockserver\b.*)$", text, re.MULTILINE)
    assert found, text
    return shlex.split(found[1])


def test_the_commands_are_these(tmp_path: Path) -> None:
    commands = help_of(tmp_path).partition("\nCommands:\n")[2].partition("\n\n")[0]

    assert re.findall(r"^  (\S+)", commands, re.MULTILINE) == ["apis", "fixtures", "serve"]


@pytest.mark.parametrize(
    "command",
    [(), ("serve",), ("apis",), ("fixtures",), ("fixtures", "check"), ("fixtures", "schema")],
    ids=" ".join,
)
def test_the_example_of_a_help_works_as_printed(tmp_path: Path, command: tuple[str, ...]) -> None:
    _, *arguments = example_in(help_of(tmp_path, *command))
    assert command == () or arguments[0] == command[0]

    if arguments[0] == "serve":
        with serving(tmp_path, *arguments, "--port", "0", program=PROGRAM) as it:
            assert it.client.get("/__mock__/ready").status_code == 200
            assert it.stop()[0] == 0
    else:
        ended = run(tmp_path, *arguments)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout


def test_h_is_short_for_help(tmp_path: Path) -> None:
    assert run(tmp_path, "serve", "-h").stdout == help_of(tmp_path, "serve")


def test_the_help_of_serve_has_every_option_with_its_default(tmp_path: Path) -> None:
    text = " ".join(help_of(tmp_path, "serve").split())

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


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_table_of_apis_has_each_operation_unbroken(tmp_path: Path, columns: str) -> None:
    ended = run(tmp_path, "apis", COLUMNS=columns)

    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert "API Operations documented example neighbour assumed" in lines
    assert any(re.match(r"autozod GET /api/sessionLogs/list( \d+){4}$", line) for line in lines)
    assert any(
        re.match(r"avaamo GET /api/v1/cap/change_logs\.json( \d+){4}$", line) for line in lines
    )
    assert any(
        re.match(r"calwe GET /v1/customer/sessions/\{id\}/log( \d+){4}$", line) for line in lines
    )
    assert "POST /v1/customer/sessions/{id}/log" in lines
    assert "GET /v1/coach/sessions/{id}/log" in lines
    assert "POST /v1/coach/sessions/{id}/log" in lines
    assert any(re.match(r"ekran GET /ekranapi/sessions( \d+){4}$", line) for line in lines)


def test_fixtures_that_are_right_are_said_to_be(tmp_path: Path) -> None:
    done = run(tmp_path, "fixtures", "check", "documented")
    assert (done.returncode, done.stdout) == (0, "documented.yaml: right\n")


def test_fixtures_that_are_wrong_are_said_with_their_place_and_end_with_1(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: Mine.\nsed: 1\nclok: real\n")
    done = run(tmp_path, "fixtures", "check", "mine.yaml", "documented")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "mine.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?",
        "mine.yaml:4: clok: 'clok' is not known here; did you mean 'clock'?",
        "documented.yaml: right",
    ]


def test_fixtures_that_are_not_there_end_with_2(tmp_path: Path) -> None:
    done = run(tmp_path, "fixtures", "check", "documentd")
    assert done.returncode == 2
    assert "did you mean 'documented'?" in done.stderr


def test_the_schema_of_fixtures_is_printed(tmp_path: Path) -> None:
    done = run(tmp_path, "fixtures", "schema")
    assert json.loads(done.stdout)["title"] == "A scenario of Mockserver"


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
