"""The files for CI on the how-to pages, run as a CI would: step by step, against a mock.

`pip` and `npm` are programs of the test: the first records its arguments, the second sends a
request to the mock as the frontend would. Everything else is what a runner would run; only that
both pages check staging with the same command is shown without running it twice.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from mockserver.check.reports.writers import WRITERS
from mockserver.cli import main

HOWTO = Path(__file__).resolve().parents[1] / "docs" / "howto"
FILE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STAGING = {
    "https://staging.example": "",  # its place is taken by a mock
    # What a mock has, in a time that a test has.
    "apis: [calwe, ekran]": "apis: [ekran]",
    "rate: 10": "rate: 0",
}
SECRETS = {"STAGING_CALWE_TOKEN": "a-calwe-token", "STAGING_EKRAN_KEY": "an-ekran-key"}
PIP = '#!/bin/sh\necho "$@" >> pip.log\n'
NPM = """#!/bin/sh
[ "$1" = ci ] || exec curl --silent --fail --output requested "$API_URL/ekranapi/sessions"
"""
MOCKSERVER = """#!/bin/sh
echo "$@" "$STAGING_CALWE_TOKEN" "$STAGING_EKRAN_KEY" > "reports/$ARGUMENTS"
"""
Commands = list[tuple[Mapping[str, str], str]]
"""What is run, each with the variables that it is given."""


def files(page: str) -> dict[str, str]:
    """The files of a page, by name."""
    return dict(FILE.findall((HOWTO / page).read_text(encoding="utf-8")))


def github(name: str) -> Commands:
    """The commands of a workflow's only job."""
    workflow = yaml.safe_load(files("github-actions.md")[name])
    (job,) = workflow["jobs"].values()
    return [
        ({**job["env"], **step.get("env", {})}, step["run"])
        for step in job["steps"]
        if "run" in step
    ]


def gitlab(name: str) -> Commands:
    """The commands of a job, which all run in one shell."""
    job = yaml.safe_load(files("gitlab-ci.md")[".gitlab-ci.yml"])[name]
    return [(job["variables"], "\n".join(job["before_script"] + job["script"]))]


FRONTEND = [
    pytest.param(github(".github/workflows/frontend.yml"), id="github"),
    pytest.param(gitlab("frontend"), id="gitlab"),
]
CONTRACTS = [github(".github/workflows/contracts.yml"), gitlab("contracts")]
ALL = [*(case.values[0] for case in FRONTEND), *CONTRACTS]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Runs commands as a runner does, each in a shell that ends at the first error."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("pip", PIP), ("npm", NPM)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    handed_on = tmp_path / "github_env"
    handed_on.touch()
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if "MOCKSERVER" not in name}

    def run(commands: Commands, **variables: str) -> str:
        printed = ""
        for given, command in commands:
            after = dict(line.split("=", 1) for line in handed_on.read_text().splitlines())
            mock = {"GITHUB_ENV": str(handed_on), "GITHUB_STEP_SUMMARY": str(tmp_path / "page")}
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", command],
                cwd=tmp_path,
                env={**kept, "PATH": path, "CI": "true", **given, **mock, **after, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
            )
            printed += done.stdout
            assert done.returncode == 0, printed
        return printed

    return run


