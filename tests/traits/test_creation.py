"""What is created is echoed and listed: each bug breaks the invariant that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

BrokenBy = Callable[..., dict[str, str]]

BUGS = {
    "echo": "what-is-created-is-echoed",
    "lost": "the-list-grows-by-what-is-created",
    "doubled": "the-list-grows-by-what-is-created",
    "listed-otherwise": "what-is-created-is-listed",
    "keeps-refused": "what-is-refused-is-not-listed",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(broken_by: BrokenBy, bug: str) -> None:
    assert BUGS[bug] in broken_by(bug)
