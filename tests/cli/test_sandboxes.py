"""`mockserver sandboxes` and `reset`, against a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from click.testing import Result

Mock = Callable[..., Result]

_numbers = count()


@pytest.fixture
def name(mock: Mock) -> Iterator[str]:
    """The name of a sandbox that is not there, and not there afterwards."""
    name = f"made-{next(_numbers)}"
    yield name
    mock("sandboxes", "delete", name)


def row(mock: Mock, name: str) -> list[str]:
    """The cells of a sandbox in the list."""
    [line] = [it for it in mock("sandboxes").stdout.splitlines() if it.startswith(f"{name} ")]
    return [cell.strip() for cell in line.split("   ") if cell.strip()]


def test_a_sandbox_is_made_listed_and_deleted(mock: Mock, name: str) -> None:
    options = ("--scenario", "calwe-empty", "--seed", "7", "--freeze-at", "2025-01-01")
    made = mock("sandboxes", "create", name, *options)
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout == (
        f"Sandbox '{name}' is made from 'calwe-empty': "
        "1 document, seed 7, clock at 2025-01-01T00:00:00Z, frozen.\n"
    )
    assert row(mock, name)[:6] == [
        name,
        "calwe-empty",
        "7",
        "2025-01-01T00:00:00Z, frozen",
        "1",
        "0",
    ]
    deleted = mock("sandboxes", "delete", name)
    assert (deleted.exit_code, deleted.stdout) == (0, f"Sandbox '{name}' is gone.\n")
    assert name not in mock("sandboxes", "list").stdout


def test_the_list_has_a_heading_for_each_cell(mock: Mock) -> None:
    assert mock("sandboxes").stdout.splitlines()[0].split() == [
        "Name",
        "Scenario",
        "Seed",
        "Clock",
        "Documents",
        "Snapshots",
        "Age",
        "Idle",
    ]


def test_the_list_as_json(mock: Mock, name: str) -> None:
    made = json.loads(mock("sandboxes", "create", name, "--json").stdout)
    assert (made["name"], made["scenario"]) == (name, "documented")
    listed = json.loads(mock("sandboxes", "--json").stdout)["sandboxes"]
    assert [it["scenario"] for it in listed if it["name"] == name] == ["documented"]


def test_several_are_deleted_and_one_that_is_not_there_is_said(mock: Mock, name: str) -> None:
    mock("sandboxes", "create", name)
    done = mock("sandboxes", "delete", name, "not-there")
    assert (done.exit_code, done.stdout) == (2, f"Sandbox '{name}' is gone.\n")
    assert "'not-there'" in done.stderr


def test_deleting_says_nothing_in_json(mock: Mock, name: str) -> None:
    mock("sandboxes", "create", name)
    done = mock("sandboxes", "delete", name, "--json")
    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("create default", "'default'"),
        ("create a/b", "a/b"),
        ("create x --scenario documentd", "did you mean 'documented'?"),
        ("create x --seed -1", "-1"),
        ("create x --freeze-at soon", "soon"),
        ("delete default", "'default' cannot be deleted"),
    ],
)
def test_what_cannot_be_is_refused(mock: Mock, arguments: str, words: str) -> None:
    done = mock("sandboxes", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr


def test_a_reset_takes_the_world_back_to_its_scenario(mock: Mock) -> None:
    mock("state", "delete", "calwe", "session", "1", "--cascade")
    mock("clock", "freeze", "2025-01-01")
    done = mock("reset")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "' is as scenario 'documented' has it: 15 documents, seed " in done.stdout
    assert done.stdout.endswith(", clock at 2025-08-21T14:30:00Z, frozen.\n")
    assert mock("state", "calwe", "session", "1").exit_code == 0


def test_a_reset_as_json(mock: Mock) -> None:
    assert json.loads(mock("reset", "--json").stdout)["documents"] == 15
