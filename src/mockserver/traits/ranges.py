"""Ranges: which rows lie in one, what is shown of them, and how two ranges go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver.traits.declarations import Range, Traits
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing
from mockserver.traits.ranged import (
    SECOND,
    Ranged,
    RangedRow,
    RangePair,
    is_limited,
    lies_inside,
    lies_outside,
    read_bounded,
    read_pairs,
    read_ranged,
    read_reversed,
    read_with_both,
    round_down,
    round_up,
    touches,
)
from mockserver.traits.times import describe, read_time, unit_of

__all__ = ["RULES"]


def _has_one_unit(traits: Traits) -> bool:
    return traits.range is not None and traits.rows is not None and traits.range.unit != "by-size"


def _has_rows(traits: Traits) -> bool:
    return traits.rows is not None


@rule(Range, reads=read_bounded(is_exact=False), applies=_has_one_unit)
def rows_lie_in_the_range(found: Ranged) -> Iterator[str]:
    """No row is shown with a time outside of the range."""
    yield from _outside(found)


@rule(Range, reads=read_bounded(is_exact=True), is_optional=True)
def rows_lie_in_the_range_in_utc(found: Ranged) -> Iterator[str]:
    """To the second, and in UTC, no row is shown with a time outside of the range."""
    yield from _outside(found)


def _outside(found: Ranged) -> Iterator[str]:
    bounds, zone = found.bounds, found.zone
    for row in found.rows:
        if found.trait.clips or found.trait.over:
            if zone.is_before(row.begin, round_down(bounds.start, found)):
                yield f"{row} begins {describe(row.begin)}, before {describe(bounds.start)}"
            if row.end is not None and zone.is_after(row.end, round_up(bounds.end, found)):
                yield f"{row} ends {describe(row.end)}, after {describe(bounds.end)}"
        elif lies_outside(row, found):
            yield f"{row} is listed {found.describe()}"


def _in_unit(unit: str) -> Callable[[Evaluation], Ranged | None]:
    def read(evaluation: Evaluation) -> Ranged | None:
        found = read_bounded(is_exact=True)(evaluation)
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


@rule(Range, reads=read_reversed, is_optional=True)
def a_reversed_range_is_empty(listing: Listing) -> Iterator[str]:
    """A range that ends before it starts has no rows."""
    count = max(listing.total or 0, len(listing.rows))
    if count:
        yield f"it has {count} rows"


@rule(Range, "clips", reads=read_with_both)
def what_is_shown_takes_no_longer_than_the_range(found: Ranged) -> Iterator[str]:
    """No more time lies between the first and the last time shown than between the bounds."""
    ended = [row for row in found.rows if row.end is not None]
    if not ended:
        return
    first, last = min(row.begin for row in ended), max(row.end or 0 for row in ended)
    length = (found.bounds.end or 0) - (found.bounds.start or 0)
    # Where the zone is not known, its clocks may be put back in between, by three hours at most.
    slack = 3 * 3600 * SECOND if found.trait.zone == "any" else 0
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
            if lies_outside(row, narrow) and not (ran and pair.earlier is narrow):
                yield f"{row}, {_interval(row)}, is listed {narrow.describe()}"
        elif lies_inside(row, narrow) and narrow.listing.is_whole:
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
            is_inside = not lies_outside(row, narrow)
            if touches(row, narrow) and is_inside and row.id not in listed:
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
            if not is_limited(now) or was.listing.is_settled():
                yield f"{row} is no longer listed"
        elif again.begin != row.begin:
            yield f"{row} began {describe(row.begin)} and now {describe(again.begin)}"
        elif again.end != row.end and not _may_have_gone_on(row, again, was, now):
            yield f"{row} ended {describe(row.end)} and now {describe(again.end)}"
    for row in now.rows:
        is_recent = row.end is None or row.end >= was.since
        if row.id not in was.by_id and not is_recent and not is_limited(now):
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
        (end - start) // (86_400 * SECOND) + 1, trait.most_days, now.status, now.operation.success
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
