"""`mockserver checks`: a run that is started and followed, its report, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]


@pytest.fixture
def call(invoke: Call, run_server: Callable[..., AbstractContextManager[str]]) -> Iterator[Call]:
    """Runs a command on a server of its own."""
    with run_server() as url:
        yield partial(invoke, MOCKSERVER_URL=url)


def test_a_check_is_started_followed_reported_and_deleted(call: Call, tmp_path: Path) -> None:
    quick = ("--api", "ekran", "--phase", "examples", "--quick")
    done = call("checks", "start", *quick, "--follow")
    assert done.exit_code == 0, done.output
    first, verdict, last = done.stdout.splitlines()
    assert first.startswith("ekran: examples: ")
    assert verdict.startswith("ekran: pass: ")
    assert last.startswith("Check 1: passed after ")

    file = tmp_path / "check.json"
    written = call("checks", "report", "1", file)
    assert written.stdout == f"The report of check 1 is in '{file}'.\n"
    assert call("checks", "report", "1").stdout == f"{file.read_text()}\n"
    kept = call("checks", "keep", file)
    assert kept.stdout == "The report is kept as check 2: this server, passed.\n"

    listed = call("checks").stdout.splitlines()
    assert [line.split()[0] for line in listed if line[0].isalnum()] == ["Id", "2", "1"]
    assert json.loads(call("checks", "list", "--json").stdout)["checks"][0]["source"] == "report"
    assert call("checks", "show", "2").stdout.splitlines()[1:] == [verdict, "Check 2: passed"]
    assert call("checks", "follow", "2").exit_code == 0
    assert call("checks", "stop", "1").stdout == "Check 1 has ended: passed.\n"
    assert call("checks", "delete", "1").stdout == "Check 1 is deleted.\n"
    gone = call("checks", "show", "1")
    sentence = "mockserver: There is no check 1; it may have been deleted\n"
    assert (gone.exit_code, gone.stderr) == (2, sentence)


def test_a_run_that_was_stopped_has_the_exit_code_1(call: Call) -> None:
    assert call("checks", "start").stdout == "Check 1 of this server has begun.\n"
    assert call("checks", "stop", "1").stdout == "Check 1 is stopping.\n"
    done = call("checks", "follow", "1")
    assert done.exit_code == 1, done.output
    assert "\nCheck 1: stopped after " in f"\n{done.stdout}"


def test_what_the_server_does_not_know_is_refused(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = call("checks", "start", "staging")
    assert unknown.exit_code == 2
    assert unknown.stderr.startswith("mockserver: There is no target 'staging', since there is no")
    assert call("checks", "targets").exit_code == 0
    (tmp_path / "targets.yaml").mkdir()
    monkeypatch.chdir(tmp_path)  # of the server too, which runs in this process
    unreadable = "mockserver: The targets file 'targets.yaml' cannot be read: Is a directory.\n"
    for command in (["targets"], ["start", "staging"]):
        refused = call("checks", *command)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (2, "", unreadable)
    file = tmp_path / "no.json"
    file.write_text('{"passed": true}')
    refused = call("checks", "keep", file)
    assert refused.exit_code == 2
    assert "/request/body" in refused.stderr
    missing = call("checks", "keep", tmp_path / "gone.json")
    assert missing.stderr == (
        f"mockserver: '{tmp_path / 'gone.json'}' cannot be read: No such file or directory.\n"
    )
