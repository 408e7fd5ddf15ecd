"""The places of a JSON body, as a contract's schema describes them, and how to change one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgspec import Struct

from mockserver.contract import Contract, flatten_schema, resolve_node
from mockserver.json_pointer import escape

ITEMS = "*"
"""The step to every item of a list."""

DROP: Any = object()
"""What a change returns to remove the property that it was given."""


class Rename(Struct, frozen=True):
    """What a change returns to move the value to another property of the same object."""

    name: str
    value: Any


@dataclass(frozen=True)
class Place:
    """A place in the body of a response; `schema` has references and `allOf` merged into it.

    `siblings` are the schemas of the object's other properties that come after this one.
    """

    status: int
    is_success: bool
    steps: tuple[str, ...]
    schema: Mapping[str, Any]
    is_required: bool = True
    siblings: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def pointer(self) -> str:
        """A JSON Pointer in which `*` stands for every index."""
        return "".join(f"/{escape(step)}" for step in self.steps)

    @property
    def name(self) -> str:
        """The pointer, after the status if that is no success or the place is the root."""
        status = "" if self.is_success and self.steps else str(self.status)
        return f"{status}{self.pointer}"

    @property
    def described(self) -> str:
        """The place in a sentence."""
        where = f"`{self.pointer}`" if self.steps else "the body"
        return where if self.is_success else f"{where} of a {self.status}"

    @property
    def type(self) -> str:
        """The type of the schema, empty where it has none."""
        return str(self.schema.get("type", ""))

    @property
    def is_always_null(self) -> bool:
        """Whether null alone conforms: of a nullable type, `not` that type allows nothing else."""
        negated = self.schema.get("not")
        return self.schema.get("enum") == [None] or (
            self.is_nullable and isinstance(negated, dict) and negated == {"type": self.type}
        )

    @property
    def is_nullable(self) -> bool:
        """Whether null conforms."""
        allowed = self.schema.get("enum", [None])
        return None in allowed and (bool(self.schema.get("nullable")) or not self.type)


def find_places(
    contract: Contract, pointer: str, status: int, *, is_success: bool
) -> Iterator[Place]:
    """Every place below the schema at a pointer, the root first, each once.

    Of alternatives (`oneOf`, `anyOf`) a place has what all that know it allow.
    """
    found: dict[tuple[str, ...], Place] = {}
    for place in _walk(contract, contract.resolve(pointer), Place(status, is_success, (), {}), ()):
        known = found.setdefault(place.steps, place)
        if known is not place:
            found[place.steps] = _merge_alternatives(known, place)
    return iter(found.values())


def _walk(
    contract: Contract, schema: Mapping[str, Any], at: Place, above: tuple[int, ...]
) -> Iterator[Place]:
    node = resolve_node(contract.document, schema)
    if id(node) in above:
        return  # a schema that contains itself
    flat, above = flatten_schema(contract.document, node), (*above, id(node))
    yield replace(at, schema=flat)
    for alternative in (*flat.get("oneOf", ()), *flat.get("anyOf", ())):
        yield from _walk(contract, alternative, at, above)
    if "items" in flat and flat.get("maxItems") != 0:
        below = Place(at.status, at.is_success, (*at.steps, ITEMS), {})
        yield from _walk(contract, flat["items"], below, above)
    properties = flat.get("properties", {})
    for name, child in properties.items():
        later = list(properties)[list(properties).index(name) + 1 :]
        siblings = {other: flatten_schema(contract.document, properties[other]) for other in later}
        is_required = name in flat.get("required", ())
        steps = (*at.steps, name)
        below = Place(at.status, at.is_success, steps, {}, is_required, siblings)
        yield from _walk(contract, child, below, above)


def _merge_alternatives(one: Place, other: Place) -> Place:
    schema = {key: value for key, value in one.schema.items() if key in other.schema}
    if "enum" in schema:
        schema["enum"] = [*one.schema["enum"], *other.schema["enum"]]
    schema["nullable"] = one.is_nullable or other.is_nullable
    return replace(one, schema=schema, is_required=one.is_required and other.is_required)


def change_at(body: Any, steps: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    """The body with the value at each of the places changed, where it is there."""
    if not steps:
        return change(body)
    step, below = steps[0], steps[1:]
    if step == ITEMS:
        return [change_at(row, below, change) for row in body] if isinstance(body, list) else body
    if not isinstance(body, dict) or step not in body:
        return body
    value = change_at(body[step], below, change)
    if value is DROP:
        return {name: body[name] for name in body if name != step}
    if isinstance(value, Rename):
        return {
            (value.name if name == step else name): (value.value if name == step else body[name])
            for name in body
        }
    return {**body, step: value}
