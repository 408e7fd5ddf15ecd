"""Rows with their times, and pairs of ranges of which one lies in the other."""

from __future__ import annotations

from typing import Any

from mockserver.contract import Contract
from mockserver.traits import load_traits
from mockserver.traits.listing import Evaluation
from mockserver.traits.ranged import read_pairs, read_ranged


def evaluation(contract: Contract, caller: Any) -> Evaluation:
    *before, now = caller.before
    return Evaluation(load_traits(contract), now, before)


def test_rows_have_moments_or_intervals(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller("listShifts")
    shifts = read_ranged(evaluation(contract, caller).listing)
    assert shifts and shifts.describe() == "without bounds"
    assert all(row.end and row.begin < row.end for row in shifts.rows)
    caller("listOrders", **{"from": "2025-08-20T00:00:00Z"})
    orders = read_ranged(evaluation(contract, caller).listing)
    assert orders and orders.describe() == "from 2025-08-20T00:00:00Z"
    assert all(row.begin == row.end for row in orders.rows)


def test_a_list_is_paired_with_wider_and_narrower_ones(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller("listShifts")
    caller("listShifts", **{"from": "2025-08-17T00:00:00", "to": "2025-08-19T00:00:00"})
    caller("listShifts", **{"from": "2025-08-10T00:00:00", "to": "2025-08-18T00:00:00"})
    caller("listShifts", **{"from": "2025-08-16T00:00:00"})
    pairs = read_pairs(lambda _: True, is_exact=True)(evaluation(contract, caller)) or []
    assert [(pair.wide.describe(), pair.narrow.describe()) for pair in pairs] == [
        ("from 2025-08-16T00:00:00Z", "from 2025-08-17T00:00:00Z to 2025-08-19T00:00:00Z"),
        ("without bounds", "from 2025-08-16T00:00:00Z"),
    ]


def test_a_zone_says_what_is_certain(contract: Contract, shop: Any) -> None:
    caller = shop()
    caller("listShifts")
    listing = evaluation(contract, caller).listing
    exact, anywhere = read_ranged(listing, is_exact=True), read_ranged(listing)
    assert exact and anywhere
    noon, hour = 1_755_777_600_000_000, 3_600_000_000
    assert exact.is_before(noon - 1, noon)
    assert not anywhere.is_before(noon - 14 * hour, noon)
    assert anywhere.is_before(noon - 14 * hour - 1, noon)
    assert not anywhere.is_after(noon + 12 * hour, noon)
    assert not exact.is_after(noon, None)
