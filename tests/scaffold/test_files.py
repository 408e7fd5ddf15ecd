"""The folder of a new API works as it is: its tests pass, and the contract kit finds nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.errors import SettingError
from mockserver.scaffold import prepare_document, write_api

PROGRAM = """
import pytest
pytest.main(["-q", "-p", "mockserver", "-p", "no:cacheprovider", "apis"])
print("The server:")

import httpx
from mockserver import apis
from mockserver.check.runner import Plan, check
from mockserver.check.target.target import Target
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

with run_in_thread(Settings(port=0, only=("library",))) as url:
    (verdict,) = check(Target("mock", url), apis.load(["library"]).values(), Plan(is_quick=True))
    print(verdict.failures, verdict.warnings, verdict.inconclusive)

    books = f"{url}/v3/books"
    book = '{"isbn": "9780000000001", "title": "A", "pages": PAGES, "other": 99999999999999999999}'
    headers = {"content-type": "application/json"}
    with httpx.Client(headers=headers, verify=False) as client:
        for pages in ("5", "99999999999999999999"):
            print(client.post(books, content=book.replace("PAGES", pages)).status_code)
        print(client.get(f"{books}/9780000000001").json())
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    pytest = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, "MOCKSERVER_APIS": "apis", **pytest}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an API was made of a document by the command line."""
    folder = tmp_path_factory.mktemp("project")
    document = str(Path(__file__).with_name("library.yaml"))
    options = ["--from", document, "--folder", str(folder / "apis")]
    done = CliRunner().invoke(main, ["new-api", "library", *options])
    assert done.exit_code == 0, done.output
    assert "apis/library/openapi.yaml" in done.stdout
    return folder


@pytest.fixture(scope="module")
def printed(folder: Path) -> tuple[str, list[str]]:
    """What one process prints: a run of the tests; findings of a check, and some responses."""
    done = run(folder, "-c", PROGRAM)
    assert done.returncode == 0, done.stdout + done.stderr
    tests, _, served = done.stdout.partition("The server:\n")
    return tests, served.splitlines()


def test_its_tests_pass(printed: tuple[str, list[str]]) -> None:
    assert re.search("^7 passed in [0-9.]+s$", printed[0], re.MULTILINE), printed[0]


def test_the_contract_kit_finds_nothing(printed: tuple[str, list[str]]) -> None:
    assert printed[1][0] == "() () ()"


def test_its_source_is_formatted_and_linted(folder: Path) -> None:
    options = ["--isolated", "--line-length", "100"]
    for command in (["format", "--check"], ["check", "--select", "E,F,UP"]):
        done = run(folder, "-m", "ruff", *command, *options, "apis")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["Library", "my-api", "class", "1a", "../a"])
def test_a_name_that_python_cannot_import_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match="cannot name an API"):
        write_api(name, prepare_document(name, None), tmp_path)


def test_an_api_without_a_document_starts_with_a_list(tmp_path: Path) -> None:
    write_api("notes", prepare_document("notes", None), tmp_path)
    contract: dict[str, Any] = yaml.safe_load((tmp_path / "notes" / "openapi.yaml").read_text())
    assert list(contract["paths"]) == ["/items", "/items/{id}"]
    assert contract["servers"] == [{"url": "/notes"}]


def test_a_contract_has_no_anchors(tmp_path: Path) -> None:
    write_api("notes", prepare_document("notes", None), tmp_path)
    tokens = yaml.scan((tmp_path / "notes" / "openapi.yaml").read_text())
    assert not [it for it in tokens if isinstance(it, yaml.AnchorToken | yaml.AliasToken)]


def test_a_property_that_the_contract_does_not_have_is_not_kept(
    printed: tuple[str, list[str]],
) -> None:
    kept = {"isbn": "9780000000001", "title": "A", "pages": 5}
    assert printed[1][1:] == ["201", "400", str(kept)]


def test_a_response_is_its_example_where_it_has_no_schema(folder: Path) -> None:
    assert 'LEND_BOOK: Any = {"days": 14}' in (folder / "apis/library/wire.py").read_text()
