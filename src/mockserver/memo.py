"""Results that are kept, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Kept(dict[_Key, _Value]):
    """Values for the keys that come again and again.

    At `most` so many are kept, then none: those that come again are kept anew. Keys that are
    longer than `longest` are not kept.
    """

    def __init__(self, *, most: int = 128, longest: int = 2_048) -> None:
        super().__init__()
        self._most, self._longest = most, longest

    def find(self, key: _Key, length: int) -> _Value | None:
        """The value that is kept for a key of some length. The hash of a long one takes long."""
        return self.get(key) if length <= self._longest else None

    def keep(self, key: _Key, value: _Value, length: int) -> None:
        """Keep the value for a key of some length."""
        if length <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[key] = value


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
        self._kept: Kept[_Key, _Value] = Kept(most=most, longest=longest)

    def __call__(self, key: _Key) -> _Value:
        """The result for a key, computed unless it is kept."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        value = self._compute(key)
        self._kept.keep(key, value, self._measure(key))
        return value
