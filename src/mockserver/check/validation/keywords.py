"""The keywords of a contract's schemas: which of them apply to a value, and were tested."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any

import orjson
from msgspec import Struct

from mockserver.contract import Contract, RawParameters, read_header
from mockserver.invariant import Interaction
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


class _Schema(Struct, frozen=True):
    """The keywords of one schema, and the pointers of those for the parts of its values.

    A pointer is empty where there is no schema.
    """

    rules: list[tuple[tuple[type, ...], str]]
    all_of: list[str]
    properties: dict[str, str]
    others: str
    items: str


class Keywords:
    """The keywords of one contract's schemas, each by its pointer, and which of them were tested.

    `satisfied` and `violated` count requests, `validated` the responses that a keyword applied to.
    `parameters` counts those that were sent, by operation, name and whether they conformed; a body
    is called `body`.
    """

    def __init__(self, contract: Contract) -> None:
        self.parameters: Counter[tuple[str, str, bool]] = Counter()
        self.satisfied: Counter[str] = Counter()
        self.violated: Counter[str] = Counter()
        self.validated: Counter[str] = Counter()
        self._contract = contract
        self._read = cache(self._read_schema)
        self._list_own = cache(self._list_rules)
        # By the hashes of bodies, since most come again; equal sets are kept once.
        self._of_bodies: dict[tuple[str, int], frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def count(self, interaction: Interaction) -> None:
        """Count the keywords that an interaction tests."""
        self._count_request(interaction)
        self._count_response(interaction)

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
        found = dict[tuple[str, Any], frozenset[str]]()
        ahead = [(pointer, value)]
        while ahead:
            place, here = ahead.pop()
            if not place:
                continue
            kind: type[Any] = type(here)
            schema = self._read(place)
            if (place, kind) not in found:
                found[place, kind] = self._list_own(place, kind)  # type: ignore[arg-type]
            if schema.all_of:
                ahead += [(part, here) for part in schema.all_of]
            if isinstance(here, dict):
                properties, others = schema.properties, schema.others
                ahead += [(properties.get(name, others), item) for name, item in here.items()]
            elif isinstance(here, list):
                ahead += [(schema.items, item) for item in here]
        return set[str]().union(*found.values())

    def _list_applied_to(self, pointer: str, body: bytes) -> frozenset[str]:
        """The keywords that apply to a body by the schema at a pointer; none if it is no JSON."""
        key = pointer, hash(body)
        if key not in self._of_bodies:
            found = frozenset[str]()
            with suppress(orjson.JSONDecodeError):
                found = frozenset(self.list_applied(pointer, orjson.loads(body)))
            self._of_bodies[key] = self._sets.setdefault(found, found)
        return self._of_bodies[key]

    def _list_rules(self, pointer: str, kind: type[Any]) -> frozenset[str]:
        """The keywords of the schema at a pointer alone that apply to a type of value."""
        rules = self._read(pointer).rules
        return frozenset(rule for kinds, rule in rules if issubclass(kind, kinds))

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

    def _count_request(self, interaction: Interaction) -> None:
        satisfied = set[str]()
        operation, arguments = interaction.operation, interaction.arguments
        wrong = {violation.parameter for violation in interaction.request_violations}
        request = interaction.exchange.request
        raw = RawParameters(request, {})
        for spec in operation.parameters:
            # A parameter that was not sent has its default among the arguments, and tests nothing.
            is_sent = spec.location == "path" or raw.has(spec)
            is_read = is_sent and spec.name in arguments
            if spec.name in wrong or is_read:
                self.parameters[operation.id, spec.name, spec.name not in wrong] += 1
            if is_read:
                satisfied |= {f"{spec.pointer}/required"} if spec.required else set()
                satisfied |= self.list_applied(spec.schema_pointer, arguments[spec.name])
        if operation.body and (request.body or "" in wrong):
            self.parameters[operation.id, "body", "body" in arguments] += 1
            media = operation.body.get(request.headers.media_type)
            # A body satisfies all of its rules, or none where it violates one.
            if media is not None and "body" in arguments:
                satisfied.add(f"{operation.body_pointer}/content")
                if operation.is_body_required:
                    satisfied.add(f"{operation.body_pointer}/required")
                satisfied |= self.list_applied(media.pointer, arguments["body"])
        self.satisfied.update(satisfied)
        # Once a request, however often it violates a rule.
        self.violated.update({violation.rule for violation in interaction.request_violations})

    def _count_response(self, interaction: Interaction) -> None:
        response, applied = interaction.exchange.response, set[str]()
        spec = interaction.operation.response(response.status)
        if spec is None:
            return
        if spec.content:
            applied.add(f"{spec.pointer}/content")
        if response.headers.media_type in spec.content:
            pointer = spec.content[response.headers.media_type].pointer
            applied |= self._list_applied_to(pointer, response.body)
        for header in spec.headers:
            text = response.headers.get(header.name)
            applied |= {f"{header.pointer}/required"} if header.required else set()
            if text is not None:
                value = read_header(text, header)
                applied |= self.list_applied(header.schema_pointer, value)
        self.validated.update(applied)
