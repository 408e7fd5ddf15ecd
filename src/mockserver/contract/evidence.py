"""Evidence: why each line of a contract is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.json_pointer import step, tokens

__all__ = ["EVIDENCE", "evidence_at", "stated", "weaker"]

EVIDENCE = ("documented", "example", "related", "assumed")
"""The words of `x-evidence`, the strongest first."""


def evidence_at(document: Mapping[str, Any], pointer: str) -> str:
    """The evidence nearest above a place, `assumed` when nothing says better."""
    node: Any = document
    nearest = EVIDENCE[-1]
    for token in tokens(pointer):
        nearest = _own(node) or nearest
        node = step(node, token)
    return _own(node) or nearest


def stated(node: Any) -> Iterator[str]:
    """Every evidence that is stated in and below a node, as often as it is."""
    if isinstance(node, dict):
        if own := _own(node):
            yield own
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from stated(item)


def weaker(one: str, other: str) -> str:
    """The weaker of two evidences; a word that is none is the weakest."""
    return max(one, other, key=lambda word: EVIDENCE.index(word) if word in EVIDENCE else 99)


def _own(node: Any) -> str:
    return str(node.get("x-evidence", "")) if isinstance(node, dict) else ""
