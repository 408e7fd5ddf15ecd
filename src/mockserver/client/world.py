"""The parts of a sandbox: its clock, its documents, its faults and its upstreams."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from mockserver.client.connection import Connection
from mockserver.client.responses import (
    ClockState,
    Document,
    Fault,
    Kind,
    KindSchema,
    Page,
    Upstream,
)

Moment = str | datetime
"""ISO 8601, in UTC if it has no zone; or an aware datetime."""

Duration = float | str | timedelta
"""Seconds, or a text such as `3h`, `-30m`, `1d 2h 5s` or `PT3H`, or a timedelta."""

_PER_PAGE = 50
_LARGEST_PAGE = 1000


class Clock:
    """The clock of a sandbox; every method returns its state afterwards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> ClockState:
        """Read the clock."""
        return self._connection.call(ClockState, "GET", "clock")

    def freeze(self, at: Moment | None = None) -> ClockState:
        """Freeze the clock, at a moment or at the present one."""
        return self._connection.call(
            ClockState, "POST", "clock", "freeze", body={} if at is None else {"at": at}
        )

    def unfreeze(self) -> ClockState:
        """Let the clock run again in real seconds, from the moment that it shows."""
        return self._connection.call(ClockState, "POST", "clock", "unfreeze")

    def advance(self, by: Duration) -> ClockState:
        """Move the clock forward, or back by a negative duration; a frozen clock stays frozen."""
        return self._connection.call(ClockState, "POST", "clock", "advance", body={"by": by})

    def shift(self, by: Duration) -> ClockState:
        """Let the clock run ahead of the machine's by a duration; 0 makes it real."""
        return self._connection.call(ClockState, "POST", "clock", "shift", body={"by": by})

    def set_rate(self, rate: float) -> ClockState:
        """Let so many seconds pass in a real second, from the moment that the clock shows."""
        return self._connection.call(ClockState, "POST", "clock", "rate", body={"rate": rate})


class Filters(TypedDict, total=False):
    """Which documents of a kind are listed, and in which order; `State.list` says what each is."""

    owner: str | None
    where: Mapping[str, Any] | None
    search: str | None
    since: Moment | None
    before: Moment | None
    sort: str | None


