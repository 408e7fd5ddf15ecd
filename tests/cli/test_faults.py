"""`mockserver faults`."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

Call = Callable[..., Result]


def lines(done: Result) -> list[str]:
    assert (done.exit_code, done.stderr) == (0, "")
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_faults_are_added_listed_and_removed(call: Call) -> None:
    match = ("--api", "calwe", "--first", "2", "--header", "X-App=ios*", "--until", "30s")
    assert lines(
        call("faults", "add", "down", *match, "--status", "503", "--retry-after", "1m")
    ) == [
        '\'down\' is added: {"status": 503, "retry_after": "1m"} for {"api": "calwe", "headers": '
        '{"X-App": "ios*"}, "first": 2, "until": "30s"}.'
    ]
    assert lines(call("faults", "add", "--connection", "empty", "--handled")) == [
        '\'fault-1\' is added: {"connection": "empty", "handled": true} for every request to an '
        "API."
    ]
    assert lines(call("faults", "add", "--limit", "5", "--per", "1m", "--method", "POST")) == [
        '\'fault-2\' is added: {"limit": 5, "per": "1m"} for {"method": "POST"}.'
    ]
    listed = lines(call("faults"))
    assert listed[0] == "Fault Match Effect Matched Applied"
    assert listed[3] == 'fault-1 {} {"connection": "empty", "handled": true} 0 0'
    assert [it["name"] for it in json.loads(call("faults", "--json").stdout)["faults"]] == [
        "down",
        "fault-1",
        "fault-2",
    ]
    assert lines(call("faults", "remove", "down", "fault-2")) == [
        "'down' is removed.",
        "'fault-2' is removed.",
    ]
    assert len(lines(call("faults"))) == 3
    assert lines(call("faults", "remove")) == ["The sandbox has no faults any more."]
    assert json.loads(call("faults", "list", "--json").stdout) == {"faults": []}


def test_what_cannot_be_is_said(call: Call) -> None:
    done = call("faults", "add", "--api", "calwe")
    assert done.exit_code == 2
    assert "A fault needs an effect, such as --status 503 or --delay 2s." in done.stderr
    done = call("faults", "add", "x", "--delay", "800")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "effect.delay: '800' is not from 0 s to 600 s" in done.stderr
    done = call("faults", "remove", "y")
    assert (done.exit_code, done.stderr) == (
        2,
        "mockserver: There is no fault 'y'; none is known\n",
    )
