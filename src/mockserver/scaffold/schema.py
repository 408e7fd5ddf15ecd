"""Reads an OpenAPI document: its operations; references followed, `allOf` merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.json_pointer import split_pointer, step

Document = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


def list_operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The path, the method and the node of each operation."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


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
    """A schema with its reference followed and the parts of `allOf` merged into it; {} for None."""
    node = resolve(document, schema) or {}
    own = {key: value for key, value in node.items() if key != "allOf"}
    flat: dict[str, Any] = {}
    for part in [*(flatten_schema(document, it) for it in node.get("allOf", ())), own]:
        properties = {**flat.get("properties", {}), **part.get("properties", {})}
        required = [*flat.get("required", ()), *part.get("required", ())]
        flat |= part
        flat |= {"properties": properties} if properties else {}
        flat |= {"required": required} if required else {}
    return flat
