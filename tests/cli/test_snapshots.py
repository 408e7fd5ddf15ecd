"""`mockserver snapshot` and `restore`, against a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Mock = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named relative to a folder of the test."""
    monkeypatch.chdir(tmp_path)


def names(mock: Mock) -> list[str]:
    return [line.split()[0] for line in mock("snapshot").stdout.splitlines()[2:]]


def test_the_world_is_put_aside_and_taken_back(mock: Mock) -> None:
    taken = mock("snapshot", "before")
    assert (taken.exit_code, taken.stderr) == (0, "")
    assert taken.stdout.startswith("Snapshot 'before' is taken: 15 documents, seed ")
    mock("state", "delete", "calwe", "session", "1", "--cascade")

    back = mock("restore", "before")
    assert (back.exit_code, back.stderr) == (0, "")
    assert "' is as it was in snapshot 'before': 15 documents, seed " in back.stdout
    assert mock("state", "calwe", "session", "1").exit_code == 0
    assert names(mock) == ["before"]


def test_snapshots_are_listed_the_oldest_first(mock: Mock) -> None:
    for name in ("b", "a"):
        mock("snapshot", name)
    lines = mock("snapshot").stdout.splitlines()
    assert lines[0].split() == ["Name", "Scenario", "Seed", "Clock", "Documents", "Taken"]
    assert lines[2].split()[:5] == ["b", "documented", "1", "2025-08-21T14:30:00Z,", "frozen"]
    assert names(mock) == ["b", "a"]
    listed = json.loads(mock("snapshot", "list", "--json").stdout)["snapshots"]
    assert [it["name"] for it in listed] == ["b", "a"]


def test_a_name_is_taken_once_unless_it_is_to_be_replaced(mock: Mock) -> None:
    mock("snapshot", "before")
    again = mock("snapshot", "before")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "'before'" in again.stderr
    assert mock("snapshot", "before", "--replace").exit_code == 0
    assert mock("snapshot", "--replace", "before").exit_code == 0


def test_a_snapshot_called_like_a_command(mock: Mock) -> None:
    assert mock("snapshot", "take", "list").exit_code == 0
    assert names(mock) == ["list"]


def test_snapshots_are_deleted(mock: Mock) -> None:
    for name in ("a", "b", "c"):
        mock("snapshot", name)
    done = mock("snapshot", "delete", "a", "b")
    assert (done.exit_code, done.stdout) == (
        0,
        "Snapshot 'a' is gone.\nSnapshot 'b' is gone.\n",
    )
    assert names(mock) == ["c"]


def test_a_snapshot_goes_through_a_file(mock: Mock) -> None:
    mock("snapshot", "before")
    done = mock("snapshot", "download", "before", "-o", "before.json")
    assert (done.exit_code, done.stdout) == (0, "Snapshot 'before' is in 'before.json'.\n")
    content = Path("before.json").read_bytes()
    assert json.loads(content)["format"] == "mockserver-snapshot"
    assert mock("snapshot", "download", "before").stdout_bytes == content

    mock("state", "delete", "calwe", "session", "1", "--cascade")
    up = mock("snapshot", "upload", "again", "before.json")
    assert (up.exit_code, up.stderr) == (0, "")
    assert up.stdout.startswith("Snapshot 'again' is uploaded: 15 documents, seed ")
    assert mock("restore", "again").exit_code == 0
    assert mock("diff", "before").exit_code == 0


def test_a_snapshot_is_uploaded_from_stdin(mock: Mock) -> None:
    mock("snapshot", "before")
    content = mock("snapshot", "download", "before").stdout_bytes
    done = mock("snapshot", "upload", "again", "-", "--json", input=content)
    assert json.loads(done.stdout)["documents"] == 15


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("restore befor", "did you mean 'before'?"),
        ("snapshot delete befor", "did you mean 'before'?"),
        ("snapshot download befor", "did you mean 'before'?"),
        ("snapshot download before -o none/before.json", "'none/before.json' cannot be written"),
        ("snapshot upload again none.json", "'none.json' cannot be read"),
        ("snapshot upload again broken.json", "JSON"),
        ("snapshot a/b", "a/b"),
    ],
)
def test_what_cannot_be_is_refused(mock: Mock, arguments: str, words: str) -> None:
    Path("broken.json").write_text('{"format": ')
    mock("snapshot", "before")
    done = mock(*arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr
    assert names(mock) == ["before"]
