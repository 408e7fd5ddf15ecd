"""A range, with a mutation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.apis.autozod.mutations import ranges
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]
Accounts = Callable[..., list[tuple[str, int, str, int]]]
DAYS = ["18-08-2025", "19-08-2025", "20-08-2025", "21-08-2025"]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(ranges)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_its_end_is_left_out(accounts: Accounts) -> None:
    assert [day for day, *_ in accounts()] == ["", *DAYS]
    assert accounts("end-exclusive")[0] == ("", 18000, "05:00:00", 2)
    assert [day for day, *_ in accounts("end-exclusive")] == ["", *DAYS[:-1]]


def test_what_is_no_range_is_taken(seen_in: InteractionIn) -> None:
    def statuses(*mutations: str) -> list[int]:
        return [status for status, _, _ in seen_in(*mutations)][5:8]

    assert statuses() == [422, 422, 422]
    assert statuses("range-turned-round") == [200, 422, 422]
    assert statuses("impossible-date-accepted") == [422, 200, 422]
