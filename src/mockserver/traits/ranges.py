"""Ranges: which rows lie in one, what is shown of them, and how two ranges go together.

Others may change something between two requests. Rows are compared only where they lay in the past
already when the earlier of the two was answered. The zone of a bound may not be known: then what is
certain in every zone is one rule, and what holds in UTC another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.invariant import Interaction
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Bounds, Evaluation, Listing, at
from mockserver.traits.loader import Range, Traits
from mockserver.traits.times import ANY_ZONE, EXACT, TOLERANCE, Zone, describe, read_time, unit_of

__all__ = ["RULES", "RangePair", "Ranged", "RangedRow", "read_pairs", "read_ranged"]

_SECOND = 1_000_000
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


def _bounded(*, is_exact: bool) -> Callable[[Evaluation], Ranged | None]:
    def read(evaluation: Evaluation) -> Ranged | None:
        found = read_ranged(evaluation.listing, is_exact=is_exact)
        return found if found and found.rows and not found.bounds.is_unbounded else None

    return read


def _with_both(evaluation: Evaluation) -> Ranged | None:
    found = read_ranged(evaluation.listing)
    if found is None or not found.rows or found.bounds.is_reversed:
        return None
    return None if None in (found.bounds.start, found.bounds.end) else found


def _reversed(evaluation: Evaluation) -> Listing | None:
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
            _lies_inside(row, pair.narrow) or _lies_outside(row, pair.narrow)
            for row in pair.wide.rows
        )
    if kind == "touching":
        return any(_touches(row, pair.narrow) for row in pair.wide.rows)
    return bool(pair.shared) if kind == "shared" else bool(pair.narrow.rows)


def _is_comparable(now: Ranged, other: Ranged) -> bool:
    """Whether two lists were requested alike but for their ranges, and neither is cut short."""
    names = (now.trait.start, now.trait.end)
    scopes = [
        {name: value for name, value in it.listing.scope.items() if name not in names}
        for it in (now, other)
    ]
    is_limited = any(_is_limited(it) or it.bounds.is_reversed for it in (now, other))
    is_alike = scopes[0] == scopes[1] and now.bounds != other.bounds
    return is_alike and not is_limited and not any(map(_is_in_microseconds, (now, other)))


def _is_in_microseconds(it: Ranged) -> bool:
    """Whether a bound is of a unit that a deployment need not know: a rule of its own says so."""
    texts = [text for text in it.bounds.texts if text is not None]
    return it.trait.unit == "by-size" and "microseconds" in map(unit_of, texts)


def _is_limited(it: Ranged) -> bool:
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


def _lies_inside(row: RangedRow, part: Ranged) -> bool:
    """Whether a row is certainly between the bounds; one that crosses a bound is not."""
    bounds, zone = part.bounds, part.zone
    begins = bounds.start is None or zone.is_after(row.begin, _up(bounds.start, part))
    if bounds.end is None:
        return begins
    return begins and row.end is not None and zone.is_before(row.end, _down(bounds.end, part))


def _lies_outside(row: RangedRow, part: Ranged) -> bool:
    bounds, zone = part.bounds, part.zone
    is_before = row.end is not None and zone.is_before(row.end, _down(bounds.start, part))
    return is_before or zone.is_after(row.begin, _up(bounds.end, part))


def _down(bound: int | None, part: Ranged) -> int | None:
    """A bound as far down as rows can tell: times of whole seconds do not show its fraction."""
    if bound is None or part.trait.row_unit != "seconds":
        return bound
    return bound // _SECOND * _SECOND


def _up(bound: int | None, part: Ranged) -> int | None:
    if bound is None or part.trait.row_unit != "seconds":
        return bound
    return -(-bound // _SECOND) * _SECOND


def _touches(row: RangedRow, part: Ranged) -> bool:
    bounds = part.bounds
    return row.begin in (bounds.start, bounds.end) or row.end in (bounds.start, bounds.end)


def _has_one_unit(traits: Traits) -> bool:
    return traits.range is not None and traits.rows is not None and traits.range.unit != "by-size"


def _has_rows(traits: Traits) -> bool:
    return traits.rows is not None


@rule(Range, reads=_bounded(is_exact=False), applies=_has_one_unit)
def rows_lie_in_the_range(found: Ranged) -> Iterator[str]:
    """No row is shown with a time outside of the range."""
    yield from _outside(found)


@rule(Range, reads=_bounded(is_exact=True), is_optional=True)
def rows_lie_in_the_range_in_utc(found: Ranged) -> Iterator[str]:
    """To the second, and in UTC, no row is shown with a time outside of the range."""
    yield from _outside(found)


def _outside(found: Ranged) -> Iterator[str]:
    bounds, zone = found.bounds, found.zone
    for row in found.rows:
        if found.trait.clips or found.trait.over:
            if zone.is_before(row.begin, _down(bounds.start, found)):
                yield f"{row} begins {describe(row.begin)}, before {describe(bounds.start)}"
            if row.end is not None and zone.is_after(row.end, _up(bounds.end, found)):
                yield f"{row} ends {describe(row.end)}, after {describe(bounds.end)}"
        elif _lies_outside(row, found):
            yield f"{row} is listed {found.describe()}"


def _in_unit(unit: str) -> Callable[[Evaluation], Ranged | None]:
    def read(evaluation: Evaluation) -> Ranged | None:
        found = _bounded(is_exact=True)(evaluation)
        if found is None or found.trait.unit != "by-size":
            return None
        units = {unit_of(text) for text in found.bounds.texts if text is not None}
        return found if units == {unit} else None

    return read


@rule(Range, reads=_in_unit("seconds"), is_optional=True)
def bounds_may_be_in_seconds(found: Ranged) -> Iterator[str]:
    """Bounds in seconds are kept by every row."""
    yield from _outside(found)


@rule(Range, reads=_in_unit("milliseconds"), is_optional=True)
def bounds_may_be_in_milliseconds(found: Ranged) -> Iterator[str]:
    """Bounds in milliseconds are kept by every row."""
    yield from _outside(found)


@rule(Range, reads=_in_unit("microseconds"), is_optional=True)
def bounds_may_be_in_microseconds(found: Ranged) -> Iterator[str]:
    """Bounds in microseconds are kept by every row."""
    yield from _outside(found)


@rule(Range, reads=_reversed, is_optional=True)
def a_reversed_range_is_empty(listing: Listing) -> Iterator[str]:
    """A range that ends before it starts has no rows."""
    count = max(listing.total or 0, len(listing.rows))
    if count:
        yield f"it has {count} rows"


@rule(Range, "clips", reads=_with_both)
def what_is_shown_takes_no_longer_than_the_range(found: Ranged) -> Iterator[str]:
    """No more time lies between the first and the last time shown than between the bounds."""
    ended = [row for row in found.rows if row.end is not None]
    if not ended:
        return
    first, last = min(row.begin for row in ended), max(row.end or 0 for row in ended)
    length = (found.bounds.end or 0) - (found.bounds.start or 0)
    # Where the zone is not known, its clocks may be put back in between, by three hours at most.
    slack = 3 * 3600 * _SECOND if found.trait.zone == "any" else 0
    if last - first > length + slack:
        yield f"it shows {describe(first)} to {describe(last)}, in a range {found.describe()}"


@rule(Range, reads=read_pairs(is_exact=False), applies=_has_rows)
def a_narrower_range_has_no_more_rows(pairs: list[RangePair]) -> Iterator[str]:
    """What is listed in a range is listed in every wider one."""
    for pair in pairs:
        wide = pair.wide.by_id
        for row in pair.narrow.rows:
            is_certain = row.end is not None and not pair.may_have_changed(row.end)
            if row.id not in wide and (
                is_certain or (pair.earlier is pair.narrow and not pair.wide.bounds.end)
            ):
                yield f"{row} is listed {pair.narrow.describe()}, and not {pair.wide.describe()}"


@rule(Range, reads=read_pairs(is_exact=False, kind="selection"), applies=_has_rows)
def the_range_selects_the_rows(pairs: list[RangePair]) -> Iterator[str]:
    """Of a wider range, what lies between the bounds is listed, and what lies outside is not."""
    yield from (it for pair in pairs for it in _unselected(pair))


@rule(Range, reads=read_pairs(is_exact=True, kind="selection"), is_optional=True)
def the_range_selects_the_rows_in_utc(pairs: list[RangePair]) -> Iterator[str]:
    """To the second, and in UTC, what lies between the bounds is listed, and nothing else."""
    yield from (it for pair in pairs for it in _unselected(pair))


def _unselected(pair: RangePair) -> Iterator[str]:
    narrow = pair.narrow
    listed = narrow.by_id
    for row in pair.wide.rows:
        # The earlier list may lack what had not begun, and show what had not ended.
        is_new = row.begin >= pair.earlier.since
        ran = row.end is None or row.end >= pair.earlier.since
        if row.id in listed:
            if _lies_outside(row, narrow) and not (ran and pair.earlier is narrow):
                yield f"{row}, {_interval(row)}, is listed {narrow.describe()}"
        elif _lies_inside(row, narrow) and narrow.listing.is_whole:
            is_excused = is_new or (narrow.bounds.end is not None and ran)
            if not (is_excused and pair.earlier is narrow):
                yield f"{row}, {_interval(row)}, is not listed {narrow.describe()}"


def _interval(row: RangedRow) -> str:
    if row.begin == row.end:
        return f"of {describe(row.begin)}"
    return f"from {describe(row.begin)} to {describe(row.end)}"


@rule(Range, "over", "included", reads=read_pairs(is_exact=True, kind="touching"), is_optional=True)
def bounds_are_included(pairs: list[RangePair]) -> Iterator[str]:
    """A row of the very moment of a bound is listed."""
    for pair in pairs:
        narrow, listed = pair.narrow, pair.narrow.by_id
        if not narrow.listing.is_whole or not pair.earlier.listing.is_settled(narrow.bounds):
            continue
        for row in pair.wide.rows:
            is_inside = not _lies_outside(row, narrow)
            if _touches(row, narrow) and is_inside and row.id not in listed:
                yield f"{row}, {_interval(row)}, is not listed {narrow.describe()}"


@rule(Range, "clips", reads=read_pairs(is_exact=False, kind="shared"))
def a_narrower_range_shows_no_more_of_a_row(pairs: list[RangePair]) -> Iterator[str]:
    """A narrower range shows a row from no earlier and to no later than a wider one."""
    for pair in pairs:
        for wide, narrow in pair.shared:
            if narrow.begin < wide.begin:
                yield pair.compare(narrow, "begins", narrow.begin, wide.begin)
            is_later = wide.end is not None and (narrow.end is None or narrow.end > wide.end)
            if is_later and not pair.may_have_changed(wide.end, narrow.end):
                yield pair.compare(narrow, "ends", narrow.end, wide.end)


@rule(Range, "clips", reads=read_pairs(is_exact=False, kind="shared"))
def what_lies_inside_is_shown_whole(pairs: list[RangePair]) -> Iterator[str]:
    """A bound changes nothing of a time that lies on its inner side."""
    yield from (it for pair in pairs for it in _changed(pair))


@rule(Range, "clips", reads=read_pairs(is_exact=True, kind="shared"), is_optional=True)
def what_lies_inside_is_shown_whole_in_utc(pairs: list[RangePair]) -> Iterator[str]:
    """To the second, and in UTC, a bound changes nothing of a time on its inner side."""
    yield from (it for pair in pairs for it in _changed(pair))


def _changed(pair: RangePair) -> Iterator[str]:
    bounds, zone = pair.narrow.bounds, pair.narrow.zone
    for wide, narrow in pair.shared:
        begins_inside = bounds.start is None or zone.is_after(wide.begin, bounds.start)
        if begins_inside and narrow.begin != wide.begin:
            yield pair.compare(narrow, "begins", narrow.begin, wide.begin)
        ends_inside = bounds.end is None or zone.is_before(wide.end or 0, bounds.end)
        may_have_changed = pair.may_have_changed(wide.end, narrow.end)
        if wide.end is not None and ends_inside and narrow.end != wide.end and not may_have_changed:
            yield pair.compare(narrow, "ends", narrow.end, wide.end)


@dataclass(frozen=True)
class _Same:
    """Two lists of the same range, written otherwise or requested again."""

    now: Ranged
    others: tuple[Ranged, ...]


def _same_range(
    *, is_rewritten: bool, shortest: bool = False
) -> Callable[[Evaluation], _Same | None]:
    def read(evaluation: Evaluation) -> _Same | None:
        now = read_ranged(evaluation.listing)
        if now is None:
            return None
        others = [
            other
            for listing in evaluation.earlier()
            if (other := read_ranged(listing))
            and (other.bounds.start, other.bounds.end) == (now.bounds.start, now.bounds.end)
            and _is_alike(now, other)
            and (now.bounds.texts != other.bounds.texts) is is_rewritten
            and (not is_rewritten or _has_a_day(now, other) is shortest)
        ]
        return _Same(now, tuple(others)) if others else None

    return read


def _is_alike(now: Ranged, other: Ranged) -> bool:
    names = (now.trait.start, now.trait.end)
    one, two = (
        {name: value for name, value in it.listing.scope.items() if name not in names}
        for it in (now, other)
    )
    return (
        one == two
        and now.listing.requested_size == other.listing.requested_size
        and (now.listing.requested_page == other.listing.requested_page)
    )


def _has_a_day(now: Ranged, other: Ranged) -> bool:
    """Whether a bound that differs is written as a day."""
    pairs = zip(now.bounds.texts, other.bounds.texts, strict=True)
    return any(
        len(str(text)) == len("2021-04-01") for pair in pairs if pair[0] != pair[1] for text in pair
    )


@rule(Range, reads=_same_range(is_rewritten=True), is_optional=True)
def a_bound_means_the_same_in_every_form(same: _Same) -> Iterator[str]:
    """The same moment in another form or unit is the same bound."""
    yield from (it for other in same.others for it in _changes(other, same.now))


@rule(Range, reads=_same_range(is_rewritten=True, shortest=True), is_optional=True)
def a_day_is_its_midnight(same: _Same) -> Iterator[str]:
    """A bound that is a day means the midnight at its start."""
    yield from (it for other in same.others for it in _changes(other, same.now))


@rule(Range, reads=_same_range(is_rewritten=False), applies=_has_rows)
def a_range_read_again_is_the_same(same: _Same) -> Iterator[str]:
    """The same range, read again, has the same rows, apart from what has happened since."""
    yield from (it for other in same.others for it in _changes(other, same.now))


def _changes(was: Ranged, now: Ranged) -> Iterator[str]:
    if not (was.listing.is_whole and now.listing.is_whole):
        is_settled = was.listing.is_settled()
        if is_settled and [row.id for row in was.rows] != [row.id for row in now.rows]:
            yield "the rows are others"
        if is_settled and was.listing.total != now.listing.total:
            yield f"there are {now.listing.total} rows, and there were {was.listing.total}"
        return
    listed = now.by_id
    for row in was.rows:
        again = listed.get(row.id)
        if again is None:
            if not _is_limited(now) or was.listing.is_settled():
                yield f"{row} is no longer listed"
        elif again.begin != row.begin:
            yield f"{row} began {describe(row.begin)} and now {describe(again.begin)}"
        elif again.end != row.end and not _may_have_gone_on(row, again, was, now):
            yield f"{row} ended {describe(row.end)} and now {describe(again.end)}"
    for row in now.rows:
        is_recent = row.end is None or row.end >= was.since
        if row.id not in was.by_id and not is_recent and not _is_limited(now):
            yield f"{row}, {_interval(row)}, was not listed before"


def _may_have_gone_on(row: RangedRow, again: RangedRow, was: Ranged, now: Ranged) -> bool:
    """Whether a row went on at the time of the earlier list, and has ended since.

    One that went on may have ended before it was last seen, with the last that was done in it.
    """
    if again.end is None:
        return False
    if row.end is None:
        return again.end >= again.begin
    return again.end >= was.since and now.bounds.end is not None


@dataclass(frozen=True)
class _Length:
    """A range in whole days, and the status it was answered with."""

    days: int
    most: int
    status: int
    success: int


def _length(evaluation: Evaluation) -> _Length | None:
    trait, now = evaluation.of.range, evaluation.now
    if trait is None or not now.is_valid or not now.is_admitted:
        return None
    start, end = (read_time(now.arguments.get(it), trait.unit) for it in (trait.start, trait.end))
    refusal = 422 if "422" in now.operation.responses else 400
    is_told = now.status in (now.operation.success, refusal)
    if start is None or end is None or not is_told:
        return None
    return _Length(
        (end - start) // (86_400 * _SECOND) + 1, trait.most_days, now.status, now.operation.success
    )


@rule(Range, "most_days", reads=_length)
def a_range_has_no_more_days_than_allowed(length: _Length) -> Iterator[str]:
    """A range is refused if, and only if, it ends before it starts or has too many days."""
    if (1 <= length.days <= length.most) != (length.status == length.success):
        yield f"a range of {length.days} days is answered {length.status}"


RULES = (
    rows_lie_in_the_range,
    rows_lie_in_the_range_in_utc,
    bounds_may_be_in_seconds,
    bounds_may_be_in_milliseconds,
    bounds_may_be_in_microseconds,
    a_reversed_range_is_empty,
    what_is_shown_takes_no_longer_than_the_range,
    a_narrower_range_has_no_more_rows,
    the_range_selects_the_rows,
    the_range_selects_the_rows_in_utc,
    bounds_are_included,
    a_narrower_range_shows_no_more_of_a_row,
    what_lies_inside_is_shown_whole,
    what_lies_inside_is_shown_whole_in_utc,
    a_bound_means_the_same_in_every_form,
    a_day_is_its_midnight,
    a_range_read_again_is_the_same,
    a_range_has_no_more_days_than_allowed,
)
