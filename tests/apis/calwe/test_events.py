"""What moves a session without a call to its log, and what the log says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.calwe import events, model
from mockserver.clock import parse_moment
from mockserver.errors import EventError
from mockserver.sandbox import World


def _session(world: World, status: str = "IN_PROGRESS") -> None:
    world.documents.append(model.SESSION.document({"id": "1", "status": status}))


def _log(world: World) -> list[str]:
    return [entry.body["action_type"] for entry in world.documents.list_by_owner("entry", "1")]


def _status(world: World) -> str:
    return model.get_session(world, "1").body["status"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("PENDING", "IN_PROGRESS"),
        ("IN_PROGRESS", "IN_PROGRESS"),
        ("END-REQUEST-PENDING", "END-REQUEST-PENDING"),
    ],
)
def test_entering_is_logged_and_begins_what_was_pending(
    world: World, before: str, after: str
) -> None:
    _session(world, before)
    events.enter(world, "1")
    assert _log(world) == ["ENTERED"]
    assert _status(world) == after


def test_leaving_is_logged_for_good_or_for_a_while(world: World) -> None:
    _session(world)
    events.leave(world, "1")
    events.leave(world, "1", temporarily=True)
    assert _log(world) == ["LEFT", "TEMPORARILY_LEFT"]
    assert _status(world) == "IN_PROGRESS"


def test_ending_completes_the_session_and_logs_its_period(world: World) -> None:
    _session(world)
    events.end(world, "1")
    assert _log(world) == ["ENDED", "SESSION_PERIOD"]
    assert _status(world) == "COMPLETED"


def test_cancelling_cancels_the_session_and_logs_its_period(world: World) -> None:
    _session(world)
    events.cancel(world, "1")
    assert _log(world) == ["CANCELLED", "SESSION_PERIOD"]
    assert _status(world) == "CANCELLED"


def test_a_request_to_end_logs_nothing_and_leaves_the_log_open(world: World) -> None:
    _session(world)
    events.request_end(world, "1")
    assert _log(world) == []
    assert _status(world) == "END-REQUEST-PENDING"
    events.leave(world, "1")
    events.end(world, "1")
    assert _log(world) == ["LEFT", "ENDED", "SESSION_PERIOD"]
    assert _status(world) == "COMPLETED"


def test_a_event_logs_at_the_worlds_moment(world: World) -> None:
    _session(world)
    events.enter(world.freeze_at(parse_moment("2025-08-21T09:05:00Z")), "1")
    (entry,) = world.documents.list_by_owner("entry", "1")
    assert entry.at == parse_moment("2025-08-21T09:05:00Z")
    assert entry.body["at"] == "2025-08-21T09:05:00+00:00"


@pytest.mark.parametrize(
    "trigger", [events.enter, events.leave, events.end, events.cancel, events.request_end]
)
def test_no_event_moves_an_unknown_session(world: World, trigger: Callable[..., Any]) -> None:
    with pytest.raises(EventError) as raised:
        trigger(world, "9")
    assert str(raised.value) == "there is no session '9'"


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
@pytest.mark.parametrize(
    "trigger", [events.enter, events.leave, events.end, events.cancel, events.request_end]
)
def test_no_event_moves_a_closed_session(
    world: World, status: str, trigger: Callable[..., Any]
) -> None:
    _session(world, status)
    with pytest.raises(EventError) as raised:
        trigger(world, "1")
    assert str(raised.value) == f"the session '1' is {status}; its log is closed"
    assert _log(world) == []
    assert _status(world) == status
