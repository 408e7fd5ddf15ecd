"""The files for contributors and their tools name commands, targets and files that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", GITHUB / "PULL_REQUEST_TEMPLATE.md"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
MAKE = re.compile(r"(?:`|\$ )make ([a-z-]+)")


def load_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def list_steps(workflow: Any) -> Iterator[Any]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_there_are_workflows_and_issue_forms() -> None:
    assert len(WORKFLOWS) >= 1
    assert len(FORMS) >= 3


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_targets_of_the_makefile_and_bounds_its_time(path: Path) -> None:
    workflow = load_yaml(path)
    assert workflow[True]  # so YAML 1.1 reads `on`
    assert workflow["permissions"] == {"contents": "read"}
    assert all({"runs-on", "timeout-minutes"} <= set(job) for job in workflow["jobs"].values())
    for step in list_steps(workflow):
        assert ("uses" in step) is not ("run" in step)
        if "run" in step:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
            program, target, *_ = shlex.split(step["run"])
            assert program == "make"
            assert target in TARGETS


def test_the_workflows_test_the_versions_that_the_metadata_names_and_build_wheel_and_docs() -> None:
    workflow = load_yaml(GITHUB / "workflows" / "ci.yml")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    runs = [step["run"] for step in list_steps(workflow) if "run" in step]
    assert {shlex.split(run)[1] for run in runs} == {"test", "wheel", "docs"}
    uploaded = [step["with"]["path"] for step in list_steps(workflow) if "if-no-files" in str(step)]
    assert uploaded == ["dist/", "site/"]


def test_the_hooks_run_programs_of_the_virtual_environment_and_fetch_nothing() -> None:
    hooks = []
    for repository in load_yaml(ROOT / ".pre-commit-config.yaml")["repos"]:
        assert repository["repo"] == "local"
        hooks += repository["hooks"]
    assert {hook["id"] for hook in hooks} >= {"ruff-format", "ruff-check", "mypy", "import-linter"}
    for hook in hooks:
        assert hook["language"] == "system"
        program = Path(shlex.split(hook["entry"])[0])
        assert program.parent == Path(".venv/bin")
        assert (Path(sys.executable).parent / program.name).is_file()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_is_one_that_github_accepts(path: Path) -> None:
    form = load_yaml(path)
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "labels", "body"}
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert any(field.get("validations", {}).get("required") for field in fields)
    assert len({field["id"] for field in fields}) == len(fields)
    for field in fields:
        assert field["attributes"]["label"]
        options = field["attributes"].get("options", [])
        assert bool(options) is (field["type"] in ("dropdown", "checkboxes"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_for_contributors_names_targets_of_the_makefile(path: Path) -> None:
    assert set(MAKE.findall(path.read_text("utf-8"))) <= TARGETS


def test_contributing_names_what_a_contributor_runs() -> None:
    named = set(MAKE.findall(PAGES[0].read_text("utf-8")))
    assert named >= {"test", "lint", "types", "docs", "tests", "coverage", "wheel", "constraints"}
