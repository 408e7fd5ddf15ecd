"""`mockserver load` and `scenarios`, against a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Mock = Callable[..., Result]

MINE = """\
name: mine
description: One session.
clock: {freeze: 2025-01-01T00:00:00Z}
apis: {calwe: {documents: {session: [{id: mine, status: PENDING, customer: سارة}]}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named relative to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def test_a_scenario_of_the_server_is_loaded(mock: Mock) -> None:
    done = mock("load", "calwe-empty", "--seed", "7")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Scenario 'calwe-empty' is loaded into sandbox 'command-")
    assert ": 1 document, seed 7, clock at " in done.stdout
    assert mock("state", "avaamo", "change").stdout.endswith("0 documents.\n")


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml"])
def test_a_file_is_loaded_and_a_reset_leads_back_to_it(mock: Mock, name: str) -> None:
    Path(name).write_text(MINE, encoding="utf-8")
    done = mock("load", name)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Scenario 'mine' is loaded into sandbox 'command-")
    assert done.stdout.endswith(", clock at 2025-01-01T00:00:00Z, frozen.\n")
    mock("state", "delete", "calwe", "session", "mine")
    assert "as scenario 'mine' has it: 1 document" in mock("reset").stdout
    assert "سارة" in mock("state", "calwe", "session", "mine").stdout


def test_stdin_is_loaded(mock: Mock) -> None:
    done = mock("load", "-", "--json", input=MINE.encode())
    assert json.loads(done.stdout)["scenario"] == "mine"


def test_a_scenario_is_added_to_the_world(mock: Mock) -> None:
    Path("more.yaml").write_text(MINE, encoding="utf-8")
    done = mock("load", "more.yaml", "--add")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("'more.yaml' is added to sandbox 'command-")
    assert ": 16 documents, seed " in done.stdout
    assert "as scenario 'documented' has it: 15 documents" in mock("reset").stdout


def test_everything_wrong_with_a_file_is_said_with_its_line_and_nothing_is_loaded(
    mock: Mock,
) -> None:
    Path("wrong.yaml").write_text(
        "name: wrong\n"
        "description: Three faults.\n"
        "sed: 3\n"
        "apis:\n"
        "  calwe: {documents: {session: [{id: one, status: ASLEEP}]}}\n"
        "  calw: {}\n"
    )
    done = mock("load", "wrong.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "wrong.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?" in done.stderr
    assert "wrong.yaml:5: apis.calwe.documents.session.0.status: " in done.stderr
    assert "wrong.yaml:6: apis.calw: 'calw' is not known here; did you mean 'calwe'?" in done.stderr
    assert "body:" not in done.stderr
    assert "15 documents" in mock("reset").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("documentd", "did you mean 'documented'?"),
        ("none.yaml", "'none.yaml' cannot be read: No such file or directory."),
        ("documented --seed -1", "-1"),
        ("calwe-empty --add --seed 1", "seed"),
    ],
)
def test_what_cannot_be_loaded_is_refused(mock: Mock, arguments: str, words: str) -> None:
    done = mock("load", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_the_scenarios_are_listed(mock: Mock) -> None:
    lines = [" ".join(line.split()) for line in mock("scenarios").stdout.splitlines()]
    assert lines[0] == "Name Description"
    assert "calwe-empty A session whose log has no entries." in lines
    assert len(lines) > 30
    listed = json.loads(mock("scenarios", "--json").stdout)["scenarios"]
    assert {"name": "calwe-empty", "description": "A session whose log has no entries."} in listed


def test_a_scenario_is_printed_as_it_is_written(mock: Mock) -> None:
    source = Path(__file__).parents[2] / "fixtures" / "documented.yaml"
    assert mock("scenarios", "documented").stdout_bytes == source.read_bytes()
    whole = json.loads(mock("scenarios", "documented", "--json").stdout)
    assert whole["source"] == source.read_text(encoding="utf-8")


def test_a_scenario_that_is_not_there_is_said_with_the_nearest(mock: Mock) -> None:
    done = mock("scenarios", "documentd")
    assert done.exit_code == 2
    assert "did you mean 'documented'?" in done.stderr
