"""Results that are kept, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Memo(Generic[_Key, _Value]):
    """The results of a function for the keys that come again and again."""

    def __init__(
        self,
        compute: Callable[[_Key], _Value],
        measure: Callable[[_Key], int],
        *,
        most: int = 128,
        longest: int = 2_048,
    ) -> None:
        """At `most` so many are kept, of keys that `measure` finds no longer than `longest`."""
        self._compute, self._measure = compute, measure
        self._most, self._longest = most, longest
        self._kept: dict[_Key, _Value] = {}

    def __call__(self, key: _Key) -> _Value:
        """The result for a key, computed unless it is kept."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        value = self._compute(key)
        if self._measure(key) <= self._longest:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = value
        return value
