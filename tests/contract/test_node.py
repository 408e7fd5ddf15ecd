"""A node of a document: what it says, and the sentence when it says something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.node import Node
from mockserver.errors import ContractError

DOCUMENT = {
    "thing": {
        "name": "x",
        "wanted": True,
        "number": 5,
        "x-note": "of nobody's",
        "part": {"$ref": "#/parts/one"},
        "parts": {"x-a": {}, "b/c": {"$ref": "#/parts/one"}},
        "list": [{}, {"$ref": "#/parts/one"}],
        "broken": {"a": 5},
    },
    "answers": {"200": {}, "x-note": 5},
    "parts": {"one": {"deep": 1}},
}


@pytest.fixture
def thing() -> Node:
    return Node.at(DOCUMENT, "#/thing", "thing")


def test_a_node_says_what_stands_under_its_keys(thing: Node) -> None:
    assert thing.text("name") == "x"
    assert thing.text("name", "y") == "x"
    assert thing.flag("wanted") is True
    assert thing.own("number") == 5


def test_what_is_not_there_is_the_default_or_nothing(thing: Node) -> None:
    assert thing.text("missing", "y") == "y"
    assert thing.flag("missing") is False
    assert thing.flag("missing", True) is True
    assert thing.children("missing", "part") == {}
    assert thing.items("missing", "part") == []


def test_nodes_below_stand_where_their_references_lead(thing: Node) -> None:
    assert thing.child("part", "part").pointer == "#/parts/one"
    assert [node.pointer for node in thing.items("list", "part")] == [
        "#/thing/list/0",
        "#/parts/one",
    ]
    parts = thing.children("parts", "part")
    assert {name: node.pointer for name, node in parts.items()} == {
        "x-a": "#/thing/parts/x-a",
        "b/c": "#/parts/one",
    }


def test_a_nodes_own_fields_are_told_without_extensions() -> None:
    answers = Node.at(DOCUMENT, "#/answers", "responses")
    assert {name: node.pointer for name, node in answers.fields("response").items()} == {
        "200": "#/answers/200"
    }


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda thing: thing.own("missing"), "the thing at #/thing has no missing"),
        (lambda thing: thing.text("missing"), "the thing at #/thing has no missing"),
        (lambda thing: thing.child("missing", "part"), "the thing at #/thing has no missing"),
        (lambda thing: thing.text("number"), "the number of the thing at #/thing is no text"),
        (lambda thing: thing.text("number", ""), "the number of the thing at #/thing is no text"),
        (lambda thing: thing.flag("number"), "the number of the thing at #/thing is no boolean"),
        (lambda thing: thing.items("parts", "p"), "the parts of the thing at #/thing is no list"),
        (lambda thing: thing.child("name", "part"), "the part at #/thing/name is no mapping"),
        (lambda thing: thing.children("list", "part"), "the list at #/thing/list is no mapping"),
        (lambda thing: thing.children("broken", "p"), "the p at #/thing/broken/a is no mapping"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused_with_its_place(
    thing: Node, ask: Callable[[Node], Any], reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        ask(thing)
    assert str(caught.value) == reason
