"""Splits recorded exchanges into sequences: those of one world whose order is certain."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.check.traffic.attribution import AttributedCall
from mockserver.check.traffic.recording import RecordedCall, RecordedExchange
from mockserver.clock import SECOND
from mockserver.contract import SAFE_METHODS

_SANDBOX = "x-mock-sandbox"
_CONTROL = "/__mock__/"
_ROUNDING = SECOND // 1_000
"""Browsers record when a request was sent in whole milliseconds."""


@dataclass(frozen=True)
class AttributedExchange:
    """A recorded exchange and the API that it is attributed to."""

    attributed: AttributedCall
    recorded: RecordedExchange

    @property
    def began(self) -> int:
        """When the request was sent."""
        return self.recorded.timing.began

    @property
    def ended(self) -> int:
        """When the response began: from there on a page sends its next request."""
        return self.recorded.response_began

    @property
    def is_safe(self) -> bool:
        """Whether its method changes nothing."""
        return self.recorded.request.method in SAFE_METHODS

    @property
    def sandbox(self) -> str:
        """The sandbox of a mock: the one that the response names, else the request, else the path."""
        request, response = self.recorded.request, self.recorded.response
        named = response.headers.get(_SANDBOX), request.headers.get(_SANDBOX)
        return next(filter(None, named), self.attributed.sandbox)


def find_resets(calls: Iterable[RecordedCall]) -> dict[str, list[int]]:
    """When, by origin, the control API of a mock changed its worlds: no sequence continues there."""
    resets: defaultdict[str, list[int]] = defaultdict(list)
    for call in calls:
        if _CONTROL in call.path and call.method not in SAFE_METHODS:
            resets[call.origin].append(call.began)
    return {origin: sorted(moments) for origin, moments in resets.items()}


def split_sequences(
    exchanges: Iterable[AttributedExchange], resets: Mapping[str, Sequence[int]]
) -> Iterator[list[AttributedExchange]]:
    """The exchanges of one API and deployment by world, in their order.

    A sequence ends where requests overlapped and one of them may have changed something: their
    order is unknown, and each of them is a sequence of its own.
    """
    worlds: defaultdict[tuple[str, int], list[AttributedExchange]] = defaultdict(list)
    for exchange in exchanges:
        period = bisect(resets.get(exchange.attributed.call.origin, ()), exchange.began)
        worlds[exchange.sandbox, period].append(exchange)
    for world in worlds.values():
        sequence: list[AttributedExchange] = []
        for group in _group_overlapping(sorted(world, key=lambda exchange: exchange.began)):
            if len(group) == 1 or all(exchange.is_safe for exchange in group):
                sequence.extend(sorted(group, key=lambda exchange: exchange.ended))
            else:
                yield sequence
                yield from ([exchange] for exchange in group)
                sequence = []
        yield sequence


def _group_overlapping(
    world: Iterable[AttributedExchange],
) -> Iterator[list[AttributedExchange]]:
    """Exchanges, of which those that were under way at the same time stand together."""
    group: list[AttributedExchange] = []
    ended = 0
    for exchange in world:
        if group and exchange.began + _ROUNDING >= ended:
            yield group
            group = []
        ended = max(ended, exchange.ended) if group else exchange.ended
        group.append(exchange)
    if group:
        yield group
