"""Neither the program that runs Hypothesis nor its current folder changes what is generated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import configuration, settings
from hypothesis.internal.conjecture.providers import HypothesisProvider

from mockserver.check.context import CheckContext
from mockserver.check.phases.generated import isolate_hypothesis, run_generated
from mockserver.check.target.target import Target

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[2])
import of_somebody
from mockserver import apis
from mockserver.check.phases.generated import run_generated
from mockserver.check.runner import Plan, connect
from mockserver.check.target.target import Target
with connect(Target("t", sys.argv[1]), Plan(is_quick=True)) as make_context:
    context = make_context(apis.load(["avaamo"])["avaamo"])
    run_generated(context)
sent = [exchange.request for _, _, exchange, _ in context.results.traffic]
print(json.dumps([(it.method, it.path, it.query, it.body.hex()) for it in sent]))
"""


def test_loaded_modules_change_no_request_and_the_folder_stays_clean(
    mock: Target, context: Callable[..., CheckContext], tmp_path: Path
) -> None:
    """A program with a module full of texts and numbers sends the requests of this program."""
    texts = [f"text {n}" for n in range(300)]
    numbers = [*range(256), *(2**n + 3 for n in range(60))]
    (tmp_path / "of_somebody.py").write_text(f"TEXTS = {texts}\nNUMBERS = {numbers}\n")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, mock.url, str(tmp_path)],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        cwd=tmp_path,  # what lies below is what Hypothesis takes for local
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=True,
    )
    made = context(mock, "avaamo")
    run_generated(made)
    sent = [exchange.request for _, _, exchange, _ in made.results.traffic]
    assert len(sent) > 90
    assert json.loads(run.stdout) == [[it.method, it.path, it.query, it.body.hex()] for it in sent]
    left = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"of_somebody.py", "cache"}
    assert (tmp_path / "cache" / "mockserver" / "hypothesis" / "unicode_data").is_dir()


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"XDG_CACHE_HOME": "/a"}, "/a/mockserver/hypothesis"),
        ({"HOME": "/b"}, "/b/.cache/mockserver/hypothesis"),
        ({"HYPOTHESIS_STORAGE_DIRECTORY": "/c", "HOME": "/b"}, None),
    ],
)
def test_the_folder_is_in_the_cache_of_the_user_or_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str | None
) -> None:
    for name in ("XDG_CACHE_HOME", "HYPOTHESIS_STORAGE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    before = configuration.storage_directory(intent_to_write=False).path
    with isolate_hypothesis():
        inside = configuration.storage_directory(intent_to_write=False).path
    assert inside == (before if folder is None else Path(folder))
    assert configuration.storage_directory(intent_to_write=False).path == before


def test_without_a_home_folder_nothing_is_kept_and_nothing_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CACHE_HOME", "HYPOTHESIS_STORAGE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    with isolate_hypothesis():
        settings().database  # noqa: B018 - warns where there is no folder for it

    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", fail)
    with isolate_hypothesis():
        inside = configuration.storage_directory(intent_to_write=False).path
    assert inside == Path("/dev/null/mockserver/hypothesis")


def test_local_constants_are_restored() -> None:
    before = HypothesisProvider.__dict__["_local_constants"]
    with isolate_hypothesis():
        assert len(HypothesisProvider(None)._local_constants) == 0
    assert HypothesisProvider.__dict__["_local_constants"] is before
