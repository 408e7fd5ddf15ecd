"""Rows: their order, what names one, and the filters that select them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from mockserver.json_pointer import ABSENT
from mockserver.traits.declarations import Filter, Filters, Identity, Order
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show


@rule(Order, "by", where=lambda listing: len(listing.rows) > 1)
def rows_are_in_order(listing: Listing) -> Iterator[str]:
    """Rows are sorted as the contract says, rows that are equal in the first key by the next."""
    by = listing.traits.order.by if listing.traits.order else ()
    for row, after in pairwise(listing.rows):
        for key in by:
            pointer = key.removeprefix("-")
            one, two = at(row, pointer), at(after, pointer)
            is_number = {type(one), type(two)} <= {int, float}
            if not is_number and not (isinstance(one, str) and isinstance(two, str)):
                break
            if one != two:
                if (one < two) == key.startswith("-"):
                    yield f"{pointer} {show(two)} comes after {show(one)}"
                break


@rule(Identity, "id", where=lambda listing: listing.by_id)
def a_row_is_listed_once(listing: Listing) -> Iterator[str]:
    """No two rows of a response have the same id."""
    pointer = listing.traits.identity.id if listing.traits.identity else ""
    ids = [id for row in listing.rows if isinstance(id := at(row, pointer), str | int)]
    counts = Counter(ids)
    yield from (f"the row {show(id)} is listed {n} times" for id, n in counts.items() if n > 1)


def _rows_listed_before(evaluation: Evaluation) -> list[tuple[Any, str, Any, Any]] | None:
    """The id, a stable field, and its value now and when the row was listed last, of each row."""
    now, identity = evaluation.listing, evaluation.of.identity
    if now is None or identity is None:
        return None
    fields, rest = list[tuple[Any, str, Any, Any]](), dict(now.by_id)
    for other in evaluation.earlier() if rest else ():
        for id in [id for id in rest if id in other.by_id]:
            row, before = rest.pop(id), other.by_id[id]
            fields += [(id, it, at(row, it), at(before, it)) for it in identity.stable]
        if not rest:
            break
    return fields or None


@rule(Identity, "id", "stable", reads=_rows_listed_before)
def a_row_keeps_its_fields(fields: list[tuple[Any, str, Any, Any]]) -> Iterator[str]:
    """The row of an id has the same fields in every response, as far as they do not change."""
    for id, pointer, value, before in fields:
        if value != before and ABSENT not in (value, before):
            yield f"{pointer} of the row {show(id)} is {show(value)}, and was {show(before)}"


def _list_values(value: Any) -> tuple[str, ...]:
    """The values of a filter as texts, in an order; none where it was not sent."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(sorted({str(item) for item in values}))


_Filtered = tuple[Filter, tuple[str, ...], tuple[str, ...]]
"""A filter, its values that were requested, and the values of the rows."""


def _filtered(evaluation: Evaluation) -> list[_Filtered] | None:
    listing, filters = evaluation.listing, evaluation.of.filters
    if listing is None or filters is None:
        return None
    filtered = []
    for item in filters.by:
        wanted = _list_values(listing.interaction.arguments.get(item.parameter))
        shown = [at(row, item.field) for row in listing.rows]
        values = _list_values([value for value in shown if value not in (ABSENT, None)])
        if wanted and values:
            filtered.append((item, wanted, values))
    return filtered or None


@rule(Filters, reads=_filtered)
def rows_match_the_filter(filtered: list[_Filtered]) -> Iterator[str]:
    """Only rows are listed that match the values that were requested."""
    for item, wanted, values in filtered:
        for value in values:
            if item.match == "contains":
                matches = any(part.lower() in value.lower() for part in wanted)
            else:
                matches = value in wanted
            if not matches:
                yield f"{item.field} is '{value}', requested was {', '.join(wanted)}"


_Partly = tuple[Filter, set[str], list[str]]
"""A filter, the listed values that a request may mean, and the values of the rows."""


def _partly_known(evaluation: Evaluation) -> list[_Partly] | None:
    """Filters of which some values are listed in the contract, and one is not."""
    now, own = evaluation.now, evaluation.of
    if own.filters is None or now.is_valid or not now.is_admitted:
        return None
    rows, found = at(now.response_body, own.rows or ""), []
    query = dict(parse_qsl(now.exchange.request.query))
    specs = {spec.name: spec for spec in now.operation.parameters}
    for item in own.filters.by:
        spec, sent = specs[item.parameter], query.get(item.parameter, "").split(",")
        listed = [str(value) for value in spec.schema.get("items", {}).get("enum", ())]
        known = {*sent} & {*listed}
        if item.match == "one-of" and not spec.explode and known and known < {*sent}:
            # A server may read a value in another case, or without the white space around it.
            folded = [value.strip().casefold() for value in sent]
            meant = {value for value in listed if value.casefold() in folded}
            values = [at(row, item.field) for row in rows] if isinstance(rows, list) else []
            found.append((item, meant, [value for value in values if isinstance(value, str)]))
    # An empty list says nothing, a refusal that the rule is kept.
    is_empty = now.is_success and not any(values for _, _, values in found)
    return None if is_empty else found or None


@rule(Filters, reads=_partly_known)
def a_known_value_selects_beside_an_unknown_one(filtered: list[_Partly]) -> Iterator[str]:
    """A list of values with an unknown one is refused, or its known ones select the rows."""
    for item, meant, values in filtered:
        for value in dict.fromkeys(values):
            if value not in meant:
                yield f"{item.field} is '{value}', requested was {', '.join(sorted(meant))}"


def _parts(evaluation: Evaluation) -> tuple[Listing, list[Listing]] | None:
    """A settled list of several values, and that of each value, all else being the same."""
    now, filters = evaluation.listing, evaluation.of.filters
    if now is None or filters is None or now.is_limited:
        return None
    for item in filters.by:
        wanted = _list_values(now.interaction.arguments.get(item.parameter))
        if item.match != "one-of" or len(wanted) < 2:
            continue
        alone: dict[str, Listing] = {}
        for other in evaluation.earlier():
            values = _list_values(other.interaction.arguments.get(item.parameter))
            is_comparable = other.is_settled() or now.bounds is None
            if len(values) == 1 and is_comparable and now.is_same_but(other, item.parameter):
                alone.setdefault(values[0], other)
        if alone.keys() >= set(wanted):
            return now, [alone[value] for value in wanted]
    return None


def _has_all_rows(lists: tuple[Listing, list[Listing]]) -> bool:
    now, parts = lists
    return now.is_whole and all(part.is_whole for part in parts)


@rule(Filters, reads=_parts, where=_has_all_rows)
def values_of_a_filter_add_up(lists: tuple[Listing, list[Listing]]) -> Iterator[str]:
    """The rows of several values are those of each value together, none twice and none lost."""
    now, parts = lists
    counts = [len(part.rows) for part in parts]
    if len(now.rows) != sum(counts):
        yield f"there are {len(now.rows)} rows together, and {' and '.join(map(str, counts))} alone"
    elif {id for part in parts for id in part.by_id} != now.by_id.keys():
        yield "the rows together are other rows than alone"


@rule(
    Filters,
    reads=_parts,
    applies=lambda own: own.pagination is not None and bool(own.pagination.total),
)
def totals_of_a_filter_add_up(lists: tuple[Listing, list[Listing]]) -> Iterator[str]:
    """The total of several values is that of each value together."""
    now, parts = lists
    counts = [part.count for part in parts]
    if now.count != sum(counts):
        yield f"there are {now.count} rows together, and {' and '.join(map(str, counts))} alone"
