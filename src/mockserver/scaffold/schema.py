"""Schemas of a document that is being prepared: references followed, `allOf` merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.json_pointer import split_pointer, step

Document = Mapping[str, Any]


def resolve(document: Document, node: Any) -> Any:
    """The node that a reference leads to; the node itself where it is none."""
    seen: set[str] = set()
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        target = node["$ref"]
        if target in seen or not target.startswith("#"):
            return {}
        seen.add(target)
        node = document
        for token in split_pointer(target):
            node = step(node, token)
    return node


def flatten_schema(document: Document, schema: Any) -> dict[str, Any]:
    """A schema with its reference followed and the parts of `allOf` merged into it."""
    node = resolve(document, schema)
    flat: dict[str, Any] = {}
    for part in [*node.get("allOf", ()), {k: v for k, v in node.items() if k != "allOf"}]:
        part = (
            flatten_schema(document, part)
            if (part is not node and "allOf" in part) or "$ref" in part
            else part
        )
        merged = {
            "properties": {**flat.get("properties", {}), **part.get("properties", {})},
            "required": [*flat.get("required", ()), *part.get("required", ())],
        }
        flat |= {**part, **{key: value for key, value in merged.items() if value}}
    return flat
