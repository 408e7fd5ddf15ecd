"""Ranges: which rows lie in one, what is shown of them, and how two ranges go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mockserver.invariant import Interaction
from mockserver.traits.declarations import Range, Traits
from mockserver.traits.derivation import TraitRule, rule
from mockserver.traits.listing import Evaluation, Listing
from mockserver.traits.ranged import (
    Ranged,
    RangedRow,
    RangePair,
    read_exact_rows,
    read_pairs,
    read_ranged,
    read_rows,
    units_of,
)
from mockserver.traits.times import DAY, HOUR, describe, read_time


def _has_rows(traits: Traits) -> bool:
    return traits.rows is not None


# One range


@rule(
    Range,
    reads=read_rows,
    where=lambda ranged: not ranged.bounds.is_unbounded,
    applies=lambda traits: (
        _has_rows(traits) and traits.range is not None and traits.range.unit != "by-size"
    ),
)
def rows_lie_in_the_range(ranged: Ranged) -> Iterator[str]:
    """No row is shown with a time outside of the range."""
    start, end = ranged.bounds.start, ranged.bounds.end
    for row in ranged.rows:
        if ranged.trait.clips or ranged.trait.over:
            if ranged.is_before(row.begin, start):
                yield f"{row} begins {describe(row.begin)}, before {describe(start)}"
            if ranged.is_after(row.end, end):
                yield f"{row} ends {describe(row.end)}, after {describe(end)}"
        elif ranged.has_outside(row):
            yield f"{row} is listed {ranged.describe()}"


@rule(
    Range,
    reads=read_exact_rows,
    where=lambda ranged: not ranged.bounds.is_unbounded,
    is_optional=True,
)
def rows_lie_in_the_range_in_utc(ranged: Ranged) -> Iterator[str]:
    """To the second, and in UTC, no row is shown with a time outside of the range."""
    yield from rows_lie_in_the_range.find_violations(ranged)


def _bounds_may_be_in(unit: str) -> TraitRule:
    return replace(
        rows_lie_in_the_range_in_utc,
        name=f"bounds-may-be-in-{unit}",
        sentence=f"Bounds in {unit} are kept by every row.",
        reads=read_exact_rows,
        where=lambda ranged: (
            ranged.trait.unit == "by-size" and units_of(ranged) == {unit} and ranged.is_certain
        ),
    )


bounds_may_be_in_seconds = _bounds_may_be_in("seconds")
bounds_may_be_in_milliseconds = _bounds_may_be_in("milliseconds")
bounds_may_be_in_microseconds = _bounds_may_be_in("microseconds")


@rule(
    Range,
    where=lambda listing: listing.bounds and listing.bounds.is_reversed,
    is_optional=True,
)
def a_reversed_range_is_empty(listing: Listing) -> Iterator[str]:
    """A range that ends before it starts has no rows."""
    count = max(listing.total or 0, len(listing.rows))
    if count:
        yield f"it has {count} rows"


@rule(
    Range,
    "clips",
    reads=read_rows,
    where=lambda ranged: (
        None not in (ranged.bounds.start, ranged.bounds.end) and not ranged.bounds.is_reversed
    ),
)
def what_is_shown_takes_no_longer_than_the_range(ranged: Ranged) -> Iterator[str]:
    """No more time lies between the first and the last time shown than between the bounds."""
    ended = [row for row in ranged.rows if row.end is not None]
    if not ended:
        return
    first, last = min(row.begin for row in ended), max(row.end or 0 for row in ended)
    length = (ranged.bounds.end or 0) - (ranged.bounds.start or 0)
    # Where the zone is not known, its clocks may be put back in between, by three hours at most.
    slack = 3 * HOUR + ranged.widths[1] if ranged.trait.zone == "any" else 0
    if last - first > length + slack:
        yield f"it shows {describe(first)} to {describe(last)}, in a range {ranged.describe()}"


# Two ranges, one within the other


def _is_contained(pair: RangePair) -> bool:
    return pair.wide.listing.is_whole and bool(pair.narrow.rows)


@rule(
    Range,
    reads=read_pairs(lambda pair: pair.is_certain and _is_contained(pair)),
    applies=_has_rows,
)
def a_narrower_range_has_no_more_rows(pairs: list[RangePair]) -> Iterator[str]:
    """What is listed in a range is listed in every wider one."""
    for pair in pairs:
        for row in pair.narrow.rows:
            is_certain = not pair.may_have_changed(row.end) or (
                pair.earlier is pair.narrow and not pair.wide.bounds.end
            )
            if row.id not in pair.wide.by_id and is_certain:
                yield f"{row} is listed {pair.narrow.describe()}, and not {pair.wide.describe()}"


def _can_select(pair: RangePair) -> bool:
    narrow = pair.narrow
    return any(narrow.has_inside(row) or narrow.has_outside(row) for row in pair.wide.rows)


@rule(
    Range,
    reads=read_pairs(lambda pair: pair.narrow.is_certain and _can_select(pair)),
    applies=_has_rows,
)
def the_range_selects_the_rows(pairs: list[RangePair]) -> Iterator[str]:
    """Of a wider range, what lies between the bounds is listed, and what lies outside is not."""
    for pair in pairs:
        narrow, is_earlier = pair.narrow, pair.earlier is pair.narrow
        is_whole = narrow.listing.is_whole
        for row in pair.wide.rows:
            # The earlier list may show what had not ended, and lack what had not begun.
            if row.id in narrow.by_id:
                if narrow.has_outside(row) and not (is_earlier and pair.may_have_changed(row.end)):
                    yield f"{row.describe()} is listed {narrow.describe()}"
            elif is_whole and narrow.has_inside(row):
                has_run = narrow.bounds.end is not None and pair.may_have_changed(row.end)
                is_new = row.begin >= pair.earlier.since
                if not (is_earlier and (is_new or has_run)):
                    yield f"{row.describe()} is not listed {narrow.describe()}"


@rule(
    Range,
    "needs_both",
    reads=read_pairs(
        lambda pair: not pair.is_certain and (_is_contained(pair) or _can_select(pair))
    ),
    is_optional=True,
)
def a_bound_left_out_is_none(pairs: list[RangePair]) -> Iterator[str]:
    """Without a lower bound there is none, and without an upper one it is the present."""
    whole = [pair for pair in pairs if _is_contained(pair)]
    yield from a_narrower_range_has_no_more_rows.find_violations(whole)
    yield from the_range_selects_the_rows.find_violations(pairs)


@rule(Range, reads=read_pairs(_can_select, is_exact=True), is_optional=True)
def the_range_selects_the_rows_in_utc(pairs: list[RangePair]) -> Iterator[str]:
    """To the second, and in UTC, what lies between the bounds is listed, and nothing else."""
    yield from the_range_selects_the_rows.find_violations(pairs)


def _touches(pair: RangePair) -> bool:
    return pair.wide.listing.is_whole and any(pair.narrow.touches(row) for row in pair.wide.rows)


@rule(Range, "over", "included", reads=read_pairs(_touches, is_exact=True), is_optional=True)
def bounds_are_included(pairs: list[RangePair]) -> Iterator[str]:
    """A row of the very moment of a bound is listed."""
    for pair in pairs:
        narrow = pair.narrow
        if not narrow.listing.is_whole or not pair.earlier.listing.is_settled(narrow.bounds):
            continue
        for row in pair.wide.rows:
            is_due = narrow.touches(row) and not narrow.has_outside(row)
            if is_due and row.id not in narrow.by_id:
                yield f"{row.describe()} is not listed {narrow.describe()}"


@rule(Range, "clips", reads=read_pairs(lambda pair: pair.wide.listing.is_whole and pair.shared))
def a_narrower_range_shows_no_more_of_a_row(pairs: list[RangePair]) -> Iterator[str]:
    """A narrower range shows a row from no earlier and to no later than a wider one."""
    for pair in pairs:
        for wide, narrow in pair.shared:
            if narrow.begin < wide.begin:
                yield pair.compare(narrow, "begins", narrow.begin, wide.begin)
            is_later = wide.end is not None and (narrow.end is None or narrow.end > wide.end)
            if is_later and not pair.may_have_changed(wide.end, narrow.end):
                yield pair.compare(narrow, "ends", narrow.end, wide.end)


@rule(Range, "clips", reads=read_pairs(lambda pair: pair.wide.listing.is_whole and pair.shared))
def what_lies_inside_is_shown_whole(pairs: list[RangePair]) -> Iterator[str]:
    """A bound changes nothing of a time that lies on its inner side."""
    for pair in pairs:
        start, end = pair.narrow.bounds.start, pair.narrow.bounds.end
        for wide, narrow in pair.shared:
            # Most times are the same, and to compare them is fast.
            if narrow.begin != wide.begin and (
                start is None or pair.narrow.is_after(wide.begin, start)
            ):
                yield pair.compare(narrow, "begins", narrow.begin, wide.begin)
            is_other = narrow.end != wide.end and not pair.may_have_changed(wide.end, narrow.end)
            if is_other and (end is None or pair.narrow.is_before(wide.end, end)):
                yield pair.compare(narrow, "ends", narrow.end, wide.end)


@rule(
    Range,
    "clips",
    reads=read_pairs(lambda pair: pair.wide.listing.is_whole and pair.shared, is_exact=True),
    is_optional=True,
)
def what_lies_inside_is_shown_whole_in_utc(pairs: list[RangePair]) -> Iterator[str]:
    """To the second, and in UTC, a bound changes nothing of a time on its inner side."""
    yield from what_lies_inside_is_shown_whole.find_violations(pairs)


# The same range twice


_Pairs = list[tuple[Ranged, Ranged]]
"""An earlier list and the present one, of the same range."""


def _same_range(condition: Callable[[set[str]], object]) -> Callable[[Evaluation], _Pairs | None]:
    """Reads the earlier lists of the range, by the texts of bounds that are written otherwise."""

    def read(evaluation: Evaluation) -> _Pairs | None:
        now, pairs = read_ranged(evaluation.listing), []
        for other in map(read_ranged, evaluation.earlier() if now else ()):
            if now and other and _is_same_range(now, other):
                texts = zip(other.bounds.texts, now.bounds.texts, strict=True)
                differing = [pair for pair in texts if repr(pair[0]) != repr(pair[1])]
                if condition({str(text) for pair in differing for text in pair}):
                    pairs.append((other, now))
        return pairs or None

    return read


def _is_same_range(now: Ranged, other: Ranged) -> bool:
    one, two = now.listing, other.listing
    return (
        (now.bounds.start, now.bounds.end) == (other.bounds.start, other.bounds.end)
        and one.is_same_but(two, now.trait.start, now.trait.end)
        and one.requested_size == two.requested_size
        and one.requested_page == two.requested_page
    )


def _has_a_day(texts: set[str]) -> bool:
    return any(len(text) == len("2021-04-01") for text in texts)


@rule(Range, reads=_same_range(lambda texts: texts and not _has_a_day(texts)), is_optional=True)
def a_bound_means_the_same_in_every_form(pairs: _Pairs) -> Iterator[str]:
    """The same moment in another form or unit is the same bound."""
    yield from (violation for pair in pairs for violation in _changes(*pair))


@rule(Range, reads=_same_range(_has_a_day), is_optional=True)
def a_day_is_its_midnight(pairs: _Pairs) -> Iterator[str]:
    """A bound that is a day means the midnight at its start."""
    yield from (violation for pair in pairs for violation in _changes(*pair))


@rule(Range, reads=_same_range(lambda texts: not texts), applies=_has_rows)
def a_range_read_again_is_the_same(pairs: _Pairs) -> Iterator[str]:
    """The same range, read again, has the same rows, apart from what has happened since."""
    yield from (violation for pair in pairs for violation in _changes(*pair))


def _changes(before: Ranged, now: Ranged) -> Iterator[str]:
    is_settled = before.listing.is_settled()
    is_limited = now.listing.is_limited or not now.is_certain
    if not (before.listing.is_whole and now.listing.is_whole):
        if is_settled and [row.id for row in before.rows] != [row.id for row in now.rows]:
            yield "the rows are others"
        if is_settled and before.listing.total != now.listing.total:
            yield f"there are {now.listing.total} rows, and there were {before.listing.total}"
        return
    for row in before.rows:
        again = now.by_id.get(row.id)
        if again is None:
            if not is_limited or is_settled:
                yield f"{row} is no longer listed"
        elif again.begin != row.begin:
            yield f"{row} began {describe(row.begin)} and now {describe(again.begin)}"
        elif again.end != row.end and not _may_have_gone_on(row, again, before, now):
            yield f"{row} ended {describe(row.end)} and now {describe(again.end)}"
    for row in now.rows:
        is_recent = row.end is None or row.end >= before.since
        if row.id not in before.by_id and not is_recent and not is_limited:
            yield f"{row.describe()} was not listed before"


def _may_have_gone_on(row: RangedRow, again: RangedRow, before: Ranged, now: Ranged) -> bool:
    """Whether a row went on at the time of the earlier list, and has ended since.

    One that went on may have ended before it was last seen, with the last that was done in it.
    """
    if again.end is None:
        return False
    if row.end is None:
        return again.end >= again.begin
    return again.end >= before.since and now.bounds.end is not None


# The longest range


def _length(evaluation: Evaluation) -> tuple[int, Range, Interaction] | None:
    """The days of a range, its trait, and the exchange where it was accepted or refused."""
    trait, now, operation = evaluation.of.range, evaluation.now, evaluation.now.operation
    if trait is None or not now.is_valid or not now.is_admitted:
        return None
    start, end = (
        read_time(now.arguments.get(name), trait.unit) for name in (trait.start, trait.end)
    )
    refusal = 422 if "422" in operation.responses else 400
    if start is None or end is None or now.status not in (operation.success, refusal):
        return None
    return (end - start) // DAY + 1, trait, now


@rule(Range, "most_days", reads=_length)
def a_range_has_no_more_days_than_allowed(length: tuple[int, Range, Interaction]) -> Iterator[str]:
    """A range is refused if, and only if, it ends before it starts or has too many days."""
    days, trait, now = length
    if (1 <= days <= trait.most_days) != (now.status == now.operation.success):
        yield f"the status is {now.status} for a range of {days} days"


# An end alone


@rule(Range, "latest_without_start", where=lambda listing: listing.is_limited)
def an_end_alone_reaches_so_many_rows(listing: Listing) -> Iterator[str]:
    """An upper bound without a lower one yields at most as many rows as it reaches back to."""
    count = max(listing.count, len(listing.rows))
    if listing.traits.range and count > listing.traits.range.latest_without_start:
        yield f"it yields {count}"


def _latest(evaluation: Evaluation) -> tuple[Listing, Listing, int] | None:
    """The rows up to an end alone, the first page of a range with the same end, and the limit."""
    now, trait = evaluation.listing, evaluation.of.range
    if now is None or now.bounds is None or trait is None or not now.is_limited:
        return None
    for other in evaluation.earlier():
        bounds = other.bounds
        if bounds is None or bounds.start is None or bounds.is_reversed or other.first:
            continue
        is_same = bounds.end == now.bounds.end and now.is_same_but(other, trait.start, trait.end)
        if is_same and other.is_settled():
            return now, other, trait.latest_without_start
    return None


@rule(Range, "latest_without_start", reads=_latest)
def an_end_alone_reaches_the_latest(latest: tuple[Listing, Listing, int]) -> Iterator[str]:
    """An upper bound without a lower one yields the latest rows up to it."""
    now, period, limit = latest
    if now.count < min(limit, period.count) or (period.count >= limit and now.count != limit):
        yield f"it yields {now.count}, and the period has {period.count}"
        return
    due = list(period.by_id)[now.first or 0 : limit]
    for id, other in zip(now.by_id, due, strict=False):
        if id != other:
            yield f"it yields the row {id}, and the latest in the period is {other}"
