"""The parts of an answer's body, each changed by itself."""

from mockserver.apis.calwe.mutations.body import (
    CREATES,
    LISTS,
    OPERATIONS,
    with_entries,
    with_paginator,
)

BODY = {"success": True, "data": {"data": [{"text": "a"}, {"text": "b"}], "total": 2}}


def test_only_the_part_is_changed() -> None:
    assert with_paginator(BODY, total=3) == {
        "success": True,
        "data": {"data": [{"text": "a"}, {"text": "b"}], "total": 3},
    }
    assert with_entries(BODY, lambda row: {**row, "n": 1}) == {
        "success": True,
        "data": {"data": [{"text": "a", "n": 1}, {"text": "b", "n": 1}], "total": 2},
    }
    assert BODY["data"] == {"data": [{"text": "a"}, {"text": "b"}], "total": 2}


def test_the_operations_are_those_of_customers_and_coaches() -> None:
    assert LISTS == ("listSessionLogs", "listCoachSessionLogs")
    assert (*LISTS, *CREATES) == OPERATIONS
    assert len(OPERATIONS) == 4
