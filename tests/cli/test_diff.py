"""`mockserver diff` of two states of a sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

Call = Callable[..., Result]


def test_equal_states_are_exit_0(call: Call) -> None:
    done = call("diff")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "Nothing differs between the scenario and the present state.\n"


def test_differences_are_listed_and_are_exit_1(call: Call) -> None:
    call("snapshot", "before")
    call("clock", "freeze", "2025-01-01")
    call("state", "patch", "calwe", "session", "1", '{"status": "COMPLETED", "coach": null}')
    call("state", "put", "calwe", "session", "2", '{"id": "2", "status": "PENDING"}')
    call("state", "delete", "calwe", "entry", "1/2")
    done = call("diff", "before")
    assert (done.exit_code, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "~ world",
        '    /clock/now: "2025-08-21T14:30:00Z" → "2025-01-01T00:00:00Z"',
    ]
    assert (
        lines[-1]
        == "Between 'before' and the present state: 1 document added, 1 removed, 1 changed."
    )
    changed = lines.index("~ calwe session 1")
    assert lines[changed + 1 : changed + 3] == [
        '    /status: "IN_PROGRESS" → "COMPLETED"',
        '    /coach: "خالد الشمري" → (absent)',
    ]
    assert '+ calwe session 2  {"id": "2", "status": "PENDING"}' in lines
    assert (
        '- calwe entry 1/2  {"session": "1", "at": "2025-08-20T14:35:00Z", "action_type": "LEFT", '
        '"text": "Customer temporarily left the session"}'
    ) in lines


def test_two_snapshots_are_compared(call: Call) -> None:
    call("snapshot", "a")
    call("state", "delete", "calwe", "entry", "1/2")
    call("snapshot", "b")
    assert call("diff", "a", "b").stdout.endswith(
        "Between 'a' and 'b': 0 documents added, 1 removed, 0 changed.\n"
    )
    assert call("diff", "b").exit_code == 0


def test_differences_beyond_the_limit_are_counted(call: Call) -> None:
    call("state", "delete", "calwe", "session", "1", "--cascade")
    done = call("diff", "--limit", "1")
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.endswith(
        "0 documents added, 3 removed, 0 changed. "
        "2 of them are not printed; give --limit a larger number.\n"
    )


def test_json_ends_with_the_same_codes(call: Call) -> None:
    same = call("diff", "--json")
    assert (same.exit_code, json.loads(same.stdout)["equal"]) == (0, True)
    call("state", "delete", "calwe", "entry", "1/2")
    other = call("diff", "--json")
    assert (other.exit_code, json.loads(other.stdout)["removed"]) == (1, 1)


def test_a_snapshot_that_is_not_there_is_exit_2(call: Call) -> None:
    done = call("diff", "before")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "'before'" in done.stderr
