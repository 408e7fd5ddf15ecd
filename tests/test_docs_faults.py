"""docs/faults.md: its tables have every part of a rule, its scenario loads, its commands work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver import apis
from mockserver.cli import main
from mockserver.fault import CONNECTION_FAULTS, RULE_SCHEMA
from mockserver.scenarios import load
from tests.wire import write_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
TEXT = (DOCS / "faults.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)


@pytest.mark.parametrize(("title", "part"), [("Match", "match"), ("Effect", "effect")])
def test_a_table_has_every_part(title: str, part: str) -> None:
    rows = first_cells(section(title).partition("\n### ")[0])
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    # A part that only belongs to another one stands in the row of that one.
    mentioned = [*re.findall(r"`(\w+)`", section(title)), "handled"]
    assert set(RULE_SCHEMA["properties"][part]["properties"]) <= {*named, *mentioned}
    assert set(named) <= set(RULE_SCHEMA["properties"][part]["properties"])


def test_the_faults_of_connections_have_their_names() -> None:
    table = section("Effect").partition("\n### Connections\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `(\S+)` \| `(\S+)` \|", table, re.MULTILINE)
    assert {own: CONNECTION_FAULTS[wiremock] for own, wiremock in rows} == {
        own: own for own in {*CONNECTION_FAULTS.values()}
    }


def test_the_scenario_loads(tmp_path: Path) -> None:
    (scenario,) = blocks("yaml")
    path = tmp_path / "flaky.yaml"
    path.write_text(scenario, encoding="utf-8")
    assert list(load(path, apis.load()).faults) == ["ekran-fails", "autozod-is-slow"]


def test_the_commands_print_what_is_said(documented_server: str) -> None:
    variables = {"MOCKSERVER_URL": documented_server, "MOCKSERVER_SANDBOX": "docs-faults"}
    printed = [block for block in blocks("console") if block.startswith("$ mockserver")]
    assert printed
    for block in printed:
        for command, expected in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            done = CliRunner().invoke(main, shlex.split(command)[1:], env=variables)
            assert done.output == expected


def test_the_bytes_are_what_a_server_sends(documented_server: str) -> None:
    def sort_lines(page: str) -> list[list[str]]:
        """The lines of each section, in an order: that of header fields has no meaning."""
        return [sorted(section.splitlines()) for section in page.split("\n## ")]

    written = (DOCS / "wire.md").read_text(encoding="utf-8")
    sent = write_page(documented_server)
    assert sort_lines(written) == sort_lines(sent), "run: python tests/wire.py > docs/wire.md"
