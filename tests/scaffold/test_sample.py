"""Samples conform to their schemas, by a validator that is not ours."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from mockserver.scaffold.sample import sample_media, sample_value

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "minLength": 12},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^[a-f0-9]{8}-(x|y)+\\.[^a-z]?$"},
    {"type": "string", "pattern": "^[^x0]\\d\\s.$"},
    {"type": "string", "enum": ["b", "a"]},
    {"type": "integer", "minimum": 7},
    {"type": "integer", "maximum": -3},
    {"type": "integer", "minimum": 5, "multipleOf": 4},
    {"type": "number", "minimum": 0.5},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 0},
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
    {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    {
        "allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
            {"required": ["b"], "properties": {"b": {"type": "boolean"}}},
        ]
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_sample_conforms(schema: dict[str, Any]) -> None:
    jsonschema.Draft4Validator(schema).validate(sample_value({}, schema))


def test_an_example_is_the_sample() -> None:
    assert sample_value({}, {"type": "string", "example": "Donna", "default": "x"}) == "Donna"


def test_a_pattern_has_a_plain_sample() -> None:
    schema = {"type": "string", "pattern": "^[^a][A-Z]\\d\\s\\w[\u0621-\u064a]{2}$"}
    assert sample_value({}, schema) == "xA0 x\u0621\u0621"


def test_a_schema_that_contains_itself_has_a_sample() -> None:
    document = {
        "node": {
            "type": "object",
            "properties": {"next": {"$ref": "#/node"}, "n": {"type": "integer"}},
        }
    }
    assert sample_value(document, {"$ref": "#/node"})["next"]["n"] == 1


@pytest.mark.parametrize(
    ("owner", "value"),
    [
        ({"schema": {"type": "integer"}, "example": {"n": 1}}, 1),
        ({"schema": {"type": "integer"}, "example": "5", "examples": {"a": {"value": 7}}}, 7),
        ({"schema": {"type": "integer"}, "example": 0}, 0),
        ({"example": {"n": 1}}, {"n": 1}),
        ({"examples": {"far": {"externalValue": "https://example.com"}}}, "text"),
    ],
)
def test_an_example_is_the_sample_where_it_conforms(owner: dict[str, Any], value: Any) -> None:
    assert sample_media({}, owner) == value
