"""A list as one response shows it: its rows, what was requested, and its place in the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from mockserver.contract import SAFE_METHODS
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT, split_pointer, step
from mockserver.traits.declarations import ApiTraits, Pagination, Traits
from mockserver.traits.times import ANY_ZONE, DAY, TOLERANCE, read_time

FEW_ROWS = "page-size-is-as-requested-where-rows-are-few"
"""The rule of pages that have fewer rows than were requested."""

_SETTLED = 5_000_000
"""Nothing is added any more before a moment that is so many microseconds past."""

_YEAR_2100 = 4_102_444_800_000_000

_REACH = 300
"""No more than so many exchanges before are looked at."""


@lru_cache(maxsize=512)
def _split(pointer: str) -> list[str]:
    return split_pointer(pointer)


def at(value: Any, pointer: str) -> Any:
    """What a JSON Pointer leads to; ABSENT where to nothing."""
    try:
        for token in _split(pointer):
            value = step(value, token)
    except (LookupError, TypeError, ValueError):
        return ABSENT
    return value


def show(value: Any) -> str:
    """A value as a sentence shows it: as JSON, only its beginning where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"


class Bounds(Struct, frozen=True):
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


def read_bounds(traits: Traits, interaction: Interaction) -> Bounds | None:
    """The bounds of a valid request; None where the operation has no range."""
    trait = traits.range
    if trait is None or not interaction.is_valid:
        return None
    texts = interaction.arguments.get(trait.start), interaction.arguments.get(trait.end)
    start, end = (None if text is None else read_time(text, trait.unit) for text in texts)
    return Bounds(start, end, texts)


def has_unusual_range(traits: Traits, interaction: Interaction) -> bool:
    """Whether a range is so that a server may well refuse it, unless its documents say otherwise.

    It has no time in it, reaches where many databases have no dates, or its bounds have a fraction.
    """
    bounds = read_bounds(traits, interaction)
    times = [time for time in (bounds.start, bounds.end) if time is not None] if bounds else []
    is_empty = len(times) == 2 and times[0] >= times[1]
    has_fraction = bounds is not None and any(isinstance(text, float) for text in bounds.texts)
    return is_empty or has_fraction or any(not 0 <= time < _YEAR_2100 for time in times)


