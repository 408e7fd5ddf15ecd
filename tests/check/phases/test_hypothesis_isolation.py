"""Neither the program that runs Hypothesis nor its current folder changes what is generated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import configuration
from hypothesis.internal.conjecture.providers import HypothesisProvider

from mockserver.check.phases.generated import isolate_hypothesis

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[2])
if sys.argv[3] == "much":
    import of_somebody
from mockserver import apis
from mockserver.check.http.connection import Connection
from mockserver.check.phases.generated import run_generated
from mockserver.check.validation.results import Results
from mockserver.check.http.mock import find_mock
from mockserver.check.target.target import Target
from mockserver.check.context import CheckContext
api = apis.load(["avaamo"])["avaamo"]
target = Target(name="t", url=sys.argv[1])
mock = find_mock(target)
results = Results(api, phase="generated")
context = CheckContext(
    target, api, Connection(target), results, {}, may_write=True, mock=mock, is_quick=True
)
run_generated(context)
mock.close()
sent = [exchange.request for _, _, exchange, _ in context.results.traffic]
print(json.dumps([(it.method, it.path, it.query, it.body.hex()) for it in sent]))
"""


@pytest.fixture
def requests(mock_url: str, tmp_path: Path) -> list[list[list[str]]]:
    """The requests of two programs, one of which has a module full of texts and numbers."""
    texts = [f"text {n}" for n in range(300)]
    numbers = [*range(256), *(2**n + 3 for n in range(60))]
    (tmp_path / "of_somebody.py").write_text(f"TEXTS = {texts}\nNUMBERS = {numbers}\n")
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, mock_url, str(tmp_path), loaded],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
            cwd=tmp_path,  # what lies below is what Hypothesis takes for local
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=True,
        )
        for loaded in ("much", "little")
    ]
    return [json.loads(run.stdout) for run in runs]


def test_loaded_modules_change_no_request_and_the_folder_stays_clean(
    requests: list[list[list[str]]], tmp_path: Path
) -> None:
    much, little = requests
    assert len(much) > 100
    assert much == little
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


def test_local_constants_are_restored() -> None:
    before = HypothesisProvider.__dict__["_local_constants"]
    with isolate_hypothesis():
        assert len(HypothesisProvider(None)._local_constants) == 0
    assert HypothesisProvider.__dict__["_local_constants"] is before
