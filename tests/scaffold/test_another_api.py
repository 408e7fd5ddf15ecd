"""Another API edits no other file: the project's tests pass while it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mockserver.scaffold import prepare_document, write_api

ROOT = Path(__file__).resolve().parents[2]
TESTS = (
    "tests/apis/test_registry.py",
    "tests/check/phases/test_examples.py::test_the_mock_accepts_every_example_of_its_contracts[notes]",
    "tests/check/target/test_schema.py",
    "tests/check/test_derived_cases.py",
    "tests/client/test_client.py::test_a_reset_returns_to_the_scenario",
    "tests/scenarios/test_schema.py",
    "tests/scenarios/test_snapshot_file.py",
    "tests/server/control/test_context.py",
    "tests/test_docs_invariants.py",
    "tests/test_files.py",
    "tests/test_kit.py::test_a_kit_has_what_the_vendor_s_modules_define",
    "tests/test_structure.py::test_a_vendor_has_one_contract_and_the_same_modules_as_the_others",
    "tests/test_structure.py::test_a_vendor_is_named_in_its_folder_its_contract_its_tests_and_fixtures_only",
)
"""Quick tests that go over all APIs, or over tables and schemas that list them."""


def test_the_tests_of_the_project_pass_while_another_api_is_installed(tmp_path: Path) -> None:
    write_api("notes", prepare_document("notes", None), tmp_path)
    kept = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "mockserver",
            "-p",
            "no:cacheprovider",
            *TESTS,
        ],
        cwd=ROOT,
        env={**kept, "MOCKSERVER_APIS": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
