"""The mutation score: the contract kit sees the mutations of the mock."""

from __future__ import annotations

import importlib
import re
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

import pytest

from mockserver import apis
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.verdict import Verdict
from mockserver.kit import load_kit

ROOT = Path(__file__).resolve().parents[1]
MUTATIONS = {
    f"{api.name}.{mutation.name}": (api, mutation)
    for api in apis.load().values()
    for mutation in load_kit(api).mutations
}
SAMPLE = 30
"""One of so many mutations is chosen by its name, and of those the first of each operator is tried.

`make mutation-score` tries all."""


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/mutation_score.py, where its processes find it too."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("mutation_score")


def test_names_and_sentences_are_fit_for_a_url_and_for_a_table() -> None:
    assert len(MUTATIONS) == sum(len(load_kit(api).mutations) for api in apis.load().values())
    wrong = [
        name
        for name, (api, mutation) in MUTATIONS.items()
        if not re.fullmatch(r"[A-Za-z0-9._~:/*@-]+", name)
        or not re.fullmatch(r"[A-Z`][^|\n]{10,160}[.`]", mutation.sentence)
        or not mutation.operations
        or not {*mutation.operations} <= {it.id for it in api.contract.operations}
    ]
    assert wrong == []


def test_the_documentation_has_every_operator() -> None:
    page = (ROOT / "docs/mutations.md").read_text("utf-8")
    operators = {mutation.operator for _, mutation in MUTATIONS.values()}
    assert [it for it in sorted(operators) if f"`{it}`" not in page] == []


def test_each_reason_for_a_survivor_fits_a_mutation(tool: ModuleType) -> None:
    idle = [
        it for it in tool.read_reasons() if not any(fnmatchcase(name, it) for name in MUTATIONS)
    ]
    assert idle == []


def test_the_documented_score_has_no_survivor_without_a_reason() -> None:
    page = (ROOT / "docs/mutation-score.md").read_text("utf-8")
    assert "The clean mock has no finding in any API." in page
    assert "not explained" not in page


def test_a_sample_of_the_mutations_is_killed_or_explained(
    tool: ModuleType, vendors: tuple[str, ...]
) -> None:
    names = [
        name
        for name in tool.find_names(sample=SAMPLE)
        if name in MUTATIONS and name.startswith(tuple(f"{vendor}." for vendor in vendors))
    ]
    of_operators = {MUTATIONS[name][1].operator: name for name in reversed(names)}
    runner = tool.MutationRunner()
    rows = [runner.run(name) for name in of_operators.values()]
    runner.close()
    assert len(rows) >= 600 / SAMPLE
    assert [row for row in rows if not tool.passed([row])] == []
    assert {row.api for row in rows} == {*vendors}
    assert {row.phases[0] for row in rows} >= {"examples", "cases", "workflows"}


def finding(phase: str, evidence: str, sentence: str) -> Finding:
    return Finding(
        "calwe", "x", "type", Source("contract", "#/x"), evidence, sentence, phases=[phase]
    )


def test_the_best_founded_finding_is_told(tool: ModuleType) -> None:
    verdict = Verdict(
        "calwe",
        failures=(finding("workflows", "documented", "It is wrong"),),
        warnings=(finding("boundaries", "assumed", "It may be wrong"),),
    )
    row = tool.read_verdict(tool.Row("calwe.x", "null", "survived"), verdict)
    assert (row.outcome, row.phases) == ("killed", ("workflows", "boundaries"))
    assert (row.evidence, row.sentence) == ("documented", "It is wrong")


def test_the_page_counts_by_operator_and_names_survivors(tool: ModuleType) -> None:
    rows = [
        tool.Row("calwe", "", "survived"),
        tool.Row("calwe.a.null:/x", "null", "killed", ("cases",), "documented", "It is wrong"),
        tool.Row("calwe.a.null:/y", "null", "survived"),
        tool.Row("ekran.a.as-html:200", "as-html", "not reached"),
    ]
    page = tool.format_page(rows)
    assert "**3 mutations: 1 of 2 that change anything are killed, 1 survive, 1 are not" in page
    assert "The clean mock has no finding in any API." in page
    assert "| null | 2 |  | 1 |  |  |  |  | 1 | 1 |  |" in page
    assert "| all | 3 |  | 1 |  |  |  |  | 1 | 1 | 1 |" in page
    assert "## Survivors\n\n- `calwe.a.null:/y`: not explained" in page
    assert "## Not reached\n\n- `ekran.a.as-html:200`: not explained" in page
    assert not tool.passed(rows)
    assert tool.passed(rows[:2])
    assert not tool.passed([tool.Row("calwe", "", "killed", ("cases",))])
    assert "findings in calwe" in tool.format_page([tool.Row("calwe", "", "killed")])
