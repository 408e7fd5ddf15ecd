"""Pairs: which request to one deployment is which to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.check.comparison.pairing import ComparedInteraction, pair_interactions
from mockserver.contract import Violation

Make = Callable[..., ComparedInteraction]
VIOLATION = Violation("/request/query/start", "#/", "type", "x", "x is no date", "documented")


def _queries(
    one: list[list[ComparedInteraction]], other: list[list[ComparedInteraction]]
) -> list[tuple[Any, ...]]:
    return [
        tuple(one and one.interaction.exchange.request.query for one in pair)
        for pair in pair_interactions(one, other)
    ]


def test_requests_are_paired_by_position(compared: Make) -> None:
    # One day apart, as the clocks of the two are; the same day is not the same request.
    one = [[compared("start=2025-08-01"), compared("start=2025-08-02"), compared()]]
    other = [[compared("start=2025-08-02"), compared("start=2025-08-03"), compared()]]
    assert _queries(one, other) == [
        ("start=2025-08-01", "start=2025-08-02"),
        ("start=2025-08-02", "start=2025-08-03"),
        ("", ""),
    ]


def test_sequences_are_paired_by_position(compared: Make) -> None:
    assert _queries(
        [[compared("start=1")], [], [compared("end=1")]], [[], [], [compared("end=2")]]
    ) == [
        ("start=1", None),
        ("end=1", "end=2"),
    ]


def test_equal_requests_are_paired_first_where_sequences_differ(compared: Make) -> None:
    one = [[compared("start=1"), compared("start=2"), compared("start=3"), compared("end=1")]]
    other = [[compared("start=1"), compared("start=3"), compared("end=7")]]
    assert _queries(one, other) == [
        ("start=1", "start=1"),
        ("start=2", None),
        ("start=3", "start=3"),
        ("end=1", "end=7"),
    ]


def test_equal_signatures_are_paired_next(compared: Make) -> None:
    one = [[compared("start=1"), compared("start=2"), compared("start=3&end=4")]]
    other = [[compared("start=5"), compared("start=7&end=8"), compared("end=9")]]
    assert _queries(one, other) == [
        ("start=1", None),
        ("start=2", "start=5"),
        ("start=3&end=4", "start=7&end=8"),
        (None, "end=9"),
    ]


def test_valid_request_is_not_paired_with_an_invalid_one(compared: Make) -> None:
    wrong, denied = (
        compared("start=x", request_violations=[VIOLATION]),
        compared("start=1", is_admitted=False),
    )
    assert _queries([[compared("start=1")]], [[wrong]]) == [("start=1", None), (None, "start=x")]
    assert _queries([[compared("start=1")]], [[denied]]) == [("start=1", None), (None, "start=1")]


def test_more_sequences_are_paired_by_signature(compared: Make) -> None:
    one = [[compared("start=1")], [compared("start=1&end=2"), compared()], [compared("end=1")]]
    assert _queries(one, [[compared("start=2")], [compared("end=3")]]) == [
        ("start=1", "start=2"),
        ("start=1&end=2", None),
        ("", None),
        ("end=1", "end=3"),
    ]
    assert _queries([], [[compared("end=3")]]) == [(None, "end=3")]
