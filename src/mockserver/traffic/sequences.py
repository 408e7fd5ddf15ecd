"""Splits recorded calls into sequences: those of one world whose order is certain."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from mockserver.clock import SECOND
from mockserver.contract import SAFE_METHODS
from mockserver.traffic.attribution import AttributedCall
from mockserver.traffic.har_file import HarFile
from mockserver.traffic.recording import RecordedCall

_CONTROL = "/__mock__/"
_ROUNDING = SECOND // 1_000
"""Browsers record when a request was sent in whole milliseconds."""

_UNMEASURED = 2 * SECOND
"""For how long a call may have been under way where its time was not measured."""

Place = tuple[int, int, int]
"""How often the recorder's clock was set back before, when a call began, its number in the file."""


class Order(Struct, frozen=True):
    """The places of calls in their recordings, and of those after which no sequence continues.

    These are by recording and origin: calls that changed a mock's worlds through its control API,
    and calls that may have changed something, but are left out.
    """

    places: Mapping[RecordedCall, Place]
    ends: Mapping[tuple[HarFile, str], Sequence[Place]]

    def get_period(self, call: RecordedCall) -> int:
        """Between which of these calls a call is."""
        return bisect(self.ends.get((call.har, call.origin), ()), self.places[call])

    def get_response(self, attributed: AttributedCall) -> int:
        """When the response to a call began, by the recorder's clock."""
        summary = attributed.call.summary
        took = summary.took if summary.is_measured else _UNMEASURED
        return self.places[attributed.call][1] + took - summary.receiving


def is_control_call(call: RecordedCall) -> bool:
    """Whether a call goes to the control API of a mock."""
    return _CONTROL in call.path


def order_calls(calls: Iterable[RecordedCall]) -> Order:
    """Order calls by their moments, and by their file where the recorder's clock was set back."""
    recordings: defaultdict[HarFile, list[RecordedCall]] = defaultdict(list)
    for call in calls:
        recordings[call.har].append(call)
    places: dict[RecordedCall, Place] = {}
    ends: defaultdict[tuple[HarFile, str], list[Place]] = defaultdict(list)
    for recorded in recordings.values():
        recorded.sort(key=lambda call: call.number)
        set_back = _find_clock_changes(recorded)
        run = began = 0
        for call in recorded:
            summary = call.summary
            run += call.number in set_back
            # Without a moment, the place in the file counts.
            began = began if summary.began is None else summary.began
            places[call] = (run, began, call.number)
            is_left_out = is_control_call(call) or summary.is_left_out
            if is_left_out and call.method not in SAFE_METHODS:
                ends[call.har, call.origin].append(places[call])
    return Order(places, {key: sorted(found) for key, found in ends.items()})


def _find_clock_changes(recorded: Iterable[RecordedCall]) -> set[int]:
    """The numbers of the calls before which the recorder's clock was set back.

    Recorders list calls when they begin or when they end. A call that ended before one began that
    is listed before it means that the clock was set back, or that the file is in another order:
    then the deployment's own `Date` goes back too, or there are many such calls.
    """
    certain, likely = set(), set()
    latest, latest_date, count = -1, None, 0
    for call in recorded:
        began, date, count = call.summary.began, call.summary.server_date, count + 1
        if began is None:
            continue
        if began + call.summary.took + SECOND < latest:
            if date is None or latest_date is None:
                likely.add(call.number)
            elif 2 * (latest_date - date) > latest - began:
                return set()
            else:
                certain.add(call.number)
        elif began < latest:
            continue
        latest, latest_date = began, date
    return certain | likely if len(likely) <= max(1, count // 10) else certain


def split_sequences(
    calls: Iterable[AttributedCall], order: Order
) -> Iterator[list[AttributedCall]]:
    """The calls of one API and deployment by recording and world, in their order.

    A sequence ends where requests overlapped and one of them may have changed something: their
    order is unknown, and each of them is a sequence of its own.
    """
    worlds: defaultdict[tuple[HarFile, str, int], list[AttributedCall]] = defaultdict(list)
    for attributed in calls:
        call = attributed.call
        # A mock's sandbox is the one that the response names, else the request, else the path.
        sandbox = call.summary.sandbox or attributed.sandbox
        worlds[call.har, sandbox, order.get_period(call)].append(attributed)
    for world in worlds.values():
        sequence: list[AttributedCall] = []
        for group in _group_overlapping(world, order):
            if len(group) == 1 or all(item.call.method in SAFE_METHODS for item in group):
                sequence.extend(sorted(group, key=order.get_response))
            else:
                yield sequence
                yield from ([attributed] for attributed in group)
                sequence = []
        yield sequence


def _group_overlapping(
    world: Iterable[AttributedCall], order: Order
) -> Iterator[list[AttributedCall]]:
    """Group the calls that were under way at the same time.

    A page sends its next request from the beginning of a response on.
    """
    group: list[AttributedCall] = []
    run = ended = 0
    for attributed in sorted(world, key=lambda item: order.places[item.call]):
        place = order.places[attributed.call]
        if group and (place[0] != run or place[1] + _ROUNDING >= ended):
            yield group
            group, ended = [], 0
        run, ended = place[0], max(ended, order.get_response(attributed))
        group.append(attributed)
    if group:
        yield group
