"""Ekran's kinds, its generated sessions, and its events."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mockserver.apis.ekran import events, model, seed
from mockserver.clock import parse_moment
from mockserver.errors import DocumentError, EventError
from mockserver.sandbox import World
from mockserver.store import Document

GUID = "dd4lwdr-xxff-4ss4-a814-f3aeee14dgdsg"
NOW = parse_moment("2025-08-21T14:30:00.123456Z")


def select(kind: str, documents: list[Document]) -> list[Document]:
    return [document for document in documents if document.kind == kind]


def at(world: World, time: str) -> World:
    return world.freeze_at(parse_moment(f"2025-08-21T{time}Z"))


def list_sessions(world: World) -> list[dict[str, Any]]:
    return model.list_sessions(world, None, None)


def test_a_logout_is_not_before_its_login() -> None:
    for logout, fields in (
        (None, []),
        ("2025-08-20T08:00:00.000+00:00", []),
        ("2025-08-20T07:59:59.999+00:00", ["logoutDate"]),
    ):
        session = {"loginDate": "2025-08-20T08:00:00.000+00:00", "logoutDate": logout}
        assert [field for field, _ in model.SESSION.check(session)] == fields


def test_moments_have_three_digits_of_a_second_and_any_offset(world: World) -> None:
    login, logout = parse_moment("2025-08-20T07:00:00.001234Z"), parse_moment("2025-08-20T09:00Z")
    world.documents.append(model.build_session(1, GUID, 1, login, logout))
    activity = {"sessionId": 1, "at": "2025-08-20T11:30:00.987654+03:00"}
    world.documents.append(model.ACTIVITY.document(activity))
    assert list_sessions(world)[0]["loginDate"] == "2025-08-20T07:00:00.001+00:00"
    (clipped,) = model.list_sessions(world, parse_moment("2025-08-20T08:00Z"), None)
    assert clipped["loginDate"] == "2025-08-20T08:30:00.987+00:00"


def test_generated_sessions_rise_up_to_now_and_the_last_ones_run(world: World) -> None:
    documents = list(
        seed.sessions(world.freeze_at(NOW), count=100, running=3, first="-10d", users=4, first_id=7)
    )
    sessions = select("session", documents)
    assert [session.key for session in sessions] == [str(n) for n in range(7, 107)]
    running = [session.key for session in sessions if session.until is None]
    assert running == ["104", "105", "106"]
    assert all((one.at or 0) <= (other.at or 0) for one, other in pairwise(sessions))
    assert (sessions[0].at or 0) + 1000 >= NOW - 10 * 86_400_000_000
    for n, session in enumerate(sessions):
        login, logout = session.at or 0, session.until or NOW
        assert login <= logout <= NOW
        moments = [item.at or 0 for item in documents if item.owner == session.key]
        assert moments == sorted(moments)
        assert bool(moments) == (n % 10 != 9)
        assert all(login <= moment <= logout for moment in moments)
    assert all(document.at % 1000 == 0 for document in documents if document.at)
    clients = {(item.body["userId"], item.body["clientGuid"]) for item in sessions}
    assert sorted(user for user, _ in clients) == [1, 2, 3, 4]


def test_a_login_begins_a_session_with_the_next_id(world: World) -> None:
    moment = parse_moment("2025-08-20T08:00:00Z")
    for id in (9, 142, 99):
        world.documents.append(model.build_session(id, GUID, 1, moment, moment))
    events.log_in(world, 61, client=GUID)
    for user in (61, 61, 62):
        events.log_in(world, user)
    first, *others = list_sessions(world)[3:]
    assert first == {
        "clientGuid": GUID,
        "logoutDate": None,
        "loginDate": "2025-08-21T14:30:00.000+00:00",
        "sessionId": 143,
        "userId": 61,
    }
    assert [session["sessionId"] for session in others] == [144, 145, 146]
    guids = [session["clientGuid"] for session in others]
    assert guids[0] == guids[1] != guids[2]
    assert [len(guid) for guid in guids] == [36, 36, 36]


@pytest.mark.parametrize("user", [2**31, -(2**31) - 1, 10**30])
def test_a_user_whom_the_contract_does_not_allow_is_refused(world: World, user: int) -> None:
    with pytest.raises(DocumentError, match="userId"):
        events.log_in(world, user)
    assert list_sessions(world) == []


def test_a_session_with_activities_ends_with_a_logout(world: World) -> None:
    events.log_in(at(world, "08:00:00"), 61)
    events.act(at(world, "09:00:00"), 1)
    with pytest.raises(EventError) as raised:
        events.log_out(at(world, "08:59:59"), 1)
    assert str(raised.value) == "the user did something in the session 1 after that moment"
    events.log_out(at(world, "11:00:00.456"), 1)
    (session,) = list_sessions(world)
    assert session["logoutDate"] == "2025-08-21T11:00:00.456+00:00"
    (clipped,) = model.list_sessions(world, parse_moment("2025-08-21T08:30:00Z"), None)
    assert clipped["loginDate"] == "2025-08-21T09:00:00.000+00:00"


@pytest.mark.parametrize("trigger", [events.act, events.log_out])
def test_only_running_sessions_have_events(world: World, trigger: Any) -> None:
    with pytest.raises(EventError, match="there is no session 7"):
        trigger(world, 7)
    events.log_in(world, 61)
    with pytest.raises(EventError, match="the session 1 has not begun"):
        trigger(at(world, "14:29:59"), 1)
    events.log_out(at(world, "15:00:00"), 1)
    with pytest.raises(EventError, match="the session 1 is finished"):
        trigger(at(world, "16:00:00"), 1)
    assert world.documents.get_size("activity", "1") == 0
