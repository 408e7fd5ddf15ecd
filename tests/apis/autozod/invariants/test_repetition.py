"""The invariants of repetition: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest

UPPER = "68A6D35049A09719B70539B4"
TWINS = {
    "asked-again-it-says-the-same": ({}, {}),
    "a-body-changes-nothing": ({}, {"body": b"{}"}),
    "ids-are-the-same-in-either-case": ({}, {"agent": UPPER}),
    "no-type-means-on-duty": ({}, {"type": None}),
}


@pytest.mark.parametrize("invariant", TWINS)
def test_what_is_over_is_the_same_again(autozod: Any, invariant: str) -> None:
    before, now = TWINS[invariant]
    day, less = autozod.account(3600), autozod.account(3599)
    first = autozod.report("18-08-2025", day, **before)

    assert autozod.validated(invariant, autozod.report("18-08-2025", day, **now), first) == []
    assert autozod.validated(invariant, autozod.report("18-08-2025", day, **now)) is None
    assert autozod.validated(invariant, autozod.report("17-08-2025", less, **now), first) is None
    assert autozod.validated(
        invariant, autozod.report("18-08-2025", day, whole=less, **now), first
    ) == [
        "in the summary, total_active_duration_seconds is 3599 and was 3600",
        "in the summary, total_active_duration_format is 00:59:59 and was 01:00:00",
        "in the summary, total_inactive_duration_seconds is 82801 and was 82800",
        "in the summary, total_inactive_duration_format is 23:00:01 and was 23:00:00",
        "on 18-08-2025 total_active_duration_seconds is 3599 and was 3600",
        "on 18-08-2025 total_active_duration_format is 00:59:59 and was 01:00:00",
        "on 18-08-2025 total_inactive_duration_seconds is 82801 and was 82800",
        "on 18-08-2025 total_inactive_duration_format is 23:00:01 and was 23:00:00",
    ]
    more = {**day, "total_session_count": 2}
    assert (
        autozod.validated(invariant, autozod.report("18-08-2025", more, whole=day, **now), first)
        == []
    )


def test_what_runs_may_have_grown_and_never_shrunk(autozod: Any) -> None:
    invariant = "what-still-runs-never-shrinks"
    today = "21-08-2025"
    first = autozod.report(today, autozod.account(3600, 1, 50_000))
    later = {"at": "2025-08-21T14:31:40Z"}
    over = autozod.report("18-08-2025", autozod.account(3600))
    assert autozod.validated(invariant, over, over) is None

    # It ran on, and another one began.
    grown = autozod.account(3700, 2, 50_100)
    assert autozod.validated(invariant, autozod.report(today, grown, **later), first) == []
    shrunk = autozod.account(3500, 0, 50_000, total_session_count=0)
    assert autozod.validated(invariant, autozod.report(today, shrunk, **later), first) == [
        "there are 3500 active seconds and there were 3600",
        "there are 0 sessions and there were 1",
    ]
    ahead = autozod.account(3600, 1, 60_000)
    assert autozod.validated(invariant, autozod.report(today, ahead, **later), first) == [
        "10000 more seconds have elapsed in 100 seconds"
    ]


@pytest.mark.parametrize("invariant", TWINS)
def test_of_what_runs_nothing_documented_is_said(autozod: Any, invariant: str) -> None:
    before, now = TWINS[invariant]
    first = autozod.report("21-08-2025", autozod.account(3600, 1, 50_000), **before)
    less = autozod.report("21-08-2025", autozod.account(1, 0, 60_000), **now)
    assert autozod.validated(invariant, less, first) is None


def test_a_day_that_is_over_stays_the_same_in_a_range_that_runs(autozod: Any) -> None:
    invariant = "asked-again-it-says-the-same"
    over, today = autozod.account(3600), autozod.account(60, elapsed=50_000)
    # At noon in UTC the 20th is still going on at the last place.
    noon = "2025-08-21T12:00:00Z"
    before = autozod.report("18-08-2025", over, over, over, today, at=noon)
    changed = {**over, "total_session_count": 2}

    assert (
        autozod.validated(invariant, autozod.report("18-08-2025", over, over, over, today), before)
        == []
    )
    assert autozod.validated(
        invariant, autozod.report("18-08-2025", over, changed, changed, today), before
    ) == ["on 19-08-2025 total_session_count is 2 and was 1"]


def test_only_the_same_request_is_the_same(autozod: Any) -> None:
    invariant = "asked-again-it-says-the-same"
    before = autozod.report("18-08-2025", autozod.account(3600))
    for other in ({"type": "off_duty"}, {"team": 1001}, {"agent": UPPER}, {"body": b"{}"}):
        now = autozod.report("18-08-2025", autozod.account(60), **other)
        assert autozod.validated(invariant, now, before) is None


@pytest.mark.parametrize("status", [400, 415, 422])
def test_a_request_that_is_refused_for_its_body_is_seen(autozod: Any, status: int) -> None:
    invariant = "a-body-changes-nothing"
    before = autozod.report("18-08-2025", autozod.account(3600))

    assert autozod.validated(invariant, autozod.seen({}, body=b"[]", status=status), before) == [
        f"a request is answered {status} with a body, and 200 without"
    ]
    # A server may be busy, or read no more than so much.
    for other in (413, 429, 503):
        assert (
            autozod.validated(invariant, autozod.seen({}, body=b"[]", status=other), before) is None
        )
    refused = autozod.seen({}, body=b"[]", status=401, is_admitted=False)
    assert autozod.validated(invariant, refused, before) is None
    # The sample has a body of JSON; of another one nobody speaks.
    assert autozod.validated(invariant, autozod.seen({}, body=b"[", status=status), before) is None


def test_a_type_of_its_own_is_not_the_default(autozod: Any) -> None:
    invariant = "no-type-means-on-duty"
    before = autozod.report("18-08-2025", autozod.account(3600), type="off_duty")
    now = autozod.report("18-08-2025", autozod.account(60), type=None)
    assert autozod.validated(invariant, now, before) is None
