"""Boundary cases derived from traits: arguments at edges that schemas do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.traits.declarations import ApiTraits, Range, Traits
from mockserver.traits.times import DAY, write_time

_NEW_YEAR = 1_735_689_600_000_000
"""The first moment of 2025, around which the bounds are put."""

_Arguments = Mapping[str, Any]


def derive_boundaries(traits: ApiTraits) -> Mapping[str, tuple[_Arguments, ...]]:
    """By operation, arguments at edges that schemas do not know, put over those of a success."""
    return {id: tuple(_derive_boundaries(own)) for id, own in traits.operations.items()}


def _derive_boundaries(own: Traits) -> Iterator[_Arguments]:
    if (spec := own.pagination) is not None:
        if spec.cursor:
            yield from ({spec.cursor: value} for value in ("", "no-such-cursor", "0", "a" * 500))
        number = spec.page or spec.offset
        if number and spec.per_page:
            yield from ({number: page, spec.per_page: 1} for page in (2**31, 2**63 - 1))
    for item in own.filters.by if own.filters else ():
        values = ["no-such-value"] if item.match != "one-of" else ["no-such-value,", ",", "a,a"]
        yield from ({item.parameter: value} for value in values)
    if (bounds := own.range) is not None:
        days = (bounds.most_days - 1, bounds.most_days) if bounds.most_days else (0, 31)
        for length in (-1, 0, *days):
            yield write_bounds(bounds, _NEW_YEAR, _NEW_YEAR + length * DAY)


def write_bounds(spec: Range, start: int | None, end: int | None) -> dict[str, Any]:
    """The arguments for the bounds of a range; None leaves one out."""
    bounds = {spec.start: start, spec.end: end}
    return {name: write_time(time, spec.unit) for name, time in bounds.items() if time is not None}
