"""The documents of a world, from outside: listed, read, written, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.client.request import as_json
from mockserver.client.responses import Document, Kind, Page
from mockserver.client.transport import Connection

__all__ = ["State"]

_PER_PAGE = 50
_LARGEST_PAGE = 1000


class State:
    """The documents in the client's sandbox; a document is named by its API, kind and key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of document, and how many there are."""
        return self._connection.ask_all(Kind, "kinds", "state")

    def list(
        self,
        api: str,
        kind: str,
        *,
        owner: str | None = None,
        where: Mapping[str, Any] | None = None,
        page: int = 1,
        per_page: int = _PER_PAGE,
    ) -> Page:
        """A page of the documents, in the order of their owners, then in which they came.

        `owner` is the key of what they belong to; `where` has the value of each field that must
        have it.
        """
        query = {
            "owner": owner,
            "where": [f"{field}={_written(value)}" for field, value in (where or {}).items()],
            "page": page,
            "per_page": per_page,
        }
        return self._connection.ask(Page, "GET", "state", api, kind, query=query)

    def all(
        self,
        api: str,
        kind: str,
        *,
        owner: str | None = None,
        where: Mapping[str, Any] | None = None,
        per_page: int = _LARGEST_PAGE,
    ) -> Iterator[Document]:
        """Every document, asked for page by page while they are taken."""
        number, seen = 1, 0
        while True:
            page = self.list(api, kind, owner=owner, where=where, page=number, per_page=per_page)
            yield from page.documents
            number, seen = number + 1, seen + len(page.documents)
            if seen >= page.total or not page.documents:
                return

    def get(self, api: str, kind: str, key: str) -> Document:
        """One document."""
        return self._connection.ask(Document, "GET", "state", api, kind, key)

    def put(self, api: str, kind: str, key: str, body: Mapping[str, Any]) -> Document:
        """Put a document in its place, new or not; the document as it is then."""
        path = ("state", api, kind, key)
        return self._connection.ask(Document, "PUT", *path, content=as_json(body))

    def patch(self, api: str, kind: str, key: str, changes: Mapping[str, Any]) -> Document:
        """Change some fields of a document, None removing one; the document as it is then."""
        path = ("state", api, kind, key)
        return self._connection.ask(Document, "PATCH", *path, content=as_json(changes))

    def delete(self, api: str, kind: str, key: str, *, cascade: bool = False) -> None:
        """Delete a document; with `cascade` also what belongs to it."""
        query = {"cascade": "true" if cascade else None}
        self._connection.send("DELETE", "state", api, kind, key, query=query)


def _written(value: Any) -> str:
    """A value as a query has it: a text as it is, another as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
