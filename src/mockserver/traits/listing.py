"""A list as one response shows it: its rows, what was requested, and where in the whole it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from mockserver.contract import ABSENT
from mockserver.invariant import Interaction
from mockserver.json_pointer import split_pointer, step
from mockserver.traits.declarations import ApiTraits, Pagination, Traits
from mockserver.traits.times import ANY_ZONE, DAY, TOLERANCE, read_time

__all__ = ["Bounds", "Evaluation", "Listing", "at", "show"]

_SETTLED = 5_000_000
"""Nothing is added any more before a moment that is so many microseconds past."""

_REACH = 300
"""No more than so many exchanges before are looked at."""


@lru_cache(maxsize=512)
def _tokens(pointer: str) -> list[str]:
    return split_pointer(pointer)


def at(value: Any, pointer: str) -> Any:
    """What a JSON Pointer leads to; ABSENT where to nothing."""
    try:
        for token in _tokens(pointer):
            value = step(value, token)
    except (LookupError, TypeError, ValueError):
        return ABSENT
    return value


@dataclass(frozen=True)
class Bounds:
    """The bounds of a range that were sent, in microseconds; None where one was not."""

    start: int | None
    end: int | None
    texts: tuple[Any, Any]

    @property
    def is_reversed(self) -> bool:
        """Whether the range ends before it starts."""
        return self.start is not None and self.end is not None and self.start > self.end

    @property
    def is_unbounded(self) -> bool:
        """Whether neither bound was sent."""
        return self.start is None and self.end is None


@dataclass(frozen=True)
class Listing:
    """A list as the response of a valid request shows it.

    `scope` is what was requested, without the choice of a page. `size` is the page size, None where
    there is none; `total` and `last` are None where the response does not say them. `clock` is the
    deployment's own, as far as the response says it.
    """

    traits: Traits
    seen: Interaction
    rows: list[Any]
    scope: Mapping[str, Any]
    bounds: Bounds | None
    clock: int
    page: int | None = None
    size: int | None = None
    total: int | None = None
    last: int | None = None
    first: int | None = 0

    @property
    def response_body(self) -> Any:
        """The body of the response."""
        return self.seen.response_body

    @property
    def requested_size(self) -> int | None:
        """The page size of the request, the default where none was sent."""
        return self._argument("per_page")

    @property
    def requested_page(self) -> int | None:
        """The page, or the offset, of the request."""
        return self._argument("page" if self._pagination.page else "offset")

    @property
    def is_past_the_end(self) -> bool:
        """Whether a page was requested that the list does not reach."""
        page = self.requested_page
        if page is None:
            return False
        if self._pagination.style == "offset":
            return self.total is not None and page >= max(1, self.total)
        last = self.last if self.last is not None else self._last_of_total
        return last is not None and page > max(self._pagination.first_page, last)

    @property
    def is_last(self) -> bool:
        """Whether the list ends on this page."""
        if self.traits.pagination is None:
            return True
        if self._pagination.style == "cursor" and self._pagination.next_cursor:
            return self.next_cursor is None
        if self.first is None or self.total is None:
            return False
        return self.first < max(1, self.total) <= self.first + max(1, len(self.rows))

    @property
    def is_whole(self) -> bool:
        """Whether the page has every row of the list."""
        return self.first == 0 and (
            self.is_last if self.total is None else len(self.rows) == self.total
        )

    @property
    def next_cursor(self) -> Any:
        """The cursor of the next page; None on the last one."""
        found = at(self.response_body, self._pagination.next_cursor)
        return None if found is ABSENT or found == "" else found

    @property
    def due(self) -> int | None:
        """How many rows the page must have, by the total and its place."""
        if self.total is None or self.first is None or self.size is None:
            return None
        return max(0, min(self.size, self.total - self.first))

    @cached_property
    def by_id(self) -> Mapping[Any, Any]:
        """The rows by the field that names them; of one name, the last."""
        pointer = self.traits.identity.id if self.traits.identity else ""
        pairs = ((at(row, pointer), row) for row in self.rows) if pointer else ()
        return {id: row for id, row in pairs if isinstance(id, str | int)}

    def is_settled(self, bounds: Bounds | None = None) -> bool:
        """Whether no row can be added any more to a range that was over when this was answered."""
        trait, bounds = self.traits.range, bounds or self.bounds
        if trait is None or bounds is None or bounds.end is None:
            return False
        end = bounds.end + (DAY if trait.unit == "day-month-year" else 0)
        slack = ANY_ZONE.after + TOLERANCE if trait.zone == "any" else _SETTLED
        return end + slack <= self.clock

    @property
    def _pagination(self) -> Pagination:
        return self.traits.pagination or Pagination(style="page-number")

    @property
    def _last_of_total(self) -> int | None:
        if self.total is None or not self.size:
            return None
        return -(-self.total // self.size) - 1 + self._pagination.first_page

    def _argument(self, name: str) -> int | None:
        value = self.seen.arguments.get(getattr(self._pagination, name))
        return value if type(value) is int else None


@dataclass(frozen=True)
class Evaluation:
    """An exchange that is evaluated, those before it, and the traits of their API."""

    traits: ApiTraits
    now: Interaction
    before: Sequence[Interaction]

    @property
    def of(self) -> Traits:
        """The traits of the operation."""
        return self.traits.of(self.now)

    @property
    def listing(self) -> Listing | None:
        """The list that was answered."""
        return self.read(self.now)

    def read(self, seen: Interaction) -> Listing | None:
        """The list of an exchange; None where it is none, or has another shape."""
        if seen not in self.traits.readings:
            self.traits.readings[seen] = _read(self, seen)
        listing: Listing | None = self.traits.readings[seen]
        return listing

    def earlier(self, *operations: str) -> Iterator[Listing]:
        """The lists of these operations, or of the same one, that were answered before, newest first."""
        wanted = operations or (self.now.operation.id,)
        for seen in reversed(self.before[-_REACH:]):
            if seen.operation.id in wanted and (found := self.read(seen)) is not None:
                yield found

    def since_write(self, *operations: str) -> Iterator[Listing]:
        """The earlier lists, back to a request that may have written to the same list."""
        wanted = operations or (self.now.operation.id,)
        for seen in reversed(self.before[-_REACH:]):
            if self.may_have_written(seen, self.now):
                return
            if seen.operation.id in wanted and (found := self.read(seen)) is not None:
                yield found

    def same_list(self, *operations: str) -> list[Listing]:
        """The earlier lists of the same scope since the last write, newest first."""
        now = self.listing
        if now is None:
            return []
        return [other for other in self.since_write(*operations) if other.scope == now.scope]

    def may_have_written(self, seen: Interaction, to: Interaction) -> bool:
        """Whether an exchange may have changed what another one reads.

        A refused request changes nothing. One with other values of the parameters that both have is
        about something else.
        """
        if seen.operation.method in ("GET", "HEAD", "OPTIONS") or 400 <= seen.status < 500:
            return False
        path = {it.name for it in seen.operation.parameters if it.location == "path"}
        shared = path & {it.name for it in to.operation.parameters if it.location == "path"}
        return all(_sent(seen, name) == _sent(to, name) for name in shared)


def show(value: Any) -> str:
    """A value as a sentence shows it: as JSON, only its beginning where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _sent(seen: Interaction, name: str) -> Any:
    return seen.arguments.get(name)