def may_be_past_the_end(
    traits: ApiTraits, interaction: Interaction, before: Sequence[Interaction]
) -> bool:
    """Whether a request is for a page after the first that no earlier response has shown to be."""
    spec = traits.of(interaction).pagination
    page = interaction.arguments.get(spec.page or spec.offset) if spec else None
    if spec is None or type(page) is not int or page in (0, spec.first_page):
        return False
    size = interaction.arguments.get(spec.per_page)
    for listing in Evaluation(traits, interaction, before).earlier():
        if listing.requested_size == size and listing.total is not None and listing.size:
            pages = -(-listing.total // listing.size) - 1 + spec.first_page
            return page > (listing.total if spec.style == "offset" else pages)
    return True


def read_clock(traits: Traits, interaction: Interaction) -> int:
    """The deployment's own clock at the response, where that says it credibly."""
    trait = traits.moments
    for pointer in trait.now if trait else ():
        time = read_time(at(interaction.response_body, pointer), trait.unit) if trait else None
        if time is not None and abs(time - interaction.moment) <= TOLERANCE:
            return time
    return interaction.moment


def is_settled(traits: Traits, bounds: Bounds | None, clock: int) -> bool:
    """Whether a range was over at a moment, so that no row can be added to it any more."""
    trait = traits.range
    if trait is None or bounds is None or bounds.end is None:
        return False
    end = bounds.end + (DAY if trait.unit == "day-month-year" else 0)
    slack = ANY_ZONE.after + TOLERANCE if trait.zone == "any" else _SETTLED
    return end + slack <= clock


@dataclass(frozen=True)
class Listing:
    """A list as the response of a valid request shows it.

    `scope` is what was requested, without the choice of a page. `size` is the page size, None where
    there is none; `total` and `last` are None where the response does not say them; `first` is the
    position of the first row, None where it is not known. `clock` is the deployment's own, as far
    as the response says it.
    """

    traits: Traits
    interaction: Interaction
    rows: list[Any]
    scope: Mapping[str, Any]
    bounds: Bounds | None
    clock: int
    page: int | None = None
    size: int | None = None
    total: int | None = None
    last: int | None = None
    first: int | None = 0
    ranged: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Its rows with their times, by zone: every later list is compared with them."""

    @property
    def pagination(self) -> Pagination:
        """How the list is cut into pages; one without any names where it is not."""
        return self.traits.pagination or Pagination(style="page-number")

    @property
    def grows_at(self) -> str:
        """The end at which new rows appear; empty where that is not known."""
        return self.traits.order.grows_at if self.traits.order else ""

    @property
    def count(self) -> int:
        """How many rows the list has, or the page where the response does not say it."""
        return len(self.rows) if self.total is None else self.total

    @property
    def requested_size(self) -> int | None:
        """The page size of the request, the default where none was sent."""
        size = self.interaction.arguments.get(self.pagination.per_page)
        return size if type(size) is int else None

    @property
    def default_size(self) -> int | None:
        """The page size of a request that names none."""
        name = self.pagination.per_page
        for parameter in self.interaction.operation.parameters:
            default = parameter.schema.get("default")
            if parameter.name == name and type(default) is int:
                return default
        return None

    @property
    def requested_page(self) -> int | None:
        """The page, or the offset, of the request."""
        page = self.interaction.arguments.get(self.pagination.page or self.pagination.offset)
        return page if type(page) is int else None

    @property
    def is_past_the_end(self) -> bool:
        """Whether a page was requested that the list does not reach."""
        page, last, spec = self.requested_page, self.last, self.pagination
        if page is None:
            return False
        if spec.style == "offset":
            return self.total is not None and page >= max(1, self.total)
        if last is None and self.total is not None and self.size:
            last = -(-self.total // self.size) - 1 + spec.first_page
        return last is not None and page > max(spec.first_page, last)

    @property
    def is_last(self) -> bool:
        """Whether the list ends on this page."""
        if self.traits.pagination is None:
            return True
        if self.pagination.style == "cursor" and self.pagination.next_cursor:
            return self.next_cursor is None
        if self.first is None or self.total is None:
            return False
        return self.first < max(1, self.total) <= self.first + max(1, len(self.rows))

    @property
    def is_whole(self) -> bool:
        """Whether the page has every row of the list."""
        has_all = self.is_last if self.total is None else len(self.rows) == self.total
        return self.first == 0 and (has_all or self.is_short)

    @property
    def is_short(self) -> bool:
        """Whether a page that has fewer rows than were requested may say so as its size."""
        size, rules = self.requested_size, self.pagination.rules
        return FEW_ROWS in rules and size is not None and len(self.rows) < size

    @property
    def is_selected(self) -> bool:
        """Whether a filter or a bound was sent, so that there may be rows that are not listed."""
        parameters = {spec.name: spec for spec in self.interaction.operation.parameters}
        for item in self.traits.filters.by if self.traits.filters else ():
            value = self.interaction.arguments.get(item.parameter)
            if value is not None and value != parameters[item.parameter].schema.get("default"):
                return True
        return self.bounds is not None and not self.bounds.is_unbounded

    @property
    def is_limited(self) -> bool:
        """Whether a list without a start reaches back to so many rows only."""
        trait, bounds = self.traits.range, self.bounds
        if trait is None or bounds is None or not trait.latest_without_start:
            return False
        return bounds.start is None and bounds.end is not None

    @property
    def next_cursor(self) -> Any:
        """The cursor of the next page; None on the last one."""
        cursor = self.at(self.pagination.next_cursor)
        return None if cursor in (ABSENT, "") else cursor

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

    def at(self, pointer: str) -> Any:
        """What a pointer leads to in the response; ABSENT where to nothing."""
        return at(self.interaction.response_body, pointer)

    def is_same_but(self, other: Listing, *parameters: str) -> bool:
        """Whether another list was requested alike, but for its page and some parameters."""
        names = (self.scope.keys() | other.scope.keys()) - set(parameters)
        return all(
            name in self.scope and name in other.scope and self.scope[name] == other.scope[name]
            for name in names
        )

    def is_settled(self, bounds: Bounds | None = None) -> bool:
        """Whether no row can be added any more to a range that was over at the response."""
        return is_settled(self.traits, bounds or self.bounds, self.clock)


class Evaluation(Struct, frozen=True):
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
        """The list in the response."""
        return self.read(self.now)

    def read(self, interaction: Interaction) -> Listing | None:
        """The list of an exchange; None where it is none, or has another shape."""
        if interaction not in self.traits.readings:
            self.traits.readings[interaction] = self._read(interaction)
        listing: Listing | None = self.traits.readings[interaction]
        return listing

    def earlier(self, *operations: str, is_since_write: bool = False) -> Iterator[Listing]:
        """The earlier lists of these operations, or of the same one, newest first.

        `is_since_write` ends before a request that may have written to the same list.
        """
        wanted = operations or (self.now.operation.id,)
        for interaction in reversed(self.before[-_REACH:]):
            if is_since_write and self.may_have_written(interaction):
                return
            if interaction.operation.id in wanted and (listing := self.read(interaction)):
                yield listing

    def same_list(self, *operations: str) -> list[Listing]:
        """The earlier lists of the same scope since the last write, newest first."""
        now = self.listing
        others = self.earlier(*operations, is_since_write=True) if now else ()
        return [other for other in others if now and other.scope == now.scope]

    def may_have_written(self, interaction: Interaction) -> bool:
        """Whether an exchange may have changed what the present one reads.

        A refused request changes nothing. One with other values of the parameters that both have is
        about something else.
        """
        is_safe = interaction.operation.method in SAFE_METHODS
        is_refused = 400 <= interaction.status < 500
        return not is_safe and not is_refused and self.is_about_the_same(interaction)

    def is_about_the_same(self, interaction: Interaction) -> bool:
        """Whether an exchange has the present one's values of the path parameters of both."""
        one, other = (
            {spec.name for spec in operation.parameters if spec.location == "path"}
            for operation in (interaction.operation, self.now.operation)
        )
        sent = self.now.arguments
        return all(interaction.arguments.get(name) == sent.get(name) for name in one & other)

    def _read(self, interaction: Interaction) -> Listing | None:
        traits, body = self.traits.of(interaction), interaction.response_body
        if traits.rows is None or not interaction.is_valid or not interaction.is_success:
            return None
        rows = at(body, traits.rows)
        if not isinstance(rows, list):
            return None
        paging = traits.pagination.parameters if traits.pagination else ()
        scope = {
            name: frozenset(map(str, value))
            if isinstance(value, list)
            else repr(value)
            if isinstance(value, float)  # 1.0, which Python takes for 1
            else value
            for name, value in interaction.arguments.items()
            if name not in paging
        }
        bounds, clock = read_bounds(traits, interaction), read_clock(traits, interaction)
        listing = Listing(traits, interaction, rows, scope, bounds, clock)
        return self._place(listing, traits.pagination) if traits.pagination else listing

    def _place(self, listing: Listing, spec: Pagination) -> Listing | None:
        """The listing with its place in the whole; None where its numbers have another shape."""
        numbers = {
            name: listing.at(pointer)
            for name in ("total", "current", "size", "last")
            if (pointer := getattr(spec, name))
        }
        if any(type(number) is not int or number < 0 for number in numbers.values()):
            return None
        size = numbers.get("size", listing.requested_size)
        page: Any = numbers.get("current", listing.requested_page)
        if spec.style == "page-number" and page is None:
            page = spec.first_page
        # A page that is not full may say how many rows it has.
        if listing.is_short and size == len(listing.rows):
            size = listing.requested_size
        if size is None or size < 1 or (spec.style == "page-number" and page < spec.first_page):
            return None
        first: int | None = page or 0
        if spec.style == "page-number":
            first = (page - spec.first_page) * size
        elif spec.style == "cursor":
            first = self._find_first_after_cursor(listing, spec)
        total, last = numbers.get("total"), numbers.get("last")
        return replace(listing, page=page, size=size, total=total, last=last, first=first)

    def _find_first_after_cursor(self, listing: Listing, spec: Pagination) -> int | None:
        """The position of the first row after a cursor, which an earlier page has given out."""
        cursor, source = listing.interaction.arguments.get(spec.cursor), None
        if cursor is None:
            return 0
        for interaction in self.before[-_REACH:]:
            if interaction is listing.interaction:
                break
            is_same = interaction.operation is listing.interaction.operation
            other = self.read(interaction) if is_same else None
            if other and other.scope == listing.scope and str(other.next_cursor) == str(cursor):
                source = other
        return None if source is None or source.first is None else source.first + len(source.rows)
