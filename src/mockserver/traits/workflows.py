"""Workflows derived from traits: short sequences of requests in which the invariants are met."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mockserver.contract import Operation
from mockserver.invariant import Caller, Interaction, Workflow
from mockserver.traits.declarations import ApiTraits, Creation, Filter, Pagination, Range, Traits
from mockserver.traits.listing import at
from mockserver.traits.times import DAY, describe, read_time, write_time

__all__ = ["derive_workflows"]

_SECOND = 1_000_000
_LARGEST = 1_000
"""A list is read on one page of at most so many rows."""

_NAME = re.compile(r"\{([a-z_]+)\}")
_Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class _Run:
    """A workflow that is run: the operation that it calls, and the arguments of every request."""

    own: Traits
    call: Caller
    arguments: _Arguments

    def send(self, **more: Any) -> Interaction:
        """Call the operation with more arguments; None leaves one out."""
        given = {key: value for key, value in more.items() if value is not None}
        return self.call(self.own.operation.id, **{**self.arguments, **given})


_Steps = Callable[[_Run], None]


def derive_workflows(traits: ApiTraits) -> Iterator[Workflow]:
    """The workflows of an API, by operation; those of writing operations are marked so."""
    for own in traits.operations.values():
        # Each in a workflow of its own: a deployment may have one of the ids and not another.
        for arguments in own.tries or (() if _requires(own.operation) else ({},)):
            for name, sentence, steps in _readings(own):
                yield _workflow(own, name, sentence, arguments, steps)
    for own in traits.operations.values():
        if own.creation is not None:
            sentence = "entries that are taken and refused, and the list after each"
            if own.authentication is not None:
                sentence = f"{sentence}; one is sent without a credential"
            for arguments in own.tries:
                steps = _create(own.creation, traits)
                yield _workflow(own, "created", sentence, arguments, steps, writes=True)


def _readings(own: Traits) -> Iterator[tuple[str, str, _Steps]]:
    """The workflows that read, each with its name and what it does."""
    if own.pagination is not None:
        sentence = "as one page, as three, as five, by default, and past its end"
        yield "in-pages", sentence, _read_in_pages
    if own.pure_read is not None or own.rows is not None:
        yield "read-again", "three times, and written otherwise", _read_again
    for item in own.filters.by if own.filters else ():
        sentence = f"by each value of `{item.parameter}`, by every two, and by all"
        yield f"by-{item.parameter}", sentence, _filter_by(item)
    if own.range is not None and own.rows is not None:
        yield "in-ranges", "in ranges within each other, on and between its rows", _read_in_ranges
    if own.mirror is not None:
        sentence = f"by this operation and by {own.mirror.operation}"
        yield "mirrored", sentence, _read_mirrored


def _requires(operation: Operation) -> bool:
    return any(it.required for it in operation.parameters)


def _workflow(
    own: Traits,
    name: str,
    sentence: str,
    arguments: _Arguments,
    steps: _Steps,
    *,
    writes: bool = False,
) -> Workflow:
    needs = tuple(dict.fromkeys(_NAME.findall(str(arguments))))

    def run(call: Caller, ids: Mapping[str, str]) -> None:
        steps(_Run(own, call, {key: _fill(value, ids) for key, value in arguments.items()}))

    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", own.operation.id).lower()
    of = "".join(f"-{need.replace('_', '-')}" for need in needs) if len(own.tries) > 1 else ""
    subject = "An answer" if own.rows is None else "A list"
    sentence = f"{subject} of {own.operation.id}: {sentence}."
    return Workflow(f"{kebab}-{name}{of}", sentence, run, needs, writes)


def _fill(value: Any, ids: Mapping[str, str]) -> Any:
    return _NAME.sub(lambda found: ids[found[1]], value) if isinstance(value, str) else value


def _maximum(own: Traits) -> int | None:
    """The largest page that is worth a request."""
    name = own.pagination.per_page if own.pagination else ""
    schema = next((it.schema for it in own.operation.parameters if it.name == name), None)
    return None if schema is None else min(schema.get("maximum", _LARGEST), _LARGEST)


def _largest(own: Traits) -> dict[str, Any]:
    maximum = _maximum(own)
    return {} if maximum is None or own.pagination is None else {own.pagination.per_page: maximum}


def _rows(own: Traits, seen: Interaction) -> list[Any]:
    rows = at(seen.response_body, own.rows or "")
    return rows if isinstance(rows, list) else []


def _read_in_pages(run: _Run) -> None:
    own, send = run.own, run.send
    spec = own.pagination
    if spec is None:
        return
    whole = send(**_largest(own))
    total = at(whole.response_body, spec.total) if spec.total else len(_rows(own, whole))
    total = total if type(total) is int and 0 < total <= _LARGEST else 1
    for count in (3, 5):
        size = max(1, min(-(-total // count), _maximum(own) or total))
        _turn_pages(run, spec, size, count)
    send()
    for page in (total + 1, 1_000_000) if spec.style != "cursor" else ():
        send(**_page(spec, page, 1))
    send(**_page(spec, spec.first_page + 1, _maximum(own)))


def _turn_pages(run: _Run, spec: Pagination, size: int, count: int) -> None:
    size_argument = {spec.per_page: size} if spec.per_page else {}
    if spec.style == "cursor":
        cursor = None
        for _ in range(count + 2):
            seen = run.send(**{**size_argument, spec.cursor: cursor})
            cursor = at(seen.response_body, spec.next_cursor)
            if not isinstance(cursor, str | int):
                return
    for number in range(count) if spec.style != "cursor" else ():
        run.send(**_page(spec, number + spec.first_page, size))


def _page(spec: Pagination, page: int, size: int | None) -> dict[str, Any]:
    sized = {spec.per_page: size} if spec.per_page and size else {}
    if spec.style == "page-number":
        return {spec.page: page, **sized}
    if spec.style == "offset":
        return {spec.offset: page * (size or 1), **sized}
    return sized


def _read_again(run: _Run) -> None:
    own, send = run.own, run.send
    for _ in range(3):
        send()
    for parameter in own.operation.parameters:
        default = parameter.schema.get("default")
        paging = own.pagination.parameters if own.pagination else ()
        if default is not None and parameter.name not in (*run.arguments, *paging):
            send(**{parameter.name: default})
            send()
    for name in own.pure_read.any_case if own.pure_read else ():
        send(**{name: str(run.arguments[name]).upper()})
        send(**{name: str(run.arguments[name]).lower()})
    if own.pure_read and own.pure_read.ignores_body:
        send(body={})
        send(body={"unexpected": 1})
        send()


def _filter_by(item: Filter) -> _Steps:
    def steps(run: _Run) -> None:
        own, send = run.own, run.send
        bounds = _past(run)
        rows = _rows(own, send(**_largest(own), **bounds))
        spec = next(it for it in own.operation.parameters if it.name == item.parameter)
        schema = {**spec.schema.get("items", {}), **spec.schema}
        listed = dict.fromkeys(
            at(row, item.field) for row in rows if isinstance(at(row, item.field), str | int)
        )
        values = list(schema.get("enum") or schema.get("items", {}).get("enum") or listed)[:4]
        for count in range(1, len(values) + 1) if item.match == "one-of" else (1,):
            for some in combinations(values, count):
                value = list(some) if item.match == "one-of" else some[0]
                send(**{item.parameter: value, **_largest(own), **bounds})
        send(**_largest(own), **bounds)

    return steps


def _past(run: _Run) -> dict[str, Any]:
    """Bounds of two weeks that are over, in which nothing changes any more; none without a range."""
    own = run.own
    if own.range is None or own.rows is None:
        return {}
    end = run.call.now - 60 * _SECOND
    start = end - 14 * DAY
    return {
        own.range.start: write_time(start, own.range.unit),
        own.range.end: write_time(end, own.range.unit),
    }


def _read_in_ranges(run: _Run) -> None:
    own, send = run.own, run.send
    spec = own.range
    if spec is None:
        return
    largest = _largest(own)

    def read(start: int | None, end: int | None, **more: Any) -> Interaction:
        bounds = {spec.start: start, spec.end: end}
        written = {key: write_time(it, spec.unit) for key, it in bounds.items() if it is not None}
        return send(**{**largest, **written, **more})

    now = run.call.now
    past = (now - 14 * DAY, now - 60 * _SECOND) if own.pagination else (None, None)
    rows = _rows(own, read(*past))
    times = sorted(
        it
        for it in (read_time(at(row, spec.over or spec.begin), spec.row_unit) for row in rows)
        if it is not None
    )
    times = times or [now - 21 * DAY, now - 14 * DAY, now - 7 * DAY]
    first, middle, last = (times[len(times) * n // 4] for n in (1, 2, 3))
    ends = (past[0] or times[0] - DAY, past[1] or now)
    for start, end in (
        *((first, last), (middle, last), (middle, middle + _SECOND), (times[0], times[0])),
        *((first, None), (middle, None), (last, first), (ends[0], middle), ends),
        *((None, last), (None, middle), (now + DAY, None)),
    ):
        read(start, end)
    if own.pagination and own.pagination.per_page:
        read(middle, ends[1], **{own.pagination.per_page: 3})
    for start, end in _through_rows(own, rows):
        read(start, end)
    _write_otherwise(send, spec, largest, middle, ends)
    read(*past)
    send(**largest)


def _through_rows(own: Traits, rows: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Ranges whose bounds are inside of the longest intervals, and exactly on them."""
    spec = own.range
    if spec is None or not spec.begin:
        return
    spans = [
        (
            read_time(at(row, spec.begin), spec.row_unit),
            read_time(at(row, spec.finish), spec.row_unit),
        )
        for row in rows
    ]
    longest = sorted(
        ((b, e) for b, e in spans if b is not None and e is not None and b < e),
        key=lambda it: it[0] - it[1],
    )
    for begin, end in longest[:3]:
        quarter = (end - begin) // 4
        yield from (
            (begin + quarter, None),
            (None, end - quarter),
            (begin + quarter, end - quarter),
        )
        yield from ((begin, end), (end, None), (None, begin))


