"""Which of many fresh responses it is."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

_MOST_COUNTED = 10_000


class Variants:
    """Counts the fresh values of each sandbox and operation, so that each is another one.

    A world that is reset begins anew. Every process of a server counts for itself.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: OrderedDict[str, dict[str, int]] = OrderedDict()

    def count(self, sandbox: str, operation: str) -> int:
        """How many there were before."""
        with self._lock:
            counts = self._counts.setdefault(sandbox, {})
            self._counts.move_to_end(sandbox)
            if len(self._counts) > _MOST_COUNTED:
                self._counts.popitem(last=False)
            before = counts.get(operation, 0)
            counts[operation] = before + 1
            return before

    def delete(self, sandbox: str) -> None:
        """Begin anew with a sandbox."""
        with self._lock:
            self._counts.pop(sandbox, None)
