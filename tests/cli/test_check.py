"""`mockserver check`: one command, a verdict and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockserver.server.run import running
from mockserver.settings import Settings

Ended = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with running(Settings(port=0)) as url:
        yield url


def _check(folder: Path, *arguments: str, **environ: str) -> Ended:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "check", *arguments],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_the_mock_is_good_and_reports_are_written(mock: str, tmp_path: Path) -> None:
    reports = ("--report", "json=report.json", "--report", "junit=report.xml")
    ended = _check(tmp_path, mock, "--quick", "--api", "ekran", "--api", "avaamo", *reports)
    lines = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stdout
    assert [line.partition(":")[0] for line in lines if ": good: " in line] == ["avaamo", "ekran"]
    assert "0 failures, 0 differences, 0 known, 0 doubts, 0 unchecked" in lines[0]
    report = json.loads((tmp_path / "report.json").read_text())
    assert [api["api"] for api in report["apis"]] == ["avaamo", "ekran"]
    root = ElementTree.fromstring((tmp_path / "report.xml").read_bytes())
    assert {suite.get("failures") for suite in root} == {"0"}
    assert "avaamo: probes …" in ended.stderr


def test_one_layer_can_be_run(mock: str, tmp_path: Path) -> None:
    ended = _check(tmp_path, mock, "--api", "ekran", "--layer", "examples")
    assert (ended.returncode, ended.stderr) == (0, "ekran: examples …\n")
    assert ended.stdout == (
        "ekran: good: 7 requests, 0 failures, 0 differences, 0 known, 0 doubts, 0 unchecked\n"
    )


def test_a_credential_comes_from_the_environment_and_is_never_printed(
    tmp_path: Path,
) -> None:
    scenario = tmp_path / "locked.yaml"
    scenario.write_text(
        "name: locked\ndescription: One token.\nextends: documented\nclock: real\n"
        "tokens: {avaamo: {valid: [the-right-one]}}\n"
    )
    options = ("--api", "avaamo", "--layer", "examples", "--credential", "avaamo=OUR_TOKEN")
    with running(Settings(port=0, scenario=str(scenario), admin_token="closed")) as url:
        right = _check(tmp_path, url, *options, OUR_TOKEN="the-right-one")
        wrong = _check(tmp_path, url, *options, OUR_TOKEN="the-wrong-one")
    assert right.returncode == 0, right.stdout
    assert wrong.returncode == 1
    assert "DOUBT: the credential was refused throughout" in wrong.stdout
    assert "the-wrong-one" not in wrong.stdout + wrong.stderr


def test_a_target_that_cannot_be_judged_ends_with_2_and_a_sentence(tmp_path: Path) -> None:
    ended = _check(tmp_path, "http://127.0.0.1:9", "--api", "ekran")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith(
        "mockserver: GET http://127.0.0.1:9/ekranapi/sessions got no answer: "
    )
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--api", "ekrn"], "There is no API 'ekrn'; did you mean 'ekran'?"),
        (["--credential", "ekran"], "--credential: 'ekran' is not written NAME=VALUE."),
        (
            ["--credential", "ekran=NO_SUCH_VARIABLE"],
            "--credential: the environment has no variable 'NO_SUCH_VARIABLE'.",
        ),
        (["--known", "x"], "--known: 'x' is not written NAME=VALUE."),
        (
            ["--report", "pdf=x"],
            "--report: 'pdf' is no kind of report; 'json' and 'junit' are.",
        ),
        (["--baseline", "none.yaml"], "The baseline 'none.yaml' cannot be read: "),
    ],
)
def test_what_makes_no_sense_is_said(
    mock: str, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    ended = _check(tmp_path, mock, *arguments)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"mockserver: {sentence}")
