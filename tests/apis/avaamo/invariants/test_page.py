"""The invariants of a page by itself: two breaches of each, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest


def test_per_page_is_as_asked(avaamo: Any) -> None:
    invariant = "per-page-is-as-asked"

    assert avaamo.validated(invariant, avaamo.listed([])) == []
    assert avaamo.validated(invariant, avaamo.listed([], page=7, per_page=100)) == []
    assert avaamo.validated(invariant, avaamo.listed([], per_page=100, asked={"per_page": 1})) == [
        "per_page is 100, and asked was 1"
    ]
    # Nothing was asked for, so that the page's 25 is what was asked.
    assert avaamo.validated(invariant, avaamo.listed([], per_page=10, asked={"per_page": 25})) == [
        "per_page is 10, and asked was 25"
    ]


def test_current_page_is_as_asked(avaamo: Any) -> None:
    invariant = "current-page-is-as-asked"

    assert avaamo.validated(invariant, avaamo.listed([], 60, page=3)) == []
    # Where somebody is led who asks for too much is not documented.
    assert avaamo.validated(invariant, avaamo.listed([], 60, asked={"page": 9})) is None
    for page in (1, 2):
        now = avaamo.listed([], 60, page=3, current_page=page)
        assert avaamo.validated(invariant, now) == [f"current_page is {page}, and asked was 3"]


def test_no_more_entries_than_asked(avaamo: Any) -> None:
    invariant = "no-more-entries-than-asked"
    entries = avaamo.entries(3, 2, 1)

    assert avaamo.validated(invariant, avaamo.listed(entries, per_page=3)) == []
    assert avaamo.validated(invariant, avaamo.listed([], per_page=1)) == []
    assert avaamo.validated(invariant, avaamo.listed(entries, per_page=2)) == [
        "it has 3 entries, and asked were 2"
    ]
    assert avaamo.validated(invariant, avaamo.listed(entries, asked={"per_page": 1})) == [
        "it has 3 entries, and asked were 1"
    ]


def test_entries_follow_from_total_and_page(avaamo: Any) -> None:
    invariant = "entries-follow-from-total-and-page"
    entries = avaamo.entries(3, 2, 1)

    assert avaamo.validated(invariant, avaamo.listed(entries, 28, page=2)) == []
    assert avaamo.validated(invariant, avaamo.listed([], 25, page=2)) == []
    assert avaamo.validated(invariant, avaamo.listed(entries, 30, page=2)) == [
        "it has 3 entries, and 5 are due"
    ]
    assert avaamo.validated(invariant, avaamo.listed(entries, 3, page=2)) == [
        "it has 3 entries, and 0 are due"
    ]
    assert avaamo.validated(invariant, avaamo.listed([], 3)) == ["it has 0 entries, and 3 are due"]


def test_total_pages_follow_from_total(avaamo: Any) -> None:
    invariant = "total-pages-follow-from-total"

    assert avaamo.validated(invariant, avaamo.listed([], 26, page=9)) == []
    # The page's own sample, and nothing found, of which the page is silent.
    assert avaamo.validated(invariant, avaamo.listed([], 3, per_page=1, total_pages=3)) == []
    assert avaamo.validated(invariant, avaamo.listed([], 0, total_pages=0)) is None
    assert avaamo.validated(invariant, avaamo.listed([], 26, total_pages=1)) == [
        "total_pages is 1, and 2 is due"
    ]
    assert avaamo.validated(invariant, avaamo.listed([], 25, total_pages=2)) == [
        "total_pages is 2, and 1 is due"
    ]


def test_an_empty_changelog_has_one_page(avaamo: Any) -> None:
    invariant = "an-empty-changelog-has-one-page"

    assert avaamo.validated(invariant, avaamo.listed([])) == []
    assert avaamo.validated(invariant, avaamo.listed([], 1, total_pages=9)) is None
    for pages in (0, 2):
        now = avaamo.listed([], total_pages=pages)
        assert avaamo.validated(invariant, now) == [f"total_pages is {pages}"]


def test_a_page_past_the_end_is_empty(avaamo: Any) -> None:
    invariant = "a-page-past-the-end-is-empty"
    entries = avaamo.entries(1)

    assert avaamo.validated(invariant, avaamo.listed([], 1, page=2)) == []
    assert avaamo.validated(invariant, avaamo.listed([], 0, total_pages=0)) is None
    assert avaamo.validated(invariant, avaamo.listed(entries, 1, page=2)) == ["it has 1 entries"]
    assert avaamo.validated(invariant, avaamo.listed(entries, 1, asked={"page": 2})) == [
        "current_page is 1, and asked was 2",
        "it has 1 entries",
    ]


def test_the_newest_come_first(avaamo: Any) -> None:
    invariant = "the-newest-come-first"
    old, new = avaamo.entry(1, 60), avaamo.entry(2, 0)

    assert avaamo.validated(invariant, avaamo.listed([new, old])) == []
    # Of one second; and an older one with a greater id.
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1), avaamo.entry(2)])) == []
    assert avaamo.validated(invariant, avaamo.listed([new, avaamo.entry(3, 60)])) == []
    said = ["an entry of 1755786600 follows one of 1755786540"]
    assert avaamo.validated(invariant, avaamo.listed([old, new])) == said
    assert avaamo.validated(invariant, avaamo.listed([new, old, new, old, new])) == said


def test_of_one_second_the_greater_id_comes_first(avaamo: Any) -> None:
    invariant = "of-one-second-the-greater-id-comes-first"

    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(10), avaamo.entry(9)])) == []
    # Ids say nothing of entries of different seconds.
    assert (
        avaamo.validated(invariant, avaamo.listed([avaamo.entry(9), avaamo.entry(10, 1)])) is None
    )
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(9), avaamo.entry(10)])) == [
        "of 1755786600, the entry 10 follows 9"
    ]
    two = [avaamo.entry(5, 0), avaamo.entry(3, 60), avaamo.entry(4, 60)]
    assert avaamo.validated(invariant, avaamo.listed(two)) == [
        "of 1755786540, the entry 4 follows 3"
    ]


def test_ids_are_unique(avaamo: Any) -> None:
    invariant = "ids-are-unique"

    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(2), avaamo.entry(-1)])) == []
    assert avaamo.validated(invariant, avaamo.listed([])) is None
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(2), avaamo.entry(2)])) == [
        "the id 2 stands on it 2 times"
    ]
    three = [avaamo.entry(7, 0), avaamo.entry(8), avaamo.entry(7, 60), avaamo.entry(7, 61)]
    assert avaamo.validated(invariant, avaamo.listed(three)) == ["the id 7 stands on it 3 times"]


def test_entries_are_of_the_actions_asked(avaamo: Any) -> None:
    invariant = "entries-are-of-the-actions-asked"
    entries = [avaamo.entry(2), avaamo.entry(1, action="create")]

    assert avaamo.validated(invariant, avaamo.listed(entries)) == []
    # One action twice is that action.
    asked = {"actions": ["update", "update"]}
    assert avaamo.validated(invariant, avaamo.listed(entries[:1], asked=asked)) == []
    assert avaamo.validated(invariant, avaamo.listed(entries, asked=asked)) == [
        "it has an entry of 'create', and asked were update"
    ]
    asked = {"actions": ["destroy", "create"]}
    assert avaamo.validated(invariant, avaamo.listed(entries, asked=asked)) == [
        "it has an entry of 'update', and asked were create, destroy"
    ]


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (1755786600.7744794, []),
        (1755786600, []),
        # Clocks that are some minutes apart.
        (1755786600 - 299, []),
        (1755786600000, ["time_token is 1755786600000 at 1755786600"]),
        (1755783000, ["time_token is 1755783000 at 1755786600"]),
        (0, ["time_token is 0 at 1755786600"]),
        ("1755786600", None),
        (True, None),
    ],
)
def test_time_token_is_the_present(avaamo: Any, token: Any, said: Any) -> None:
    now = avaamo.listed([], time_token=token)
    assert avaamo.validated("time-token-is-the-present", now) == said


def test_nothing_is_of_the_future(avaamo: Any) -> None:
    invariant = "nothing-is-of-the-future"

    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1)])) == []
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1, -299)])) == []
    assert avaamo.validated(invariant, avaamo.listed([])) is None
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1, -3600)])) == [
        "an entry is of 1755790200, at 1755786600"
    ]
    milliseconds = avaamo.entry(2, timestamp=1755786600000)
    assert avaamo.validated(invariant, avaamo.listed([milliseconds, avaamo.entry(1)])) == [
        "an entry is of 1755786600000, at 1755786600"
    ]
