"""The keywords of a contract's schemas, and which of them apply to a value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class _Schema:
    """The keywords of one schema, and the pointers of those for the parts of its values.

    A pointer is empty where there is no schema.
    """

    rules: list[tuple[tuple[type, ...], str]]
    all_of: list[str]
    properties: dict[str, str]
    others: str
    items: str


class Keywords:
    """The keywords of one contract's schemas, each by its pointer into the contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._read = cache(self._read_schema)

    def list_all(self, pointer: str) -> list[str]:
        """Every keyword of the schema at a pointer, if any, and of those that it leads to."""
        found, seen, ahead = dict[str, None](), {""}, [pointer]
        while ahead:
            place = ahead.pop()
            if place not in seen:
                seen.add(place)
                schema = self._read(place)
                found |= dict.fromkeys(rule for _, rule in schema.rules)
                below = (*schema.all_of, *schema.properties.values(), schema.others, schema.items)
                ahead += below[::-1]
        return list(found)

    def list_applied(self, pointer: str, value: Any) -> set[str]:
        """The keywords that apply to a value by the schema at a pointer, if any."""
        found, ahead = set[str](), [(pointer, value)]
        while ahead:
            place, here = ahead.pop()
            if not place:
                continue
            schema = self._read(place)
            found.update(rule for kinds, rule in schema.rules if isinstance(here, kinds))
            ahead += ((part, here) for part in schema.all_of)
            if isinstance(here, dict):
                properties, others = schema.properties, schema.others
                ahead += ((properties.get(name, others), item) for name, item in here.items())
            elif isinstance(here, list):
                ahead += ((schema.items, item) for item in here)
        return found

    def _read_schema(self, pointer: str) -> _Schema:
        node, place = self._contract.locate(pointer)
        has_others = isinstance(node.get("additionalProperties"), dict)
        return _Schema(
            rules=[
                (kinds, f"{place}/{word}")
                for word, kinds in _WORDS.items()
                if word in node and node[word] is _BINDING.get(word, node[word])
            ],
            all_of=[f"{place}/allOf/{n}" for n, _ in enumerate(node.get("allOf", ()))],
            properties={
                name: f"{place}/properties/{escape(name)}" for name in node.get("properties", {})
            },
            others=f"{place}/additionalProperties" if has_others else "",
            items=f"{place}/items" if "items" in node else "",
        )
