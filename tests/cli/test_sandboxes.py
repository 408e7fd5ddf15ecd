"""`mockserver sandboxes`, `reset`, `snapshot` and `restore`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]

_numbers = count()


@pytest.fixture
def name(call: Call) -> Iterator[str]:
    """The name of a sandbox that is not there, and not there afterwards."""
    name = f"made-{next(_numbers)}"
    yield name
    call("sandboxes", "delete", name)


def row(call: Call, name: str) -> list[str]:
    """The cells of a sandbox in the list."""
    [line] = [it for it in call("sandboxes").stdout.splitlines() if it.startswith(f"{name} ")]
    return [cell.strip() for cell in line.split("   ") if cell.strip()]


def test_a_sandbox_is_made_listed_and_deleted(call: Call, name: str) -> None:
    options = ("--scenario", "calwe-empty", "--seed", "7", "--freeze-at", "2025-01-01")
    made = call("sandboxes", "create", name, *options)
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout == (
        f"Sandbox '{name}' is created from 'calwe-empty': "
        "1 document, seed 7, clock at 2025-01-01T00:00:00Z, frozen.\n"
    )
    assert row(call, name)[:6] == [
        name,
        "calwe-empty",
        "7",
        "2025-01-01T00:00:00Z, frozen",
        "1",
        "0",
    ]
    deleted = call("sandboxes", "delete", name)
    assert (deleted.exit_code, deleted.stdout) == (0, f"Sandbox '{name}' is deleted.\n")
    assert name not in call("sandboxes", "list").stdout


def test_the_list_has_a_heading_for_each_cell(call: Call) -> None:
    assert call("sandboxes").stdout.splitlines()[0].split() == [
        "Name",
        "Scenario",
        "Seed",
        "Clock",
        "Documents",
        "Snapshots",
        "Age",
        "Idle",
    ]


def test_the_list_as_json(call: Call, name: str) -> None:
    made = json.loads(call("sandboxes", "create", name, "--json").stdout)
    assert (made["name"], made["scenario"]) == (name, "documented")
    listed = json.loads(call("sandboxes", "--json").stdout)["sandboxes"]
    assert [it["scenario"] for it in listed if it["name"] == name] == ["documented"]


def test_several_sandboxes_are_deleted_and_a_missing_one_is_named(call: Call, name: str) -> None:
    call("sandboxes", "create", name)
    done = call("sandboxes", "delete", name, "not-there")
    assert (done.exit_code, done.stdout) == (2, f"Sandbox '{name}' is deleted.\n")
    assert "'not-there'" in done.stderr


def test_deleting_prints_nothing_with_json(call: Call, name: str) -> None:
    call("sandboxes", "create", name)
    done = call("sandboxes", "delete", name, "--json")
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
def test_what_the_server_refuses_is_an_error(call: Call, arguments: str, words: str) -> None:
    done = call("sandboxes", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr


def test_a_reset_restores_the_scenario(call: Call) -> None:
    call("state", "delete", "calwe", "session", "1", "--cascade")
    call("clock", "freeze", "2025-01-01")
    done = call("reset")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "' is reset to 'documented': 15 documents, seed " in done.stdout
    assert done.stdout.endswith(", clock at 2025-08-21T14:30:00Z, frozen.\n")
    assert call("state", "calwe", "session", "1").exit_code == 0


def test_a_reset_as_json(call: Call) -> None:
    assert json.loads(call("reset", "--json").stdout)["documents"] == 15


# Snapshots


def names(call: Call) -> list[str]:
    return [line.split()[0] for line in call("snapshot").stdout.splitlines()[2:]]


def test_a_snapshot_is_taken_and_restored(call: Call) -> None:
    taken = call("snapshot", "before")
    assert (taken.exit_code, taken.stderr) == (0, "")
    assert taken.stdout.startswith("Snapshot 'before' is taken: 15 documents, seed ")
    call("state", "delete", "calwe", "session", "1", "--cascade")

    back = call("restore", "before")
    assert (back.exit_code, back.stderr) == (0, "")
    assert "' is restored from 'before': 15 documents, seed " in back.stdout
    assert call("state", "calwe", "session", "1").exit_code == 0
    assert names(call) == ["before"]


def test_snapshots_are_listed_the_oldest_first(call: Call) -> None:
    for name in ("b", "a"):
        call("snapshot", name)
    lines = call("snapshot").stdout.splitlines()
    assert lines[0].split() == ["Name", "Scenario", "Seed", "Clock", "Documents", "Taken"]
    assert lines[2].split()[:5] == ["b", "documented", "1", "2025-08-21T14:30:00Z,", "frozen"]
    assert names(call) == ["b", "a"]
    listed = json.loads(call("snapshot", "list", "--json").stdout)["snapshots"]
    assert [it["name"] for it in listed] == ["b", "a"]


def test_a_name_is_taken_once_unless_it_is_to_be_replaced(call: Call) -> None:
    call("snapshot", "before")
    again = call("snapshot", "before")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "'before'" in again.stderr
    assert call("snapshot", "before", "--replace").exit_code == 0
    assert call("snapshot", "--replace", "before").exit_code == 0


def test_a_snapshot_called_like_a_command(call: Call) -> None:
    assert call("snapshot", "take", "list").exit_code == 0
    assert names(call) == ["list"]


def test_snapshots_are_deleted(call: Call) -> None:
    for name in ("a", "b", "c"):
        call("snapshot", name)
    done = call("snapshot", "delete", "a", "b")
    assert (done.exit_code, done.stdout) == (
        0,
        "Snapshot 'a' is deleted.\nSnapshot 'b' is deleted.\n",
    )
    assert names(call) == ["c"]


def test_a_snapshot_is_downloaded_and_uploaded(call: Call, folder: Path) -> None:
    call("snapshot", "before")
    done = call("snapshot", "download", "before", "-o", "before.json")
    assert (done.exit_code, done.stdout) == (0, "Snapshot 'before' is in 'before.json'.\n")
    content = (folder / "before.json").read_bytes()
    assert json.loads(content)["format"] == "mockserver-snapshot"
    assert call("snapshot", "download", "before").stdout_bytes == content

    call("state", "delete", "calwe", "session", "1", "--cascade")
    up = call("snapshot", "upload", "again", "before.json")
    assert (up.exit_code, up.stderr) == (0, "")
    assert up.stdout.startswith("Snapshot 'again' is uploaded: 15 documents, seed ")
    assert call("restore", "again").exit_code == 0
    assert call("diff", "before").exit_code == 0


def test_a_snapshot_is_uploaded_from_stdin(call: Call) -> None:
    call("snapshot", "before")
    content = call("snapshot", "download", "before").stdout_bytes
    done = call("snapshot", "upload", "again", "-", "--json", input=content)
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
def test_a_snapshot_that_does_not_exist_or_cannot_be_read_is_an_error(
    call: Call, folder: Path, arguments: str, words: str
) -> None:
    (folder / "broken.json").write_text('{"format": ')
    call("snapshot", "before")
    done = call(*arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr
    assert names(call) == ["before"]


def test_the_validation_of_requests_is_set_and_read(call: Call, name: str) -> None:
    call("sandboxes", "create", name)
    option = ("--sandbox", name)

    strict = call("validation", *option)
    assert strict.stdout == "A request that breaks the contract is refused (strict).\n"
    warn = call("validation", "warn", *option)
    assert warn.stdout == "A request that breaks the contract is served, with a warning (warn).\n"
    assert json.loads(call("validation", *option, "--json").stdout) == {"validation": "warn"}
    wrong = call("validation", "lax", *option)
    assert wrong.exit_code == 2
    assert "'lax' is not one of 'strict', 'warn', 'off'" in wrong.stderr


def test_an_upstream_is_set_listed_and_removed(call: Call, name: str) -> None:
    option = ("--sandbox", name)
    url = "https://staging.example/gw"
    more = ("--enforce", "--mock", "createSessionLog", "--upstream-timeout", "5")

    done = call("upstreams", "set", "calwe", url, *more, *option)
    listed = json.loads(call("upstreams", *option, "--json").stdout)
    table = call("upstreams", "list", *option).stdout

    assert done.stdout == f"Requests of 'calwe' are forwarded to '{url}'.\n"
    expected = {"api": "calwe", "url": url, "enforce": True, "mock": ["createSessionLog"]}
    assert listed == {"upstreams": [{**expected, "timeout": 5.0}]}
    assert all(text in table for text in ("calwe", url, "createSessionLog", "5"))
    removed = call("upstreams", "remove", "calwe", *option)
    assert removed.stdout == "The mock responds to the requests of 'calwe'.\n"
    assert json.loads(call("upstreams", *option, "--json").stdout) == {"upstreams": []}


def test_a_wrong_upstream_is_refused(call: Call, name: str) -> None:
    refused = call("upstreams", "set", "calwe", "staging", "--sandbox", name)

    assert refused.exit_code == 2
    assert "it is no URL of http or https with a host" in refused.stderr
