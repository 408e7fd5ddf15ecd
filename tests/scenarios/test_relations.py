"""Between documents: keys differ, and parents are there and around their children."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.scenarios.relations import relation_faults
from mockserver.scenarios.scenario import Place, Row

EKRAN = apis.load(["ekran"])["ekran"]
SESSION = {
    "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
    "logoutDate": "2025-08-21T12:00:00.000+00:00",
    "loginDate": "2025-08-21T10:00:00.000+00:00",
    "sessionId": 1,
    "userId": 61,
}


def rows(*documents: tuple[str, dict[str, Any]]) -> list[Row]:
    return [
        Row(EKRAN.kind(kind).document(body), Place("a.yaml", n, kind))
        for n, (kind, body) in enumerate(documents, start=1)
    ]


def activity(at: str, session: int = 1) -> tuple[str, dict[str, Any]]:
    return "activity", {"sessionId": session, "at": at}


def test_what_fits_has_no_faults() -> None:
    inside = activity("2025-08-21T11:00:00Z")
    assert list(relation_faults(EKRAN, rows(("session", SESSION), inside))) == []


def test_two_with_one_key_are_one_too_many() -> None:
    (fault,) = relation_faults(EKRAN, rows(("session", SESSION), ("session", SESSION)))
    assert str(fault) == "a.yaml:2: session: there is another session with the key '1'"


def test_a_child_needs_its_parent() -> None:
    (fault,) = relation_faults(EKRAN, rows(activity("2025-08-21T11:00:00Z", session=7)))
    assert str(fault) == "a.yaml:1: activity: there is no session '7' in this scenario"


def test_a_parent_may_come_from_a_generator_as_long_as_not_all_is_there() -> None:
    orphan = rows(activity("2025-08-21T11:00:00Z", session=7))
    assert list(relation_faults(EKRAN, orphan, is_complete=False)) == []


@pytest.mark.parametrize(
    ("at", "is_outside"),
    [
        ("2025-08-21T09:59:59.999Z", True),
        ("2025-08-21T10:00:00Z", False),
        ("2025-08-21T12:00:00Z", False),
        ("2025-08-21T12:00:00.001Z", True),
    ],
)
def test_a_child_is_not_outside_its_parent(at: str, is_outside: bool) -> None:
    faults = list(relation_faults(EKRAN, rows(("session", SESSION), activity(at))))
    assert [str(fault) for fault in faults] == (
        ["a.yaml:2: activity: it lies outside its session '1'"] if is_outside else []
    )


def test_a_session_that_still_runs_has_room_for_anything_later() -> None:
    running = {**SESSION, "logoutDate": None}
    later = activity("2030-01-01T00:00:00Z")
    assert list(relation_faults(EKRAN, rows(("session", running), later))) == []
