"""The mutation score: which phases of the contract kit see which mutations of the mock."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from mockserver import apis
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.kit import load_kit

ROOT = Path(__file__).resolve().parents[1]
APIS = apis.load()


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/mutation_score.py, where its processes find it too."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("mutation_score")


def finding(*phases: str) -> Finding:
    return Finding(
        "calwe", "listSessionLogs", "type", "#/x", "documented", "It is wrong", phases=[*phases]
    )


def test_the_documented_matrix_has_every_mutation_and_no_survivor() -> None:
    page = (ROOT / "docs/mutation-score.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|.*\| (?:◆ )?(\w+) \|$", page, re.MULTILINE)
    known = [mutation.name for api in APIS.values() for mutation in load_kit(api).mutations]
    assert [name for name, _ in rows] == known
    assert {outcome for _, outcome in rows} <= {"killed", "assumed"}
    assert "The clean mock has no finding in any API." in page


def test_there_are_at_least_eighty_mutations_over_the_four_apis() -> None:
    numbers = {api.name: len(load_kit(api).mutations) for api in APIS.values()}
    assert len(numbers) == 4
    assert min(numbers.values()) >= 20
    assert sum(numbers.values()) >= 80


def test_every_mutation_has_a_name_and_a_sentence_of_its_own() -> None:
    for api in APIS.values():
        operations = {operation.id for operation in api.contract.operations}
        assert len({mutation.name for mutation in load_kit(api).mutations}) == len(
            load_kit(api).mutations
        )
        assert len({mutation.sentence for mutation in load_kit(api).mutations}) == len(
            load_kit(api).mutations
        )
        for mutation in load_kit(api).mutations:
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mutation.name)
            assert re.fullmatch(r"[A-Z`].{10,100}[.`]", mutation.sentence), mutation.sentence
            assert set(mutation.operations) <= operations
            assert mutation.operations


def test_a_failure_of_a_phase_goes_before_a_difference(tool: ModuleType) -> None:
    row = tool.read(
        "calwe",
        "x",
        Verdict(
            "calwe",
            failures=(finding("invariants"),),
            differences=(finding("invariants", "boundaries"),),
        ),
    )
    assert row.marks == {"invariants": "●", "boundaries": "○"}
    assert row.outcome == "killed"


def test_what_is_only_assumed_is_not_called_killed(tool: ModuleType) -> None:
    row = tool.read("calwe", "x", Verdict("calwe", differences=(finding("invariants"),)))
    assert (row.marks, row.outcome) == ({"invariants": "○"}, "assumed")


def test_a_run_with_inconclusive_is_red(tool: ModuleType) -> None:
    row = tool.read("calwe", "x", Verdict("calwe", inconclusive=("it proves nothing",)))
    assert (row.marks, row.outcome, row.sentence) == ({}, "killed", "it proves nothing")


def test_nothing_seen_is_a_survivor_that_the_page_names(tool: ModuleType) -> None:
    rows = [
        tool.read("calwe", "", Verdict("calwe")),
        tool.read("calwe", "write-lost", Verdict("calwe")),
        tool.read("calwe", "total-off-by-one", Verdict("calwe", failures=(finding("invariants"),))),
    ]
    page = tool.page(rows)
    assert "**2 mutations: 1 turn a run red, 0 more with `--evidence assumed`, 1 survive.**" in page
    assert "Survivors: `calwe.write-lost`." in page
    assert "| calwe | 2 | 0 | 0 | 0 | 1 | 0 | 1 | 0 | 1 |" in page


def test_a_mutation_is_killed_and_the_clean_mock_is_not(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "matrix.md"
    only = ["--quick", "--processes", "1"]
    for name in ("ekran", "ekran.start-ignored"):
        only += ["--only", name]
    assert tool.main([*only, str(file)]) == 0
    assert "**1 mutations: 1 turn a run red" in file.read_text("utf-8")
    clean, broken, _ = capsys.readouterr().out.splitlines()
    assert clean.startswith("survives  · · · · ·  ekran.(clean)")
    assert re.match(r"killed    . . . ● .  ekran\.start-ignored: \S", broken)


def test_a_survivor_or_a_finding_in_the_clean_mock_ends_with_1(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survivor = tool.read("calwe", "write-lost", Verdict("calwe"))
    dirty = tool.read("calwe", "", Verdict("calwe", failures=(finding("invariants"),)))
    for row in (survivor, dirty):
        monkeypatch.setattr(tool, "rows", lambda *_, row=row, **__: [row])
        assert tool.main([str(tmp_path / "matrix.md")]) == 1
    assert "findings in calwe" in (tmp_path / "matrix.md").read_text("utf-8")
