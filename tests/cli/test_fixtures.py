"""`mockserver fixtures`, as a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., AbstractContextManager[Any]]


def test_fixtures_that_are_right_are_said_to_be(run: Run) -> None:
    done = run("fixtures", "check", "documented")
    assert (done.returncode, done.stdout) == (0, "documented.yaml: right\n")


def test_fixtures_that_are_wrong_are_said_with_their_place_and_end_with_1(
    tmp_path: Path, run: Run
) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: Mine.\nsed: 1\nclok: real\n")
    done = run("fixtures", "check", "mine.yaml", "documented")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "mine.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?",
        "mine.yaml:4: clok: 'clok' is not known here; did you mean 'clock'?",
        "documented.yaml: right",
    ]


def test_fixtures_that_are_not_there_end_with_2(run: Run) -> None:
    done = run("fixtures", "check", "documentd")
    assert done.returncode == 2
    assert "did you mean 'documented'?" in done.stderr


def test_the_schema_of_fixtures_is_printed(run: Run) -> None:
    done = run("fixtures", "schema")
    assert json.loads(done.stdout)["title"] == "A scenario of Mockserver"
