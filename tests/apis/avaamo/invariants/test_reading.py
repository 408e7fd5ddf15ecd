"""The invariants of reading: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest

NOW = 1755786600
OVER = {"start_time": NOW - 86_400, "end_time": NOW - 10}
"""A period that was over when it was asked for."""


def test_reading_changes_nothing(avaamo: Any) -> None:
    invariant = "reading-changes-nothing"
    read = avaamo.listed(avaamo.entries(9, 8), asked=OVER)

    assert avaamo.validated(invariant, read) is None
    assert avaamo.validated(invariant, read, read) == []
    # Up to now there may be more, and the newest stand first; another period is another list.
    now, more = avaamo.listed(avaamo.entries(9, 8)), avaamo.listed(avaamo.entries(10, 9, 8))
    assert avaamo.validated(invariant, more, now) == []
    assert avaamo.validated(invariant, read, now) is None

    assert avaamo.validated(
        invariant, avaamo.listed(avaamo.entries(10, 9, 8), asked=OVER), read
    ) == ["there are 3 entries, and there were 2"]
    assert avaamo.validated(invariant, now, more) == ["there are 2 entries, and there were 3"]
    said = avaamo.validated(invariant, avaamo.listed(avaamo.entries(8, 9)), now)
    assert said is not None
    assert said[0].startswith('at position 1 stands {"id": 8')


def test_a_changelog_that_grows_with_every_read_is_changed_by_reading(avaamo: Any) -> None:
    invariant = "reading-changes-nothing"
    one, two, three = (avaamo.listed([], total) for total in (1, 2, 3))

    assert avaamo.validated(invariant, three, one, two) == [
        "there are more with every read: [1, 2, 3] entries"
    ]
    assert avaamo.validated(invariant, three, one, two, two) == []


def test_per_page_changes_slicing_only(avaamo: Any) -> None:
    invariant = "per-page-changes-slicing-only"
    whole = avaamo.listed(avaamo.entries(9, 8, 7))

    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(7), 3, 2, 2), whole) == []
    # One was added at the front in between.
    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(8, 7), 4, 2, 2), whole) == []
    assert avaamo.validated(invariant, whole, whole) is None

    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(9, 8), per_page=2), whole) == [
        "there are 2 entries, and there were 3"
    ]
    said = avaamo.validated(invariant, avaamo.listed(avaamo.entries(8), 3, 2, 2), whole)
    assert said is not None
    assert said[0].startswith('at position 3 stands {"id": 8')


def test_pages_end_to_end_are_the_whole(avaamo: Any) -> None:
    invariant = "pages-end-to-end-are-the-whole"
    whole = avaamo.listed(avaamo.entries(9, 8, 7, 6, 5))
    first, second, third = (
        avaamo.listed(avaamo.entries(*ids), 5, page, 2)
        for page, ids in enumerate(((9, 8), (7, 6), (5,)), start=1)
    )

    assert avaamo.validated(invariant, third, first, second) == []
    assert avaamo.validated(invariant, third, whole, second, first, second) == []
    # One is missing, or was answered when there was one fewer.
    assert avaamo.validated(invariant, third, first) is None
    assert (
        avaamo.validated(invariant, third, avaamo.listed(avaamo.entries(9, 8), 4, 1, 2), second)
        is None
    )
    assert avaamo.validated(invariant, second, first) is None

    repeated = avaamo.listed(avaamo.entries(8, 6), 5, 2, 2)
    assert avaamo.validated(invariant, third, first, repeated) == [
        "3 pages of 2 have the entry 8 2 times"
    ]
    short = avaamo.listed(avaamo.entries(7), 5, 2, 2)
    assert avaamo.validated(invariant, third, first, short) == [
        "3 pages of 2 have 4 entries, and there are 5"
    ]
    others = avaamo.listed(avaamo.entries(7, 1), 5, 2, 2)
    assert avaamo.validated(invariant, third, whole, first, others) == [
        "3 pages of 2 have other entries than one page of all, or in another order"
    ]


def test_an_id_names_one_entry(avaamo: Any) -> None:
    invariant = "an-id-names-one-entry"
    before = avaamo.listed(avaamo.entries(9, 8))

    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(10, 9)), before) == []
    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(10)), before) is None
    # Somebody was given another name in between.
    renamed = avaamo.entries(9, dashboard_user={"id": 739, "display_name": "Donna Reed"})
    assert avaamo.validated(invariant, avaamo.listed(renamed), before) == []

    for change in ({"action": "create"}, {"resource": {"id": 1, "type": "Team"}}):
        said = avaamo.validated(invariant, avaamo.listed(avaamo.entries(9, **change)), before)
        assert said is not None
        assert said[0].startswith("the entry 9 is {")
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(9, 1)]), before)


@pytest.fixture
def parts(avaamo: Any) -> list[Any]:
    """A period of each action alone."""
    return [
        avaamo.listed(avaamo.entries(*ids, action=action), asked={**OVER, "actions": [action]})
        for action, ids in (("update", (9, 7)), ("create", (8,)), ("destroy", ()))
    ]


def test_actions_add_up(avaamo: Any, parts: list[Any]) -> None:
    invariant = "actions-add-up"
    together = [*avaamo.entries(9), *avaamo.entries(8, action="create"), *avaamo.entries(7)]

    assert avaamo.validated(invariant, avaamo.listed(together, asked=OVER), *parts) == []
    two = {**OVER, "actions": ["create", "update"]}
    assert avaamo.validated(invariant, avaamo.listed(together, asked=two), *parts) == []
    # One was not asked for alone; in another period; up to now, when something may be added.
    assert avaamo.validated(invariant, avaamo.listed(together, asked=OVER), *parts[:2]) is None
    assert avaamo.validated(invariant, avaamo.listed(together), *parts) is None
    open_end = [avaamo.listed([], asked={"actions": [action]}) for action in ("update", "create")]
    both = {"actions": ["update", "create"]}
    assert avaamo.validated(invariant, avaamo.listed([], asked=both), *open_end) is None

    assert avaamo.validated(invariant, avaamo.listed(together[:2], asked=OVER), *parts) == [
        "there are 2 together, and 1 and 0 and 2 by themselves"
    ]
    # As many, and one of them twice; a page does not tell.
    twice = avaamo.entries(9, 9, 8)
    assert avaamo.validated(invariant, avaamo.listed(twice, asked=OVER), *parts) == [
        "the entries together are others than by themselves"
    ]
    page = avaamo.listed(avaamo.entries(1), 3, per_page=1, asked=OVER)
    assert avaamo.validated(invariant, page, *parts) == []
