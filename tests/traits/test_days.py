"""Days are chosen that programs often read wrongly."""

from __future__ import annotations

from datetime import date

import pytest

from mockserver.clock import parse_moment
from mockserver.traits.days import choose_days


@pytest.mark.parametrize(
    ("day", "is_chosen"),
    [
        ("2025-03-04", True),  # 3 April, where the month is read first
        ("2025-04-04", False),
        ("2025-05-01", True),
        ("2025-04-30", True),
        ("2024-02-29", True),
        ("2025-12-31", True),
        ("2025-10-26", True),  # the clocks change in Europe
        ("2025-11-02", True),  # and in America
        ("2025-11-19", False),
    ],
)
def test_a_day_that_is_easily_taken_for_another_is_chosen(day: str, is_chosen: bool) -> None:
    time = parse_moment(day)
    plain = parse_moment("2025-11-19")
    assert choose_days([(plain, plain), (plain, time)]) == [(plain, time)] * is_chosen


def test_of_each_kind_the_first_is_chosen() -> None:
    ends = [parse_moment(date(2025, month, 30).isoformat()) for month in (4, 6, 9)]
    assert choose_days((end, end) for end in ends) == [(ends[0], ends[0])]
