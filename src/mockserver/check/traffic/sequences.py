"""Splits recorded calls into sequences: those of one world whose order is certain."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mockserver.check.traffic.attribution import AttributedCall
from mockserver.check.traffic.har_file import HarFile
from mockserver.check.traffic.recording import RecordedCall
from mockserver.clock import SECOND
from mockserver.contract import SAFE_METHODS

SANDBOX_HEADER = "x-mock-sandbox"
_CONTROL = "/__mock__/"
_ROUNDING = SECOND // 1_000
"""Browsers record when a request was sent in whole milliseconds."""

Resets = Mapping[tuple[HarFile, str], Sequence[int]]
"""When, by recording and origin, the control API of a mock changed its worlds."""


def find_resets(calls: Iterable[RecordedCall]) -> Resets:
    """The moments at which no sequence continues."""
    resets: defaultdict[tuple[HarFile, str], list[int]] = defaultdict(list)
    for call in calls:
        if _CONTROL in call.path and call.method not in SAFE_METHODS:
            resets[call.har, call.origin].append(call.timing.began)
    return {key: sorted(moments) for key, moments in resets.items()}


def split_sequences(
    calls: Iterable[AttributedCall], resets: Resets
) -> Iterator[list[AttributedCall]]:
    """The calls of one API and deployment by recording and world, in their order.

    A sequence ends where requests overlapped and one of them may have changed something: their
    order is unknown, and each of them is a sequence of its own.
    """
    worlds: defaultdict[tuple[HarFile, str, int], list[AttributedCall]] = defaultdict(list)
    for attributed in calls:
        call = attributed.call
        period = bisect(resets.get((call.har, call.origin), ()), call.timing.began)
        worlds[call.har, _find_sandbox(attributed), period].append(attributed)
    for world in worlds.values():
        sequence: list[AttributedCall] = []
        for group in _group_overlapping(sorted(world, key=lambda item: item.call.timing.began)):
            if len(group) == 1 or all(item.call.method in SAFE_METHODS for item in group):
                sequence.extend(sorted(group, key=lambda item: item.call.response_began))
            else:
                yield sequence
                yield from ([attributed] for attributed in group)
                sequence = []
        yield sequence


def _find_sandbox(attributed: AttributedCall) -> str:
    """The sandbox of a mock: the one that the response names, else the request, else the path."""
    for headers in (attributed.call.response_headers, attributed.call.request_headers):
        if name := headers.get(SANDBOX_HEADER):
            return name
    return attributed.sandbox


def _group_overlapping(world: Iterable[AttributedCall]) -> Iterator[list[AttributedCall]]:
    """Group the calls that were under way at the same time.

    A page sends its next request from the beginning of a response on.
    """
    group: list[AttributedCall] = []
    ended = 0
    for attributed in world:
        if group and attributed.call.timing.began + _ROUNDING >= ended:
            yield group
            group, ended = [], 0
        ended = max(ended, attributed.call.response_began)
        group.append(attributed)
    if group:
        yield group
