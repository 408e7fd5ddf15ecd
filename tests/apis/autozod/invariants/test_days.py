"""The invariants of the days: breaches that they see, and oddities that they bear."""

from __future__ import annotations

from typing import Any


def test_every_day_has_one_item(autozod: Any) -> None:
    invariant = "every-day-has-one-item"
    day = autozod.account(60)

    assert autozod.validated(invariant, autozod.report("17-08-2025", day, day)) == []
    # The vendor's own null, one for each day.
    nulls = autozod.report("17-08-2025", None, None, whole=autozod.account(60, 1, 172_800))
    assert autozod.validated(invariant, nulls) == []
    assert autozod.validated(invariant, autozod.report("17-08-2025", day, last="18-08-2025")) == [
        "a range of 2 days has 1 items"
    ]
    assert autozod.validated(
        invariant, autozod.report("17-08-2025", day, day, last="17-08-2025")
    ) == ["a range of 1 days has 2 items"]
    assert autozod.validated(invariant, autozod.seen({"data": {"daily_breakdown": [None]}})) is None


def test_days_are_those_of_the_range(autozod: Any) -> None:
    invariant = "days-are-those-of-the-range"
    day = autozod.account(60)
    # The end of a leap year's February.
    leap = autozod.report("28-02-2024", day, day, dates=["28-02-2024", "29-02-2024"])

    assert autozod.validated(invariant, leap) == []
    assert autozod.validated(invariant, autozod.report("17-08-2025", None, whole=day)) is None

    def dated(*dates: str) -> list[str] | None:
        now = autozod.report("09-08-2025", day, day, dates=list(dates), last="10-08-2025")
        found: list[str] | None = autozod.validated(invariant, now)
        return found

    assert dated("10-08-2025", "09-08-2025") == [
        "day 1 of the range is '10-08-2025', and not '09-08-2025'"
    ]
    assert dated("09-08-2025", "09-08-2025") == [
        "day 2 of the range is '09-08-2025', and not '10-08-2025'"
    ]
    assert dated("2025-08-09", "2025-08-10") == [
        "day 1 of the range is '2025-08-09', and not '09-08-2025'"
    ]
    assert dated("08-09-2025", "08-10-2025") == [
        "day 1 of the range is '08-09-2025', and not '09-08-2025'"
    ]
    # All the days that can be asked for, and one that is answered.
    ages = autozod.report("01-01-1000", day, last="31-12-2999")
    assert autozod.validated(invariant, ages) == [
        "there are 1 days from '01-01-1000' on, and not 730485",
    ]
    assert dated("09-08-2025") == ["there are 1 days from '09-08-2025' on, and not 2"]


def test_days_add_up_to_the_summary(autozod: Any) -> None:
    invariant = "days-add-up-to-the-summary"
    # The nights in which Berlin's clocks change: 23 hours, and 25.
    short, long = autozod.account(3600, elapsed=82_800), autozod.account(0, elapsed=90_000)

    assert autozod.validated(invariant, autozod.report("30-03-2025", short, long)) == []
    assert autozod.validated(
        invariant,
        autozod.report("30-03-2025", short, long, whole=autozod.account(3600, 1, 169_200)),
    ) == [
        "the days have 3600 active and 169200 inactive seconds, the summary 3600 and 165600",
    ]
    assert autozod.validated(
        invariant,
        autozod.report("30-03-2025", short, short, whole=autozod.account(3600, 1, 165_600)),
    ) == [
        "the days have 7200 active and 158400 inactive seconds, the summary 3600 and 162000",
    ]
    assert autozod.validated(invariant, autozod.report("30-03-2025", None, whole=short)) is None


def test_sessions_fit_those_of_the_days(autozod: Any) -> None:
    invariant = "sessions-fit-those-of-the-days"
    days = [autozod.account(3600, 2), autozod.account(7200, 3)]

    def counted(sessions: int) -> list[str] | None:
        whole = autozod.account(10_800, sessions, 172_800)
        found: list[str] | None = autozod.validated(
            invariant, autozod.report("17-08-2025", *days, whole=whole)
        )
        return found

    assert counted(5) == []
    # One went across midnight, and even two may have, on duty at once.
    assert counted(4) == []
    assert counted(3) == []
    assert counted(2) == ["the summary has 2 sessions, the days up to 3 each and 5 together"]
    assert counted(6) == ["the summary has 6 sessions, the days up to 3 each and 5 together"]
    assert autozod.validated(invariant, autozod.report("17-08-2025", None, whole=days[0])) is None
