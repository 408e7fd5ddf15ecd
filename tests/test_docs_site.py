"""The hooks of the docs site: its nav, its links, and the reference of the command line."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import Mock

import click
import pytest

from mockserver.cli import main
from mockserver.pytest_plugin import pytest_addoption

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/docs_site.py, as MkDocs loads it."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    return importlib.import_module("docs_site")


def test_a_pattern_of_the_nav_stands_for_the_pages_that_are_not_named(site: ModuleType) -> None:
    nav = [{"Start": ["index.md", "*.md"]}, {"Decisions": ["adr/README.md", "adr/*.md"]}]
    pages = ["adr/001.md", "adr/002.md", "adr/README.md", "index.md", "store.md"]
    assert site.expand_patterns(nav, pages) == [
        {"Start": ["index.md", "store.md"]},
        {"Decisions": ["adr/README.md", "adr/001.md", "adr/002.md"]},
    ]


@pytest.mark.parametrize(
    ("uri", "link", "expected"),
    [
        ("index.md", "docs/check.md#reports", "check.md#reports"),
        ("index.md", "docs/adr", "adr/README.md"),
        ("index.md", "#limits", "#limits"),
        ("index.md", "https://example.com/docs/check.md", "https://example.com/docs/check.md"),
        ("check.md", "store.md", "store.md"),
        ("check.md", "../targets.example.yaml", "files/targets.example.yaml.md"),
        ("howto/javascript.md", "../../tests/conftest.py", "../files/tests/conftest.py.md"),
        ("howto/javascript.md", "../README.md", "../index.md"),
        ("adr/018-dependencies.md", "../../README.md", "../index.md"),
        ("check.md", "no-such-page.md", "no-such-page.md"),
        ("index.md", "no/such/file.py", "no/such/file.py"),
    ],
)
def test_a_link_to_a_file_of_the_repository_leads_to_its_page(
    site: ModuleType, uri: str, link: str, expected: str
) -> None:
    assert site.change_links(f"See [it]({link}).", uri) == f"See [it]({expected})."


def test_a_link_in_code_is_left_alone(site: ModuleType) -> None:
    markdown = "```markdown\n[it](docs/check.md)\n```\n`[it](docs/check.md)`\n"
    assert site.change_links(markdown, "index.md") == markdown


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<script src="https://cdn.example/a.js"></script>', "https://cdn.example/a.js"),
        ('<link rel="stylesheet" href="//fonts.example/f.css">', "//fonts.example/f.css"),
        ("<img alt=x src='http://images.example/i.png'>", "http://images.example/i.png"),
        ('<link rel="stylesheet" href="assets/site.css">', None),
        ('<a href="https://www.example/">a page</a>', None),
    ],
)
def test_a_page_that_loads_from_another_host_is_a_warning(
    site: ModuleType, html: str, address: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri="a.md"))
    assert site.on_post_page(html, page=page) == html
    found = [record.args for record in caplog.records if record.levelno == logging.WARNING]
    assert found == ([("a.md", address)] if address else [])


def test_the_reference_of_the_command_line_is_what_help_prints(site: ModuleType) -> None:
    @click.group()
    def tool() -> None:
        """A tool."""

    @tool.command(context_settings={"help_option_names": ["-h", "--help"]})
    @click.option("--kind", metavar="KIND", default="a", show_default=True, help="a | b")
    def make(kind: str) -> None:
        """Make it.

        Of some kind.
        """

    reference = site.render_cli_reference(tool)
    assert "## mockserver\n\n```console\n$ mockserver [OPTIONS] COMMAND [ARGS]...\n" in reference
    assert "A tool.\n\n" in reference
    assert "| Command | |\n| --- | --- |\n| `make` | Make it. |\n" in reference
    make_help = reference.partition("## mockserver make\n\n")[2]
    assert make_help.startswith(
        "```console\n$ mockserver make [OPTIONS]\n```\n\nMake it.\n\nOf some"
    )
    assert "| `--kind KIND` | a \\| b  [default: a] |\n| `-h, --help` | Show this" in make_help


def test_the_reference_of_the_command_line_has_an_example_of_each_command(site: ModuleType) -> None:
    _, *commands = site.render_cli_reference(main).split("\n## mockserver")
    assert len(commands) > 10
    assert [text for text in commands if "**Example**\n\n```console\n$ mocks" not in text] == []


def test_the_page_of_the_pytest_plugin_has_every_option_and_setting() -> None:
    page = (ROOT / "docs" / "reference" / "pytest-plugin.md").read_text("utf-8")
    parser = Mock()
    pytest_addoption(parser)
    calls = parser.getgroup.return_value.addoption.call_args_list + parser.addini.call_args_list
    missing = [call.args[0] for call in calls if f"`{call.args[0]}" not in page]
    assert len(calls) >= 6
    assert missing == []
