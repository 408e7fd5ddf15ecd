"""Reads an OpenAPI document: its operations; references followed, `allOf` merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import Contract
from mockserver.errors import ContractError

Document = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


def list_operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The path, the method and the node of each operation."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def resolve(document: Document, node: Any) -> Any:
    """The node that a reference leads to, {} where to nothing; the node itself where it is none."""
    if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
        return node
    try:
        return Contract(document).resolve(node["$ref"])
    except ContractError:
        return {}


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
