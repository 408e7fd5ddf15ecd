"""What the invariants read off an exchange; None where its shape is not the contract's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.invariant import Interaction

__all__ = [
    "LIST",
    "Listing",
    "Scope",
    "clock",
    "earlier",
    "listing",
    "marks",
    "seconds",
    "shown",
    "unit",
]

LIST = "listChangeLogs"
_SECOND = 1_000_000
_SETTLED = 5
"""A bound so many seconds in the past has nothing added before it any more."""

_TOLERANCE = 300
"""How far two clocks may be apart, in seconds."""

_UNITS = (("seconds", 10**11, 1), ("milliseconds", 10**14, 1_000))
_LONGEST = 200
_REACH = 200
"""No more than so many exchanges before are looked at."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries were asked for: their actions, and the bounds of their time in seconds."""

    actions: frozenset[str]
    start: float | None
    end: float | None

    @property
    def is_latest_five(self) -> bool:
        """Whether it reaches back to five entries, and no further."""
        return self.end is not None and self.start is None


@dataclass(frozen=True)
class Listing:
    """A page of the changelog, its numbers as the answer says them, and what it was asked for."""

    scope: Scope
    arguments: dict[str, Any]
    current: int
    per_page: int
    total: int
    pages: int
    entries: list[Any]
    clock: float

    @property
    def first(self) -> int:
        """The position in the whole of its first entry, counted from 0."""
        return (self.current - 1) * self.per_page

    @property
    def is_whole(self) -> bool:
        """Whether it has every entry of its scope."""
        return self.current == 1 and len(self.entries) == self.total

    @property
    def bounds(self) -> tuple[Any, Any]:
        """The bounds as they were written."""
        return self.arguments.get("start_time"), self.arguments.get("end_time")

    def is_settled(self, end: float | None) -> bool:
        """Whether a period up to that end was over when this was answered."""
        return end is not None and end <= self.clock - _SETTLED


def listing(seen: Interaction) -> Listing | None:
    """The page that a valid request is answered."""
    answer = seen.answer
    if not isinstance(answer, dict) or not seen.is_valid or not seen.is_success:
        return None
    names = ("current_page", "per_page", "total_entries", "total_pages")
    numbers = [answer.get(name) for name in names]
    current, per_page, total, pages = (value if type(value) is int else -1 for value in numbers)
    entries = answer.get("entries")
    if not isinstance(entries, list) or min(current, per_page) < 1 or min(total, pages) < 0:
        return None
    arguments = dict(seen.arguments)
    return Listing(
        scope=_scope(arguments),
        arguments=arguments,
        current=current,
        per_page=per_page,
        total=total,
        pages=pages,
        entries=entries,
        clock=_own_clock(answer.get("time_token"), clock(seen)),
    )


def earlier(before: Sequence[Interaction]) -> Iterator[Listing]:
    """The pages that were answered before, the newest first."""
    found = (listing(seen) for seen in reversed(before[-_REACH:]))
    return (page for page in found if page is not None)


def marks(entries: Sequence[Any]) -> list[tuple[int, int]] | None:
    """The timestamp and id of each entry; None where one of them has not both."""
    pairs = [
        (entry.get("timestamp"), entry.get("id")) if isinstance(entry, dict) else (None, None)
        for entry in entries
    ]
    known = [(time, id) for time, id in pairs if type(time) is int and type(id) is int]
    return known if len(known) == len(pairs) else None


def clock(seen: Interaction) -> float:
    """When it was answered, in seconds."""
    return seen.moment / _SECOND


def unit(number: float) -> str:
    """The unit of a bound, told by its size."""
    return next((name for name, limit, _ in _UNITS if number < limit), "microseconds")


def seconds(number: float | None) -> float | None:
    """A bound in seconds."""
    if number is None:
        return None
    return number / next((scale for _, limit, scale in _UNITS if number < limit), 1_000_000)


def shown(value: Any) -> str:
    """A value as a sentence shows it: as JSON, and its beginning only where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _scope(arguments: dict[str, Any]) -> Scope:
    return Scope(
        actions=frozenset(arguments.get("actions", ())),
        start=seconds(arguments.get("start_time")),
        end=seconds(arguments.get("end_time")),
    )


def _own_clock(token: Any, moment: float) -> float:
    """The deployment's own clock, where it can be believed."""
    is_number = isinstance(token, int | float) and not isinstance(token, bool)
    return token if is_number and abs(token - moment) <= _TOLERANCE else moment
