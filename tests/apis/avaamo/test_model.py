"""What is true of the changelog: newest first, bounds included, five without a lower bound."""

from __future__ import annotations

import pytest

from mockserver.apis.avaamo import model
from mockserver.clock import parse_moment
from mockserver.sandbox import World

ALL = ("update", "create", "destroy")
SECOND = 1_000_000
NOW = 1_755_786_600  # 2025-08-21T14:30:00Z, where the clock stands


def _change(world: World, id: int, timestamp: int, action: str = "update") -> None:
    user = {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"}
    body = {
        "id": id,
        "resource": {"id": 739, "type": "User"},
        "action": action,
        "changelog": f"change {id}",
        "timestamp": timestamp,
        "dashboard_user": user,
    }
    world.documents.append(model.CHANGE.document(body))


def _ids(
    world: World,
    actions: tuple[str, ...] = ALL,
    *,
    start: float | None = None,
    end: float | None = None,
    offset: int = 0,
    limit: int = 25,
) -> tuple[list[int], int]:
    """The ids of what a query in seconds finds, and how many it says there are."""
    since = None if start is None else round(start * SECOND)
    upto = None if end is None else round(end * SECOND)
    found, total = model.page_changes(world, actions, since, upto, offset, limit)
    return [change["id"] for change in found], total


# Order and pages


def test_the_newest_come_first_whatever_their_ids(world: World) -> None:
    for id, timestamp in [(3, 100), (1, 300), (2, 200)]:
        _change(world, id, timestamp)
    assert _ids(world) == ([1, 2, 3], 3)


def test_of_one_second_the_greatest_id_comes_first_as_a_number(world: World) -> None:
    for id in (9, 100, 10, 99):
        _change(world, id, 500)
    assert _ids(world) == ([100, 99, 10, 9], 4)


def test_the_order_holds_across_actions(world: World) -> None:
    for id, action in [(9, "update"), (10, "create"), (11, "destroy"), (12, "update")]:
        _change(world, id, 500, action)
    assert _ids(world) == ([12, 11, 10, 9], 4)


def test_pages_divide_the_changelog(world: World) -> None:
    for id in range(1, 8):
        _change(world, id, id)
    assert _ids(world, offset=0, limit=3) == ([7, 6, 5], 7)
    assert _ids(world, offset=3, limit=3) == ([4, 3, 2], 7)
    assert _ids(world, offset=6, limit=3) == ([1], 7)
    assert _ids(world, offset=9, limit=3) == ([], 7)


@pytest.mark.parametrize("offset", [7, 2**63 - 1, 2**63, 10**40])
@pytest.mark.parametrize("bounds", [{}, {"end": 7.0}, {"start": 0.0}, {"start": 0.0, "end": 7.0}])
def test_far_past_the_end_there_is_nothing(
    world: World, offset: int, bounds: dict[str, float]
) -> None:
    for id in range(1, 8):
        _change(world, id, id)
    total = 5 if bounds == {"end": 7.0} else 7
    assert _ids(world, offset=offset, **bounds) == ([], total)


def test_an_empty_changelog_is_empty(world: World) -> None:
    assert _ids(world) == ([], 0)
    assert _ids(world, end=5) == ([], 0)
    assert _ids(world, start=5) == ([], 0)


# Bounds


@pytest.mark.parametrize(
    ("start", "end", "ids"),
    [
        (200, 300, [3, 2]),  # both included
        (201, 299, []),
        (200, 200, [2]),
        (199.5, 200.5, [2]),
        (200.5, 300.5, [3]),
        (0, 400, [4, 3, 2, 1]),
        (300, 200, []),
        (300, None, [4, 3]),
        (401, None, []),
    ],
)
def test_bounds_are_included(
    world: World, start: float | None, end: float | None, ids: list[int]
) -> None:
    for id in (1, 2, 3, 4):
        _change(world, id, id * 100)
    assert _ids(world, start=start, end=end) == (ids, len(ids))


def test_without_an_upper_bound_now_is_the_bound(world: World) -> None:
    for id, timestamp in [(1, NOW - 1), (2, NOW), (3, NOW + 1)]:
        _change(world, id, timestamp)
    assert _ids(world) == ([2, 1], 2)
    assert _ids(world, start=NOW) == ([2], 1)
    assert _ids(world, start=NOW + 1) == ([], 0)
    assert _ids(world, start=0, end=NOW + 1) == ([3, 2, 1], 3)


# The latest five


def test_an_upper_bound_alone_reaches_the_latest_five(world: World) -> None:
    for id in range(1, 10):
        _change(world, id, id * 100)
    assert _ids(world, end=800) == ([8, 7, 6, 5, 4], 5)
    assert _ids(world, end=799) == ([7, 6, 5, 4, 3], 5)
    assert _ids(world, end=300) == ([3, 2, 1], 3)
    assert _ids(world, end=99) == ([], 0)


def test_the_latest_five_are_paged(world: World) -> None:
    for id in range(1, 10):
        _change(world, id, id * 100)
    assert _ids(world, end=900, offset=0, limit=2) == ([9, 8], 5)
    assert _ids(world, end=900, offset=4, limit=2) == ([5], 5)
    assert _ids(world, end=900, offset=6, limit=2) == ([], 5)
    assert _ids(world, end=900, limit=100) == ([9, 8, 7, 6, 5], 5)


def test_of_the_same_second_the_latest_five_are_those_of_the_greatest_ids(world: World) -> None:
    for id in range(6, 13):
        _change(world, id, 500)
    assert _ids(world, end=500) == ([12, 11, 10, 9, 8], 5)


def test_a_lower_bound_of_zero_is_a_lower_bound(world: World) -> None:
    for id in range(1, 10):
        _change(world, id, id * 100)
    assert _ids(world, start=0, end=900)[1] == 9


def test_actions_are_chosen_before_the_five_are_taken(world: World) -> None:
    for id in range(1, 21):
        _change(world, id, id * 100, "create" if id % 2 else "update")
    assert _ids(world, ("create",), end=2000) == ([19, 17, 15, 13, 11], 5)
    assert _ids(world, ("destroy",), end=2000) == ([], 0)


# Actions


def test_only_the_actions_asked_for_are_found(world: World) -> None:
    for id, action in [(1, "update"), (2, "create"), (3, "destroy"), (4, "update")]:
        _change(world, id, id, action)
    assert _ids(world, ("update",)) == ([4, 1], 2)
    assert _ids(world, ("destroy", "create")) == ([3, 2], 2)
    assert _ids(world, ("update",), start=2) == ([4], 1)


def test_an_action_asked_for_twice_counts_once(world: World) -> None:
    for id, action in [(1, "update"), (2, "create"), (3, "update")]:
        _change(world, id, id, action)
    assert _ids(world, ("update", "update")) == ([3, 1], 2)
    assert _ids(world, ("update", "create", "update"), start=1) == ([3, 2, 1], 3)
    assert _ids(world, ("update", "update"), end=3) == ([3, 1], 2)


# Entries and ids


def test_an_entry_is_what_the_document_shows() -> None:
    user = {
        "id": 739,
        "display_name": "Donna Miller",
        "email": "donna@avaamo.com",
        "status": "active",
    }
    change = model.build_change(
        2202442, (739, "User"), "update", "text", parse_moment("2023-11-06T09:59:50.999Z"), user
    )
    assert change.body == {
        "id": 2202442,
        "resource": {"id": 739, "type": "User"},
        "action": "update",
        "changelog": "text",
        "timestamp": 1699264790,
        "dashboard_user": {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"},
    }
    assert change.at == 1_699_264_790_000_000


def test_the_next_id_is_one_more_than_the_greatest(world: World) -> None:
    assert model.get_next_id(world) == 1
    for id in (9, 100, 11):
        _change(world, id, 5)
    assert model.get_next_id(world) == 101
