"""References of a document: followed, and refused where they lead out, nowhere or to themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.errors import ContractError
from mockserver.json_pointer import step, tokens

__all__ = ["follow", "refuse_loop", "refuse_loops"]

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")


def follow(document: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """The node at a pointer and where it truly stands, all references followed.

    Raises ContractError.
    """
    seen: set[str] = set()
    while True:
        node = _at(document, pointer)
        target = _target(node)
        if target is None:
            return node, pointer
        if not target.startswith("#"):
            raise ContractError(f"'{target}' at {pointer} leaves the file")
        if target in seen:
            raise _loop(target)
        seen.add(target)
        pointer = target


def refuse_loops(document: Mapping[str, Any]) -> None:
    """Raise ContractError for any reference in a document that leads to nothing but itself."""
    for target in sorted(set(_targets(document))):
        refuse_loop(document, target)


def refuse_loop(document: Mapping[str, Any], pointer: str) -> None:
    """Raise ContractError if the schema at a pointer leads to nothing but itself.

    A schema may contain itself, as the child of a tree does; it may not be itself.
    """
    _descend(document, pointer, (), set())


def _descend(
    document: Mapping[str, Any], pointer: str, above: tuple[str, ...], settled: set[str]
) -> None:
    if pointer in above:
        raise _loop(pointer)
    if pointer in settled:
        return
    for same in _same_value(document, pointer):
        _descend(document, same, (*above, pointer), settled)
    settled.add(pointer)


def _loop(pointer: str) -> ContractError:
    return ContractError(f"the reference '{pointer}' leads to itself")


def _same_value(document: Mapping[str, Any], pointer: str) -> Iterator[str]:
    """Where else the value that is held against a place is held against: no property, no item."""
    try:
        node = _at(document, pointer)
    except ContractError:
        return  # said where it is used
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
        for token in tokens(pointer):
            node = step(node, token)
    except (LookupError, ValueError, TypeError):
        raise ContractError(f"the reference '{pointer}' leads nowhere") from None
    return node


def _target(node: Any) -> str | None:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        return unquote(node["$ref"])
    return None


def _targets(node: Any) -> Iterator[str]:
    if target := _target(node):
        yield target
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _targets(item)
