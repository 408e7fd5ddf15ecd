"""Ranges over moments and intervals: each bug breaks the invariant that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

BrokenBy = Callable[..., dict[str, str]]

BUGS = {
    "no-start": "rows-lie-in-the-range",
    "no-end": "rows-lie-in-the-range",
    "loses-in-range": "the-range-selects-the-rows",
    "strict": "bounds-are-included",
    "selects-all": "the-range-selects-the-rows",
    "drops-inside": "the-range-selects-the-rows",
    "no-clip": "rows-lie-in-the-range",
    "cuts-inside": "what-lies-inside-is-shown-whole",
    "minute": "a-bound-means-the-same-in-every-form",
    "day-ends": "a-day-is-its-midnight",
    "any-length": "a-range-has-no-more-days-than-allowed",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(broken_by: BrokenBy, bug: str) -> None:
    assert BUGS[bug] in broken_by(bug)
