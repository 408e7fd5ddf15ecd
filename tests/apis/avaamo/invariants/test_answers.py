"""What is read off an exchange: as the contract has it, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.apis.avaamo.invariants import INVARIANTS
from mockserver.apis.avaamo.invariants.answers import (
    Scope,
    clock,
    earlier,
    listing,
    marks,
    seconds,
    shown,
    unit,
)


def test_a_page_is_read_with_its_place_and_its_scope(avaamo: Any) -> None:
    asked = {"start_time": 1755700000000, "end_time": 1755786000, "actions": ["create", "create"]}
    found = listing(avaamo.listed(avaamo.entries(9), 26, page=2, asked=asked))

    assert (found.first, found.is_whole, found.clock) == (25, False, 1755786600.5)
    assert found.scope == Scope(frozenset({"create"}), 1755700000.0, 1755786000.0)
    assert found.bounds == (1755700000000, 1755786000)
    assert not found.scope.is_latest_five


@pytest.mark.parametrize(
    "changes",
    [
        {"total_entries": "2"},
        {"total_pages": True},
        {"per_page": 0},
        {"current_page": None},
        {"entries": {}},
    ],
)
def test_a_page_of_another_shape_is_none(avaamo: Any, changes: dict[str, Any]) -> None:
    assert listing(avaamo.seen({**avaamo.listed([]).answer, **changes})) is None


def test_an_answer_to_an_invalid_request_is_none(avaamo: Any) -> None:
    answer = avaamo.listed([]).answer
    assert listing(avaamo.seen(answer, is_valid=False)) is None
    assert listing(avaamo.seen(answer, status=400)) is None


def test_earlier_pages_come_newest_first(avaamo: Any) -> None:
    one, two = avaamo.listed([], 1), avaamo.listed([], 2)
    found = earlier([one, avaamo.seen(None), two])
    assert [page.total for page in found] == [2, 1]


def test_the_latest_five_are_an_end_without_a_start() -> None:
    assert Scope(frozenset(), None, 1.0).is_latest_five
    assert not Scope(frozenset(), None, None).is_latest_five
    assert not Scope(frozenset(), 1.0, None).is_latest_five


@pytest.mark.parametrize(
    ("number", "name", "moment"),
    [
        (1755786600, "seconds", 1755786600),
        (99_999_999_999, "seconds", 99_999_999_999),
        (100_000_000_000, "milliseconds", 100_000_000),
        (1755786600500, "milliseconds", 1755786600.5),
        (1755786600500000, "microseconds", 1755786600.5),
    ],
)
def test_the_size_of_a_bound_tells_its_unit(number: float, name: str, moment: float) -> None:
    assert (unit(number), seconds(number)) == (name, moment)
    assert seconds(None) is None


@pytest.mark.parametrize("token", [None, True, "x", 1755786600000, 0])
def test_a_clock_that_cannot_be_believed_gives_way(avaamo: Any, token: Any) -> None:
    seen = avaamo.listed([], time_token=token)
    assert listing(seen).clock == clock(seen) == 1755786600


def test_a_period_is_settled_when_it_was_over(avaamo: Any) -> None:
    found = listing(avaamo.listed([]))
    assert found.is_settled(avaamo.now - 60)
    assert not found.is_settled(avaamo.now)
    assert not found.is_settled(None)


def test_entries_are_marked_by_time_and_id(avaamo: Any) -> None:
    assert marks([avaamo.entry(7, 100)]) == [(1755786500, 7)]
    assert marks([]) == []
    for strange in ([None], [avaamo.entry(7, timestamp="x")], [{"id": True, "timestamp": 1}]):
        assert marks([avaamo.entry(1), *strange]) is None


def test_a_value_is_shown_as_json_and_shortened() -> None:
    assert shown({"id": None}) == '{"id": null}'
    assert shown("x" * 1000) == '"' + "x" * 199 + "…"


def test_there_are_invariants_in_every_room() -> None:
    rooms = {invariant.evaluate.__module__.rpartition(".")[2] for invariant in INVARIANTS}
    assert rooms == {"page", "period", "reading", "refusals"}
    assert len({invariant.name for invariant in INVARIANTS}) == len(INVARIANTS) == 30
