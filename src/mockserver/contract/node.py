"""A node of a document: what it says, and where it truly stands, references followed.

Whatever is not as OpenAPI has it is refused here, in a sentence with its place, so that those who
read a contract by its nodes need not ask twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.references import follow
from mockserver.errors import ContractError
from mockserver.json_pointer import escape

__all__ = ["Node"]


@dataclass(frozen=True, slots=True)
class Node:
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
        """What stands under a key that must be there."""
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
        """Whether what stands under a key is true."""
        value = self.value.get(key, default)
        if not isinstance(value, bool):
            raise self._misfit(key, "boolean")
        return value

    def child(self, key: str, kind: str) -> Node:
        """The node under a key that must be there."""
        self.own(key)
        return Node.at(self.document, f"{self.pointer}/{escape(key)}", kind)

    def fields(self, kind: str) -> dict[str, Node]:
        """All that stands here under names of its own, extensions left out."""
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
