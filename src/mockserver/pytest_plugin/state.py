"""The documents of a world, called for what is there and told what is to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver import client

__all__ = ["State"]


class State:
    """A world's documents. Called, it gives all of a kind; a document is named by its key."""

    def __init__(self, state: client.State) -> None:
        self._state = state

    def __call__(
        self,
        api: str,
        kind: str,
        *,
        owner: str | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> list[client.Document]:
        """Every document of a kind: those of one owner, those whose fields have these values."""
        return list(self._state.iterate(api, kind, owner=owner, where=where))

    def list_kinds(self) -> tuple[client.Kind, ...]:
        """Every kind of document, and how many there are."""
        return self._state.list_kinds()

    def get(self, api: str, kind: str, key: str) -> client.Document:
        """One document."""
        return self._state.get(api, kind, key)

    def put(self, api: str, kind: str, key: str, body: Mapping[str, Any]) -> client.Document:
        """Put a document in its place, new or not."""
        return self._state.put(api, kind, key, body)

    def patch(self, api: str, kind: str, key: str, changes: Mapping[str, Any]) -> client.Document:
        """Change some fields of a document, None removing one."""
        return self._state.patch(api, kind, key, changes)

    def delete(self, api: str, kind: str, key: str, *, cascade: bool = False) -> None:
        """Delete a document; with `cascade` also what belongs to it."""
        self._state.delete(api, kind, key, cascade=cascade)
