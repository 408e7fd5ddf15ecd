"""What the invariants read off an exchange; None where its shape is not the contract's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.invariant import Interaction

__all__ = [
    "ALL",
    "CLOSING",
    "CREATES",
    "LISTS",
    "Page",
    "about_the_same",
    "action",
    "entry",
    "envelope",
    "is_coach",
    "may_have_written",
    "page",
    "paginator",
    "shown",
    "since_last_write",
]

LISTS = ("listSessionLogs", "listCoachSessionLogs")
CREATES = ("createSessionLog", "createCoachSessionLog")
ALL = (*LISTS, *CREATES)
CLOSING = ("ENDED", "CANCELLED")
"""The actions that close a session."""

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a log, its numbers as the answer says them."""

    current: int
    per_page: int
    total: int
    last: int
    rows: list[Any]

    @property
    def first(self) -> int:
        """The position in the log of its first row, counted from 0."""
        return (self.current - 1) * self.per_page

    @property
    def is_last(self) -> bool:
        """Whether the log ends on it."""
        return self.current == self.last

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole log."""
        return self.current == 1 and len(self.rows) == self.total


def envelope(seen: Interaction) -> dict[str, Any] | None:
    """The envelope of any answer."""
    return seen.answer if isinstance(seen.answer, dict) else None


def paginator(seen: Interaction) -> dict[str, Any] | None:
    """The `data` of a list that succeeded."""
    found = envelope(seen)
    if found is None or seen.operation.id not in LISTS or not seen.is_success:
        return None
    data = found.get("data")
    return data if isinstance(data, dict) else None


def page(seen: Interaction) -> Page | None:
    """The page that a list answers."""
    data = paginator(seen) or {}
    numbers = [data.get(name) for name in ("current_page", "per_page", "total", "last_page")]
    current, per_page, total, last = (value if type(value) is int else -1 for value in numbers)
    rows = data.get("data")
    if not isinstance(rows, list) or min(current, per_page, last) < 1 or total < 0:
        return None
    return Page(current, per_page, total, last, rows)


def entry(seen: Interaction) -> dict[str, Any] | None:
    """The entry that a create answers."""
    found = envelope(seen)
    if found is None or seen.operation.id not in CREATES or not seen.is_success:
        return None
    data = found.get("data")
    return data if isinstance(data, dict) else None


def action(seen: Interaction) -> str | None:
    """The action that a valid create asks for."""
    body = seen.arguments.get("body")
    return body.get("action_type") if seen.is_valid and isinstance(body, dict) else None


def is_coach(seen: Interaction) -> bool:
    """Whether it is the coach's side of the log."""
    return "Coach" in seen.operation.id


def may_have_written(seen: Interaction) -> bool:
    """Whether it is a create that was not refused for certain."""
    return seen.operation.id in CREATES and not 400 <= seen.status < 500


def about_the_same(now: Interaction, before: Sequence[Interaction]) -> Iterator[Interaction]:
    """The exchanges before that are about the same session, the newest first."""
    session = now.arguments.get("id")
    if session is not None:
        yield from (seen for seen in reversed(before) if seen.arguments.get("id") == session)


def since_last_write(now: Interaction, before: Sequence[Interaction]) -> Iterator[Interaction]:
    """The exchanges about the same session, the newest first, back to one that may have written."""
    for seen in about_the_same(now, before):
        if may_have_written(seen):
            return
        yield seen


def shown(value: Any) -> str:
    """A value as a sentence shows it: as JSON, and its beginning only where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
