"""Envelopes, credentials, moments and pure reads: each bug breaks the invariant that says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

BrokenBy = Callable[..., dict[str, str]]

BUGS = {
    "status": "envelope-repeats-the-status",
    "success": "envelope-says-whether-it-succeeded",
    "escapes": "letters-are-not-escaped",
    "no-login": "nothing-succeeds-without-a-credential",
    "clock": "the-present-is-the-moment-of-the-response",
    "future": "nothing-is-in-the-future",
    "drifts": "the-same-request-has-the-same-response",
    "default": "a-default-is-as-if-it-were-sent",
    "case": "letters-may-be-in-either-case",
    "body": "a-body-changes-nothing",
    "mirror": "both-operations-list-the-same",
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_breaks_the_invariant_that_says_so(broken_by: BrokenBy, bug: str) -> None:
    assert BUGS[bug] in broken_by(bug)
