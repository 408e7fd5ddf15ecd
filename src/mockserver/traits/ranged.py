"""Rows with their times in a range, and pairs of ranges of which one lies in the other.

Others may change something between two requests. Rows are compared only where they lay in the past
already at the earlier of the two responses. The zone of a bound may not be known: then what is
certain in every zone is one rule, and what holds in UTC another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from msgspec import Struct

from mockserver.clock import SECOND
from mockserver.invariant import Interaction
from mockserver.json_pointer import ABSENT
from mockserver.traits.declarations import Range
from mockserver.traits.listing import Bounds, Evaluation, Listing, at
from mockserver.traits.times import (
    ANY_ZONE,
    EXACT,
    TOLERANCE,
    Zone,
    describe,
    is_placeholder,
    read_time,
    unit_of,
    width_of,
)


class RangedRow(Struct, frozen=True):
    """A row and its time: a moment, or an interval whose end is None while it lasts."""

    id: Any
    begin: int
    end: int | None

    def __str__(self) -> str:
        return f"the row {self.id}"

    def describe(self) -> str:
        """The row with its time, as a sentence has it."""
        if self.begin == self.end:
            return f"{self}, of {describe(self.begin)},"
        return f"{self}, from {describe(self.begin)} to {describe(self.end)},"


@dataclass(frozen=True)
class Ranged:
    """A list, its range and its rows; `zone` says how far its bounds may be off.

    Where the zone is not known, it is not known either which moment of a day or a minute is meant.
    """

    listing: Listing
    bounds: Bounds
    trait: Range
    rows: tuple[RangedRow, ...]
    zone: Zone

    @cached_property
    def by_id(self) -> dict[Any, RangedRow]:
        """The rows by their ids; of one id, the last."""
        return {row.id: row for row in self.rows}

    @property
    def is_certain(self) -> bool:
        """Whether it is known what the bounds select."""
        return not self.trait.needs_both or None not in (self.bounds.start, self.bounds.end)

    @cached_property
    def since(self) -> int:
        """The moment of the response; what ends after that may have gone on."""
        return self.listing.clock - TOLERANCE

    @cached_property
    def widths(self) -> tuple[int, int]:
        """How much later than they are read the bounds may be, apart from their zone."""
        if self.zone is EXACT:
            return 0, 0
        start, end = (width_of(text, self.trait.unit) for text in self.bounds.texts)
        return start, end

    @cached_property
    def _slack(self) -> dict[int | None, int]:
        """How much later than it is read each bound may be."""
        bounds, after = (self.bounds.start, self.bounds.end), self.zone.after
        slack = dict.fromkeys(bounds, after)
        for bound, width in zip(bounds, self.widths, strict=True):
            slack[bound] = max(slack[bound], after + width)
        return slack

    def describe(self) -> str:
        """The range, as a sentence has it."""
        bounds = {"from": self.bounds.start, "to": self.bounds.end}
        parts = (f"{word} {describe(at)}" for word, at in bounds.items() if at is not None)
        return " ".join(parts) or "without bounds"

    def is_before(self, time: int | None, bound: int | None) -> bool:
        """Whether a time is certainly before a bound; None is no time, or no bound."""
        margin = self._find_margin(bound)
        return time is not None and margin is not None and time < margin[0]

    def is_after(self, time: int | None, bound: int | None) -> bool:
        """Whether a time is certainly after a bound; None is no time, or no bound."""
        margin = self._find_margin(bound)
        return time is not None and margin is not None and time > margin[1]

    def _find_margin(self, bound: int | None) -> tuple[int, int] | None:
        """What is certainly before a bound is less than the first, what is after it more."""
        if bound is None:
            return None
        slack = self._slack.get(bound, self.zone.after)
        if self.trait.row_unit == "seconds":  # which does not show the fraction of a bound
            return bound // SECOND * SECOND - self.zone.before, -(-bound // SECOND) * SECOND + slack
        return bound - self.zone.before, bound + slack

    @cached_property
    def _margins(self) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """The margins of the bounds, with which every row is compared."""
        return self._find_margin(self.bounds.start), self._find_margin(self.bounds.end)

    def has_inside(self, row: RangedRow) -> bool:
        """Whether a row is certainly between the bounds; one that crosses a bound is not."""
        start, end = self._margins
        begins = start is None or row.begin > start[1]
        return begins and (end is None or (row.end is not None and row.end < end[0]))

    def has_outside(self, row: RangedRow) -> bool:
        """Whether a row is certainly outside of the bounds."""
        start, end = self._margins
        is_over = start is not None and row.end is not None and row.end < start[0]
        return is_over or (end is not None and row.begin > end[1])

    def touches(self, row: RangedRow) -> bool:
        """Whether a row begins or ends exactly on a bound."""
        bounds = (self.bounds.start, self.bounds.end)
        return row.begin in bounds or row.end in bounds


@dataclass(frozen=True)
class RangePair:
    """Two lists, the range of one within that of the other; `earlier` is the one of the two."""

    wide: Ranged
    narrow: Ranged
    earlier: Ranged

    @property
    def is_certain(self) -> bool:
        """Whether it is known what the bounds of both select."""
        return self.wide.is_certain and self.narrow.is_certain

    @cached_property
    def shared(self) -> list[tuple[RangedRow, RangedRow]]:
        """Each row of both, as the wide one shows it and as the narrow one does."""
        wide = self.wide.by_id
        return [(wide[row.id], row) for row in self.narrow.rows if row.id in wide]

    def compare(self, row: RangedRow, verb: str, narrow: int | None, wide: int | None) -> str:
        """A sentence on a time that the two lists show otherwise."""
        here = f"{describe(narrow)} {self.narrow.describe()}"
        return f"{row} {verb} {here}, and {describe(wide)} {self.wide.describe()}"

    def may_have_changed(self, *ends: int | None) -> bool:
        """Whether a row that ends so went on at the earlier response."""
        since = self.earlier.since
        for end in ends:  # noqa: SIM110 - `any` takes twice as long, for every row of every pair
            if end is None or end >= since:
                return True
        return False


def read_ranged(listing: Listing | None, *, is_exact: bool = False) -> Ranged | None:
    """The rows of a list with their times; `is_exact` takes the bounds to be in UTC."""
    trait = listing.traits.range if listing else None
    if listing is None or trait is None or listing.bounds is None:
        return None
    zone = EXACT if is_exact or trait.zone != "any" else ANY_ZONE
    if zone not in listing.ranged:
        rows = _read_rows(listing, trait)
        listing.ranged[zone] = (
            None if rows is None else Ranged(listing, listing.bounds, trait, rows, zone)
        )
    ranged: Ranged | None = listing.ranged[zone]
    return ranged


def _read_rows(listing: Listing, trait: Range) -> tuple[RangedRow, ...] | None:
    if listing.ranged:  # in another zone
        known: Ranged | None = next(iter(listing.ranged.values()))
        return None if known is None else known.rows
    read = [_read_row(listing, trait, row) for row in listing.rows]
    rows = tuple(row for row in read if row is not None)
    return rows if len(rows) == len(read) else None


def _read_row(listing: Listing, trait: Range, row: Any) -> RangedRow | None:
    id = at(row, listing.traits.identity.id) if listing.traits.identity else None
    begin = read_time(at(row, trait.over or trait.begin), trait.row_unit)
    if begin is None or not isinstance(id, str | int):
        return None
    value = at(row, trait.over or trait.finish)
    end = read_time(value, trait.row_unit)
    if trait.finish and (value is ABSENT or is_placeholder(end)):
        return RangedRow(id, begin, None)
    return None if end is None and value is not None else RangedRow(id, begin, end)


def read_rows(evaluation: Evaluation, *, is_exact: bool = False) -> Ranged | None:
    """Reads the rows of a response with their times, where it has any."""
    ranged = read_ranged(evaluation.listing, is_exact=is_exact)
    return ranged if ranged and ranged.rows else None


read_exact_rows = partial(read_rows, is_exact=True)


def read_pairs(
    condition: Callable[[RangePair], Any], *, is_exact: bool = False
) -> Callable[[Evaluation], list[RangePair] | None]:
    """Reads the pairs of a list and earlier ones, one within the other, where something holds."""

    def read(evaluation: Evaluation) -> list[RangePair] | None:
        pairs = _find_pairs(evaluation, is_exact=is_exact)
        return [pair for pair in pairs if condition(pair)] or None

    return read


_latest: dict[bool, tuple[Interaction, Sequence[Interaction], int, list[RangePair]]] = {}
"""The pairs of the latest exchange, in any zone and in UTC: several rules are about them."""


def _find_pairs(evaluation: Evaluation, *, is_exact: bool) -> list[RangePair]:
    exchange, before = evaluation.now, evaluation.before
    known = _latest.get(is_exact)
    if known and known[0] is exchange and known[1] is before and known[2] == len(before):
        return known[3]
    pairs = []
    now = read_ranged(evaluation.listing, is_exact=is_exact)
    earlier = evaluation.earlier() if now and not now.bounds.is_reversed else ()
    for other in _with_whole_lists(read_ranged(listing, is_exact=is_exact) for listing in earlier):
        if now is None or not _is_comparable(now, other):
            continue
        if _covers(now, other):
            pairs.append(RangePair(now, other, other))
        elif _covers(other, now):
            pairs.append(RangePair(other, now, other))
    _latest[is_exact] = exchange, before, len(before), pairs
    return pairs


def _with_whole_lists(pages: Iterable[Ranged | None]) -> Iterator[Ranged]:
    """The lists, the newest first, and each one of several pages as a whole, as of its first."""
    parts: dict[tuple[Any, ...], dict[int, Ranged]] = {}
    for page in filter(None, pages):
        yield page
        listing = page.listing
        if listing.first is None or not listing.total or len(listing.rows) >= listing.total:
            continue
        scope = tuple(sorted(map(repr, listing.scope.items())))
        found = parts.setdefault((scope, listing.size, listing.total), {})
        found.setdefault(listing.first, page)
        if sum(len(part.rows) for part in found.values()) == listing.total and 0 in found:
            whole = [found[first] for first in sorted(found)]
            raw = [row for part in whole for row in part.listing.rows]
            first = min((part.listing for part in whole), key=lambda listing: listing.clock)
            yield replace(
                page,
                listing=replace(first, rows=raw, first=0),
                rows=tuple(row for part in whole for row in part.rows),
            )


def _is_comparable(now: Ranged, other: Ranged) -> bool:
    """Whether two lists were requested alike but for their ranges, and neither is cut short."""
    is_cut = any(
        ranged.listing.is_limited
        or ranged.bounds.is_reversed
        # Other units need not be known: whether they are is a rule of its own.
        or (ranged.trait.unit == "by-size" and not units_of(ranged) <= {"milliseconds"})
        for ranged in (now, other)
    )
    is_alike = now.listing.is_same_but(other.listing, now.trait.start, now.trait.end)
    return is_alike and now.bounds != other.bounds and not is_cut


def units_of(ranged: Ranged) -> set[str]:
    """The units of the bounds that were sent, by their size."""
    return {unit_of(text) for text in ranged.bounds.texts if text is not None}


def _covers(wide: Ranged, narrow: Ranged) -> bool:
    """Whether one range certainly lies within another."""

    def is_no_later(number: int, one: Ranged, two: Ranged) -> bool:
        first, second = ((ranged.bounds.start, ranged.bounds.end)[number] for ranged in (one, two))
        if one.bounds.texts[number] == two.bounds.texts[number]:
            return True
        return first is not None and second is not None and first + one.widths[number] <= second

    begins = wide.bounds.start is None or is_no_later(0, wide, narrow)
    ends = wide.bounds.end is None or is_no_later(1, narrow, wide)
    return begins and ends
