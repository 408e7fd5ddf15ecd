"""What moves a session: a user logs in, does something, logs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.ekran import api, events, model
from mockserver.clock import parse_moment
from mockserver.errors import DocumentError, EventError
from mockserver.sandbox import World

GUID = "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg"


def _at(world: World, time: str) -> World:
    return world.freeze_at(parse_moment(f"2025-08-21T{time}Z"))


def test_logging_in_begins_a_session_that_runs(world: World) -> None:
    events.log_in(world, 61, client=GUID)
    assert model.list_sessions(world, None, None) == [
        {
            "clientGuid": GUID,
            "logoutDate": None,
            "loginDate": "2025-08-21T14:30:00.000+00:00",
            "sessionId": 1,
            "userId": 61,
        }
    ]


def test_a_session_gets_the_next_id(world: World) -> None:
    moment = parse_moment("2025-08-20T08:00:00Z")
    for id in (9, 142, 99):
        world.documents.append(model.build_session(id, GUID, 1, moment, moment))
    events.log_in(world, 61)
    events.log_in(world, 61)
    ids = [session["sessionId"] for session in model.list_sessions(world, None, None)]
    assert ids == [9, 99, 142, 143, 144]


def test_a_user_without_a_client_gets_one_of_their_own(world: World) -> None:
    for user in (61, 61, 62):
        events.log_in(world, user)
    guids = [session["clientGuid"] for session in model.list_sessions(world, None, None)]
    assert guids[0] == guids[1] != guids[2]
    assert [len(guid) for guid in guids] == [36, 36, 36]


@pytest.mark.parametrize("user", [2**31, -(2**31) - 1, 10**30])
def test_a_user_whom_the_contract_cannot_name_is_refused(world: World, user: int) -> None:
    with pytest.raises(DocumentError, match="userId"):
        events.log_in(world, user)
    assert model.list_sessions(world, None, None) == []


def test_a_session_is_what_the_contract_says(world: World) -> None:
    events.log_in(world, 2**31 - 1)
    events.log_out(_at(world, "14:40:00.123"), 1)
    (session,) = model.list_sessions(world, None, None)
    assert api.kind_schemas["session"].accepts(session)


def test_acting_and_logging_out_are_seen_by_a_range(world: World) -> None:
    events.log_in(_at(world, "08:00:00"), 61)
    events.act(_at(world, "09:00:00"), 1)
    events.act(_at(world, "10:00:00"), 1)
    events.log_out(_at(world, "11:00:00.456"), 1)
    (whole,) = model.list_sessions(world, None, None)
    assert whole["loginDate"] == "2025-08-21T08:00:00.000+00:00"
    assert whole["logoutDate"] == "2025-08-21T11:00:00.456+00:00"
    (clipped,) = model.list_sessions(
        world, parse_moment("2025-08-21T08:30:00Z"), parse_moment("2025-08-21T10:30:00Z")
    )
    assert clipped["loginDate"] == "2025-08-21T09:00:00.000+00:00"
    assert clipped["logoutDate"] == "2025-08-21T10:00:00.000+00:00"


@pytest.mark.parametrize("trigger", [events.act, events.log_out])
def test_no_event_moves_an_unknown_session(world: World, trigger: Callable[..., Any]) -> None:
    with pytest.raises(EventError) as raised:
        trigger(world, 7)
    assert str(raised.value) == "there is no session 7"


@pytest.mark.parametrize("trigger", [events.act, events.log_out])
def test_no_event_moves_a_finished_session(world: World, trigger: Callable[..., Any]) -> None:
    events.log_in(_at(world, "08:00:00"), 61)
    events.log_out(_at(world, "09:00:00"), 1)
    with pytest.raises(EventError) as raised:
        trigger(world, 1)
    assert str(raised.value) == "the session 1 is finished"
    (session,) = model.list_sessions(world, None, None)
    assert session["logoutDate"] == "2025-08-21T09:00:00.000+00:00"


@pytest.mark.parametrize("trigger", [events.act, events.log_out])
def test_nobody_does_anything_before_having_logged_in(
    world: World, trigger: Callable[..., Any]
) -> None:
    events.log_in(world, 61)
    with pytest.raises(EventError):
        trigger(_at(world, "14:29:59"), 1)
    assert world.documents.get_size("activity", "1") == 0
    assert model.list_sessions(world, None, None)[0]["logoutDate"] is None


def test_nobody_logs_out_before_what_they_did(world: World) -> None:
    events.log_in(_at(world, "08:00:00"), 61)
    events.act(_at(world, "09:00:00"), 1)
    with pytest.raises(EventError) as raised:
        events.log_out(_at(world, "08:59:59"), 1)
    assert str(raised.value) == "the user did something in the session 1 after that moment"
    events.log_out(_at(world, "09:00:00"), 1)
    assert (
        model.list_sessions(world, None, None)[0]["logoutDate"] == "2025-08-21T09:00:00.000+00:00"
    )
