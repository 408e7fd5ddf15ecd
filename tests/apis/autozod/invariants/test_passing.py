"""The invariants of what has elapsed: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("first", "elapsed"),
    [
        ("18-08-2025", 86_400),
        # A day of daylight saving, either way.
        ("18-08-2025", 82_800),
        ("18-08-2025", 90_000),
        # Today at 14:30 in UTC, in Auckland since yesterday, in Honolulu.
        ("21-08-2025", 52_200),
        ("21-08-2025", 86_400),
        ("21-08-2025", 16_200),
        # Tomorrow has begun in Auckland.
        ("22-08-2025", 9_000),
    ],
)
def test_what_can_have_elapsed_is_borne(autozod: Any, first: str, elapsed: int) -> None:
    now = autozod.report(first, autozod.account(60, elapsed=elapsed))
    assert autozod.validated("active-and-inactive-make-up-what-has-elapsed", now) == []


@pytest.mark.parametrize(
    ("first", "elapsed", "least", "most"),
    [
        # An hour is lost, and a day counted twice.
        ("18-08-2025", 72_000, 75_600, 97_200),
        ("18-08-2025", 172_800, 75_600, 97_200),
        # All of today, and tomorrow too.
        ("22-08-2025", 86_400, 0, 16_500),
        ("21-08-2025", 8_000, 8_700, 97_200),
    ],
)
def test_what_cannot_have_elapsed_is_seen(
    autozod: Any, first: str, elapsed: int, least: int, most: int
) -> None:
    now = autozod.report(first, autozod.account(60, elapsed=elapsed))
    assert autozod.validated("active-and-inactive-make-up-what-has-elapsed", now) == [
        f"{elapsed} seconds are active or inactive, where from {least} to {most} can have elapsed"
    ]


def test_nothing_is_said_of_what_elapsed_where_nothing_is_known(autozod: Any) -> None:
    invariant = "active-and-inactive-make-up-what-has-elapsed"
    day = autozod.account(60, elapsed=172_800)

    # Nobody knows the agent; nobody knows the time; the date line was still being moved.
    assert autozod.validated(invariant, autozod.report("18-08-2025", autozod.nothing())) is None
    assert autozod.validated(invariant, autozod.report("18-08-2025", day, at="")) is None
    assert autozod.validated(invariant, autozod.report("30-12-2011", day)) is None


def test_a_day_has_no_more_than_its_hours(autozod: Any) -> None:
    invariant = "a-day-has-no-more-than-its-hours"
    long, longer = autozod.account(60, elapsed=90_000), autozod.account(60, elapsed=97_201)

    assert (
        autozod.validated(invariant, autozod.report("26-10-2024", autozod.account(0), long)) == []
    )
    assert autozod.validated(
        invariant, autozod.report("17-08-2025", autozod.account(0), longer)
    ) == ["18-08-2025 has 97201 seconds, more than 97200"]
    two = autozod.account(100_000, elapsed=172_800)
    assert autozod.validated(invariant, autozod.report("17-08-2025", two, two)) == [
        "17-08-2025 has 172800 seconds, more than 97200",
        "18-08-2025 has 172800 seconds, more than 97200",
    ]
    assert autozod.validated(invariant, autozod.report("17-08-2025", None, whole=long)) is None


def test_no_day_begins_before_the_last_is_over(autozod: Any) -> None:
    invariant = "no-day-begins-before-the-last-is-over"
    whole, part = autozod.account(60), autozod.account(60, elapsed=52_200)
    short = autozod.account(60, elapsed=82_800)

    assert autozod.validated(invariant, autozod.report("20-08-2025", whole, part)) == []
    assert (
        autozod.validated(invariant, autozod.report("20-08-2025", whole, part, autozod.nothing()))
        == []
    )
    assert autozod.validated(invariant, autozod.report("30-03-2025", short, whole)) == []
    assert autozod.validated(invariant, autozod.report("20-08-2025", part, whole)) == [
        "20-08-2025 has 52200 seconds only, and 21-08-2025 after it already 86400"
    ]
    assert autozod.validated(
        invariant, autozod.report("20-08-2025", whole, autozod.nothing(), part)
    ) == ["21-08-2025 has 0 seconds only, and 22-08-2025 after it already 52200"]
    assert autozod.validated(invariant, autozod.report("20-08-2025", whole)) is None
    assert (
        autozod.validated(invariant, autozod.report("29-12-2011", whole, autozod.nothing(), whole))
        is None
    )


def test_the_future_is_zeros(autozod: Any) -> None:
    invariant = "the-future-is-zeros"
    zeros, idle = autozod.nothing(), autozod.account(0)

    assert autozod.validated(invariant, autozod.report("23-08-2025", zeros)) == []
    assert autozod.validated(invariant, autozod.report("21-08-2025", idle, zeros, zeros)) == []
    # It is the 22nd in Auckland already.
    assert autozod.validated(invariant, autozod.report("22-08-2025", autozod.account(60))) is None
    assert autozod.validated(invariant, autozod.report("23-08-2025", idle)) == [
        "the summary, in the future, has 86400 seconds in 0 sessions",
        "23-08-2025, in the future, has 86400 seconds in 0 sessions",
    ]
    planned = {**zeros, "total_session_count": 1}
    assert autozod.validated(invariant, autozod.report("22-08-2025", zeros, planned)) == [
        "23-08-2025, in the future, has 0 seconds in 1 sessions"
    ]
    assert autozod.validated(invariant, autozod.report("23-08-2025", idle, at="")) is None
