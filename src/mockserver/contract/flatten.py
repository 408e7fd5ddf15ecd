"""The nodes of a document as they are meant: references followed, the parts of `allOf` merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract.node import follow
from mockserver.errors import ContractError


def resolve_node(document: Mapping[str, Any], node: Any) -> Any:
    """The node that a reference leads to, {} where to nothing; the node itself where it is none."""
    if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
        return node
    try:
        return follow(document, node["$ref"])[0]
    except ContractError:
        return {}


def flatten_schema(document: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """A schema with its reference followed and the parts of `allOf` merged into it; {} for None."""
    node = resolve_node(document, schema) or {}
    own = {key: value for key, value in node.items() if key != "allOf"}
    flat: dict[str, Any] = {}
    for part in [*(flatten_schema(document, it) for it in node.get("allOf", ())), own]:
        properties = {**flat.get("properties", {}), **part.get("properties", {})}
        required = [*flat.get("required", ()), *part.get("required", ())]
        flat |= part
        flat |= {"properties": properties} if properties else {}
        flat |= {"required": required} if required else {}
    return flat
