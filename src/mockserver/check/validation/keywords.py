"""The keywords of a contract's schemas, and which of them a value is held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract import Contract
from mockserver.json_pointer import escape

__all__ = ["Keywords"]

_TEXT, _NUMBER, _LIST, _OBJECT = (str,), (int, float), (list,), (dict,)
_ANY = (object,)
_WORDS: dict[str, tuple[type, ...]] = {
    "type": _ANY,
    "enum": _ANY,
    "format": (*_TEXT, *_NUMBER),
    "pattern": _TEXT,
    "minLength": _TEXT,
    "maxLength": _TEXT,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "multipleOf": _NUMBER,
    "minItems": _LIST,
    "maxItems": _LIST,
    "uniqueItems": _LIST,
    "required": _OBJECT,
    "minProperties": _OBJECT,
    "maxProperties": _OBJECT,
    "additionalProperties": _OBJECT,
    # What stands in alternatives is not told apart: a value may break one and be right.
    "oneOf": _ANY,
    "anyOf": _ANY,
    "not": _ANY,
}
"""The keywords that can be broken, each with the values that it says something of."""

_BINDING = {"uniqueItems": True, "additionalProperties": False}
"""Keywords that can be broken only where just this is written."""


@dataclass
class _Schema:
    """The keywords of one schema, and the schemas of what stands in its values."""

    rules: list[tuple[tuple[type, ...], str]] = field(default_factory=list)
    properties: dict[str, _Schema] = field(default_factory=dict)
    others: _Schema | None = None
    items: _Schema | None = None
    parts: list[_Schema] = field(default_factory=list)

    @property
    def below(self) -> Iterator[_Schema]:
        """Every schema that this one leads to."""
        yield from self.parts
        yield from self.properties.values()
        yield from filter(None, (self.others, self.items))


class Keywords:
    """The keywords of one contract's schemas, each by its pointer into the contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._schemas: dict[str, _Schema] = {}

    def of(self, pointer: str) -> list[str]:
        """Every keyword of the schema at a pointer and of those that it leads to."""
        found: dict[str, None] = {}
        seen: list[_Schema] = []
        ahead = [self._schema(pointer)]
        while ahead:
            schema = ahead.pop()
            if not any(schema is one for one in seen):
                seen.append(schema)
                found |= dict.fromkeys(rule for _, rule in schema.rules)
                ahead += reversed(list(schema.below))
        return list(found)

    def held(self, pointer: str, value: Any) -> set[str]:
        """The keywords that a value is held against, when it is validated by the schema there."""
        found: set[str] = set()
        ahead = [(self._schema(pointer), value)]
        while ahead:
            schema, here = ahead.pop()
            found.update(rule for kinds, rule in schema.rules if isinstance(here, kinds))
            ahead += _within(schema, here)
        return found

    def _schema(self, pointer: str) -> _Schema:
        node, place = self._contract.locate(pointer)
        if place not in self._schemas:
            # Known before it is whole, since a schema may contain itself.
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


def _within(schema: _Schema, value: Any) -> Iterator[tuple[_Schema, Any]]:
    """The values in a value, and itself, each with a schema that it is held against too."""
    for part in schema.parts:
        yield part, value
    if isinstance(value, dict):
        for name, item in value.items():
            known = schema.properties.get(name, schema.others)
            if known is not None:
                yield known, item
    elif isinstance(value, list) and schema.items is not None:
        yield from ((schema.items, item) for item in value)
