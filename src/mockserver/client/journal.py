"""The journal of a sandbox: its exchanges, and the verification of calls."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.client.connection import Connection
from mockserver.client.responses import (
    Explanation,
    JournalEntry,
    JournalPage,
    RecordedJournal,
    Verification,
)

_PAUSE_SECONDS = 0.2
_MOST = 1_000
_NONE_BEFORE = "0-0"
"""An id that no exchange has."""


class Journal:
    """The journal of a sandbox: what clients sent to the APIs, and what they got.

    Several methods take a pattern, of which every part may be left out: `operation`, an
    operationId with or without its API; `method`; `path`, in which `*` is a part of a segment and
    `**` any number of segments; `query` and `headers`, in which `*` is any value and None says that
    there is none; `body`, the JSON that the request has at least; `status`, such as 404 or `4XX`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(
        self,
        *,
        operation: str | None = None,
        status: int | str | None = None,
        violations: bool | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> JournalPage:
        """Read the newest exchanges, the oldest of them first; each argument is a filter.

        `after` is an id; then they are the oldest ones after it.
        """
        query = {
            "operation": operation,
            "status": status,
            "violations": None if violations is None else str(violations).lower(),
            "after": after,
            "limit": limit,
        }
        return self._connection.call(JournalPage, "GET", "journal", query=query)

    def list(self, **filters: Any) -> tuple[JournalEntry, ...]:
        """List exchanges; the arguments are those of `read`."""
        return self.read(**filters).entries

    def follow(self, **filters: Any) -> Iterator[JournalEntry]:
        """Iterate over the exchanges as they come; the arguments are those of `read`.

        Without `after`, it begins with the next one. It ends when the server does not respond.
        """
        after, seen = filters.pop("after", None), set()
        if after is None:
            query = {"limit": _MOST, "summary": "true"}  # without bodies: only their ids are needed
            before = self._connection.call(JournalPage, "GET", "journal", query=query).entries
            after = before[-1].id if before else _NONE_BEFORE
            # Of several processes, one may write an exchange later than another one a newer one.
            seen = {entry.id for entry in before}
        while True:
            for entry in self.list(after=after, limit=_MOST, **filters):
                after = entry.id
                if after not in seen:
                    yield entry
            threading.Event().wait(_PAUSE_SECONDS)  # sleeps

    def get(self, id: str) -> JournalEntry:
        """Get an exchange."""
        return self._connection.call(JournalEntry, "GET", "journal", id)

    def explain(self, id: str) -> Explanation:
        """Explain why an exchange was no success."""
        return self._connection.call(Explanation, "GET", "journal", id, "why")

    def clear(self) -> None:
        """Delete the journal of the sandbox; its world stays."""
        self._connection.send("DELETE", "journal")

    def record(
        self, name: str, *, ids: Sequence[str] | None = None, keep_personal_data: bool = False
    ) -> RecordedJournal:
        """Make a scenario of this name of the exchanges, or of those with these ids."""
        body: dict[str, Any] = {"name": name, "keep_personal_data": keep_personal_data}
        body |= {} if ids is None else {"ids": builtins.list(ids)}
        return self._connection.call(RecordedJournal, "POST", "journal", "record", body=body)

    def find(self, operation: str | None = None, **pattern: Any) -> tuple[JournalEntry, ...]:
        """Find the exchanges that are like a pattern, the oldest first."""
        body = _make_pattern(operation, pattern)
        return self._connection.call(
            tuple[JournalEntry, ...], "POST", "journal", "find", body=body, member="entries"
        )

    def verify(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **pattern: Any,
    ) -> Verification:
        """Verify how many exchanges are like a pattern; by default at least one."""
        bounds = {"times": times, "at_least": at_least, "at_most": at_most}
        given = {name: value for name, value in bounds.items() if value is not None}
        return self._verify({**_make_pattern(operation, pattern), **given})

    def verify_order(self, *patterns: Mapping[str, Any]) -> Verification:
        """Verify that there is an exchange like each pattern, in this order.

        There may be others between them.
        """
        return self._verify({"in_order": builtins.list(patterns)})

    def assert_called(self, operation: str | None = None, **expectation: Any) -> None:
        """Raise AssertionError unless `verify` verifies it; it names the nearest exchanges."""
        __tracebackhide__ = True
        _check(self.verify(operation, **expectation))

    def assert_not_called(self, operation: str | None = None, **pattern: Any) -> None:
        """Raise AssertionError if there is an exchange like a pattern."""
        __tracebackhide__ = True
        _check(self.verify(operation, times=0, **pattern))

    def assert_order(self, *patterns: Mapping[str, Any]) -> None:
        """Raise AssertionError unless `verify_order` verifies it."""
        __tracebackhide__ = True
        _check(self.verify_order(*patterns))

    def _verify(self, body: Mapping[str, Any]) -> Verification:
        return self._connection.call(
            Verification, "POST", "journal", "verify", body=body, expected=406
        )


def _make_pattern(operation: str | None, pattern: Mapping[str, Any]) -> dict[str, Any]:
    given = {"operation": operation, **pattern}
    return {name: value for name, value in given.items() if value is not None or name == "body"}


def _check(verification: Verification) -> None:
    __tracebackhide__ = True
    if not verification.verified:
        raise AssertionError(verification.message)
