"""Between documents: keys differ, and parents are there and around their children."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.scenarios.relations import Lookup, find_relation_faults, lies_inside
from mockserver.scenarios.scenario import LocatedDocument, Location
from mockserver.store import Document

EKRAN = apis.load(["ekran"])["ekran"]
SESSION = {
    "clientGuid": "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg",
    "logoutDate": "2025-08-21T12:00:00.000+00:00",
    "loginDate": "2025-08-21T10:00:00.000+00:00",
    "sessionId": 1,
    "userId": 61,
}


def rows(*documents: tuple[str, dict[str, Any]]) -> list[LocatedDocument]:
    return [
        LocatedDocument(EKRAN.get_kind(kind).document(body), Location("a.yaml", n, kind))
        for n, (kind, body) in enumerate(documents, start=1)
    ]


def activity(at: str, session: int = 1) -> tuple[str, dict[str, Any]]:
    return "activity", {"sessionId": session, "at": at}


def test_what_fits_has_no_faults() -> None:
    inside = activity("2025-08-21T11:00:00Z")
    assert list(find_relation_faults(EKRAN, rows(("session", SESSION), inside))) == []


def test_two_with_one_key_are_one_too_many() -> None:
    (fault,) = find_relation_faults(EKRAN, rows(("session", SESSION), ("session", SESSION)))
    assert str(fault) == "a.yaml:2: session: there is another session with the key '1'"


def test_a_child_needs_its_parent() -> None:
    (fault,) = find_relation_faults(EKRAN, rows(activity("2025-08-21T11:00:00Z", session=7)))
    assert str(fault) == "a.yaml:1: activity: there is no session '7' in this scenario"


def test_a_parent_may_come_from_a_generator_as_long_as_not_all_is_there() -> None:
    orphan = rows(activity("2025-08-21T11:00:00Z", session=7))
    assert list(find_relation_faults(EKRAN, orphan, is_complete=False)) == []


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
    faults = list(find_relation_faults(EKRAN, rows(("session", SESSION), activity(at))))
    assert [str(fault) for fault in faults] == (
        ["a.yaml:2: activity: it lies outside its session '1'"] if is_outside else []
    )


def test_a_session_that_still_runs_has_room_for_anything_later() -> None:
    running = {**SESSION, "logoutDate": None}
    later = activity("2030-01-01T00:00:00Z")
    assert list(find_relation_faults(EKRAN, rows(("session", running), later))) == []


def stored(*documents: tuple[str, dict[str, Any]]) -> Lookup:
    """What a world has already."""
    known = {(row.document.kind, row.document.key): row.document for row in rows(*documents)}
    return lambda kind, key: known.get((kind, key))


def test_what_is_added_may_belong_to_what_is_stored() -> None:
    added = rows(activity("2025-08-21T11:00:00Z"), activity("2025-08-21T11:00:00Z", 2))

    (fault,) = find_relation_faults(EKRAN, added, stored=stored(("session", SESSION)))
    assert str(fault) == "a.yaml:2: activity: there is no session '2' in this scenario"


def test_what_is_added_must_lie_inside_what_is_stored() -> None:
    added = rows(activity("2025-08-21T12:00:00Z"), activity("2025-08-21T12:00:01Z"))

    (fault,) = find_relation_faults(EKRAN, added, stored=stored(("session", SESSION)))
    assert str(fault) == "a.yaml:2: activity: it lies outside its session '1'"


def test_what_is_stored_already_is_not_added_again() -> None:
    added = rows(("session", SESSION), ("session", {**SESSION, "sessionId": 2}))

    (fault,) = find_relation_faults(EKRAN, added, stored=stored(("session", SESSION)))
    assert str(fault) == "a.yaml:1: session: there is another session with the key '1'"


def test_what_is_added_goes_before_what_is_stored() -> None:
    """Of two sessions with one key the added one is at fault, and its children are its own."""
    later = {**SESSION, "logoutDate": "2025-08-21T18:00:00.000+00:00"}
    added = rows(("session", later), activity("2025-08-21T17:00:00Z"))

    (fault,) = find_relation_faults(EKRAN, added, stored=stored(("session", SESSION)))
    assert fault.reason == "there is another session with the key '1'"


def test_a_parent_that_a_generator_may_bring_is_not_missed() -> None:
    child = rows(activity("2025-08-21T11:00:00Z"))

    assert list(find_relation_faults(EKRAN, child, is_complete=False)) == []
    outside = rows(activity("2025-08-21T13:00:00Z"), ("session", SESSION))
    assert len(list(find_relation_faults(EKRAN, outside, is_complete=False))) == 1


def test_documents_without_a_key_of_their_own_are_never_doubles() -> None:
    twice = rows(
        ("session", SESSION), activity("2025-08-21T11:00:00Z"), activity("2025-08-21T11:00:00Z")
    )

    def everything(kind: str, key: str) -> None:
        assert key, f"a {kind} without a key was looked for"

    assert list(find_relation_faults(EKRAN, twice, stored=everything)) == []


@pytest.mark.parametrize(
    ("at", "since", "until", "is_inside"),
    [
        (None, 0, 10, True),
        (5, None, 10, True),
        (5, 5, None, True),
        (4, 5, None, False),
        (5, 5, 5, True),
        (10, 5, 10, True),
        (11, 5, 10, False),
    ],
)
def test_a_moment_lies_inside_where_both_have_one(
    at: int | None, since: int | None, until: int | None, is_inside: bool
) -> None:
    child = Document("activity", "x", {}, at=at)
    parent = Document("session", "1", {}, at=since, until=until)

    assert lies_inside(child, parent) is is_inside
