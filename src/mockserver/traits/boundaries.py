"""Boundary cases derived from traits: arguments that a contract's schemas do not know to be edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.traits.declarations import ApiTraits, Traits
from mockserver.traits.times import DAY, write_time

__all__ = ["derive_boundaries"]

_NEW_YEAR = 1_735_689_600_000_000
"""The first moment of 2025, around which bounds are put."""


def derive_boundaries(traits: ApiTraits) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """By operation, arguments that are put over those of a request that succeeds."""
    return {id: tuple(_boundaries(own)) for id, own in traits.operations.items()}


def _boundaries(own: Traits) -> Iterator[Mapping[str, Any]]:
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
            start, end = _NEW_YEAR, _NEW_YEAR + length * DAY
            yield {
                bounds.start: write_time(start, bounds.unit),
                bounds.end: write_time(end, bounds.unit),
            }
