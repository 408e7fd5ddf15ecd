"""Rows: their order, what names one, and the filters that select them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from mockserver.contract import ABSENT
from mockserver.traits.declarations import Filter, Filters, Identity, Order
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show

__all__ = ["RULES"]


@dataclass(frozen=True)
class _Seen:
    """Rows that an earlier response had too: the row now, and what it was."""

    pairs: tuple[tuple[Any, Any, Any], ...]
    stable: tuple[str, ...]


@dataclass(frozen=True)
class _Filtered:
    """A list, a filter whose values were requested, and the values of its rows."""

    filter: Filter
    wanted: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class _Parts:
    """A list of several values of a filter, and the list of each value by itself."""

    now: Listing
    parts: tuple[Listing, ...]


def _sorted_rows(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and len(listing.rows) > 1 else None


def _named_rows(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.by_id else None


def _rows_seen_before(evaluation: Evaluation) -> _Seen | None:
    now, identity = evaluation.listing, evaluation.of.identity
    if now is None or identity is None:
        return None
    pairs = tuple(
        (id, row, other.by_id[id])
        for other in evaluation.earlier()
        for id, row in now.by_id.items()
        if id in other.by_id
    )
    return _Seen(pairs, identity.stable) if pairs else None


def _filtered(evaluation: Evaluation) -> list[_Filtered] | None:
    listing, filters = evaluation.listing, evaluation.of.filters
    if listing is None or filters is None:
        return None
    found = []
    for item in filters.by:
        wanted = _values(listing.seen.arguments.get(item.parameter))
        values = [at(row, item.field) for row in listing.rows]
        known = tuple(str(value) for value in values if value is not ABSENT and value is not None)
        if wanted and known:
            found.append(_Filtered(item, wanted, known))
    return found or None


def _parts(evaluation: Evaluation) -> _Parts | None:
    """A settled list of several values, and that of each value, all else being the same."""
    now, filters = evaluation.listing, evaluation.of.filters
    if now is None or filters is None or _is_latest_only(now):
        return None
    for item in filters.by:
        wanted = _values(now.seen.arguments.get(item.parameter))
        if item.match != "one-of" or len(wanted) < 2:
            continue
        alone: dict[str, Listing] = {}
        for other in evaluation.earlier():
            values = _values(other.seen.arguments.get(item.parameter))
            is_comparable = other.is_settled() or now.bounds is None
            if len(values) == 1 and is_comparable and _is_same_but(now, other, item.parameter):
                alone.setdefault(values[0], other)
        if alone.keys() >= set(wanted):
            return _Parts(now, tuple(alone[value] for value in wanted))
    return None


def _is_latest_only(listing: Listing) -> bool:
    """Whether a list reaches back to so many rows only, so that its parts do not add up."""
    trait, bounds = listing.traits.range, listing.bounds
    return bool(
        trait and trait.latest_without_start and bounds and bounds.start is None and bounds.end
    )


def _is_same_but(one: Listing, other: Listing, parameter: str) -> bool:
    return _without(one.scope, parameter) == _without(other.scope, parameter)


def _without(scope: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in scope.items() if key != name}


def _values(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(sorted({str(item) for item in items}))


@rule(Order, "by", reads=_sorted_rows)
def rows_are_in_order(listing: Listing) -> Iterator[str]:
    """Rows are sorted as the contract says, rows that are equal in the first key by the next."""
    by = listing.traits.order.by if listing.traits.order else ()
    for row, after in pairwise(listing.rows):
        for key in by:
            pointer = key.removeprefix("-")
            one, two = at(row, pointer), at(after, pointer)
            if not _are_comparable(one, two):
                break
            if one != two:
                if (one < two) == key.startswith("-"):
                    yield f"{pointer} {show(two)} comes after {show(one)}"
                break


def _are_comparable(one: Any, two: Any) -> bool:
    is_number = all(type(value) in (int, float) for value in (one, two))
    return is_number or all(isinstance(value, str) for value in (one, two))


@rule(Identity, "id", reads=_named_rows)
def a_row_is_listed_once(listing: Listing) -> Iterator[str]:
    """No two rows of a response have the same id."""
    pointer = listing.traits.identity.id if listing.traits.identity else ""
    ids = [it for row in listing.rows if isinstance(it := at(row, pointer), str | int)]
    counts = Counter(ids)
    yield from (f"the row {show(id)} is listed {n} times" for id, n in counts.items() if n > 1)


@rule(Identity, "id", "stable", reads=_rows_seen_before)
def a_row_keeps_its_fields(seen: _Seen) -> Iterator[str]:
    """The row of an id has the same fields in every response, as far as they do not change."""
    for id, row, was in seen.pairs:
        for pointer in seen.stable:
            one, two = at(row, pointer), at(was, pointer)
            if one != two and ABSENT not in (one, two):
                yield f"{pointer} of the row {show(id)} is {show(one)}, and was {show(two)}"


@rule(Filters, reads=_filtered)
def rows_match_the_filter(lists: list[_Filtered]) -> Iterator[str]:
    """Only rows are listed that match the values that were requested."""
    for found in lists:
        is_text = found.filter.match == "contains"
        for value in sorted(set(found.values)):
            matches = any(
                wanted.lower() in value.lower() if is_text else wanted == value
                for wanted in found.wanted
            )
            if not matches:
                wanted = ", ".join(found.wanted)
                yield f"{found.filter.field} is '{value:.80}', requested was {wanted}"


@rule(Filters, reads=_parts)
def values_of_a_filter_add_up(parts: _Parts) -> Iterator[str]:
    """The rows of several values are those of each value together, none twice and none lost."""
    now, totals = parts.now, [_count(it) for it in parts.parts]
    due = sum(totals)
    if _count(now) != due:
        yield f"there are {_count(now)} rows together, and {' and '.join(map(str, totals))} alone"
    elif now.is_whole and all(it.is_whole for it in parts.parts):
        alone = {id for it in parts.parts for id in it.by_id}
        if alone != now.by_id.keys():
            yield "the rows together are other rows than alone"


def _count(listing: Listing) -> int:
    return len(listing.rows) if listing.total is None else listing.total


def choose_values(values: list[Any]) -> Iterator[list[Any]]:
    """Each value of a filter, every two of them, and all."""
    for count in range(1, len(values) + 1):
        yield from map(list, combinations(values, count))


RULES = (
    rows_are_in_order,
    a_row_is_listed_once,
    a_row_keeps_its_fields,
    rows_match_the_filter,
    values_of_a_filter_add_up,
)
