"""Evidence: the source that each line of a contract rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.json_pointer import split_pointer, step

EVIDENCE = ("documented", "example", "related", "assumed")
"""The values of `x-evidence`, the strongest first."""

BINDING = "example"
"""The weakest evidence whose violation fails, where no other is given."""


def evidence_at(document: Mapping[str, Any], pointer: str) -> str:
    """The evidence nearest above a place, or `assumed`."""
    return own_evidence(_find_marked(document, pointer)) or EVIDENCE[-1]


def note_at(document: Mapping[str, Any], pointer: str) -> str:
    """The note beside the evidence nearest above a place, or nothing."""
    return str(_find_marked(document, pointer).get("x-evidence-note", "")).strip()


def _find_marked(document: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The nearest node above a place that states its evidence; an empty one if none does."""
    node: Any = document
    nearest: Mapping[str, Any] = {}
    for token in split_pointer(pointer):
        nearest = node if own_evidence(node) else nearest
        node = step(node, token)
    return node if own_evidence(node) else nearest


def list_shown_examples(parameter: Mapping[str, Any]) -> list[Any]:
    """The values of a parameter's named examples, without those that are marked as assumed.

    An assumed one is there so that a response's example has a request of its name; a deployment may
    refuse it.
    """
    examples = [it for it in parameter.get("examples", {}).values() if "value" in it]
    return [it["value"] for it in examples if own_evidence(it) != EVIDENCE[-1]]


def weaker(one: str, other: str) -> str:
    """The weaker of two evidences; an unknown value is the weakest."""
    return max(one, other, key=lambda word: EVIDENCE.index(word) if word in EVIDENCE else 99)


def own_evidence(node: Any) -> str:
    """The evidence that a node states itself, or nothing."""
    return str(node.get("x-evidence", "")) if isinstance(node, dict) else ""
