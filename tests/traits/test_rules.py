"""Each rule is broken by a server with the bug that it is about, and by no correct server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BUGS = {
    "responses": {
        "status": "envelope-repeats-the-status",
        "success": "envelope-says-whether-it-succeeded",
        "escapes": "letters-are-not-escaped",
        "no-login": "nothing-succeeds-without-a-credential",
        "one-wrong": "a-refusal-names-what-is-wrong",
        "says-no": "a-refusal-names-what-is-wrong",
        "clock": "the-present-is-the-moment-of-the-response",
        "wall-clock": "the-present-is-the-moment-of-the-response",
        "wall-zone": "the-present-is-the-moment-of-the-response-in-utc",
        "future": "nothing-is-in-the-future",
        "drifts": "the-same-request-has-the-same-response",
        "default": "a-default-is-as-if-it-were-sent",
        "case": "letters-may-be-in-either-case",
        "body": "a-body-changes-nothing",
        "mirror": "both-operations-list-the-same",
    },
    "pagination": {
        "size-echo": "page-size-is-as-requested",
        "page-echo": "page-is-as-requested",
        "size-ignored": "page-has-no-more-rows-than-requested",
        "short": "rows-follow-from-total",
        "total": "rows-follow-from-total",
        "pages": "last-page-follows-from-total",
        "no-pages": "empty-list-has-one-page",
        "clamps": "page-past-the-end-is-empty",
        "grows": "reading-again-gives-the-same-list",
        "sticks": "reading-again-gives-the-same-list",
        "size-sorts": "page-size-changes-the-cut-only",
        "overlap": "pages-together-are-the-list",
        "first-page-only": "page-is-as-requested",
        "offset-by-one": "page-size-changes-the-cut-only",
        "limit-ignored": "page-has-no-more-rows-than-requested",
        "cursor-repeats": "cursor-leads-on",
        "cursor-skips": "pages-together-are-the-list",
    },
    "rows": {
        "unsorted": "rows-are-in-order",
        "twice": "a-row-is-listed-once",
        "renames": "a-row-keeps-its-fields",
        "filter": "rows-match-the-filter",
        "filter-first": "values-of-a-filter-add-up",
        "unknown-lists-all": "a-known-value-selects-beside-an-unknown-one",
    },
    "labels": {
        "other-word": "a-text-is-not-that-of-another-value",
        "paid-word": "a-text-is-that-of-the-examples",
        "words": "a-text-belongs-to-its-value",
    },
    "ranges": {
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
        "four-latest": "an-end-alone-reaches-so-many-rows",
        "oldest": "an-end-alone-reaches-the-latest",
        "any-length": "a-range-has-no-more-days-than-allowed",
    },
    "totals": {
        "one-day": "a-range-has-the-total-of-its-parts",
        "no-day": "a-range-with-a-total-has-a-day-with-it",
        "who-ignored": "another-value-has-another-total",
    },
    "creation": {
        "echo": "what-is-created-is-echoed",
        "lost": "the-list-grows-by-what-is-created",
        "repeated-lost": "the-list-grows-by-what-is-created",
        "doubled": "the-list-grows-by-what-is-created",
        "listed-otherwise": "what-is-created-is-listed",
        "keeps-refused": "what-is-refused-is-not-listed",
        "writes-unauthenticated": "what-is-refused-is-not-listed",
    },
}


@pytest.mark.parametrize(("bug", "rule"), [pair for bugs in BUGS.values() for pair in bugs.items()])
def test_a_bug_breaks_the_rule_that_says_so(
    run_workflows: Callable[..., Any], bug: str, rule: str
) -> None:
    assert rule in run_workflows(bug, until=rule).broken


def test_a_correct_server_breaks_nothing_and_every_invariant_is_evaluated(
    run_workflows: Callable[..., Any],
) -> None:
    caller = run_workflows()
    assert caller.broken == {}
    assert {invariant.name for invariant in caller.invariants} - caller.met == set()


def test_a_violation_says_what_is_due(run_workflows: Callable[..., Any]) -> None:
    rule = "last-page-follows-from-total"
    assert run_workflows("pages", until=rule).broken[rule] == "/pages is 2, 1 is due"


@pytest.mark.parametrize("minutes", [0, 1])
def test_other_people_may_add_rows_between_all_reads(
    shop: Callable[..., Any], minutes: int
) -> None:
    caller = shop()
    for number in range(6):
        caller("listOrders", size=50)
        caller.now += minutes * 60_000_000
        at = f"2025-08-21T14:{30 + number * minutes}:00Z"
        caller.shop.orders.append({"id": 99 + number, "at": at, "state": "new", "name": "x"})
    assert caller.broken == {}


def test_rows_that_appear_in_a_range_that_is_over_are_a_violation(shop: Callable[..., Any]) -> None:
    caller = shop("grows")
    for _ in range(2):
        caller(
            "listOrders", size=50, **{"from": "2025-08-01T00:00:00Z", "to": "2025-08-20T00:00:00Z"}
        )
    assert caller.broken["reading-again-gives-the-same-list"].startswith("there are ")
