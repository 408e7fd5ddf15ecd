"""Order, identity and filters: each bug breaks the invariant that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

BrokenBy = Callable[..., dict[str, str]]

BUGS = {
    "unsorted": "rows-are-in-order",
    "twice": "a-row-is-listed-once",
    "renames": "a-row-keeps-its-fields",
    "filter": "rows-match-the-filter",
    "filter-first": "values-of-a-filter-add-up",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(broken_by: BrokenBy, bug: str) -> None:
    assert BUGS[bug] in broken_by(bug)
