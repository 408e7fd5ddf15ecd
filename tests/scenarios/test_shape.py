"""The shape of a scenario: what is wrong is said, and the rest is still there to be validated."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.scenarios.scenario import ScenarioSource
from mockserver.scenarios.shape import Shape
from mockserver.yaml_source import read_yaml

NAMED = "name: a\ndescription: b\n"


@pytest.fixture(scope="module")
def shape() -> Shape:
    return Shape(apis.load())


def test_what_is_right_is_left_as_it_is(shape: Shape) -> None:
    data, faults = shape.validate(
        ScenarioSource("a.yaml", read_yaml(NAMED + "seed: 3\nclock: real\n"))
    )
    assert data == {"name": "a", "description": "b", "seed": 3, "clock": "real"}
    assert faults == []


def test_each_unknown_word_is_said_and_left_out(shape: Shape) -> None:
    text = NAMED + "sed: 3\ntokns: {}\nseed: 4\n"
    data, faults = shape.validate(ScenarioSource("a.yaml", read_yaml(text)))
    assert data == {"name": "a", "description": "b", "seed": 4}
    assert [str(fault) for fault in faults] == [
        "a.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?",
        "a.yaml:4: tokns: 'tokns' is not known here; did you mean 'tokens'?",
    ]


def test_a_wrong_item_of_a_list_leaves_the_others_where_they_are(shape: Shape) -> None:
    text = NAMED + "events:\n  - 5\n  - {trigger: calwe.enter, with: {session: '1'}}\n"
    data, faults = shape.validate(ScenarioSource("a.yaml", read_yaml(text)))
    assert data["events"] == [None, {"trigger": "calwe.enter", "with": {"session": "1"}}]
    assert [(fault.line, fault.field) for fault in faults] == [(4, "events.0")]


def test_what_lacks_something_keeps_what_it_has(shape: Shape) -> None:
    data, faults = shape.validate(ScenarioSource("a.yaml", read_yaml("name: a\n")))
    assert data == {"name": "a"}
    assert [str(fault) for fault in faults] == ['a.yaml:1: "description" is a required property']


@pytest.mark.parametrize("text", ["", "[]", "5", "a"])
def test_of_no_object_nothing_is_left(shape: Shape, text: str) -> None:
    data, faults = shape.validate(ScenarioSource("a.yaml", read_yaml(text)))
    assert data == {}
    assert len(faults) == 1
