"""Translates schemas from OpenAPI 3.0's dialect of JSON Schema to Draft 4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import gt, lt
from typing import Any, Literal
from urllib.parse import quote, unquote

from mockserver.contract.formats import INTEGER_RANGES
from mockserver.contract.node import follow
from mockserver.contract.patterns import translate_pattern
from mockserver.errors import ContractError
from mockserver.json_pointer import escape

Direction = Literal["request", "response"]

_NOT_REQUIRED: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
"""The keyword of the properties that `required` does not demand in a direction."""

_VALUES = frozenset({"default", "enum", "example", "examples"})
"""Under these keywords stand values and no schemas, whatever they look like."""

_NAMED = frozenset(
    {
        "callbacks",
        "content",
        "definitions",
        "encoding",
        "headers",
        "links",
        "parameters",
        "paths",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
        "variables",
    }
)
"""Under these keywords stand things by names of their own: a property may be called `enum`."""


class Translation:
    """A document, or a schema, in Draft 4.

    `written_rules` has the pointers of the keywords that stand for others, and of those others: a
    bound that is not in the document stands for the `format` that implies it.
    `directions` are those in which `required` demands less than is written; a translation for one
    of them demands only that. A `base` is the URI of the document to which references lead.
    """

    def __init__(
        self, node: Mapping[str, Any], direction: Direction | None = None, base: str = ""
    ) -> None:
        self.written_rules: dict[str, str] = {}
        self.directions: set[Direction] = set()
        self._document = node
        self._direction = direction
        self._base = base
        self.schema: dict[str, Any] = self._translate(node, "#", frozenset())

    def _translate(self, node: Any, pointer: str, hidden: frozenset[tuple[str, str]]) -> Any:
        """A node in Draft 4; `hidden` are names, each with its keyword, from an `allOf` above."""
        if isinstance(node, list):
            return [self._translate(item, f"{pointer}/{n}", hidden) for n, item in enumerate(node)]
        if not isinstance(node, dict):
            return node
        if "properties" in node or "allOf" in node:
            hidden = hidden | frozenset(self._hidden(node))
        schema = {
            key: self._translate_below(key, value, f"{pointer}/{escape(key)}", hidden)
            for key, value in node.items()
        }
        self._set_required(schema, hidden)
        if isinstance(target := schema.get("$ref"), str) and target.startswith("#"):
            schema["$ref"] = f"{self._base}#{quote(unquote(target[1:]), safe='/~')}"
        self._set_bounds(schema, pointer)
        if schema.get("nullable") is True and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        if schema.get("additionalProperties") is False:
            # Without the keyword, the validator says that each property is false, but not which.
            schema.setdefault("properties", {})
        if isinstance(schema.get("pattern"), str):
            schema["pattern"] = translate_pattern(schema["pattern"])
        for keyword in ("id", "$schema"):  # in OpenAPI neither changes where references lead
            if isinstance(schema.get(keyword), str):
                del schema[keyword]
        return schema

    def _translate_below(
        self, key: str, value: Any, pointer: str, hidden: frozenset[tuple[str, str]]
    ) -> Any:
        if key in _VALUES:
            return value
        if key in _NAMED and isinstance(value, dict):
            return {
                name: self._translate(child, f"{pointer}/{escape(name)}", frozenset())
                for name, child in value.items()
            }
        return self._translate(value, pointer, hidden if key == "allOf" else frozenset())

    def _set_required(self, schema: dict[str, Any], hidden: frozenset[tuple[str, str]]) -> None:
        required = schema.get("required")
        if not isinstance(required, list) or not hidden:
            return
        for direction, keyword in _NOT_REQUIRED.items():
            if any((keyword, name) in hidden for name in required if isinstance(name, str)):
                self.directions.add(direction)
        if self._direction:
            keyword = _NOT_REQUIRED[self._direction]
            schema["required"] = [name for name in required if (keyword, name) not in hidden]
            if not schema["required"]:
                del schema["required"]  # Draft 4 has no empty list

    def _hidden(self, node: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, str]]:
        """The keywords `readOnly` and `writeOnly` of a schema's properties, each with the name."""
        properties = node.get("properties")
        for name, written in properties.items() if isinstance(properties, dict) else ():
            schema = self._follow(written)
            for keyword in _NOT_REQUIRED.values():
                if schema.get(keyword) is True:
                    yield keyword, name
        parts = node.get("allOf")
        for part in parts if isinstance(parts, list) and depth < _MAX_PARTS else ():
            yield from self._hidden(self._follow(part), depth + 1)

    def _follow(self, node: Any) -> Mapping[str, Any]:
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and not self._base:
            try:
                node = follow(self._document, node["$ref"])[0]
            except ContractError:
                return {}  # the compiler says so
        return node if isinstance(node, dict) else {}

    def _set_bounds(self, schema: dict[str, Any], pointer: str) -> None:
        name = schema.get("format")
        limits = INTEGER_RANGES.get(name, ()) if isinstance(name, str) else ()
        for n, (bound, is_beyond) in enumerate((("minimum", lt), ("maximum", gt))):
            keyword = f"exclusive{bound.capitalize()}"
            written, exclusive = schema.get(bound), schema.get(keyword)
            if isinstance(exclusive, int | float) and not isinstance(exclusive, bool):
                # OpenAPI 3.1's exclusive bound, a number, is often written in 3.0 too.
                if isinstance(written, int | float) and is_beyond(exclusive, written):
                    del schema[keyword]
                else:
                    schema |= {bound: exclusive, keyword: True}
                    for rule in (bound, keyword):
                        self.written_rules[f"{pointer}/{rule}"] = f"{pointer}/{keyword}"
            written = schema.get(bound)  # what is no number, the compiler will refuse
            is_number = isinstance(written, int | float)
            if limits and (written is None or (is_number and is_beyond(written, limits[n]))):
                schema[bound] = limits[n]
                schema.pop(keyword, None)
                self.written_rules[f"{pointer}/{bound}"] = f"{pointer}/format"


_MAX_PARTS = 16
"""How deep `allOf` is followed for the properties that `required` does not demand."""


def in_draft_4(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of OpenAPI 3.0 in JSON Schema Draft 4."""
    return Translation(schema).schema
