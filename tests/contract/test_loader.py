"""Operations read from their nodes: what a parameter's schema comes to, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.loader import load_operation
from mockserver.contract.node import Node
from mockserver.contract.operation import Operation, Parameter
from mockserver.errors import ContractError

SCHEMAS = {
    "Number": {"type": "integer", "minimum": 1},
    "Numbers": {"type": "array", "items": {"$ref": "#/components/schemas/Number"}},
    "Tree": {
        "type": "object",
        "properties": {"child": {"$ref": "#/components/schemas/Tree"}, "n": {"type": "integer"}},
    },
}


def operation(item: dict[str, Any], path: str = "/a/{id}") -> Operation:
    """What is read of the operation under `get` of a path item."""
    document = {"paths": {path: item}, "components": {"schemas": SCHEMAS}}
    node = Node.at(document, "#/paths/" + path.replace("/", "~1"), "path item")
    root = Node.at(document, "#", "document")
    return load_operation(root, node, path, "get", {"key"})


def with_parameter(**parameter: Any) -> Parameter:
    (read,) = operation(
        {"get": {"operationId": "a", "responses": {}, "parameters": [parameter]}}
    ).parameters
    return read


def with_schema(schema: dict[str, Any]) -> Any:
    return with_parameter(name="p", **{"in": "query"}, schema=schema).schema


NUMBER = {"$ref": "#/components/schemas/Number"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (NUMBER, {"type": "integer", "minimum": 1}),
        ({"allOf": [NUMBER], "default": 3}, {"type": "integer", "minimum": 1, "default": 3}),
        ({"allOf": [{"allOf": [NUMBER]}, {"minimum": 2}]}, {"type": "integer", "minimum": 2}),
        (
            {"$ref": "#/components/schemas/Numbers"},
            {"type": "array", "items": {"type": "integer", "minimum": 1}},
        ),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": NUMBER}},
                    {"properties": {"b": {"type": "string"}}},
                ],
                "additionalProperties": NUMBER,
            },
            {
                "type": "object",
                "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"type": "string"}},
                "additionalProperties": {"type": "integer", "minimum": 1},
            },
        ),
        (
            {"$ref": "#/components/schemas/Tree"},
            {
                "type": "object",
                "properties": {"child": {"type": "object"}, "n": {"type": "integer"}},
            },
        ),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}),
    ],
)
def test_a_parameters_schema_is_what_a_text_can_say_of_it(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert with_schema(schema) == expected


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"items": 5}, "the schema at #/paths/~1a~1{id}/get/parameters/0/schema/items"),
        ({"type": ["string"]}, "the type of the schema at #/paths/~1a~1{id}/get/parameters/0"),
        ({"allOf": {}}, "the allOf of the schema at #/paths/~1a~1{id}/get/parameters/0/schema"),
    ],
)
def test_a_schema_that_no_text_can_be_read_by_is_refused(
    schema: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        with_schema(schema)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"in": "query"}, "has no name"),
        ({"name": "p"}, "has no in"),
        ({"name": "p", "in": "qery"}, "cannot be in 'qery'; did you mean 'query'?"),
        ({"name": "p", "in": "path"}, "is not in the path '/a/{id}'"),
        ({"name": "p", "in": "header", "style": "form"}, "cannot be of the style 'form'; known:"),
    ],
)
def test_a_parameter_that_no_request_could_carry_is_refused_with_its_place(
    parameter: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ContractError) as caught:
        with_parameter(**parameter, schema={"type": "string"})
    place = "the parameter at #/paths/~1a~1{id}/get/parameters/0"
    assert str(caught.value).startswith(f"{place} {reason}")


def test_a_header_of_a_response_is_read_as_a_parameter_in_a_header() -> None:
    response = {"description": "ok", "headers": {"x-a": {"required": True, "schema": NUMBER}}}
    read = operation({"get": {"operationId": "a", "responses": {"200": response}}})
    (header,) = read.responses["200"].headers
    assert (header.name, header.location, header.required) == ("x-a", "header", True)
    assert (header.style, header.explode) == ("simple", False)
    assert header.schema == {"type": "integer", "minimum": 1}


def test_a_security_scheme_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ContractError) as caught:
        operation({"get": {"operationId": "a", "responses": {}, "security": [{"kye": []}]}})
    assert str(caught.value) == (
        "there is no security scheme 'kye', which #/paths/~1a~1{id}/get/security/0 asks for; "
        "did you mean 'key'?"
    )


def test_content_types_may_differ_in_parameters_only() -> None:
    content = {"text/plain": {}, "Text/Plain; Charset=utf-8": {}, "text/plain;charset=ascii": {}}
    response = {"description": "ok", "content": content}
    read = operation({"get": {"operationId": "a", "responses": {"200": response}}})
    names = ["text/plain", "text/plain;charset=utf-8", "text/plain;charset=ascii"]
    assert list(read.responses["200"].content) == names


def test_a_content_type_that_stands_twice_is_refused() -> None:
    content = {"text/plain": {}, "text/plain; a=1": {}, "Text/Plain;a=1": {}}
    response = {"description": "ok", "content": content}
    with pytest.raises(ContractError, match="the content type 'text/plain;a=1' stands twice at"):
        operation({"get": {"operationId": "a", "responses": {"200": response}}})
