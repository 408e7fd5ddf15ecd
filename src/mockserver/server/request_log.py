"""The last requests of each sandbox, kept in memory where the settings ask for it."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from mockserver.clock import machine_now
from mockserver.contract import Violation

_MAX_VIOLATIONS = 10


@dataclass
class LoggedRequest:
    """A request that reached a sandbox, when by the machine's clock, and what became of it.

    `target` is its path and query, without values that could be secret. A violation is its place
    in the exchange and the keyword, not the value, for the same reason.
    """

    method: str
    target: str
    at: int = field(default_factory=machine_now)
    status: int = 0
    violations: tuple[Violation, ...] = ()

    def note_violations(self, violations: Sequence[Violation]) -> None:
        """Note in what the request, or the response, violates the contract."""
        self.violations = tuple(violations[:_MAX_VIOLATIONS])


class RequestLog:
    """Up to `limit` requests of each sandbox, of the sandboxes that had requests last."""

    def __init__(self, limit: int = 0, max_sandboxes: int = 0) -> None:
        self.limit = limit
        self._max_sandboxes = max_sandboxes
        self._requests: OrderedDict[str, deque[LoggedRequest]] = OrderedDict()

    def add(self, sandbox: str, request: LoggedRequest) -> None:
        """Add a request to a sandbox; the oldest one goes where there are too many."""
        self._requests.setdefault(sandbox, deque(maxlen=self.limit)).append(request)
        self._requests.move_to_end(sandbox)
        if len(self._requests) > self._max_sandboxes:
            self._requests.popitem(last=False)

    def list(self, sandbox: str) -> Sequence[LoggedRequest]:
        """The requests of a sandbox that are kept, the oldest first."""
        return tuple(self._requests.get(sandbox, ()))

    def delete(self, sandbox: str) -> None:
        """Delete the requests of a sandbox."""
        self._requests.pop(sandbox, None)
