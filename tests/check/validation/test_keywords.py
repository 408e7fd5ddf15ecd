"""The keywords of a schema, and those that apply to a value."""

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


def list_keywords(name: str, value: object) -> set[str]:
    return short(KEYWORDS.list_applied(f"#/components/schemas/{name}", value))


def test_every_keyword_has_the_pointer_of_its_violation() -> None:
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


def test_a_keyword_that_allows_everything_is_not_listed_and_alternatives_are_one() -> None:
    assert of("Loose") == {"Loose/type", "Loose/properties/a~1b/type"}
    assert of("Either") == {"Either/oneOf"}
    assert of("Names") == {"Names/type", "Names/additionalProperties/type"}


def test_keywords_of_the_properties_that_a_value_has_apply() -> None:
    assert list_keywords("Tree", {"name": "oak"}) == {
        "Tree/type",
        "Tree/required",
        "Tree/additionalProperties",
        "Tree/properties/name/type",
        "Tree/properties/name/minLength",
    }
    assert list_keywords("Names", {}) == {"Names/type"}
    assert list_keywords("Names", {"a": "b"}) == {"Names/type", "Names/additionalProperties/type"}


def test_a_keyword_applies_to_its_type_only() -> None:
    assert "Tree/properties/name/minLength" not in list_keywords("Tree", {"name": None})
    assert list_keywords("Height", "tall") == {"Height/type"}


def test_keywords_of_the_items_apply() -> None:
    empty = list_keywords("Tree", {"name": "oak", "branches": []})
    assert "Height/minimum" not in empty
    full = list_keywords("Tree", {"name": "oak", "branches": [{"name": "twig", "height": 1}]})
    assert full - empty == {"Height/type", "Height/minimum"}
