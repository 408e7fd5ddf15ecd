"""The invariants of refusals: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("status", "is_admitted", "said"),
    [
        (401, False, []),
        # A gateway may have looked at the method or at the size first.
        (413, False, []),
        (200, True, None),
        (200, False, ["a request without a good access token is answered 200"]),
        (204, False, ["a request without a good access token is answered 204"]),
    ],
)
def test_nothing_is_told_without_a_token(
    avaamo: Any, status: int, is_admitted: bool, said: Any
) -> None:
    now = avaamo.seen(None, status, is_admitted=is_admitted)
    assert avaamo.validated("nothing-is-told-without-a-token", now) == said


@pytest.mark.parametrize(
    ("query", "error", "said"),
    [
        ({"page": 0}, "page must be an integer from 1", []),
        # Of two that are wrong, one is named.
        ({"page": 0, "per_page": 0}, "per_page must be an integer from 1 to 100", []),
        # Nothing that was sent is wrong by the contract: the request could not be read.
        ({"unknown": 1}, "The URL has a '%' without two digits after it", None),
        ({"start_time": "x"}, {"text": "start_time"}, None),
        ({"start_time": "x"}, "Bad request", ['wrong is start_time, and it says "Bad request"']),
        (
            {"actions": "x", "end_time": -1},
            "page is wrong",
            ['wrong is end_time and actions, and it says "page is wrong"'],
        ),
    ],
)
def test_a_refusal_names_what_is_wrong(avaamo: Any, query: Any, error: Any, said: Any) -> None:
    now = avaamo.seen({"error": error}, 400, query=query, is_valid=False)
    assert avaamo.validated("a-refusal-names-what-is-wrong", now) == said
