"""The invariants of an account: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest


def test_percentages_add_up_to_100(autozod: Any) -> None:
    invariant = "percentages-add-up-to-100"
    # A third, which two decimals cannot say.
    third = autozod.account(28_800, active_percentage=33.33, inactive_percentage=66.67)

    assert autozod.validated(invariant, autozod.report("18-08-2025", third)) == []
    assert autozod.validated(invariant, autozod.report("18-08-2025", autozod.nothing())) == []
    assert autozod.validated(invariant, autozod.seen({"data": []})) is None

    both = autozod.account(28_800, active_percentage=33.33, inactive_percentage=66.66)
    assert autozod.validated(invariant, autozod.report("18-08-2025", both, whole=third)) == [
        "18-08-2025 has 33.33 and 66.66 percent of 86400 seconds"
    ]
    idle = {**autozod.nothing(), "inactive_percentage": 100}
    assert autozod.validated(invariant, autozod.report("18-08-2025", third, whole=idle)) == [
        "the summary has 0 and 100 percent of 0 seconds"
    ]
    none = autozod.account(28_800, active_percentage=0, inactive_percentage=0)
    assert autozod.validated(invariant, autozod.report("18-08-2025", third, whole=none)) == [
        "the summary has 0 and 0 percent of 86400 seconds"
    ]


@pytest.mark.parametrize(("active", "inactive"), [(33.33, 66.67), (33.34, 66.66)])
def test_percentages_are_those_of_the_seconds(autozod: Any, active: float, inactive: float) -> None:
    invariant = "percentages-are-those-of-the-seconds"
    shares = {"active_percentage": active, "inactive_percentage": inactive}
    rounded = autozod.report("18-08-2025", autozod.account(28_801, **shares))
    # Nobody has a share of nothing.
    nothing = autozod.report("18-08-2025", autozod.nothing())

    assert autozod.validated(invariant, rounded) == []
    assert autozod.validated(invariant, nothing) is None


@pytest.mark.parametrize(("active", "inactive"), [(66.67, 33.33), (33, 67), (33.3, 66.7)])
def test_percentages_of_other_seconds_are_seen(
    autozod: Any, active: float, inactive: float
) -> None:
    shares = {"active_percentage": active, "inactive_percentage": inactive}
    now = autozod.report("18-08-2025", None, whole=autozod.account(28_800, **shares))

    assert autozod.validated("percentages-are-those-of-the-seconds", now) == [
        f"the summary says {active} percent of 28800 in 86400 seconds",
        f"the summary says {inactive} percent of 57600 in 86400 seconds",
    ]


def test_percentages_with_three_decimals_are_seen(autozod: Any) -> None:
    now = autozod.report(
        "18-08-2025", None, whole=autozod.account(28_800, active_percentage=33.333)
    )
    assert autozod.validated("percentages-are-those-of-the-seconds", now) == [
        "the summary says 33.333 percent of 28800 in 86400 seconds"
    ]


def test_formats_say_what_the_seconds_say(autozod: Any) -> None:
    invariant = "formats-say-what-the-seconds-say"
    # A month has more hours than two digits hold.
    month = autozod.account(
        2_678_399,
        elapsed=2_678_400,
        total_active_duration_format="743:59:59",
        total_inactive_duration_format="00:00:01",
    )

    assert autozod.validated(invariant, autozod.report("18-08-2025", None, whole=month)) == []
    for text in ("23:59:59", "743:59", "0743:59:59", "string"):
        wrong = {**month, "total_active_duration_format": text}
        assert autozod.validated(invariant, autozod.report("18-08-2025", None, whole=wrong)) == [
            f"the summary says '{text}' for 2678399 seconds"
        ]
    assert autozod.validated(invariant, autozod.seen([])) is None


def test_active_time_has_sessions(autozod: Any) -> None:
    invariant = "active-time-has-sessions"
    # Across midnight one session is on both days, and once in the summary.
    night = [autozod.account(3600), autozod.account(7200)]
    whole = autozod.account(10_800, 1, 172_800)

    assert autozod.validated(invariant, autozod.report("17-08-2025", *night, whole=whole)) == []
    assert autozod.validated(invariant, autozod.report("18-08-2025", autozod.nothing())) == []
    assert autozod.validated(
        invariant, autozod.report("18-08-2025", autozod.account(60, total_session_count=0))
    ) == [
        "the summary has 60 active seconds in 0 sessions",
        "18-08-2025 has 60 active seconds in 0 sessions",
    ]
    assert autozod.validated(
        invariant,
        autozod.report("18-08-2025", None, whole=autozod.account(0, total_session_count=2)),
    ) == ["the summary has 0 active seconds in 2 sessions"]
