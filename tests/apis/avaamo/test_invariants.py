"""Each of Avaamo's own invariants: responses that conform, and violations."""

from __future__ import annotations

from typing import Any

import pytest

END = 1_755_700_000
"""The day before the exchanges' 2025-08-21T14:30:00Z."""


@pytest.fixture
def listed(evaluator: Any) -> Any:
    """Makes the response that has the entries of these ids, one a second, the newest first."""

    def make(*ids: int, total: int | None = None, **query: Any) -> Any:
        entries = [
            {"id": id, "timestamp": END - 200 + id, "action": "update", "resource": {}}
            for id in ids
        ]
        numbers = {"current_page": 1, "per_page": int(query.get("per_page", 25)), "total_pages": 1}
        body = {
            **numbers,
            "total_entries": len(ids) if total is None else total,
            "entries": entries,
        }
        return evaluator.exchange("listChangeLogs", body, **query)

    return make


def test_an_end_alone_reaches_so_many_rows(evaluator: Any, listed: Any) -> None:
    name = "an-end-alone-reaches-so-many-rows"
    assert evaluator.evaluate(name, listed(9, 8, 7, 6, 5, end_time=END)) == []
    assert evaluator.evaluate(name, listed(9, 8, 7, 6, 5, 4, end_time=END)) == ["it yields 6"]
    assert evaluator.evaluate(name, listed(9, total=6, end_time=END)) == ["it yields 6"]
    assert evaluator.evaluate(name, listed(9, 8, 7, 6, 5, 4, start_time=1, end_time=END)) is None


@pytest.mark.parametrize("filter", [{}, {"actions": "update"}])
def test_the_five_are_the_latest_of_the_period(
    evaluator: Any, listed: Any, filter: dict[str, str]
) -> None:
    name = "an-end-alone-reaches-the-latest"
    period = listed(9, 8, 7, 6, 5, 4, start_time=1, end_time=END, **filter)
    latest = listed(9, 8, 7, 6, 5, end_time=END, **filter)
    others = listed(8, 7, 6, 5, 4, end_time=END, **filter)
    fewer = listed(9, 8, end_time=END, **filter)
    assert evaluator.evaluate(name, period, latest) == []
    assert evaluator.evaluate(name, period, others) == [
        "it yields the row 8, and the latest in the period is 9",
        "it yields the row 7, and the latest in the period is 8",
        "it yields the row 6, and the latest in the period is 7",
        "it yields the row 5, and the latest in the period is 6",
        "it yields the row 4, and the latest in the period is 5",
    ]
    assert evaluator.evaluate(name, period, fewer) == ["it yields 2, and the period has 6"]
    assert evaluator.evaluate(name, latest) is None
    present = listed(9, 8, start_time=1, end_time=1_755_786_600, **filter)
    assert evaluator.evaluate(name, present, listed(9, end_time=1_755_786_600, **filter)) is None


def test_a_refusal_names_what_is_wrong(evaluator: Any) -> None:
    name = "a-refusal-names-what-is-wrong"

    def refused(error: str, **query: Any) -> Any:
        return evaluator.exchange("listChangeLogs", {"error": error}, 400, **query)

    assert evaluator.evaluate(name, refused("page must be from 1", page=0)) == []
    assert evaluator.evaluate(name, refused("it is wrong", page=0, per_page=0)) == [
        "wrong is page and per_page, and it says 'it is wrong'"
    ]
    assert evaluator.evaluate(name, refused("it is wrong", page=1)) is None
