"""Verification: whether the journal has the calls that a test expects, and if not, what is near."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mockserver.errors import SettingError
from mockserver.journal.entry import JournalEntry
from mockserver.journal.pattern import ExchangePattern
from mockserver.value_builder import MAX_DEPTH, is_nested_deeper

_MAX_NEAREST = 3


class Expectation(ExchangePattern, frozen=True, dict=True, forbid_unknown_fields=True):
    """A pattern, and how often an exchange has to be like it: at least once by default."""

    times: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def check(self) -> None:
        """Raise SettingError if the numbers contradict each other."""
        bounds = (self.at_least, self.at_most)
        if self.times is not None and bounds != (None, None):
            raise SettingError("Give 'times', or 'at_least' and 'at_most', not both.")
        if None not in bounds and (self.at_least or 0) > (self.at_most or 0):
            raise SettingError("'at_least' is greater than 'at_most'.")

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The lowest number, and the highest one if there is any."""
        if self.times is not None:
            return self.times, self.times
        if self.at_least is None and self.at_most is None:
            return 1, None
        return self.at_least or 0, self.at_most

    def describe_times(self) -> str:
        """How often, in words."""
        low, high = self.bounds
        if low == high:
            return f"exactly {_count(low)}"
        if high is None:
            return f"at least {_count(low)}"
        return f"at most {_count(high)}" if not low else f"{low} to {_count(high)}"


class NearMiss(msgspec.Struct):
    """An exchange that is not as expected, and how it differs."""

    entry: JournalEntry
    differences: Sequence[str]


class Verification(msgspec.Struct):
    """Whether calls were as expected: how many there were, and if it failed, the nearest ones."""

    verified: bool
    message: str
    count: int
    matches: Sequence[str]
    nearest: Sequence[NearMiss] = ()


def verify_calls(expectation: Expectation, entries: Sequence[JournalEntry]) -> Verification:
    """Verify how often the exchanges of a journal are like a pattern. Raises SettingError."""
    expectation.check()
    matches = [entry for entry in entries if expectation.matches(entry)]
    low, high = expectation.bounds
    if low <= len(matches) and (high is None or len(matches) <= high):
        message = f"{_count(len(matches))} of {expectation.describe()}, as expected."
        return Verification(True, message, len(matches), [entry.id for entry in matches])
    nearest = find_nearest(expectation, entries) if len(matches) < low else ()
    lines = [
        f"Expected {expectation.describe_times()} of {expectation.describe()}; "
        f"the journal has {len(matches)}, among {_count(len(entries), 'request')}."
    ]
    lines += [f"  {_describe_entry(entry)}" for entry in matches[:_MAX_NEAREST]]
    lines += _describe_nearest(nearest)
    return _fail(lines, [entry.id for entry in matches], nearest)


def verify_order(
    patterns: Sequence[ExchangePattern], entries: Sequence[JournalEntry]
) -> Verification:
    """Verify that the journal has an exchange for each pattern, in this order.

    There may be others between them.
    """
    matches: list[str] = []
    start = 0
    for number, pattern in enumerate(patterns, 1):
        found = next((i for i in range(start, len(entries)) if pattern.matches(entries[i])), None)
        if found is None:
            lines = [f"Expected in this order, as number {number}: {pattern.describe()}."]
            earlier = next((entry for entry in entries[:start] if pattern.matches(entry)), None)
            if matches:
                lines.append(f"After {matches[-1]}, the journal has no such request.")
            else:
                lines.append("The journal has no such request.")
            if earlier:
                lines.append(f"There is one before: {_describe_entry(earlier)}")
            nearest = find_nearest(pattern, entries[start:])
            return _fail([*lines, *_describe_nearest(nearest)], matches, nearest)
        matches.append(entries[found].id)
        start = found + 1
    message = f"{_count(len(matches))} in the expected order."
    return Verification(True, message, len(matches), matches)


def find_nearest(pattern: ExchangePattern, entries: Sequence[JournalEntry]) -> list[NearMiss]:
    """The exchanges that differ least from a pattern; of equal ones, the newest."""
    misses = [NearMiss(entry, [*pattern.find_differences(entry)]) for entry in reversed(entries)]
    # Another operation or path is a greater difference than any value.
    misses.sort(key=lambda it: sum(3 if _is_great(text) else 1 for text in it.differences))
    return [it for it in misses if it.differences][:_MAX_NEAREST]


def _is_great(difference: str) -> bool:
    return difference.startswith(("the operation", "the path"))


def _fail(
    lines: Sequence[str], matches: Sequence[str], nearest: Sequence[NearMiss]
) -> Verification:
    return Verification(False, "\n".join(lines), len(matches), matches, nearest)


def _describe_nearest(nearest: Sequence[NearMiss]) -> list[str]:
    if not nearest:
        return []
    lines = ["The nearest:"]
    for miss in nearest:
        lines.append(f"  {_describe_entry(miss.entry)}")
        lines += [f"      {difference}" for difference in miss.differences]
    return lines


def _describe_entry(entry: JournalEntry) -> str:
    return f"{entry.id} {entry.method} {entry.target} {entry.status or 'no response'}"


def _count(number: int, noun: str = "call") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def decode_pattern(value: Any, kind: type[ExchangePattern]) -> Any:
    """A pattern of plain values. Raises SettingError."""
    if is_nested_deeper(value, MAX_DEPTH):
        raise SettingError(f"A pattern is nested more than {MAX_DEPTH} levels deep.")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise SettingError(f"{error}.") from None
