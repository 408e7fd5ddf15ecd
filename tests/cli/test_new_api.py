"""`mockserver new-api` writes files, and says what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_files_are_listed_with_the_next_step(folder: Path) -> None:
    done = CliRunner().invoke(main, ["new-api", "notes", "--folder", "mine"])
    assert done.exit_code == 0, done.output
    assert "  mine/notes/openapi.yaml\n" in done.output
    assert done.output.endswith("export MOCKSERVER_APIS=mine; mockserver serve --only notes\n")
    assert (folder / "mine" / "notes" / "tests" / "test_notes.py").is_file()


def test_a_document_that_is_not_there_is_an_error() -> None:
    done = CliRunner().invoke(main, ["new-api", "notes", "--from", "missing.yaml"])
    assert done.exit_code == 2
    assert "The document 'missing.yaml' cannot be read" in done.output


def test_an_existing_api_is_not_overwritten(folder: Path) -> None:
    (folder / "apis" / "notes").mkdir(parents=True)
    done = CliRunner().invoke(main, ["new-api", "notes"])
    assert done.exit_code == 2
    assert "nothing is overwritten" in done.output
