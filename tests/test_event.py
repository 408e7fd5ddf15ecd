"""Actions: what a vendor's functions take, and what is wrong with what they are given."""

from __future__ import annotations

from typing import Any

import pytest

import mockserver.apis.calwe.model
import mockserver.factory
from mockserver.errors import EventError
from mockserver.event import Count, ScenarioFunction, collect_functions


def _event(world: Any, session: str, times: int = 1, share: float = 0.5, loud: bool = False) -> Any:
    """Do it.

    And more about it.
    """
    return world, session, times, share, loud


EVENT = ScenarioFunction("calwe.do", _event)


def test_an_action_tells_its_options_but_not_the_world() -> None:
    assert list(EVENT.options) == ["session", "times", "share", "loud"]
    types = [schema["type"] for schema in EVENT.schemas.values()]
    assert types == ["string", "integer", "number", "boolean"]
    assert EVENT.description == "Do it."


def test_options_that_fit_have_no_faults() -> None:
    assert list(EVENT.find_faults({"session": "1"})) == []
    assert list(EVENT.find_faults({"session": "", "times": -1, "share": 1, "loud": True})) == []


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ({}, [("session", "'calwe.do' needs 'session'")]),
        (
            {"session": "1", "tims": 2},
            [("tims", "'calwe.do' takes no 'tims'; did you mean 'times'?")],
        ),
        (
            {"session": "1", "x": 2},
            [
                (
                    "x",
                    "'calwe.do' takes no 'x'; known: 'loud', 'session', 'share', 'times'",
                )
            ],
        ),
        ({"session": 1}, [("session", "1 is not of type string")]),
        ({"session": None}, [("session", "None is not of type string")]),
        ({"session": "1", "times": "2"}, [("times", "'2' is not of type integer")]),
        ({"session": "1", "times": 2.0}, [("times", "2.0 is not of type integer")]),
        ({"session": "1", "times": True}, [("times", "True is not of type integer")]),
        ({"session": "1", "share": True}, [("share", "True is not of type number")]),
        ({"session": "1", "loud": 1}, [("loud", "1 is not of type boolean")]),
        (
            {"times": "2", "world": 1},
            [
                ("times", "'2' is not of type integer"),
                (
                    "world",
                    "'calwe.do' takes no 'world'; known: 'loud', 'session', 'share', 'times'",
                ),
                ("session", "'calwe.do' needs 'session'"),
            ],
        ),
    ],
)
def test_everything_wrong_with_options_is_said(
    options: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert list(EVENT.find_faults(options)) == faults


def test_a_count_is_from_one_to_a_hundred_thousand() -> None:
    def generate(world: Any, count: Count) -> None:
        """Make so many."""

    action = ScenarioFunction("make", generate)
    assert action.schemas["count"]["type"] == "integer"
    assert [list(action.find_faults({"count": n})) for n in (1, 100_000)] == [[], []]
    assert list(action.find_faults({"count": 0})) == [("count", "0 is not from 1 to 100000")]
    assert list(action.find_faults({"count": 100_001})) == [
        ("count", "100001 is not from 1 to 100000")
    ]


def test_calling_an_action_fills_in_the_defaults() -> None:
    assert EVENT("a world", session="1", loud=True) == ("a world", "1", 1, 0.5, True)


def test_calling_an_action_with_a_wrong_option_is_refused() -> None:
    with pytest.raises(EventError) as raised:
        EVENT("a world", session="1", times="2")
    assert str(raised.value) == "'2' is not of type integer"


def test_the_functions_of_a_module_are_its_own_public_ones() -> None:
    assert collect_functions(mockserver.factory) == {}  # classes, imports and a private function
    found = collect_functions(mockserver.apis.calwe.model)
    assert sorted(found) == [
        "append_entry",
        "build_entry",
        "get_session",
        "page_entries",
        "refuse_invalid",
        "set_status",
    ]


def test_the_reason_of_a_wrong_option_is_short_however_large_it_is() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = {"a": deep}
    for value in (deep, ["x"] * 100_000, {"a": "x" * 100_000}):
        with pytest.raises(EventError) as raised:
            EVENT("a world", session=value)
        assert str(raised.value).endswith(" is not of type string")
        assert len(str(raised.value)) < 200
