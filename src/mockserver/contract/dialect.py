"""OpenAPI 3.0's dialect of JSON Schema, said in Draft 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import gt, lt
from typing import Any

from mockserver.contract.formats import INTEGER_RANGES
from mockserver.json_pointer import escape

__all__ = ["Translation", "in_draft_4"]

_VALUES = frozenset({"default", "enum", "example", "examples"})
"""Under these words stand values and no schemas, whatever they look like."""

_NAMED = frozenset(
    {"callbacks", "headers", "parameters", "properties", "requestBodies", "responses", "schemas"}
)
"""Under these words stand things by names of their own: a property may be called `enum`."""


class Translation:
    """A document, or a schema, in Draft 4.

    `format_bounds` has the pointers of those bounds that nobody wrote: a format asks for them.
    """

    def __init__(self, node: Mapping[str, Any]) -> None:
        self.format_bounds: set[str] = set()
        self.schema: dict[str, Any] = self._node(node, "#")

    def _node(self, node: Any, pointer: str) -> Any:
        if isinstance(node, list):
            return [self._node(item, f"{pointer}/{n}") for n, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        schema = {
            key: self._under(key, value, f"{pointer}/{escape(key)}") for key, value in node.items()
        }
        _allow_null(schema)
        _close(schema)
        self._bound(schema, pointer)
        return schema

    def _under(self, key: str, value: Any, pointer: str) -> Any:
        if key in _VALUES:
            return value
        if key in _NAMED and isinstance(value, dict):
            return {
                name: self._node(child, f"{pointer}/{escape(name)}")
                for name, child in value.items()
            }
        return self._node(value, pointer)

    def _bound(self, schema: dict[str, Any], pointer: str) -> None:
        name = schema.get("format")
        if not isinstance(name, str) or name not in INTEGER_RANGES:
            return
        least, greatest = INTEGER_RANGES[name]
        self._limit(schema, pointer, "minimum", least, lt)
        self._limit(schema, pointer, "maximum", greatest, gt)

    def _limit(
        self,
        schema: dict[str, Any],
        pointer: str,
        bound: str,
        limit: int,
        is_wider: Callable[[Any, int], bool],
    ) -> None:
        written = schema.get(bound)  # what is no number, the compiler will refuse
        if written is None or (isinstance(written, int | float) and is_wider(written, limit)):
            schema[bound] = limit
            schema.pop(f"exclusive{bound.capitalize()}", None)
            self.format_bounds.add(f"{pointer}/{bound}")


def in_draft_4(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of OpenAPI 3.0 as JSON Schema Draft 4 has it."""
    return Translation(schema).schema


def _allow_null(schema: dict[str, Any]) -> None:
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]


def _close(schema: dict[str, Any]) -> None:
    """Name the properties of a closed schema, none if need be.

    Without the word, the validator says of each property that it is false, and not which it was.
    """
    if schema.get("additionalProperties") is False:
        schema.setdefault("properties", {})
