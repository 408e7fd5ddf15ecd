"""Rows with their times in a range, and pairs of ranges of which one lies in the other.

Others may change something between two requests. Rows are compared only where they lay in the past
already when the earlier of the two was answered. The zone of a bound may not be known: then what is
certain in every zone is one rule, and what holds in UTC another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.invariant import Interaction
from mockserver.traits.declarations import Range
from mockserver.traits.listing import Bounds, Evaluation, Listing, at
from mockserver.traits.times import ANY_ZONE, EXACT, TOLERANCE, Zone, describe, read_time, unit_of

__all__ = [
    "SECOND",
    "RangePair",
    "Ranged",
    "RangedRow",
    "is_limited",
    "lies_inside",
    "lies_outside",
    "read_bounded",
    "read_pairs",
    "read_ranged",
    "read_reversed",
    "read_with_both",
    "round_down",
    "round_up",
    "touches",
]

SECOND = 1_000_000
_ROWS: WeakKeyDictionary[Interaction, tuple[RangedRow, ...] | None] = WeakKeyDictionary()


@dataclass(frozen=True)
class RangedRow:
    """A row and its time: a moment, or an interval whose end is None while it lasts."""

    id: Any
    begin: int
    end: int | None

    def __str__(self) -> str:
        return f"the row {self.id}"


@dataclass(frozen=True)
class Ranged:
    """A list, its range and its rows; `zone` says how far its bounds may be off."""

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
    def since(self) -> int:
        """When the list was answered; what ends after that may have gone on."""
        return self.listing.clock - TOLERANCE

    def describe(self) -> str:
        """The range, as a sentence has it."""
        start, end = self.bounds.start, self.bounds.end
        parts = [f"from {describe(start)}" if start is not None else ""]
        parts.append(f"to {describe(end)}" if end is not None else "")
        return " ".join(filter(None, parts)) or "without bounds"


@dataclass(frozen=True)
class RangePair:
    """Two lists, the range of one within that of the other; `since` is when the earlier was answered."""

    wide: Ranged
    narrow: Ranged
    earlier: Ranged

    @property
    def shared(self) -> list[tuple[RangedRow, RangedRow]]:
        """Each row of both, as the wide one shows it and as the narrow one does."""
        wide = self.wide.by_id
        return [(wide[row.id], row) for row in self.narrow.rows if row.id in wide]

    def compare(self, row: RangedRow, verb: str, narrow: int | None, wide: int | None) -> str:
        """A sentence on a time that the two lists show otherwise."""
        here = f"{describe(narrow)} {self.narrow.describe()}"
        return f"{row} {verb} {here}, and {describe(wide)} {self.wide.describe()}"

    def may_have_changed(self, *ends: int | None) -> bool:
        """Whether a row that ends so went on when the earlier list was answered."""
        return any(end is None or end >= self.earlier.since for end in ends)


def _zone(trait: Range, *, is_exact: bool) -> Zone:
    return EXACT if is_exact or trait.zone != "any" else ANY_ZONE


def read_ranged(listing: Listing | None, *, is_exact: bool = False) -> Ranged | None:
    """The rows of a list with their times; `is_exact` takes the bounds to be in UTC."""
    trait = listing.traits.range if listing else None
    if listing is None or trait is None or listing.bounds is None:
        return None
    rows = _read_rows(listing, trait)
    if rows is None:
        return None
    return Ranged(listing, listing.bounds, trait, rows, _zone(trait, is_exact=is_exact))


def _read_rows(listing: Listing, trait: Range) -> tuple[RangedRow, ...] | None:
    """The rows with their times, read once; None where one of them has none."""
    if listing.seen not in _ROWS:
        rows = tuple(row for row in (_row(listing, trait, it) for it in listing.rows) if row)
        _ROWS[listing.seen] = rows if len(rows) == len(listing.rows) else None
    return _ROWS[listing.seen]


def _row(listing: Listing, trait: Range, row: Any) -> RangedRow | None:
    id = at(row, listing.traits.identity.id) if listing.traits.identity else None
    begin = read_time(at(row, trait.over or trait.begin), trait.row_unit)
    if begin is None or not isinstance(id, str | int):
        return None
    if trait.over:
        return RangedRow(id, begin, begin)
    value = at(row, trait.finish)
    end = read_time(value, trait.row_unit)
    return None if end is None and value is not None else RangedRow(id, begin, end)


def read_bounded(*, is_exact: bool) -> Callable[[Evaluation], Ranged | None]:
    """Reads the rows of a request that has a bound."""

    def read(evaluation: Evaluation) -> Ranged | None:
        found = read_ranged(evaluation.listing, is_exact=is_exact)
        return found if found and found.rows and not found.bounds.is_unbounded else None

    return read


def read_with_both(evaluation: Evaluation) -> Ranged | None:
    """The rows of a request that has both bounds, in their order."""
    found = read_ranged(evaluation.listing)
    if found is None or not found.rows or found.bounds.is_reversed:
        return None
    return None if None in (found.bounds.start, found.bounds.end) else found


def read_reversed(evaluation: Evaluation) -> Listing | None:
    """The list of a range that ends before it starts."""
    listing = evaluation.listing
    return listing if listing and listing.bounds and listing.bounds.is_reversed else None


def read_pairs(*, is_exact: bool, kind: str = "") -> Callable[[Evaluation], list[RangePair] | None]:
    """Reads the pairs of a list and earlier ones, one within the other; rows of `kind` are compared."""

    def read(evaluation: Evaluation) -> list[RangePair] | None:
        now = read_ranged(evaluation.listing, is_exact=is_exact)
        if now is None or now.bounds.is_reversed:
            return None
        found = []
        for listing in evaluation.earlier():
            other = read_ranged(listing, is_exact=is_exact)
            if other is None or not _is_comparable(now, other):
                continue
            if _covers(now, other):
                found.append(RangePair(now, other, other))
            elif _covers(other, now):
                found.append(RangePair(other, now, other))
        return [pair for pair in found if _concerns(pair, kind)] or None

    return read


def _concerns(pair: RangePair, kind: str) -> bool:
    if kind == "selection":
        return any(
            lies_inside(row, pair.narrow) or lies_outside(row, pair.narrow)
            for row in pair.wide.rows
        )
    if kind == "touching":
        return any(touches(row, pair.narrow) for row in pair.wide.rows)
    if kind == "shared":
        return bool(pair.shared)
    return kind == "any" or bool(pair.narrow.rows)


def _is_comparable(now: Ranged, other: Ranged) -> bool:
    """Whether two lists were requested alike but for their ranges, and neither is cut short."""
    names = (now.trait.start, now.trait.end)
    scopes = [
        {name: value for name, value in it.listing.scope.items() if name not in names}
        for it in (now, other)
    ]
    is_cut = any(is_limited(it) or it.bounds.is_reversed for it in (now, other))
    is_alike = scopes[0] == scopes[1] and now.bounds != other.bounds
    return is_alike and not is_cut and not any(map(_is_in_microseconds, (now, other)))


def _is_in_microseconds(it: Ranged) -> bool:
    """Whether a bound is of a unit that a deployment need not know: a rule of its own says so."""
    texts = [text for text in it.bounds.texts if text is not None]
    return it.trait.unit == "by-size" and "microseconds" in map(unit_of, texts)


def is_limited(it: Ranged) -> bool:
    """Whether a list without a start reaches back to so many rows only."""
    return (
        bool(it.trait.latest_without_start)
        and it.bounds.start is None
        and it.bounds.end is not None
    )


def _covers(wide: Ranged, narrow: Ranged) -> bool:
    one, two = wide.bounds, narrow.bounds
    begins = one.start is None or (two.start is not None and one.start <= two.start)
    ends = one.end is None or (two.end is not None and two.end <= one.end)
    return begins and ends and wide.listing.is_whole


def lies_inside(row: RangedRow, part: Ranged) -> bool:
    """Whether a row is certainly between the bounds; one that crosses a bound is not."""
    bounds, zone = part.bounds, part.zone
    begins = bounds.start is None or zone.is_after(row.begin, round_up(bounds.start, part))
    if bounds.end is None:
        return begins
    return begins and row.end is not None and zone.is_before(row.end, round_down(bounds.end, part))


def lies_outside(row: RangedRow, part: Ranged) -> bool:
    """Whether a row is certainly outside of the bounds."""
    bounds, zone = part.bounds, part.zone
    is_before = row.end is not None and zone.is_before(row.end, round_down(bounds.start, part))
    return is_before or zone.is_after(row.begin, round_up(bounds.end, part))


def round_down(bound: int | None, part: Ranged) -> int | None:
    """A bound as far down as rows can tell: times of whole seconds do not show its fraction."""
    if bound is None or part.trait.row_unit != "seconds":
        return bound
    return bound // SECOND * SECOND


def round_up(bound: int | None, part: Ranged) -> int | None:
    """A bound as far up as rows can tell."""
    if bound is None or part.trait.row_unit != "seconds":
        return bound
    return -(-bound // SECOND) * SECOND


def touches(row: RangedRow, part: Ranged) -> bool:
    """Whether a row begins or ends exactly on a bound."""
    bounds = part.bounds
    return row.begin in (bounds.start, bounds.end) or row.end in (bounds.start, bounds.end)
