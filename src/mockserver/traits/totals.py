"""Totals: numbers that sum up a range of time, whatever else a response says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from math import isfinite
from typing import Any

from msgspec import Struct

from mockserver.invariant import Interaction
from mockserver.traits.declarations import ApiTraits, Totals
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, at, is_settled, read_bounds, read_clock
from mockserver.traits.times import DAY, describe

_REACH = 100
"""No more than so many exchanges before are looked at."""

_ENOUGH = 3
"""So many different totals are the same by no coincidence."""

_APART, _ROUNDING = 2 * DAY, 2


class _Total(Struct, frozen=True):
    """The totals of a range that was over; `scope` is what was requested besides its bounds."""

    scope: Mapping[str, Any]
    start: int
    end: int
    sum: float
    counts: tuple[float, ...]

    def __str__(self) -> str:
        return f"{describe(self.start)} to {describe(self.end)} has {self.sum}"

    def has_scope_of(self, other: _Total, different: str = "") -> bool:
        """Whether another one was requested alike, but for its range and one parameter."""
        names = (self.scope.keys() | other.scope.keys()) - {different}
        return all(self.scope.get(name) == other.scope.get(name) for name in names)


@lru_cache(maxsize=1024)  # every later exchange is compared with it
def _read_total(traits: ApiTraits, seen: Interaction) -> _Total | None:
    own, bounds = traits.of(seen), read_bounds(traits.of(seen), seen)
    if own.totals is None or bounds is None or not seen.is_success or not seen.moment:
        return None
    values = [at(seen.response_body, pointer) for pointer in (own.totals.sum, *own.totals.counts)]
    are_numbers = all(type(value) in (int, float) and isfinite(value) for value in values)
    if bounds.start is None or bounds.end is None or bounds.is_reversed or not are_numbers:
        return None
    if own.range is None or not is_settled(own, bounds, read_clock(own, seen)):
        return None
    scope = dict(seen.arguments)
    for name in (own.range.start, own.range.end):
        del scope[name]
    return _Total(scope, bounds.start, bounds.end, values[0], tuple(values[1:]))


def _list_totals(evaluation: Evaluation) -> list[_Total]:
    """The totals of the earlier responses of the operation."""
    traits, operation = evaluation.traits, evaluation.now.operation
    alike = (seen for seen in evaluation.before[-_REACH:] if seen.operation is operation)
    return [total for seen in alike if (total := _read_total(traits, seen)) is not None]


def _read_ranges(evaluation: Evaluation) -> list[_Total] | None:
    """A total, and the earlier ones of other ranges."""
    total = _read_total(evaluation.traits, evaluation.now)
    earlier = [it for it in _list_totals(evaluation) if total and it.has_scope_of(total)]
    return [total, *earlier] if total and earlier else None


@rule(Totals, reads=_read_ranges)
def a_range_has_the_total_of_its_parts(totals: Sequence[_Total]) -> Iterator[str]:
    """A range has at least the total of two in it that lie two days or more apart."""
    for whole in totals:
        parts = [it for it in totals if whole.start <= it.start and it.end <= whole.end]
        for one, other in permutations(parts, 2):
            if other.start - one.end > _APART and whole.sum < one.sum + other.sum - _ROUNDING:
                yield f"{whole}; {one}; {other}"


@rule(
    Totals,
    reads=_read_ranges,
    applies=lambda own: own.range is not None and own.range.unit == "day-month-year",
)
def a_range_with_a_total_has_a_day_with_it(totals: Sequence[_Total]) -> Iterator[str]:
    """Of a range with a total, not every day has none when it is requested alone."""
    alone = {total.start: total for total in totals if total.start == total.end}
    for whole in totals:
        count = (whole.end - whole.start) // DAY + 1
        days = range(whole.start, whole.end + 1, DAY) if 1 < count <= len(alone) else ()
        if whole.sum and days and all(day in alone and not alone[day].sum for day in days):
            yield f"{whole}, and none on any of its days"


_Pair = tuple[_Total, _Total]
_Others = Mapping[tuple[str, Any, Any], list[_Pair]]
"""The totals of the same ranges, by a parameter and two values of it, all else being the same."""


def _read_others(evaluation: Evaluation) -> _Others | None:
    """There are none where the request for another value was refused: that is right too."""
    trait, now, earlier = evaluation.of.totals, evaluation.now, _list_totals(evaluation)
    if trait is None or not now.is_valid or not earlier:
        return None
    total = _read_total(evaluation.traits, now)
    if total is None:
        return {} if 400 <= now.status < 500 and now.is_admitted else None
    others: dict[tuple[str, Any, Any], list[_Pair]] = {}
    for name in trait.of:
        alike = [it for it in (total, *earlier) if it.has_scope_of(total, name)]
        for one, other in permutations(alike, 2):
            mine, value = one.scope.get(name), other.scope.get(name)
            is_same_range = (one.start, one.end) == (other.start, other.end)
            if is_same_range and mine == total.scope.get(name) != value:
                others.setdefault((name, mine, value), []).append((one, other))
    return others or None


@rule(Totals, "of", reads=_read_others)
def another_value_has_another_total(others: _Others) -> Iterator[str]:
    """Two values of a parameter do not have the same totals in each of three ranges."""
    for (name, mine, value), pairs in others.items():
        is_same = all((one.sum, one.counts) == (other.sum, other.counts) for one, other in pairs)
        sums = {one.sum for one, _ in pairs} - {0}
        if is_same and len(sums) >= _ENOUGH:
            yield f"{name} '{mine}' and '{value}' both have {', '.join(map(str, sorted(sums)))}"
