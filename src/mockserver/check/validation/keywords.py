"""The keywords of a contract's schemas, and which of them apply to a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract import Contract
from mockserver.json_pointer import escape

_WORDS: dict[str, tuple[type, ...]] = {
    # Keywords inside alternatives are not counted: a value may violate one of them and conform.
    **dict.fromkeys(("type", "enum", "oneOf", "anyOf", "not"), (object,)),
    **dict.fromkeys(("pattern", "minLength", "maxLength"), (str,)),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), (int, float)),
    "format": (str, int, float),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems"), (list,)),
    **dict.fromkeys(
        ("required", "minProperties", "maxProperties", "additionalProperties"), (dict,)
    ),
}
"""The keywords that can be violated, each with the types that it applies to."""

_BINDING = {"uniqueItems": True, "additionalProperties": False}
"""Keywords that can be violated only with this value."""


@dataclass
class _Schema:
    """The keywords of one schema, and the schemas of the items and properties of its values."""

    rules: list[tuple[tuple[type, ...], str]] = field(default_factory=list)
    properties: dict[str, _Schema] = field(default_factory=dict)
    others: _Schema | None = None
    items: _Schema | None = None
    parts: list[_Schema] = field(default_factory=list)


class Keywords:
    """The keywords of one contract's schemas, each by its pointer into the contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._schemas: dict[str, _Schema] = {}

    def list_all(self, pointer: str) -> list[str]:
        """Every keyword of the schema at a pointer, if any, and of those that it leads to."""
        found: dict[str, None] = {}
        seen: set[int] = set()
        ahead = [self._schema(pointer)] if pointer else []
        while ahead:
            schema = ahead.pop()
            if id(schema) not in seen:
                seen.add(id(schema))
                found |= dict.fromkeys(rule for _, rule in schema.rules)
                others = filter(None, (schema.others, schema.items))
                ahead += [*schema.parts, *schema.properties.values(), *others][::-1]
        return list(found)

    def list_applied(self, pointer: str, value: Any) -> set[str]:
        """The keywords that apply to a value by the schema at a pointer, if any."""
        found: set[str] = set()
        ahead = [(self._schema(pointer), value)] if pointer else []
        while ahead:
            schema, here = ahead.pop()
            found.update(rule for kinds, rule in schema.rules if isinstance(here, kinds))
            ahead += _descend(schema, here)
        return found

    def _schema(self, pointer: str) -> _Schema:
        node, place = self._contract.locate(pointer)
        if place not in self._schemas:
            # Registered before it is complete, since a schema may contain itself.
            self._schemas[place] = _Schema()
            self._fill(self._schemas[place], node, place)
        return self._schemas[place]

    def _fill(self, schema: _Schema, node: dict[str, Any], place: str) -> None:
        schema.rules = [
            (kinds, f"{place}/{word}")
            for word, kinds in _WORDS.items()
            if word in node and node[word] is _BINDING.get(word, node[word])
        ]
        for name in node.get("properties", {}):
            schema.properties[name] = self._schema(f"{place}/properties/{escape(name)}")
        if isinstance(node.get("additionalProperties"), dict):
            schema.others = self._schema(f"{place}/additionalProperties")
        if "items" in node:
            schema.items = self._schema(f"{place}/items")
        schema.parts = [
            self._schema(f"{place}/allOf/{n}") for n, _ in enumerate(node.get("allOf", ()))
        ]


def _descend(schema: _Schema, value: Any) -> Iterator[tuple[_Schema, Any]]:
    """The value and the values in it, each with a schema that applies to it too."""
    for part in schema.parts:
        yield part, value
    if isinstance(value, dict):
        for name, item in value.items():
            property_schema = schema.properties.get(name, schema.others)
            if property_schema is not None:
                yield property_schema, item
    elif isinstance(value, list) and schema.items is not None:
        yield from ((schema.items, item) for item in value)
