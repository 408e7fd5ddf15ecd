"""Calwe's generated sessions, and its events."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from mockserver.apis.calwe import events, model, seed
from mockserver.clock import parse_moment
from mockserver.errors import EventError
from mockserver.sandbox import World
from mockserver.store import Document

NOW = parse_moment("2025-08-21T14:30:00Z")
DAY = 86_400_000_000
CLOSINGS = {"COMPLETED": ["ENDED", "SESSION_PERIOD"], "CANCELLED": ["CANCELLED", "SESSION_PERIOD"]}
EVENTS = (events.enter, events.leave, events.end, events.cancel, events.request_end)


def generate(world: World, count: int, **options: Any) -> list[tuple[Document, list[Document]]]:
    """Sessions, each with its entries."""
    documents = list(seed.sessions(world, count=count, **options))
    return [
        (session, [entry for entry in documents if entry.owner == session.key])
        for session in documents
        if session.kind == "session"
    ]


def list_actions(entries: list[Document]) -> list[str]:
    return [entry.body["action_type"] for entry in entries]


def test_sessions_have_all_statuses_and_logs_at_page_breaks(world: World) -> None:
    sessions = generate(world, 60, first_id=90, first="-10d")
    assert [session.key for session, _ in sessions] == [str(n) for n in range(90, 150)]
    assert Counter(session.body["status"] for session, _ in sessions) == dict.fromkeys(
        model.STATUSES, 12
    )
    lengths = [len(entries) for _, entries in sessions]
    assert (lengths[:5], lengths[6], max(lengths)) == ([0, 30, 31, 2, 200], 1, 200)


def test_every_log_could_have_happened(world: World) -> None:
    for session, entries in generate(world, 60, first="-10d"):
        actions = list_actions(entries)
        closing = CLOSINGS.get(session.body["status"], [])
        if session.body["status"] == "PENDING":
            assert actions == []
            continue
        assert actions[len(actions) - len(closing) :] == closing
        is_present = False
        for action in actions[: len(actions) - len(closing)]:
            assert action in ("ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST")
            assert is_present == (action != "ENTERED")
            is_present = action in ("ENTERED", "CANCEL_REQUEST")
        moments = [entry.at or 0 for entry in entries]
        assert all(one <= other for one, other in pairwise(moments))
        assert all(NOW - 10 * DAY - 60_000_000 <= moment <= NOW for moment in moments)


def test_names_are_of_the_locale_and_more_sessions_begin_with_the_same_ones(world: World) -> None:
    few = generate(world, 8)
    assert generate(world, 20)[:8] == few
    assert all("\u0600" <= session.body["coach"][0] <= "\u06ff" for session, _ in few)
    assert all(
        session.body["customer"].isascii() for session, _ in generate(world, 5, locale="en_US")
    )


def test_a_log_ends_now(world: World) -> None:
    world.documents.extend(seed.log(world, "mine", entries=3, seconds=60))
    entries = world.documents.list_by_owner("entry", "mine")
    assert [NOW - (entry.at or 0) for entry in entries] == [120_000_000, 60_000_000, 0]


def add_session(world: World, status: str) -> None:
    world.documents.append(model.SESSION.document({"id": "1", "status": status}))


def get_state(world: World) -> tuple[list[str], str]:
    entries = world.documents.list_by_owner("entry", "1")
    return list_actions(entries), model.get_session(world, "1").body["status"]


@pytest.mark.parametrize(
    ("trigger", "status", "actions", "after"),
    [
        (events.enter, "PENDING", ["ENTERED"], "IN_PROGRESS"),
        (events.enter, "IN_PROGRESS", ["ENTERED"], "IN_PROGRESS"),
        (events.enter, "END-REQUEST-PENDING", ["ENTERED"], "END-REQUEST-PENDING"),
        (events.leave, "IN_PROGRESS", ["LEFT"], "IN_PROGRESS"),
        (events.end, "PENDING", ["ENDED", "SESSION_PERIOD"], "COMPLETED"),
        (events.cancel, "IN_PROGRESS", ["CANCELLED", "SESSION_PERIOD"], "CANCELLED"),
        (events.end, "END-REQUEST-PENDING", ["ENDED", "SESSION_PERIOD"], "COMPLETED"),
        (events.request_end, "IN_PROGRESS", [], "END-REQUEST-PENDING"),
    ],
)
def test_an_event_is_logged_and_changes_the_status(
    world: World, trigger: Any, status: str, actions: list[str], after: str
) -> None:
    add_session(world, status)
    trigger(world, "1")
    assert get_state(world) == (actions, after)


def test_entries_are_in_the_order_of_time_even_if_the_clock_was_set_back(world: World) -> None:
    add_session(world, "IN_PROGRESS")
    events.enter(world, "1")
    early = parse_moment("2025-08-21T09:05:00Z")
    events.leave(world.freeze_at(early), "1", temporarily=True)
    assert get_state(world)[0] == ["TEMPORARILY_LEFT", "ENTERED"]
    entries = world.documents.list_by_owner("entry", "1")
    assert [entry.at for entry in entries] == [early, NOW]
    assert entries[0].body["at"] == "2025-08-21T09:05:00+00:00"


@pytest.mark.parametrize("trigger", EVENTS)
def test_unknown_and_closed_sessions_refuse_events(world: World, trigger: Any) -> None:
    with pytest.raises(EventError, match="there is no session '1'"):
        trigger(world, "1")
    add_session(world, "CANCELLED")
    with pytest.raises(EventError, match="the session '1' is CANCELLED; its log is closed"):
        trigger(world, "1")
    assert get_state(world) == ([], "CANCELLED")
