"""The days of a range, with a mutation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.mutations import days
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]
Accounts = Callable[..., list[tuple[str, int, str, int]]]

CLEAN = [
    ("", 27000, "07:30:00", 2),
    ("18-08-2025", 0, "00:00:00", 0),
    ("19-08-2025", 7200, "02:00:00", 1),
    ("20-08-2025", 10800, "03:00:00", 1),
    ("21-08-2025", 9000, "02:30:00", 1),
]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(days)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_they_are_not_those_of_the_range(accounts: Accounts) -> None:
    assert accounts() == CLEAN
    assert accounts("last-day-missing") == CLEAN[:-1]
    assert accounts("latest-day-first") == [CLEAN[0], *CLEAN[:0:-1]]
    assert accounts("days-without-duty-left-out") == [CLEAN[0], *CLEAN[2:]]


def test_dates_are_written_in_another_form(accounts: Accounts) -> None:
    dates = {
        "date-year-first": "2025-08-18",
        "date-month-first": "08-18-2025",
        "date-impossible": "31-02-2025",
        "days-a-day-late": "19-08-2025",
    }
    assert {name: accounts(name)[1][0] for name in dates} == dates
