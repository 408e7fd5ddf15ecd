"""A range, with a defect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.defects import ranges
from mockserver.defect import defects

SeenIn = Callable[..., list[tuple[int, str, bytes]]]
Accounts = Callable[..., list[tuple[str, int, str, int]]]
DAYS = ["18-08-2025", "19-08-2025", "20-08-2025", "21-08-2025"]


@pytest.mark.parametrize("name", [defect.name for defect in defects(ranges)])
def test_it_can_be_seen(name: str, seen_in: SeenIn) -> None:
    assert seen_in(name) != seen_in()


def test_its_end_is_left_out(accounts: Accounts) -> None:
    assert [day for day, *_ in accounts()] == ["", *DAYS]
    assert accounts("end-exclusive")[0] == ("", 18000, "05:00:00", 2)
    assert [day for day, *_ in accounts("end-exclusive")] == ["", *DAYS[:-1]]


def test_what_is_no_range_is_taken(seen_in: SeenIn) -> None:
    def statuses(*defects: str) -> list[int]:
        return [status for status, _, _ in seen_in(*defects)][5:8]

    assert statuses() == [422, 422, 422]
    assert statuses("range-turned-round") == [200, 422, 422]
    assert statuses("impossible-date-accepted") == [422, 200, 422]
