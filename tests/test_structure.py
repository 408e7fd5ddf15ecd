"""Structure: vendors in their own folders, modules of readable length, literals in one place."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "mockserver"
VENDORS = sorted(path.parent.name for path in (SOURCE / "apis").glob("*/__init__.py"))
MODULES = [
    path.relative_to(SOURCE)
    for path in sorted(SOURCE.rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py")
]


def tracked(*patterns: str) -> list[Path]:
    """The files under version control, without the files that a test run leaves behind."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_module_has_a_docstring_and_a_readable_length() -> None:
    """The first line of a docstring is a sentence; a module has at most 500 lines."""
    offenders = []
    for module in MODULES:
        text = (SOURCE / module).read_text(encoding="utf-8")
        first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        if not first.endswith((".", ":")):
            offenders.append(f"{module}: its docstring begins with '{first}'")
        if len(text.splitlines()) > 500:
            offenders.append(f"{module}: it has {len(text.splitlines())} lines")
    assert len(MODULES) > 50
    assert offenders == []


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_is_named_in_its_folder_its_contract_its_tests_and_fixtures_only(
    name: str,
) -> None:
    own = SOURCE / "apis" / name
    places = tracked("src", "contract_tests", "pyproject.toml", "Makefile", ".ci", "tools")
    named = [
        path.relative_to(ROOT)
        for path in places
        if own not in path.parents and re.search(name, path.read_text("utf-8"), re.IGNORECASE)
    ]
    assert named == []


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_has_one_contract_and_the_same_modules_as_the_others(name: str) -> None:
    modules = {path.stem for path in (SOURCE / "apis" / name).glob("*.py")}
    contracts = [ROOT / "openapi" / f"{name}.yaml", SOURCE / "apis" / name / "openapi.yaml"]
    assert sum(path.is_file() for path in contracts) == 1
    assert {"__init__", "handlers", "events", "model", "seed", "wire"} <= modules


def test_no_file_names_a_place_on_somebody_s_machine_or_a_registry() -> None:
    forbidden = re.compile(r"/(home|root|Users|work|opt)/[a-z]|pypi\.org|registry\.npmjs|file:///")
    named = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__).resolve()
        and (match := forbidden.search(path.read_text("utf-8", errors="replace")))
    ]
    assert named == []


def test_the_literal_messages_stand_in_one_place_of_the_source() -> None:
    """A vendor's Arabic is written in its wire and nowhere else."""
    arabic = re.compile("[\u0600-\u06ff]{3,}")
    places = {
        path.name
        for path in SOURCE.rglob("*.py")
        if arabic.search(path.read_text(encoding="utf-8"))
    }
    assert places == {"wire.py"}