class State:
    """The documents of a sandbox; a document is named by its API, kind and key.

    `state(api, kind)` is the list of all documents of a kind.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, api: str, kind: str, **filters: Unpack[Filters]) -> builtins.list[Document]:
        """List all documents of a kind; the filters are those of `list`."""
        return [*self.iterate(api, kind, **filters)]

    def list_kinds(self) -> tuple[Kind, ...]:
        """List the kinds of documents, and how many there are of each."""
        return self._connection.call(tuple[Kind, ...], "GET", "state", member="kinds")

    def get_kind(self, api: str, kind: str) -> KindSchema:
        """Get what the documents of a kind look like, with their JSON Schema."""
        return self._connection.call(KindSchema, "GET", "kinds", api, kind)

    def list(
        self,
        api: str,
        kind: str,
        *,
        owner: str | None = None,
        where: Mapping[str, Any] | None = None,
        search: str | None = None,
        since: Moment | None = None,
        before: Moment | None = None,
        sort: str | None = None,
        page: int = 1,
        per_page: int = _PER_PAGE,
    ) -> Page:
        """List a page of the documents of a kind, in the order of their owners, then of creation.

        `owner` is the key of the documents' parent; `where` has fields and the values that they
        must have; `search` is a text in the key or the body. Their time lies between `since` and
        `before`, at least in part. `sort` is `key`, `owner`, `at`, `until` or a field such as
        `/status`, with a `-` before it to turn the order round.
        """
        pairs = (where or {}).items()
        query = {
            "owner": owner,
            "where": [f"{name}={v if isinstance(v, str) else json.dumps(v)}" for name, v in pairs],
            "search": search,
            "since": since.isoformat() if isinstance(since, datetime) else since,
            "before": before.isoformat() if isinstance(before, datetime) else before,
            "sort": sort,
            "page": page,
            "per_page": per_page,
        }
        return self._connection.call(Page, "GET", "state", api, kind, query=query)

    def iterate(
        self,
        api: str,
        kind: str,
        *,
        per_page: int = _LARGEST_PAGE,
        **filters: Unpack[Filters],
    ) -> Iterator[Document]:
        """Iterate over all documents of a kind; a page is requested when it is needed.

        The filters are those of `list`.
        """
        number, seen = 1, 0
        while True:
            page = self.list(api, kind, page=number, per_page=per_page, **filters)
            yield from page.documents
            number, seen = number + 1, seen + len(page.documents)
            if seen >= page.total or not page.documents:
                return

    def get(self, api: str, kind: str, key: str) -> Document:
        """Get a document."""
        return self._connection.call(Document, "GET", "state", api, kind, key)

    def create(self, api: str, kind: str, body: Mapping[str, Any]) -> Document:
        """Create a document, whose key its body says or the server assigns, and return it."""
        return self._connection.call(Document, "POST", "state", api, kind, body=body)

    def put(self, api: str, kind: str, key: str, body: Mapping[str, Any]) -> Document:
        """Create or replace a document, and return it."""
        return self._connection.call(Document, "PUT", "state", api, kind, key, body=body)

    def patch(self, api: str, kind: str, key: str, changes: Mapping[str, Any]) -> Document:
        """Change some fields of a document, and return it; None removes a field."""
        return self._connection.call(Document, "PATCH", "state", api, kind, key, body=changes)

    def delete(self, api: str, kind: str, key: str, *, cascade: bool = False) -> None:
        """Delete a document; `cascade` deletes its children too."""
        query = {"cascade": "true" if cascade else None}
        self._connection.send("DELETE", "state", api, kind, key, query=query)


class Upstreams:
    """The upstreams of a sandbox: deployments that the requests of its APIs are forwarded to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> tuple[Upstream, ...]:
        """List the sandbox's own, and those that the server has for every sandbox."""
        return self._connection.call(tuple[Upstream, ...], "GET", "upstreams", member="upstreams")

    def get(self, api: str) -> Upstream:
        """Get the upstream of an API."""
        return self._connection.call(Upstream, "GET", "upstreams", api)

    def put(
        self,
        api: str,
        url: str,
        *,
        enforce: bool = False,
        mock: Iterable[str] = (),
        timeout: float = 60.0,
    ) -> Upstream:
        """Forward the requests of an API to its deployment.

        With `enforce`, what violates a documented rule of the contract becomes an error. The mock
        serves the operations in `mock`. `timeout` is in seconds, for each step of the deployment.
        """
        body = {"url": url, "enforce": enforce, "mock": [*mock], "timeout": timeout}
        return self._connection.call(Upstream, "PUT", "upstreams", api, body=body)

    def delete(self, api: str) -> None:
        """Let the mock itself respond again."""
        self._connection.send("DELETE", "upstreams", api)


class Faults:
    """The faults of a sandbox: rules for what goes wrong between its world and the app.

    `match` and the parts of an effect are those of the control API, such as `status=503` or
    `delay="800ms"`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> tuple[Fault, ...]:
        """List the rules in the order in which they are applied."""
        return self._connection.call(tuple[Fault, ...], "GET", "faults", member="faults")

    def get(self, name: str) -> Fault:
        """Get a rule, and how often it was applied."""
        return self._connection.call(Fault, "GET", "faults", name)

    def add(
        self, name: str | None = None, *, match: Mapping[str, Any] | None = None, **effect: Any
    ) -> Fault:
        """Add a rule, with a name of its own or one that the server gives it."""
        named = {} if name is None else {"name": name}
        body = {**named, "match": match or {}, "effect": effect}
        return self._connection.call(Fault, "POST", "faults", body=body)

    def put(self, name: str, *, match: Mapping[str, Any] | None = None, **effect: Any) -> Fault:
        """Replace the rule of that name, or add it; its counters begin at 0."""
        body = {"match": match or {}, "effect": effect}
        return self._connection.call(Fault, "PUT", "faults", name, body=body)

    def delete(self, name: str) -> None:
        """Delete a rule."""
        self._connection.send("DELETE", "faults", name)

    def clear(self) -> None:
        """Delete all rules."""
        self._connection.send("DELETE", "faults")
