"""References are followed and `allOf` is merged."""

from __future__ import annotations

from mockserver.contract import flatten_schema, resolve_node

DOCUMENT = {
    "a": {"$ref": "#/b"},
    "b": {"type": "object", "required": ["x"], "properties": {"x": {"type": "string"}}},
    "loop": {"$ref": "#/loop"},
}


def test_a_chain_of_references_is_followed() -> None:
    assert resolve_node(DOCUMENT, {"$ref": "#/a"}) == DOCUMENT["b"]


def test_a_reference_to_itself_or_out_of_the_file_is_nothing() -> None:
    assert resolve_node(DOCUMENT, {"$ref": "#/loop"}) == {}
    assert resolve_node(DOCUMENT, {"$ref": "other.yaml#/a"}) == {}


def test_the_parts_of_all_of_are_merged() -> None:
    part = {"required": ["y"], "properties": {"y": {"type": "integer"}}}
    assert flatten_schema(DOCUMENT, {"allOf": [{"$ref": "#/a"}, part]}) == {
        "type": "object",
        "required": ["x", "y"],
        "properties": {"x": {"type": "string"}, "y": {"type": "integer"}},
    }