@pytest.mark.parametrize("commands", FRONTEND)
def test_the_mock_is_there_for_the_tests_of_a_frontend_and_gone_after_them(
    commands: Commands,
    run: Callable[..., str],
    tmp_path: Path,
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    run(commands, MOCK_URL=url, API_URL=url, MOCKSERVER_PORT=port, MOCKSERVER_ONLY="ekran")
    assert (tmp_path / "pip.log").read_text().startswith("install mockserver-kit")
    assert (tmp_path / "requested").read_bytes().startswith(b"[{")
    assert f"listens on {url}" in (tmp_path / "mock.log").read_text()
    eventually(lambda: not _listens(int(port)))


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_staging_is_checked_with_its_file_secrets_baseline_and_reports(
    run: Callable[..., str], tmp_path: Path, server: str
) -> None:
    texts = files("github-actions.md")
    for old, new in STAGING.items():
        assert old in texts["targets.yaml"]
        texts["targets.yaml"] = texts["targets.yaml"].replace(old, new or server)
    for name in ("targets.yaml", "baseline.yaml"):
        (tmp_path / name).write_text(texts[name])
    printed = run(CONTRACTS[0], **SECRETS)
    assert f"staging, {server}:\nekran: pass: " in printed
    assert "\x1b" not in printed
    suites = ElementTree.parse(tmp_path / "reports" / "check.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["ekran"]
    reports = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert {"check.html", "check.json", "check.xml"} <= set(reports)
    assert "ekran: pass: " in (tmp_path / "page").read_text()
    for secret in SECRETS.values():
        assert secret not in printed
        for path in (tmp_path / "reports").iterdir():
            assert secret not in path.read_text("utf-8")


def test_both_pages_install_the_same_and_check_staging_with_the_same_command(
    run: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "programs" / "mockserver").write_text(MOCKSERVER)
    (tmp_path / "programs" / "mockserver").chmod(0o755)
    for number, commands in enumerate(CONTRACTS):
        run(commands, **SECRETS, ARGUMENTS=str(number))
    assert (tmp_path / "pip.log").read_text() == "install mockserver-kit[check]\n" * 2
    reports = tmp_path / "reports"
    arguments = (reports / "0").read_text()
    assert arguments.startswith("check staging --targets targets.yaml --baseline baseline.yaml ")
    assert arguments.endswith(f" {' '.join(SECRETS.values())}\n")
    assert (reports / "1").read_text() == arguments


@pytest.mark.parametrize("commands", ALL)
def test_every_command_is_one_of_bash(commands: Commands) -> None:
    assert commands
    for _, command in commands:
        checked = subprocess.run(
            ["bash", "-n"], input=command, capture_output=True, text=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("commands", ALL)
def test_every_option_is_one_of_the_help(commands: Commands) -> None:
    lines = "\n".join(command for _, command in commands).replace("\\\n", " ").splitlines()
    ours = [shlex.split(line) for line in lines if line.startswith("mockserver ")]
    assert ours
    for _, command, *words in ours:
        help = CliRunner().invoke(main, [command, "--help"]).stdout
        for option in [word for word in words if word.startswith("--")]:
            assert re.search(rf"^  .*{option}\b", help, re.MULTILINE), option
        for word in [word for word in words if re.match(r"[a-z]+=", word)]:
            assert word.partition("=")[0] in WRITERS


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item)
    elif isinstance(value, str):
        yield from re.findall(r"\$\{\{ secrets\.(\w+) }}", value)


def test_both_pages_have_the_same_target_and_baseline_and_the_secrets_that_it_needs() -> None:
    ours, theirs = files("github-actions.md"), files("gitlab-ci.md")
    for name in ("targets.yaml", "baseline.yaml"):
        assert ours[name] == theirs[name]
    target = yaml.safe_load(ours["targets.yaml"])["targets"]["staging"]
    assert set(target["credentials"].values()) == set(SECRETS)
    workflow = yaml.safe_load(ours[".github/workflows/contracts.yml"])
    assert set(_secrets(workflow)) == set(SECRETS)
    for name in SECRETS:
        assert name in theirs[".gitlab-ci.yml"]


def test_a_workflow_has_what_a_runner_needs() -> None:
    ours = files("github-actions.md")
    for name in (".github/workflows/frontend.yml", ".github/workflows/contracts.yml"):
        workflow = yaml.safe_load(ours[name])
        assert workflow[True]  # so YAML 1.1 reads `on`
        for job in workflow["jobs"].values():
            assert {"runs-on", "timeout-minutes", "steps"} <= set(job)
            for step in job["steps"]:
                assert ("uses" in step) is not ("run" in step)
    pipeline = yaml.safe_load(files("gitlab-ci.md")[".gitlab-ci.yml"])
    for name in ("frontend", "contracts"):
        assert pipeline[name]["stage"] in pipeline["stages"]
    assert pipeline["contracts"]["artifacts"]["reports"]["junit"] == "reports/check.xml"
