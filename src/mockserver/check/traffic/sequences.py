"""Puts recorded exchanges in threads: in each it is certain what went before what, in one world."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.check.traffic.attribution import Belonging
from mockserver.check.traffic.recording import Call, Recorded
from mockserver.clock import SECOND
from mockserver.invariant import SAFE_METHODS

__all__ = ["Placed", "sandbox_of", "threads", "turns"]

_SANDBOX = "x-mock-sandbox"
_CONTROL = "/__mock__/"
_ROUNDED = SECOND // 1_000
"""Browsers write down when a request was sent in whole milliseconds."""


@dataclass(frozen=True)
class Placed:
    """A recorded exchange and where it belongs."""

    belonging: Belonging
    recorded: Recorded

    @property
    def began(self) -> int:
        """When the request was sent."""
        return self.recorded.timing.began

    @property
    def ended(self) -> int:
        """When the answer began to come."""
        return self.recorded.began_to_answer


def sandbox_of(belonging: Belonging, recorded: Recorded) -> str:
    """The sandbox of a mock that an exchange was in: the answer says so, else the request."""
    named = (recorded.response.headers.get(_SANDBOX), recorded.request.headers.get(_SANDBOX))
    return next(filter(None, named), belonging.sandbox)


def turns(calls: Iterable[Call]) -> dict[str, list[int]]:
    """When, by origin, a mock's worlds were moved by its control API: nothing lasts beyond that."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for call in calls:
        if _CONTROL in call.path and call.method not in SAFE_METHODS:
            found[call.origin].append(call.began)
    return {origin: sorted(moments) for origin, moments in found.items()}


def threads(exchanges: Iterable[Placed], turned: dict[str, list[int]]) -> Iterator[list[Placed]]:
    """The exchanges of one API and deployment, those of one world in their order.

    A thread ends where requests were under way at once and one of them may have changed something:
    nobody can say then which came first, and each of them stands alone.
    """
    worlds: defaultdict[tuple[str, int], list[Placed]] = defaultdict(list)
    for one in exchanges:
        turn = bisect(turned.get(one.belonging.call.origin, ()), one.began)
        worlds[sandbox_of(one.belonging, one.recorded), turn].append(one)
    for world in worlds.values():
        yield from _certain(sorted(world, key=lambda one: one.began))


def _certain(world: Sequence[Placed]) -> Iterator[list[Placed]]:
    thread: list[Placed] = []
    for cluster in _clusters(world):
        is_safe = all(one.recorded.request.method in SAFE_METHODS for one in cluster)
        if len(cluster) == 1 or is_safe:
            thread.extend(sorted(cluster, key=lambda one: one.ended))
        else:
            yield thread
            yield from ([one] for one in cluster)
            thread = []
    yield thread


def _clusters(world: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Exchanges that were under way at the same time, together."""
    cluster: list[Placed] = []
    ended = 0
    for one in world:
        if cluster and one.began + _ROUNDED >= ended:
            yield cluster
            cluster = []
        ended = max(ended, one.ended) if cluster else one.ended
        cluster.append(one)
    if cluster:
        yield cluster
