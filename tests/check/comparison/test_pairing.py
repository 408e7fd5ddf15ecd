"""Pairs: which request to one deployment is which to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.check.comparison.interactions import Note
from mockserver.check.comparison.pairing import paired

Make = Callable[..., Note]


def _queries(one: list[list[Note]], other: list[list[Note]]) -> list[tuple[Any, ...]]:
    return [
        tuple(note and note.seen.exchange.request.query for note in pair)
        for pair in paired(one, other)
    ]


def test_the_same_requests_are_paired_by_their_place(note: Make) -> None:
    # One day apart, as the clocks of the two are; the same day is not the same request.
    one = [[note("start=2025-08-01"), note("start=2025-08-02"), note()]]
    other = [[note("start=2025-08-02"), note("start=2025-08-03"), note()]]
    assert _queries(one, other) == [
        ("start=2025-08-01", "start=2025-08-02"),
        ("start=2025-08-02", "start=2025-08-03"),
        ("", ""),
    ]


def test_threads_are_paired_by_their_place(note: Make) -> None:
    assert _queries([[note("start=1")], [], [note("end=1")]], [[], [], [note("end=2")]]) == [
        ("start=1", None),
        ("end=1", "end=2"),
    ]


def test_where_sequences_part_the_same_letters_come_first(note: Make) -> None:
    one = [[note("start=1"), note("start=2"), note("start=3"), note("end=1")]]
    other = [[note("start=1"), note("start=3"), note("end=7")]]
    assert _queries(one, other) == [
        ("start=1", "start=1"),
        ("start=2", None),
        ("start=3", "start=3"),
        ("end=1", "end=7"),
    ]


def test_then_what_is_of_the_same_kind(note: Make) -> None:
    one = [[note("start=1"), note("start=2"), note("start=3&end=4")]]
    other = [[note("start=5"), note("start=7&end=8"), note("end=9")]]
    assert _queries(one, other) == [
        ("start=1", None),
        ("start=2", "start=5"),
        ("start=3&end=4", "start=7&end=8"),
        (None, "end=9"),
    ]


def test_what_should_be_taken_is_no_pair_with_what_should_be_refused(note: Make) -> None:
    wrong, denied = note("start=x", is_valid=False), note("start=1", is_admitted=False)
    assert _queries([[note("start=1")]], [[wrong]]) == [("start=1", None), (None, "start=x")]
    assert _queries([[note("start=1")]], [[denied]]) == [("start=1", None), (None, "start=1")]


def test_where_one_has_more_threads_they_are_paired_by_what_they_ask(note: Make) -> None:
    one = [[note("start=1")], [note("start=1&end=2"), note()], [note("end=1")]]
    assert _queries(one, [[note("start=2")], [note("end=3")]]) == [
        ("start=1", "start=2"),
        ("start=1&end=2", None),
        ("", None),
        ("end=1", "end=3"),
    ]
    assert _queries([], [[note("end=3")]]) == [(None, "end=3")]
