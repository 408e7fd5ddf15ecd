"""Texts read as values: of a type where they can be, and else the texts they are."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.node import Node
from mockserver.contract.values import Shape, read_shape, read_value


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("integer", "5", 5),
        ("integer", "-5", -5),
        ("integer", "0", 0),
        ("integer", "9223372036854775808", 9223372036854775808),
        ("number", "5", 5),
        ("number", "-0.5", -0.5),
        ("number", "1e3", 1000.0),
        ("number", "1.5E-1", 0.15),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("string", "5", "5"),
        ("string", "true", "true"),
        ("string", "", ""),
    ],
)
def test_a_text_is_read_as_the_type_of_its_schema(kind: str, text: str, expected: Any) -> None:
    value = read_value(text, Shape((kind,)))
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *[
            ("integer", text)
            for text in (
                "",
                " 5",
                "5 ",
                "5\n",
                "+5",
                "007",
                "-",
                "--5",
                "1_000",
                "1,000",
                "5.0",
                "1e3",
                "0x1f",
                "１",
                "٣",
                "true",
                "null",
                "\ud800",
                "9" * 5_000,
            )
        ],
        *[
            ("number", text)
            for text in (
                "",
                "NaN",
                "nan",
                "Infinity",
                "-inf",
                "1e400",
                "-1e400",
                "+5",
                ".5",
                "5.",
                "007",
                "1_0",
                "１.５",
                "1e",
                "0x1",
                "9" * 5_000,
                "0." + "9" * 5_000,
            )
        ],
        *[("boolean", text) for text in ("", "True", "TRUE", "1", "0", "yes", "on", "null")],
    ],
)
def test_a_text_that_is_not_of_the_type_remains_a_text(kind: str, text: str) -> None:
    assert read_value(text, Shape((kind,))) == text


def test_without_a_type_a_text_is_a_text() -> None:
    assert read_value("5", Shape()) == "5"


@pytest.mark.parametrize(
    ("types", "text", "expected"),
    [
        (("integer", "string"), "5", 5),
        (("integer", "string"), "x", "x"),
        (("boolean", "number"), "1.5", 1.5),
        (("boolean", "number"), "x", "x"),
    ],
)
def test_of_several_types_the_first_that_fits_is_taken(
    types: tuple[str, ...], text: str, expected: Any
) -> None:
    assert read_value(text, Shape(types)) == expected


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "integer"}, ("integer",)),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ("integer", "string")),
        ({"oneOf": [{"$ref": "#/text"}, {"anyOf": [{"type": "array"}]}]}, ("array", "string")),
        ({"type": "object", "anyOf": [{"type": "string"}]}, ("object",)),
        ({"allOf": [{"type": "integer"}], "anyOf": [{"type": "string"}]}, ("integer",)),
        ({}, ()),
    ],
)
def test_the_types_of_a_schema_are_those_of_its_alternatives_text_last(
    schema: Any, types: tuple[str, ...]
) -> None:
    document = {"schema": schema, "text": {"type": "string"}}
    assert read_shape(Node.at(document, "#/schema", "schema")).types == types


def test_a_shape_has_the_properties_of_all_parts_some_levels_down() -> None:
    tree = {
        "type": "object",
        "allOf": [{"properties": {"a": {"type": "integer"}}}],
        "anyOf": [{"properties": {"b": {"format": "binary"}}}],
        "properties": {"child": {"$ref": "#/tree"}},
        "additionalProperties": {"type": "boolean"},
    }
    shape = read_shape(Node.at({"tree": tree}, "#/tree", "schema"), levels=2)
    assert set(shape.properties) == {"a", "b", "child"}
    assert shape.properties["b"].is_binary
    assert shape.others == Shape(("boolean",))
    assert set(shape.properties["child"].properties) == {"a", "b", "child"}
    assert shape.properties["child"].properties["child"].properties == {}
