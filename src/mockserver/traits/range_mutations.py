"""Mutations of ranges: bounds that mean something else, and rows that are not cut to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from struct import pack, unpack
from typing import Any

from mockserver.clock import SECOND, to_datetime
from mockserver.contract import Request
from mockserver.json_pointer import split_pointer
from mockserver.mutation import Flow
from mockserver.mutation.messages import get_query, parse_body, with_json, with_query
from mockserver.mutation.mutation import Breach, on_json, request_flow, response_flow
from mockserver.mutation.places import change_at
from mockserver.mutation.requests import change_query
from mockserver.traits.declarations import Range, Traits
from mockserver.traits.listing import at
from mockserver.traits.times import DAY, HOUR, read_time, unit_of, write_time


def break_range(own: Traits) -> Iterator[Breach]:
    """What an operation can make wrongly of the bounds of its range."""
    trait = own.range
    if trait is None:
        return
    start, end, success = trait.start, trait.end, own.operation.success
    schemas = {parameter.name: parameter.schema for parameter in own.operation.parameters}
    is_day = trait.unit == "day-month-year"
    # What is included is excluded by a bound that lies one unit further inside, and vice versa.
    inwards = (DAY if is_day else SECOND) * (1 if trait.included else -1)
    for name, by in ((start, inwards), (end, -inwards)):
        place = f"query/{name}"
        # Of a number, `parameter-plus-one` and `parameter-minus-one` do the same. Whether a range
        # includes an interval that only touches it is not declared.
        if schemas[name].get("type") == "string" and not (trait.begin and trait.included):
            word = "excluded" if trait.included else "included"
            sentence = f"What is at `{name}` itself is {word}."
            yield f"bound-{word}", place, sentence, request_flow(_move(trait, name, by), success)
        if trait.unit == "by-size":
            sentence = f"`{name}` in milliseconds is taken for seconds."
            flow = request_flow(change_query(name, _take_for_seconds), success)
            yield "milliseconds-as-seconds", place, sentence, flow
        if trait.zone != "any":
            days, words = (28, "four weeks") if name == start else (1, "a day")
            sentence = f"`{name}` on the last day of a month is read as {words} earlier."
            flow = request_flow(_move(trait, name, -days * DAY, _is_at_month_end), success)
            yield "month-end-earlier", place, sentence, flow
        if schemas[name].get("type") == "string":
            sentence = f"Day and month of `{name}` are exchanged where both are at most 12."
            flow = request_flow(change_query(name, _exchange_day_and_month), success)
            yield "day-as-month", place, sentence, flow
        sentence = f"`{name}` is read as {'a day' if is_day else 'three hours'} earlier."
        flow = request_flow(_move(trait, name, -DAY if is_day else -3 * HOUR), success)
        yield "bound-moved", place, sentence, flow

    def turn_round(request: Request) -> Request:
        times = _read_bounds(request, trait)
        if times[start] is None or times[end] is None or times[start] <= times[end]:
            return request
        return with_query(
            request, **{start: get_query(request, end), end: get_query(request, start)}
        )

    def cut(request: Request) -> Request:
        times = _read_bounds(request, trait)
        if None in times.values() or times[end] - times[start] <= 31 * DAY:
            return request
        return with_query(request, **{start: str(write_time(times[end] - 31 * DAY, trait.unit))})

    if own.rows is not None:
        sentence = "Of a range of more than 31 days only the last 31 count."
        yield "cut-long-range", f"query/{start}", sentence, request_flow(cut, success)

    def lose_last_days(request: Request) -> Request:
        times = _read_bounds(request, trait)
        if None in times.values() or times[end] - times[start] <= 100 * DAY:
            return request
        return with_query(request, **{end: str(write_time(times[end] - 3 * DAY, trait.unit))})

    if own.rows is not None:
        sentence = "Of a range of more than 100 days the last three do not count."
        flow = request_flow(lose_last_days, success)
        yield "very-long-range-without-end", f"query/{end}", sentence, flow
    if trait.over and trait.row_unit == "seconds":
        sentence = f"`{trait.over}` has the precision of a 32-bit number: two minutes."
        round_times = on_json(partial(_round_times, own, trait.over))
        yield (
            "time-as-float",
            f"{own.rows}/*{trait.over}",
            sentence,
            response_flow(round_times, success),
        )
    sentence = f"A `{start}` after `{end}` is accepted: the two change places."
    yield "range-turned-round", f"query/{start}", sentence, request_flow(turn_round)
    place = f"query/{end}"

    def read_end_alone(request: Request, *, as_start: bool) -> Request:
        text = get_query(request, end)
        if text is None or get_query(request, start) is not None:
            return request
        return with_query(request, **({start: text, end: None} if as_start else {start: "0"}))

    if start not in [spec.name for spec in own.operation.parameters if spec.required]:
        flow = request_flow(partial(read_end_alone, as_start=True))
        yield "end-as-start", place, f"`{end}` alone is read as `{start}`.", flow
    if trait.latest_without_start:
        flow = request_flow(partial(read_end_alone, as_start=False))
        sentence = f"`{end}` alone gives all rows before it, not the latest."
        yield "all-before-end", place, sentence, flow
    if trait.most_days:

        def shorten(request: Request) -> Request:
            times, longest = _read_bounds(request, trait), (trait.most_days - 1) * DAY
            if times[start] is None or times[end] is None or times[end] - times[start] <= longest:
                return request
            return with_query(request, **{end: str(write_time(times[start] + longest, trait.unit))})

        sentence = f"A range of more than {trait.most_days} days is accepted, and cut."
        yield "ignore-longest-range", place, sentence, request_flow(shorten)
    for field in filter(None, (trait.begin, trait.finish)) if trait.clips and own.identity else ():
        sentence = f"`{field}` is not cut to the range."
        yield "not-clipped", f"{own.rows}/*{field}", sentence, _unclip(own, trait, field)


def _round_times(own: Traits, field: str, body: Any) -> Any:
    """The rows of a response, with times that a 32-bit floating-point number can have."""
    pointer = own.rows or ""
    rows = [
        _put(row, field, unpack("f", pack("f", at(row, field)))[0]) for row in at(body, pointer)
    ]
    return _put(body, pointer, [_put(row, field, int(at(row, field))) for row in rows])


def _exchange_day_and_month(text: str) -> str:
    """A day with its month in the place of its day, and vice versa."""
    return re.sub(r"(?<!\d)(0\d|1[0-2])-(0\d|1[0-2])(?!\d)", r"\2-\1", text)


def _is_at_month_end(time: int) -> bool:
    """Whether a moment is on the last day of a month, in UTC."""
    return to_datetime(time + DAY).day == 1


def _move(
    trait: Range, name: str, by: int, applies: Callable[[int], bool] = lambda _: True
) -> Callable[[Request], Request]:
    """Moves a bound by so many microseconds, unless the range would end before it starts."""

    def change(request: Request) -> Request:
        times, text = _read_bounds(request, trait), get_query(request, name)
        time = times[name]
        if time is None or text is None or time + by < 0 or not applies(time):
            return request
        times[name] = time + by
        start, end = times.values()
        if start is not None and end is not None and start > end:
            return request
        moved = write_time(time + by, trait.unit)
        if trait.unit == "by-size":  # in the unit in which it was sent
            moved = round(int(text) * (time + by) / (time or 1))
        return with_query(request, **{name: str(moved)})

    return change


def _take_for_seconds(text: str) -> str:
    is_milliseconds = len(text) < 15 and text.isdecimal() and unit_of(int(text)) == "milliseconds"
    return str(10**11 - 1) if is_milliseconds else text  # so many seconds lie in the year 5138


def _read_bounds(request: Request, trait: Range) -> dict[str, Any]:
    """The start and the end in microseconds; None for what is not there, or is no time."""
    times: dict[str, Any] = {}
    for name in (trait.start, trait.end):
        value: Any = get_query(request, name)
        if trait.unit not in ("date-time", "day-month-year"):
            value = int(value) if value and value.isdecimal() and len(value) < 20 else None
        times[name] = read_time(value, trait.unit)
    return times


def _unclip(own: Traits, trait: Range, field: str) -> Callable[[Request], Flow]:
    pointer, id = own.rows or "", own.identity.id if own.identity else ""

    def flow(request: Request) -> Flow:
        response = yield request
        is_bounded = any(get_query(request, name) for name in (trait.start, trait.end))
        if response.status != own.operation.success or not is_bounded:
            return response
        whole = yield with_query(request, **{trait.start: None, trait.end: None})
        values = {at(row, id): at(row, field) for row in at(parse_body(whole), pointer)}
        body = parse_body(response)
        rows = [
            _put(row, field, values.get(at(row, id), at(row, field))) for row in at(body, pointer)
        ]
        return with_json(response, _put(body, pointer, rows))

    return flow


def break_totals(own: Traits) -> Iterator[Breach]:
    """What an operation can sum up wrongly over a range."""
    trait = own.range
    if own.totals is None or trait is None:
        return

    def shorten(request: Request) -> Request:
        return with_query(request, **{trait.end: get_query(request, trait.start)})

    sentence = "A range is summed up as if it ended where it starts."
    yield "total-of-start", f"query/{trait.end}", sentence, request_flow(shorten)


def _put(body: Any, pointer: str, value: Any) -> Any:
    return change_at(body, tuple(split_pointer(pointer)), lambda _: value)
