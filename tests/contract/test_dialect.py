"""OpenAPI 3.0's dialect in Draft 4: what is said in other words, and what is left as it was."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.dialect import Translation


def test_a_type_that_is_nullable_is_two_types() -> None:
    assert Translation({"a": {"type": "string", "nullable": True}}).schema == {
        "a": {"type": ["string", "null"], "nullable": True}
    }


def test_a_format_of_integers_bounds_them_and_is_remembered_as_the_reason() -> None:
    translation = Translation({"a/b": {"format": "int32", "minimum": 1}})
    assert translation.schema == {"a/b": {"format": "int32", "minimum": 1, "maximum": 2147483647}}
    assert translation.written_rules == {"#/a~1b/maximum": "#/a~1b/format"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"minimum": -2147483648}, {"minimum": -2147483648}),
        ({"minimum": 5, "exclusiveMinimum": True}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"minimum": -(10**12)}, {"minimum": -2147483648}),
        # An open bound beyond the format's is no bound, and must not open the format's own.
        ({"minimum": -(10**12), "exclusiveMinimum": True}, {"minimum": -2147483648}),
        ({"minimum": "1"}, {"minimum": "1"}),  # the compiler refuses it
    ],
)
def test_of_a_written_bound_and_the_formats_the_narrower_one_holds(
    written: dict[str, Any], expected: dict[str, Any]
) -> None:
    schema = Translation({"format": "int32", **written}).schema
    assert schema == {"format": "int32", **expected, "maximum": 2147483647}


def test_a_closed_schema_names_its_properties() -> None:
    closed = {"additionalProperties": False}
    assert Translation(closed).schema == {**closed, "properties": {}}
    named = {"additionalProperties": False, "properties": {"a": {}}}
    assert Translation(named).schema == named


LOOKS_LIKE_A_SCHEMA = {"type": "string", "nullable": True}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("default", LOOKS_LIKE_A_SCHEMA),
        ("example", LOOKS_LIKE_A_SCHEMA),
        ("enum", [LOOKS_LIKE_A_SCHEMA]),
        ("examples", {"one": {"value": LOOKS_LIKE_A_SCHEMA}}),
    ],
)
def test_values_are_left_as_they_were(word: str, value: Any) -> None:
    assert Translation({"a": {word: value}}).schema == {"a": {word: value}}


@pytest.mark.parametrize("word", ["properties", "schemas", "responses", "parameters", "headers"])
@pytest.mark.parametrize("name", ["default", "enum", "example", "properties"])
def test_a_thing_may_have_such_a_word_for_a_name(word: str, name: str) -> None:
    translation = Translation({word: {name: LOOKS_LIKE_A_SCHEMA}})
    assert translation.schema[word][name]["type"] == ["string", "null"]


def test_a_property_called_format_is_no_format() -> None:
    properties = {"properties": {"format": {"type": "string"}, "nullable": {"type": "boolean"}}}
    translation = Translation(properties)
    assert translation.schema == properties
    assert translation.written_rules == {}