def _read(evaluation: Evaluation, seen: Interaction) -> Listing | None:
    traits = evaluation.traits.of(seen)
    if traits.rows is None or not seen.is_valid or not seen.is_success:
        return None
    rows = at(seen.response_body, traits.rows)
    bounds = read_bounds(traits, seen)
    if not isinstance(rows, list):
        return None
    paging = traits.pagination.parameters if traits.pagination else ()
    scope = {
        name: _comparable(value) for name, value in seen.arguments.items() if name not in paging
    }
    listing = Listing(traits, seen, rows, scope, bounds, read_clock(traits, seen))
    return _place(evaluation, listing, traits.pagination) if traits.pagination else listing


def _comparable(value: Any) -> Any:
    return frozenset(map(str, value)) if isinstance(value, list) else value


def _place(evaluation: Evaluation, listing: Listing, spec: Pagination) -> Listing | None:
    """The listing with its place in the whole; None where its numbers have another shape."""
    answer = listing.response_body
    numbers = {
        name: at(answer, pointer)
        for name in ("total", "current", "size", "last")
        if (pointer := getattr(spec, name))
    }
    if any(type(number) is not int or number < 0 for number in numbers.values()):
        return None
    size = numbers.get("size", listing.requested_size)
    if size is None or size < 1:
        return None
    current = numbers.get("current", listing.requested_page)
    if spec.style == "page-number":
        current = spec.first_page if current is None else current
        if current < spec.first_page:
            return None
        first: int | None = (current - spec.first_page) * size
    elif spec.style == "offset":
        first = current or 0
    else:
        first = _first_after_cursor(evaluation, listing, spec)
    return Listing(
        *(listing.traits, listing.seen, listing.rows, listing.scope, listing.bounds, listing.clock),
        page=current,
        size=size,
        total=numbers.get("total"),
        last=numbers.get("last"),
        first=first,
    )


def _first_after_cursor(evaluation: Evaluation, listing: Listing, spec: Pagination) -> int | None:
    """The position of the first row after a cursor, which an earlier page has given out."""
    cursor, found = listing.seen.arguments.get(spec.cursor), None
    if cursor is None:
        return 0
    for seen in evaluation.before[-_REACH:]:
        if seen is listing.seen:
            break
        other = evaluation.read(seen) if seen.operation is listing.seen.operation else None
        if other and other.scope == listing.scope and str(other.next_cursor) == str(cursor):
            found = other
    return None if found is None or found.first is None else found.first + len(found.rows)


def read_bounds(traits: Traits, seen: Interaction) -> Bounds | None:
    """The bounds of a valid request; None where the operation has no range."""
    trait = traits.range
    if trait is None or not seen.is_valid:
        return None
    texts = seen.arguments.get(trait.start), seen.arguments.get(trait.end)
    start, end = (None if text is None else read_time(text, trait.unit) for text in texts)
    return Bounds(start, end, texts)


def read_clock(traits: Traits, seen: Interaction) -> int:
    """The deployment's own clock when it answered, where the response says it credibly."""
    trait = traits.moments
    for pointer in trait.now if trait else ():
        time = read_time(at(seen.response_body, pointer), trait.unit) if trait else None
        if time is not None and abs(time - seen.moment) <= TOLERANCE:
            return time
    return seen.moment
