"""A node of a document: what it says, and the sentence when it says something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract.node import Node, follow, refuse_loops
from mockserver.errors import ContractError

DOCUMENT = {
    "thing": {
        "name": "x",
        "wanted": True,
        "number": 5,
        "x-note": "of no kind",
        "part": {"$ref": "#/parts/one"},
        "parts": {"x-a": {}, "b/c": {"$ref": "#/parts/one"}},
        "list": [{}, {"$ref": "#/parts/one"}],
        "broken": {"a": 5},
    },
    "responses": {"200": {}, "x-note": 5},
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
    responses = Node.at(DOCUMENT, "#/responses", "responses")
    assert {name: node.pointer for name, node in responses.fields("response").items()} == {
        "200": "#/responses/200"
    }


@pytest.mark.parametrize(
    ("read", "reason"),
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
    thing: Node, read: Callable[[Node], Any], reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read(thing)
    assert str(caught.value) == reason


# References


def test_a_place_without_a_reference_is_where_it_is() -> None:
    assert follow({"a": [{"b": 5}]}, "#/a/0/b") == (5, "#/a/0/b")


def test_references_are_followed_to_the_last() -> None:
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c~1d"}, "c/d": {"x": 1}}
    assert follow(document, "#/a") == ({"x": 1}, "#/c~1d")


@pytest.mark.parametrize("name", ["a b", "é", "50%", "#"])
def test_a_reference_is_percent_encoded_as_a_uri_is(name: str) -> None:
    encoded = {"a b": "a%20b", "é": "%C3%A9", "50%": "50%25", "#": "%23"}[name]
    assert follow({"a": {"$ref": f"#/{encoded}"}, name: 5}, "#/a") == (5, f"#/{name}")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("#/missing", "the reference '#/missing' leads nowhere"),
        ("#/list/01", "the reference '#/list/01' leads nowhere"),
        ("#/text/0", "the reference '#/text/0' leads nowhere"),
        ("#anchor", "the reference '#anchor' leads nowhere"),
        (
            "other.yaml#/a",
            "'other.yaml#/a' at #/a leads to another file; bundle the files into one",
        ),
        ("", "'' at #/a leads to another file; bundle the files into one"),
        ("#/a", "the reference '#/a' leads to itself"),
        ("#/b", "the reference '#/b' leads to itself"),
    ],
)
def test_a_reference_that_leads_to_nothing_is_refused(target: str, reason: str) -> None:
    document = {"a": {"$ref": target}, "b": {"$ref": "#/a"}, "list": [1, 2], "text": "x"}
    with pytest.raises(ContractError) as caught:
        follow(document, "#/a")
    assert str(caught.value) == reason


def test_a_property_called_ref_is_no_reference() -> None:
    document = {"a": {"$ref": {"type": "string"}}}
    assert follow(document, "#/a") == ({"$ref": {"type": "string"}}, "#/a")


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"$ref": "#/a"}},
        {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}},
        {"a": {"allOf": [{}, {"$ref": "#/a"}]}},
        {"a": {"oneOf": [{"anyOf": [{"$ref": "#/a"}]}]}},
        {"a": {"not": {"$ref": "#/a"}}},
    ],
)
def test_a_schema_that_is_nothing_but_itself_is_refused(document: Any) -> None:
    with pytest.raises(ContractError, match="the reference '#/a' leads to itself"):
        refuse_loops(document)


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"properties": {"child": {"$ref": "#/a"}}}},
        {"a": {"items": {"$ref": "#/a"}}},
        {"a": {"additionalProperties": {"anyOf": [{"$ref": "#/a"}]}}},
        {"a": {"allOf": [{"$ref": "#/b"}, {"$ref": "#/b"}]}, "b": {"type": "string"}},
        {"a": {"$ref": "#/missing"}},
        {"a": {"allOf": 5}},
        {},
    ],
)
def test_a_schema_may_contain_itself_or_another_one_twice(document: Any) -> None:
    refuse_loops(document)


def test_many_ways_to_one_schema_are_not_walked_one_by_one() -> None:
    document = {
        f"a{n}": {"allOf": [{"$ref": f"#/a{n + 1}"}, {"$ref": f"#/a{n + 1}"}]} for n in range(60)
    }
    refuse_loops(document)  # two to the sixtieth ways would never end
