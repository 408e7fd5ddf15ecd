"""The invariants of ranges: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any

import pytest

REFUSAL = {"success": False, "error": True, "message": "…", "data": {"end_date": ["…"]}}


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("21-08-2025", "21-08-2025", 200),
        # 366 days, both ends counted: a leap year.
        ("01-01-2024", "31-12-2024", 200),
        ("01-01-2024", "01-01-2025", 422),
        ("21-08-2025", "20-08-2025", 422),
    ],
)
def test_a_range_has_up_to_366_days(autozod: Any, first: str, last: str, status: int) -> None:
    invariant = "a-range-has-up-to-366-days"
    otherwise = 422 if status == 200 else 200

    assert autozod.validated(invariant, autozod.seen(REFUSAL, first, last, status)) == []
    assert autozod.validated(invariant, autozod.seen(REFUSAL, first, last, 401)) is None
    assert autozod.validated(invariant, autozod.seen(REFUSAL, first, last, 500)) is None
    said = autozod.validated(invariant, autozod.seen(REFUSAL, first, last, otherwise))
    assert len(said) == 1
    assert said[0].startswith(f"the range from {first} to {last}, ")
    assert said[0].endswith(f" days, is answered {otherwise}")


def test_an_impossible_date_is_no_range(autozod: Any) -> None:
    now = autozod.seen(REFUSAL, "31-02-2025", "21-08-2025", 422)
    assert autozod.validated("a-range-has-up-to-366-days", now) is None


def test_a_day_is_the_same_in_every_range(autozod: Any) -> None:
    invariant = "a-day-is-the-same-in-every-range"
    one, two = autozod.account(3600), autozod.account(7200, 2)
    alone = autozod.report("18-08-2025", two)

    assert autozod.validated(invariant, autozod.report("17-08-2025", one, two), alone) == []
    assert autozod.validated(invariant, alone, autozod.report("17-08-2025", one, two)) == []
    # Alone, the vendor's null leaves the summary to speak for the day.
    null = autozod.report("18-08-2025", None, whole=two)
    assert autozod.validated(invariant, autozod.report("17-08-2025", one, two), null) == []

    assert autozod.validated(invariant, autozod.report("17-08-2025", two, one), alone) == [
        "on 18-08-2025 total_active_duration_seconds is 3600 and was 7200 in another range",
        "on 18-08-2025 total_active_duration_format is 01:00:00 and was 02:00:00 in another range",
        "on 18-08-2025 total_session_count is 1 and was 2 in another range",
        "on 18-08-2025 total_inactive_duration_seconds is 82800 and was 79200 in another range",
        "on 18-08-2025 total_inactive_duration_format is 23:00:00 and was 22:00:00 "
        "in another range",
        "on 18-08-2025 active_percentage is 4.17 and was 8.33 in another range",
        "on 18-08-2025 inactive_percentage is 95.83 and was 91.67 in another range",
    ]
    more = {**two, "total_session_count": 3}
    assert autozod.validated(invariant, autozod.report("17-08-2025", one, more), null) == [
        "on 18-08-2025 total_session_count is 3 and was 2 in another range"
    ]


def test_days_that_can_still_change_are_not_compared_across_ranges(autozod: Any) -> None:
    invariant = "a-day-is-the-same-in-every-range"
    less, more = autozod.account(60, elapsed=50_000), autozod.account(120, elapsed=50_060)
    alone = autozod.report("21-08-2025", less)

    assert autozod.validated(invariant, autozod.report("20-08-2025", less, more), alone) is None
    # Neither are those of another agent or type.
    other = autozod.report("18-08-2025", more, type="off_duty")
    assert autozod.validated(invariant, autozod.report("17-08-2025", less, less), other) is None


def test_single_days_add_up_to_the_range(autozod: Any) -> None:
    invariant = "single-days-add-up-to-the-range"
    night, morning = autozod.account(3600), autozod.account(7200)
    days = [autozod.report("17-08-2025", night), autozod.report("18-08-2025", morning)]
    # Across midnight it is one session, on either day.
    whole = autozod.account(10_800, 1, 172_800)

    def range(summary: dict[str, Any]) -> Any:
        return autozod.report("17-08-2025", None, None, whole=summary)

    assert autozod.validated(invariant, range(whole), *days) == []
    assert autozod.validated(invariant, range(autozod.account(7200, 1, 172_800)), *days) == [
        "the days one by one have 10800 active and 162000 inactive seconds, "
        "their range 7200 and 165600"
    ]
    # The last day was left out of the range.
    assert autozod.validated(invariant, range(autozod.account(3600, 1, 86_400)), *days) == [
        "the days one by one have 10800 active and 162000 inactive seconds, "
        "their range 3600 and 82800"
    ]
    assert autozod.validated(invariant, range(whole), days[0]) is None
    assert autozod.validated(invariant, days[1], days[0]) is None


def test_single_days_that_can_still_change_are_not_added_up(autozod: Any) -> None:
    over, today = autozod.account(60), autozod.account(60, elapsed=50_000)
    days = [autozod.report("20-08-2025", over), autozod.report("21-08-2025", today)]
    now = autozod.report("20-08-2025", over, autozod.account(90, elapsed=50_030))
    assert autozod.validated("single-days-add-up-to-the-range", now, *days) is None


def test_a_wider_range_has_no_less(autozod: Any) -> None:
    invariant = "a-wider-range-has-no-less"
    day, idle = autozod.account(3600, 2), autozod.account(0)
    narrow = autozod.report("18-08-2025", day)

    assert autozod.validated(invariant, autozod.report("17-08-2025", idle, day, idle), narrow) == []
    # Another time, and one that only meets it, are no wider range.
    assert autozod.validated(invariant, autozod.report("16-08-2025", idle, idle), narrow) is None
    assert autozod.validated(invariant, autozod.report("18-08-2025", day), narrow) is None

    wide = autozod.report("17-08-2025", None, None, whole=autozod.account(3000, 1, 80_000))
    expected = [
        "2 days have 3000 active seconds, 1 days within them 3600",
        "2 days have 77000 inactive seconds, 1 days within them 82800",
        "2 days have 1 sessions, 1 days within them 2",
    ]
    assert autozod.validated(invariant, wide, narrow) == expected
    assert autozod.validated(invariant, narrow, wide) == expected
    zeros = autozod.report("17-08-2025", autozod.nothing(), autozod.nothing())
    assert autozod.validated(invariant, zeros, narrow) != []


def test_a_narrower_range_may_have_grown_since_where_it_runs(autozod: Any) -> None:
    invariant = "a-wider-range-has-no-less"
    wide = autozod.report("20-08-2025", autozod.account(0), autozod.account(60, elapsed=50_000))
    narrow = autozod.report("21-08-2025", autozod.account(90, 2, elapsed=50_100))
    assert autozod.validated(invariant, narrow, wide) is None
