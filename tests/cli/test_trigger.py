"""`mockserver trigger`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

Call = Callable[..., Result]


def test_the_events_are_listed_with_their_options(call: Call) -> None:
    lines = [" ".join(line.split()) for line in call("trigger").stdout.splitlines()]
    assert lines[0] == "Event Options Description"
    assert (
        "calwe.leave session=STRING [temporarily=BOOLEAN] "
        "The customer leaves the session, for good or for a while."
    ) in lines
    listed = json.loads(call("trigger", "--json").stdout)["events"]
    assert "calwe.leave" in [it["name"] for it in listed]


def test_an_event_changes_the_documents(call: Call) -> None:
    done = call("trigger", "calwe.leave", "session=1", "temporarily=true")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "'calwe.leave' is triggered at 2025-08-21T14:30:00Z.\n"
    body = json.loads(call("state", "calwe", "entry", "1/3", "--json").stdout)["body"]
    assert body["action_type"] == "TEMPORARILY_LEFT"


def test_an_event_is_triggered_at_a_moment(call: Call) -> None:
    triggered = call(
        "trigger", "calwe.leave", "session=1", "--at", "2025-08-21T15:00:00Z", "--json"
    )
    assert json.loads(triggered.stdout) == {"event": "calwe.leave", "at": "2025-08-21T15:00:00Z"}


def test_a_value_is_sent_in_the_type_of_its_option(call: Call) -> None:
    # `agent` is an integer; `session` is a text that looks like one.
    assert call("trigger", "avaamo.set_agent_status", "agent=739", "status=away").exit_code == 0
    assert call("trigger", "calwe.end", "session=1").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("calwe.entr session=1", "did you mean 'calwe.enter'?"),
        ("calwe.entr", "did you mean 'calwe.enter'?"),
        ("calwe.enter sesion=1", "did you mean 'session'?"),
        ("calwe.enter", "'session'"),
        ("calwe.leave session=1 temporarily=yes", "'yes'"),
        ("avaamo.set_agent_status agent=NaN status=away", "'NaN'"),
        ("avaamo.set_agent_status agent=[1] status=away", "[1]"),
        ("calwe.enter session=1 --at soon", "soon"),
        ("calwe.enter session=99", "99"),
    ],
)
def test_an_invalid_event_is_refused_by_the_server(call: Call, arguments: str, words: str) -> None:
    done = call("trigger", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr


def test_an_event_is_triggered_before_the_present(call: Call) -> None:
    done = call("trigger", "calwe.leave", "session=1", "--at", "-1h")
    assert done.stdout == "'calwe.leave' is triggered at 2025-08-21T13:30:00Z.\n"
