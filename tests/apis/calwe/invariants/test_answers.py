"""What is read off an exchange: as the contract has it, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.apis.calwe.invariants import INVARIANTS
from mockserver.apis.calwe.invariants.answers import (
    Page,
    about_the_same,
    action,
    entry,
    is_coach,
    may_have_written,
    page,
    shown,
    since_last_write,
)


def test_a_page_is_read_with_its_place_in_the_log(calwe: Any) -> None:
    rows = calwe.rows("ENTERED", "LEFT")
    found = page(calwe.listed(rows, 32, page=2))

    assert found == Page(current=2, per_page=30, total=32, last=2, rows=rows)
    assert (found.first, found.is_last, found.is_whole) == (30, True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"total": "2"},
        {"total": True},
        {"total": -1},
        {"per_page": 0},
        {"current_page": None},
        {"last_page": 1.5},
        {"data": {}},
    ],
)
def test_a_page_of_another_shape_is_none(calwe: Any, changes: dict[str, Any]) -> None:
    now = calwe.listed([], 2)
    answer = {**now.answer, "data": {**now.answer["data"], **changes}}
    assert page(calwe.seen("listSessionLogs", answer)) is None


def test_an_answer_to_another_operation_is_none(calwe: Any) -> None:
    assert page(calwe.created("LEFT")) is None
    assert entry(calwe.listed([])) is None
    assert entry(calwe.created("LEFT")) == calwe.row("LEFT")
    assert entry(calwe.refused("LEFT")) is None


def test_an_action_is_read_off_a_valid_create(calwe: Any) -> None:
    assert action(calwe.created("LEFT")) == "LEFT"
    assert action(calwe.refused("LEFT", is_valid=False)) is None
    assert action(calwe.listed([])) is None


def test_a_create_may_have_written_unless_it_was_refused(calwe: Any) -> None:
    assert may_have_written(calwe.created("LEFT"))
    assert may_have_written(calwe.refused("LEFT", status=500))
    assert not may_have_written(calwe.refused("LEFT"))
    assert not may_have_written(calwe.listed([]))


def test_the_sides_are_told_apart(calwe: Any) -> None:
    assert is_coach(calwe.created("LEFT", side="coach"))
    assert not is_coach(calwe.listed([]))


def test_exchanges_about_the_session_are_found_newest_first(calwe: Any) -> None:
    other = calwe.seen("listSessionLogs", None, session="2")
    old, made, listed, refused = (
        calwe.listed([]),
        calwe.created("LEFT", side="coach"),
        calwe.listed([]),
        calwe.refused(),
    )
    before = (old, made, other, listed, refused)

    assert list(about_the_same(calwe.listed([]), before)) == [refused, listed, made, old]
    assert list(since_last_write(calwe.listed([]), before)) == [refused, listed]


def test_a_value_is_shown_as_json_and_shortened() -> None:
    assert shown({"text": None}) == '{"text": null}'
    assert shown("ا" * 1000) == '"' + "ا" * 199 + "…"


def test_there_are_invariants_in_every_room() -> None:
    rooms = {invariant.evaluate.__module__.rpartition(".")[2] for invariant in INVARIANTS}
    assert rooms == {"envelope", "paginator", "entries", "reading", "writing"}
    assert len({invariant.name for invariant in INVARIANTS}) == len(INVARIANTS) == 37
