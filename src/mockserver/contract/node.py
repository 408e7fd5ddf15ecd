"""A node of a document: what it says, and where it stands once its references are followed.

Whatever is not as OpenAPI has it is refused here, in a sentence with its place, so that the code
that reads a contract by its nodes need not check twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from mockserver.errors import ContractError
from mockserver.json_pointer import escape, split_pointer, step, walk

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")


class Node(Struct, frozen=True):
    """A mapping in a document: `kind` is OpenAPI's word for it, `pointer` where it stands.

    Every method raises ContractError where the document says something else.
    """

    document: Mapping[str, Any]
    kind: str
    pointer: str
    value: Mapping[str, Any]

    @classmethod
    def at(cls, document: Mapping[str, Any], pointer: str, kind: str) -> Node:
        """The node at a pointer, or where a reference there leads."""
        value, place = follow(document, pointer)
        if not isinstance(value, dict):
            raise ContractError(f"the {kind} at {place} is no mapping")
        return cls(document, kind, place, value)

    def own(self, key: str) -> Any:
        """The value under a key that must be there."""
        if key not in self.value:
            raise ContractError(f"the {self.kind} at {self.pointer} has no {key}")
        return self.value[key]

    def text(self, key: str, default: str | None = None) -> str:
        """The text under a key, which must be there unless there is a default."""
        value = self.own(key) if default is None else self.value.get(key, default)
        if not isinstance(value, str):
            raise self._misfit(key, "text")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """The boolean under a key."""
        value = self.value.get(key, default)
        if not isinstance(value, bool):
            raise self._misfit(key, "boolean")
        return value

    def child(self, key: str, kind: str) -> Node:
        """The node under a key that must be there."""
        self.own(key)
        return Node.at(self.document, f"{self.pointer}/{escape(key)}", kind)

    def fields(self, kind: str) -> dict[str, Node]:
        """The nodes under names of their own, without extensions."""
        return {name: self.child(name, kind) for name in self.value if not name.startswith("x-")}

    def children(self, key: str, kind: str) -> dict[str, Node]:
        """The nodes in the mapping under a key, by name; none when it is not there."""
        if key not in self.value:
            return {}
        mapping = self.child(key, key)
        return {name: mapping.child(name, kind) for name in mapping.value}

    def items(self, key: str, kind: str) -> list[Node]:
        """The nodes in the list under a key; none when it is not there."""
        found = self.value.get(key, [])
        if not isinstance(found, list):
            raise self._misfit(key, "list")
        place = f"{self.pointer}/{escape(key)}"
        return [Node.at(self.document, f"{place}/{n}", kind) for n in range(len(found))]

    def _misfit(self, key: str, wanted: str) -> ContractError:
        return ContractError(f"the {key} of the {self.kind} at {self.pointer} is no {wanted}")


def follow(document: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """The value at a pointer and where it stands, all references followed. Raises ContractError."""
    seen: set[str] = set()
    while True:
        node = _at(document, pointer)
        target = _target(node)
        if target is None:
            return node, pointer
        if not target.startswith("#"):
            raise ContractError(
                f"'{target}' at {pointer} leads to another file; bundle the files into one"
            )
        if target in seen:
            raise _loop(target)
        seen.add(target)
        pointer = target


def refuse_loops(document: Mapping[str, Any]) -> None:
    """Raise ContractError for any reference in a document that leads to nothing but itself.

    A schema may contain itself, as the child of a tree does; it may not be itself.
    """
    settled: set[str] = set()

    def descend(pointer: str, above: tuple[str, ...]) -> None:
        if pointer in above:
            raise _loop(pointer)
        if pointer not in settled:
            for same in _same_value(document, pointer):
                descend(same, (*above, pointer))
            settled.add(pointer)

    for target in sorted(set(filter(None, map(_target, walk(document))))):
        descend(target, ())


def _loop(pointer: str) -> ContractError:
    return ContractError(f"the reference '{pointer}' leads to itself")


def _same_value(document: Mapping[str, Any], pointer: str) -> Iterator[str]:
    """The other schemas that a value must satisfy with this one: no property, no item."""
    try:
        node = _at(document, pointer)
    except ContractError:
        return  # refused where it is used
    if target := _target(node):
        yield target
    elif isinstance(node, dict):
        for word in _ALTERNATIVES:
            parts = node.get(word)
            if isinstance(parts, list):
                yield from (f"{pointer}/{word}/{n}" for n in range(len(parts)))
        if "not" in node:
            yield f"{pointer}/not"


def _at(document: Mapping[str, Any], pointer: str) -> Any:
    node: Any = document
    try:
        for token in split_pointer(pointer):
            node = step(node, token)
    except (LookupError, ValueError, TypeError):
        raise ContractError(f"the reference '{pointer}' leads nowhere") from None
    return node


def _target(node: Any) -> str | None:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        return unquote(node["$ref"])
    return None
