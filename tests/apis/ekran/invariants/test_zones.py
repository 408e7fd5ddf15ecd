"""A bound lies where the server's zone has it."""

from __future__ import annotations

from mockserver.apis.ekran.invariants.zones import ANY_ZONE, CLOCK_CHANGE, UTC
from mockserver.clock import parse_moment

NOON = parse_moment("2025-08-21T12:00:00Z")


def test_in_utc_a_bound_is_where_it_says() -> None:
    assert UTC.is_before(NOON - 1, NOON)
    assert UTC.is_after(NOON + 1, NOON)
    assert not UTC.is_before(NOON, NOON)
    assert not UTC.is_after(NOON, NOON)


def test_anywhere_a_bound_is_up_to_14_hours_before_and_12_after() -> None:
    # Noon in Kiribati is 22:00 of the day before in UTC, on Baker Island it is midnight.
    assert ANY_ZONE.is_before(parse_moment("2025-08-20T21:59:59Z"), NOON)
    assert not ANY_ZONE.is_before(parse_moment("2025-08-20T22:00:00Z"), NOON)
    assert ANY_ZONE.is_after(parse_moment("2025-08-22T00:00:01Z"), NOON)
    assert not ANY_ZONE.is_after(parse_moment("2025-08-22T00:00:00Z"), NOON)


def test_a_bound_that_was_not_given_has_no_side() -> None:
    for zone in (UTC, ANY_ZONE):
        assert not zone.is_before(NOON, None)
        assert not zone.is_after(NOON, None)


def test_clocks_are_put_back_by_three_hours_at_most() -> None:
    assert CLOCK_CHANGE == 3 * 3600 * 1_000_000
