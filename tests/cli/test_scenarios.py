"""`mockserver load` and `scenarios`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]

MINE = """\
name: mine
description: One session.
clock: {freeze: 2025-01-01T00:00:00Z}
apis: {calwe: {documents: {session: [{id: mine, status: PENDING, customer: سارة}]}}}
"""


def test_a_scenario_of_the_server_is_loaded(call: Call) -> None:
    done = call("load", "calwe-empty", "--seed", "7")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Scenario 'calwe-empty' is loaded into sandbox 'command-")
    assert ": 1 document, seed 7, clock at " in done.stdout
    assert call("state", "avaamo", "change").stdout.endswith("0 documents.\n")


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml"])
def test_a_file_is_loaded_and_a_reset_returns_to_it(call: Call, folder: Path, name: str) -> None:
    (folder / name).write_text(MINE, encoding="utf-8")
    done = call("load", name)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Scenario 'mine' is loaded into sandbox 'command-")
    assert done.stdout.endswith(", clock at 2025-01-01T00:00:00Z, frozen.\n")
    call("state", "delete", "calwe", "session", "mine")
    assert "reset to 'mine': 1 document" in call("reset").stdout
    assert "سارة" in call("state", "calwe", "session", "mine").stdout


def test_stdin_is_loaded(call: Call) -> None:
    done = call("load", "-", "--json", input=MINE.encode())
    assert json.loads(done.stdout)["scenario"] == "mine"


def test_a_scenario_is_added(call: Call, folder: Path) -> None:
    (folder / "more.yaml").write_text(MINE, encoding="utf-8")
    done = call("load", "more.yaml", "--add")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("'more.yaml' is added to sandbox 'command-")
    assert ": 16 documents, seed " in done.stdout
    assert "reset to 'documented': 15 documents" in call("reset").stdout


def test_all_faults_of_a_file_are_listed_and_nothing_is_loaded(call: Call, folder: Path) -> None:
    (folder / "wrong.yaml").write_text(
        "name: wrong\n"
        "description: Three faults.\n"
        "sed: 3\n"
        "apis:\n"
        "  calwe: {documents: {session: [{id: one, status: ASLEEP}]}}\n"
        "  calw: {}\n"
    )
    done = call("load", "wrong.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "wrong.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?" in done.stderr
    assert "wrong.yaml:5: apis.calwe.documents.session.0.status: " in done.stderr
    assert "wrong.yaml:6: apis.calw: 'calw' is not known here; did you mean 'calwe'?" in done.stderr
    assert "body:" not in done.stderr
    assert "15 documents" in call("reset").stdout


def test_a_dry_run_lists_the_faults_and_loads_nothing(call: Call, folder: Path) -> None:
    (folder / "wrong.yaml").write_text(MINE.replace("PENDING", "ASLEEP"), encoding="utf-8")
    wrong = call("load", "wrong.yaml", "--dry-run")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "wrong.yaml:4: apis.calwe.documents.session.0.status: " in wrong.stderr
    right = call("load", "-", "--dry-run", input=MINE.encode())
    assert (right.exit_code, right.stdout) == (0, "'-' has no faults; nothing is loaded.\n")
    assert "reset to 'documented': 15 documents" in call("reset").stdout
    assert "dry_run" in call("load", "-", "--dry-run", "--add", input=MINE.encode()).stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("documentd", "did you mean 'documented'?"),
        ("none.yaml", "'none.yaml' cannot be read: No such file or directory."),
        ("documented --seed -1", "-1"),
        ("calwe-empty --add --seed 1", "seed"),
    ],
)
def test_an_unreadable_scenario_is_refused(call: Call, arguments: str, words: str) -> None:
    done = call("load", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_the_scenarios_are_listed(call: Call) -> None:
    lines = [" ".join(line.split()) for line in call("scenarios").stdout.splitlines()]
    assert lines[0] == "Name Description"
    assert "calwe-empty A session whose log has no entries." in lines
    assert len(lines) > 30
    listed = json.loads(call("scenarios", "--json").stdout)["scenarios"]
    assert {"name": "calwe-empty", "description": "A session whose log has no entries."} in listed


def test_a_scenario_is_printed_as_it_is_written(call: Call) -> None:
    source = Path(__file__).parents[2] / "fixtures" / "documented.yaml"
    assert call("scenarios", "documented").stdout_bytes == source.read_bytes()
    whole = json.loads(call("scenarios", "documented", "--json").stdout)
    assert whole["source"] == source.read_text(encoding="utf-8")


def test_an_unknown_scenario_is_refused_with_the_nearest_name(call: Call) -> None:
    done = call("scenarios", "documentd")
    assert done.exit_code == 2
    assert "did you mean 'documented'?" in done.stderr


def test_a_scenario_is_loaded_with_another_clock(call: Call) -> None:
    done = call("load", "calwe-empty", "--freeze-at", "2031-01-01")
    assert done.stdout.endswith(", clock at 2031-01-01T00:00:00Z, frozen.\n")