def _write_otherwise(
    send: Callable[..., Interaction],
    spec: Range,
    largest: dict[str, Any],
    middle: int,
    ends: tuple[int, int],
) -> None:
    """The same bounds in every unit or form."""
    if spec.unit == "by-size":
        start, end = (it // _SECOND for it in ends)
        for scale in (1, 1_000, 1_000_000):
            send(**{**largest, spec.start: start * scale, spec.end: end * scale})
        send(**{**largest, spec.start: start + 0.5, spec.end: end + 0.5})
    if spec.unit == "date-time":
        day, minute = describe(middle)[:10], describe(middle + 60 * _SECOND)[:16]
        for name in (spec.start, spec.end):
            for form in (day, f"{day}T00:00", f"{day}T00:00:00", minute, f"{minute}:00"):
                send(**{**largest, name: form})


def _read_mirrored(run: _Run) -> None:
    own, send = run.own, run.send
    spec, largest = own.mirror, _largest(own)
    if spec is None:
        return
    run.call(spec.operation, **{**run.arguments, **largest})
    send(**largest)
    for page in (1, 2) if own.pagination else ():
        paged = _page(own.pagination, page, 7)  # type: ignore[arg-type]
        send(**paged)
        run.call(spec.operation, **{**run.arguments, **paged})


def _create(spec: Creation, traits: ApiTraits) -> _Steps:
    def steps(run: _Run) -> None:
        own, send = run.own, run.send
        target = traits.operations[spec.in_]
        shared = {it.name for it in target.operation.parameters}
        place = {key: value for key, value in run.arguments.items() if key in shared}
        largest = _largest(target)

        def read() -> None:
            run.call(spec.in_, **{**place, **largest})

        read()
        bodies = [body for media in own.operation.body.values() for body in media.examples.values()]
        for body in bodies:
            send(body=body)
            read()
        for name in bodies[0] if bodies and isinstance(bodies[0], dict) else ():
            for wrong in ("INVALID", None, 1):
                send(body={**bodies[0], name: wrong})
            send(body={key: value for key, value in bodies[0].items() if key != name})
        read()
        if own.authentication is not None and bodies:
            run.call.call_unauthenticated(own.operation.id, **run.arguments, body=bodies[0])
            read()

    return steps
