"""References: followed to where things truly stand, and refused where they lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.references import follow, refuse_loop, refuse_loops
from mockserver.errors import ContractError


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
        ("other.yaml#/a", "'other.yaml#/a' at #/a leaves the file"),
        ("", "'' at #/a leaves the file"),
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
        refuse_loop(document, "#/a")
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
    refuse_loop(document, "#/a0")  # two to the sixtieth ways would never end
