"""The keywords of a schema, and those that a value is held against."""

from __future__ import annotations

from mockserver.check.validation.keywords import Keywords
from mockserver.contract import Contract

CONTRACT = Contract.parse(
    """
openapi: 3.0.3
info: {title: Trees, version: '1'}
paths: {}
components:
  schemas:
    Tree:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 1, nullable: true, example: oak}
        height: {allOf: [{$ref: '#/components/schemas/Height'}], description: In metres.}
        branches: {type: array, uniqueItems: true, items: {$ref: '#/components/schemas/Tree'}}
    Height: {type: number, minimum: 0}
    Names: {type: object, additionalProperties: {type: string}}
    Either: {oneOf: [{type: string}, {type: integer}]}
    Loose: {type: object, additionalProperties: true, properties: {'a/b': {type: string}}}
"""
)
KEYWORDS = Keywords(CONTRACT)


def short(rules: list[str] | set[str]) -> set[str]:
    return {rule.removeprefix("#/components/schemas/") for rule in rules}


def of(name: str) -> set[str]:
    return short(KEYWORDS.list_all(f"#/components/schemas/{name}"))


def held(name: str, value: object) -> set[str]:
    return short(KEYWORDS.list_applied(f"#/components/schemas/{name}", value))


def test_every_keyword_that_can_be_broken_has_the_pointer_that_a_violation_would_have() -> None:
    assert of("Tree") == {
        "Tree/type",
        "Tree/required",
        "Tree/additionalProperties",
        "Tree/properties/name/type",
        "Tree/properties/name/minLength",
        "Height/type",
        "Height/minimum",
        "Tree/properties/branches/type",
        "Tree/properties/branches/uniqueItems",
    }


def test_what_allows_everything_is_no_keyword_and_alternatives_are_one() -> None:
    assert of("Loose") == {"Loose/type", "Loose/properties/a~1b/type"}
    assert of("Either") == {"Either/oneOf"}
    assert of("Names") == {"Names/type", "Names/additionalProperties/type"}


def test_a_value_is_held_against_what_stands_where_it_has_something() -> None:
    assert held("Tree", {"name": "oak"}) == {
        "Tree/type",
        "Tree/required",
        "Tree/additionalProperties",
        "Tree/properties/name/type",
        "Tree/properties/name/minLength",
    }
    assert held("Names", {}) == {"Names/type"}
    assert held("Names", {"a": "b"}) == {"Names/type", "Names/additionalProperties/type"}


def test_a_length_says_nothing_of_null_nor_a_minimum_of_a_text() -> None:
    assert "Tree/properties/name/minLength" not in held("Tree", {"name": None})
    assert held("Height", "tall") == {"Height/type"}


def test_the_items_of_a_list_are_held_against_their_schema() -> None:
    empty = held("Tree", {"name": "oak", "branches": []})
    assert "Height/minimum" not in empty
    full = held("Tree", {"name": "oak", "branches": [{"name": "twig", "height": 1}]})
    assert full - empty == {"Height/type", "Height/minimum"}
