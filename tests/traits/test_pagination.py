"""Pages by number, by offset and by cursor: each bug breaks the invariant that says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BrokenBy = Callable[..., dict[str, str]]

BUGS = {
    "size-echo": "page-size-is-as-requested",
    "page-echo": "page-is-as-requested",
    "size-ignored": "page-has-no-more-rows-than-requested",
    "short": "rows-follow-from-total",
    "total": "rows-follow-from-total",
    "pages": "last-page-follows-from-total",
    "no-pages": "empty-list-has-one-page",
    "clamps": "page-past-the-end-is-empty",
    "grows": "reading-again-gives-the-same-list",
    "size-sorts": "page-size-changes-the-cut-only",
    "overlap": "pages-together-are-the-list",
    "first-page-only": "page-is-as-requested",
    "offset-by-one": "page-size-changes-the-cut-only",
    "limit-ignored": "page-has-no-more-rows-than-requested",
    "cursor-repeats": "cursor-leads-on",
    "cursor-skips": "pages-together-are-the-list",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(broken_by: BrokenBy, bug: str) -> None:
    assert BUGS[bug] in broken_by(bug)


def test_a_page_is_described_with_its_numbers(broken_by: BrokenBy) -> None:
    assert broken_by("pages")["last-page-follows-from-total"] == "/pages is 2, 1 is due"


def test_other_people_may_add_rows_between_two_reads(shop: Any) -> None:
    caller = shop()
    caller("listOrders", size=50)
    caller.shop.orders.append({"id": 99, "at": "2025-08-21T14:30:00Z", "state": "new", "name": "x"})
    caller("listOrders", size=50)
    assert caller.broken == {}
