"""Workflows derived from traits, in which invariants are evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from mockserver.clock import SECOND
from mockserver.invariant import Caller, Interaction, Workflow
from mockserver.traits.boundaries import write_bounds
from mockserver.traits.days import choose_days
from mockserver.traits.declarations import ApiTraits, Creation, Filter, Pagination, Range, Traits
from mockserver.traits.listing import at
from mockserver.traits.times import DAY, HOUR, describe, read_time
from mockserver.traits.workflow_run import Arguments, Steps, WorkflowRun

_LARGEST = 1_000
"""A list is read on one page of at most so many rows."""

_NAME = re.compile(r"\{([a-z_]+)\}")
_BRACES = str.maketrans("{}", "``")
_OVER_DAYS = "over more than a month, and on days that are easily taken for others"


def derive_workflows(traits: ApiTraits) -> list[Workflow]:
    """The workflows of an API, by operation; those of writing operations are the last."""
    workflows = []
    for own in traits.operations.values():
        is_called_plainly = not any(spec.required for spec in own.operation.parameters)
        # Each in a workflow of its own: a deployment may have one of the ids and not another.
        for arguments in own.tries or ([{}] if is_called_plainly else []):
            for name, sentence, steps in _list_steps(own, traits):
                workflows.append(_workflow(traits, own, name, sentence, steps, arguments))
        workflows += _list_comparisons(traits, own)
    return sorted(workflows, key=lambda workflow: workflow.writes)


def _list_steps(own: Traits, traits: ApiTraits) -> Iterator[tuple[str, str, Steps]]:
    """What the workflows of an operation do, each with a name and a sentence."""
    if own.pagination is not None:
        sentence = "as one page, as three, as five, by default, and past its end"
        yield "in-pages", sentence, _read_in_pages
    if own.pure_read is not None or own.rows is not None:
        sentence = "again and again, written otherwise, and with others in between"
        yield "read-again", sentence, _read_again
    for item in own.filters.by if own.filters else ():
        sentence = f"by each value of `{item.parameter}`, by every two, by all, and an unknown one"
        yield f"by-{item.parameter}", sentence, _filter_by(item)
    if own.range is not None and own.rows is not None:
        yield "in-ranges", "in ranges within each other, on and between its rows", _read_in_ranges
        yield "over-days", _OVER_DAYS, _read_over_days
    if own.refusals is not None:
        yield "refused", "with parameters that are no numbers, one by one and together", _refuse
    if own.mirror is not None:
        sentence = f"by this operation and by {own.mirror.operation}"
        yield "mirrored", sentence, _read_mirrored
    if own.creation is not None and own.tries:
        sentence = "entries that are taken, one of them twice, and refused, and the list after each"
        if own.authentication is not None:
            sentence = f"{sentence}; one is sent without a credential"
        yield "created", sentence, _create(own.creation, traits)


def _workflow(
    traits: ApiTraits, own: Traits, name: str, sentence: str, steps: Steps, *tries: Arguments
) -> Workflow:
    needs = _list_needs(tries)
    about = traits.operations[own.creation.in_] if own.creation else own

    def run(call: Caller, ids: Mapping[str, str]) -> None:
        def fill(arguments: Arguments) -> Arguments:
            return {
                key: _NAME.sub(lambda match: ids[match[1]], value)
                if isinstance(value, str)
                else value
                for key, value in arguments.items()
            }

        first, *others = map(fill, tries)
        known = [fill(it) for it in about.tries if ids.keys() >= {*_list_needs(it)}]
        elsewhere = [arguments for arguments in known if arguments != first]
        steps(WorkflowRun(own, call, first, others, elsewhere))

    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", own.operation.id).lower()
    of = "".join(f"-{need.replace('_', '-')}" for need in needs) if len(own.tries) > 1 else ""
    subject = "A response" if own.rows is None else "A list"
    sentence = f"{subject} of {own.operation.id}: {sentence}."
    operations = [own.operation.id]
    if own.mirror is not None and name == "mirrored":
        operations.append(own.mirror.operation)
    if own.creation is not None and name == "created":
        operations.append(own.creation.in_)
    return Workflow(
        f"{kebab}-{name}{of}",
        sentence,
        run,
        needs,
        writes=own.creation is not None,
        operations=tuple(operations),
    )


def _list_needs(arguments: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAME.findall(str(arguments))))


def _list_enum(own: Traits, name: str) -> list[Any]:
    """The values that a parameter may have, or each item of it; none where they are not listed."""
    schema = next(spec.schema for spec in own.operation.parameters if spec.name == name)
    return list(schema.get("enum") or schema.get("items", {}).get("enum") or ())


# Pages


def _largest(own: Traits) -> dict[str, int]:
    """The argument for the largest page that is worth a request."""
    name = own.pagination.per_page if own.pagination else ""
    return {
        parameter.name: min(parameter.schema.get("maximum", _LARGEST), _LARGEST)
        for parameter in own.operation.parameters
        if parameter.name == name
    }


def _read_largest(
    own: Traits, send: Callable[..., Interaction]
) -> tuple[Interaction, dict[str, int]]:
    """A page of the largest size, or of the default where that is refused; and its argument."""
    largest = _largest(own)
    page = send(**largest)
    if 400 <= page.status < 500 and largest:
        schemas = {parameter.name: parameter.schema for parameter in own.operation.parameters}
        largest = {name: schemas[name].get("default", 1) for name in largest}
        page = send(**largest)
    return page, largest


def _read_end(own: Traits, send: Callable[..., Interaction]) -> None:
    """The largest page of a list, and its last one, where that is another one."""
    page, largest = _read_largest(own, send)
    spec = own.pagination
    last = at(page.response_body, spec.last) if spec and spec.last else None
    if spec and type(last) is int and last > spec.first_page:
        send(**_page(spec, last, largest.get(spec.per_page)))


def _read_in_pages(run: WorkflowRun) -> None:
    own, send, spec = run.own, run.send, run.own.pagination
    if spec is None:
        return
    whole, largest = _read_largest(own, send)
    total = at(whole.response_body, spec.total or own.rows or "")
    total = len(total) if isinstance(total, list) else total
    total = total if type(total) is int and 0 < total <= _LARGEST else 1
    for count in (3, 5):
        size = max(1, min(-(-total // count), largest.get(spec.per_page, total)))
        _turn_pages(run, spec, size, max(count, -(-total // size)))
    send()
    for page in (total + 1, 1_000_000) if spec.style != "cursor" else ():
        send(**_page(spec, page, 1))
    send(**_page(spec, spec.first_page + 1, largest.get(spec.per_page)))


def _turn_pages(run: WorkflowRun, spec: Pagination, size: int, count: int) -> None:
    if spec.style != "cursor":
        for number in range(count):
            run.send(**_page(spec, number + spec.first_page, size))
        return
    cursor = None
    for _ in range(count + 2):
        response = run.send(**_page(spec, 0, size), **{spec.cursor: cursor})
        cursor = at(response.response_body, spec.next_cursor)
        if not isinstance(cursor, str | int):
            return


def _page(spec: Pagination, page: int, size: int | None) -> dict[str, Any]:
    sized = {spec.per_page: size} if spec.per_page and size else {}
    if spec.style == "page-number":
        return {spec.page: page, **sized}
    if spec.style == "offset":
        return {spec.offset: page * (size or 1), **sized}
    return sized


def _read_mirrored(run: WorkflowRun) -> None:
    own, mirrored = run.own, run.own.mirror.operation if run.own.mirror else ""
    pages = [_page(own.pagination, page, 7) for page in (1, 2)] if own.pagination else []
    for arguments in (_largest(own), *pages):
        run.call(mirrored, **{**run.arguments, **arguments})
        run.send(**arguments)


# Other readings


def _read_again(run: WorkflowRun) -> None:
    own, send = run.own, run.send
    for _ in range(3):
        send()
    for other in _list_others(run):
        send(**other)
        send()
    paging = own.pagination.parameters if own.pagination else ()
    for parameter in own.operation.parameters:
        default = parameter.schema.get("default")
        if default is None or parameter.name in paging:
            continue
        if parameter.name not in run.arguments:
            send(**{parameter.name: default})
            send()
        elif run.arguments[parameter.name] == default and not parameter.required:
            send(**{parameter.name: None})
            send()
    for name in own.pure_read.any_case if own.pure_read else ():
        send(**{name: str(run.arguments[name]).upper()})
        send(**{name: str(run.arguments[name]).lower()})
    if own.pure_read and own.pure_read.ignores_body:
        send(body={})
        send(body={"unexpected": 1})
        send()


def _list_others(run: WorkflowRun) -> Iterator[Arguments]:
    """Arguments that choose something else: another thing, page, value and range."""
    own, spec = run.own, run.own.range
    yield from run.elsewhere[:1]
    if own.pagination is not None and own.pagination.per_page:
        yield _page(own.pagination, own.pagination.first_page + 1, 1)
    for parameter in own.operation.parameters:
        values = _list_enum(own, parameter.name)
        value = next((it for it in values if it != run.arguments.get(parameter.name)), None)
        if value is not None and parameter.location == "query":
            yield {parameter.name: [value] if "items" in parameter.schema else value}
    if spec is not None:
        bounds = (read_time(run.arguments.get(it), spec.unit) for it in (spec.start, spec.end))
        start, end = (run.call.now - DAY if time is None else time for time in bounds)
        yield write_bounds(spec, start - 7 * DAY, end - 7 * DAY)


def _refuse(run: WorkflowRun) -> None:
    numbers = [
        parameter.name
        for parameter in run.own.operation.parameters
        if parameter.location == "query" and parameter.schema.get("type") in ("integer", "number")
    ]
    for names in (*([name] for name in numbers), numbers, []):
        run.send(**dict.fromkeys(names, "many"))


def _filter_by(item: Filter) -> Steps:
    def steps(run: WorkflowRun) -> None:
        own, largest = run.own, _largest(run.own)
        common = dict[str, Any](largest)
        if own.range is not None and own.rows is not None:
            # Two weeks that are over, in which nothing changes any more.
            end = run.call.now - 60 * SECOND
            common |= write_bounds(own.range, end - 14 * DAY, end)
        rows = run.read_rows(**common)
        if (
            own.range is not None
            and own.pagination
            and len(rows) >= min(largest.values(), default=len(rows) + 1)
        ):
            # Fewer rows, so that those of all values are on one page.
            begins = [read_time(at(row, own.range.over), own.range.row_unit) for row in rows]
            times = sorted(time for time in begins if time is not None)
            if times:
                common |= write_bounds(own.range, times[len(times) // 2], times[-1])
        listed = dict.fromkeys(
            value for row in rows if isinstance(value := at(row, item.field), str | int)
        )
        values = (_list_enum(own, item.parameter) or list(listed))[:4]
        for count in range(1, len(values) + 1) if item.match == "one-of" else (1,):
            for some in combinations(values, count):
                value = list(some) if item.match == "one-of" else some[0]
                run.send(**{item.parameter: value}, **common)
        if item.match == "one-of" and values:
            run.send(**{item.parameter: [values[0], "no-such-value"]}, **common)
        run.send(**common)

    return steps


# Ranges


def _read_in_ranges(run: WorkflowRun) -> None:
    own, spec, largest, now = run.own, run.own.range, _largest(run.own), run.call.now
    if spec is None:
        return
    past = (now - 14 * DAY, now - 60 * SECOND) if own.pagination else (None, None)
    rows = run.read_rows(**largest, **write_bounds(spec, *past))
    if past[0] is not None and not rows:
        rows, past = _find_rows(run, spec, now)
    begins = [read_time(at(row, spec.over or spec.begin), spec.row_unit) for row in rows]
    times = sorted(time for time in begins if time is not None)
    times = times or [now - 21 * DAY, now - 14 * DAY, now - 7 * DAY]
    first, middle, last = (times[len(times) * n // 4] for n in (1, 2, 3))
    ends = (past[0] or times[0] - DAY, past[1] or now)
    for start, end in (
        *((first, last), (middle, last), (middle - SECOND, middle + SECOND), (times[0], times[0])),
        *((first, None), (middle, None), (last, first), (ends[0], middle), ends),
        *((None, last), (None, middle), (now + DAY, None), (ends[0] - 2 * DAY, ends[0] - DAY)),
    ):
        run.send(**largest, **write_bounds(spec, start, end))
    if own.pagination and own.pagination.per_page:
        run.send(**write_bounds(spec, middle, ends[1]), **{own.pagination.per_page: 3})
    for start, end in _list_ranges_through(spec, rows):
        run.send(**largest, **write_bounds(spec, start, end))
    for bounds in _write_otherwise(spec, middle, ends):
        run.send(**largest, **bounds)
    run.send(**largest, **write_bounds(spec, *past))
    run.send(**largest)


def _longest(spec: Range) -> int:
    """How many days a very long range has, as far as it may."""
    return min(400, (spec.most_days or 401) - 1)


def _find_rows(run: WorkflowRun, spec: Range, now: int) -> tuple[list[Any], tuple[int, int]]:
    """Some rows of whatever time, and a range around them."""
    rows = run.read_rows(**_largest(run.own))
    begins = [read_time(at(row, spec.over or spec.begin), spec.row_unit) for row in rows]
    times = [time for time in begins if time is not None] or [now - 14 * DAY]
    return rows, (min(times) - DAY, min(max(times) + DAY, now - 60 * SECOND))


def _list_ranges_through(spec: Range, rows: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Ranges whose bounds are inside of the longest intervals, and exactly on them."""
    spans, pointers = [], (spec.begin, spec.finish)
    for row in rows if spec.begin else ():
        begin, end = (read_time(at(row, pointer), spec.row_unit) for pointer in pointers)
        if begin is not None and end is not None and begin < end:
            spans.append((begin, end))
    for begin, end in sorted(spans, key=lambda span: span[0] - span[1])[:3]:
        early, late = begin + (end - begin) // 4, end - (end - begin) // 4
        yield from ((early, None), (None, late), (early, late))
        yield from ((begin, end), (end, None), (None, begin))


def _write_otherwise(spec: Range, middle: int, ends: tuple[int, int]) -> Iterator[Arguments]:
    """The same bounds in every unit or form."""
    if spec.unit == "by-size":
        start, end = (time // SECOND for time in ends)
        for scale in (1, 1_000, 1_000_000):
            yield {spec.start: start * scale, spec.end: end * scale}
        yield {spec.start: start + 0.5, spec.end: end + 0.5}
    if spec.unit == "date-time":
        day, minute = describe(middle)[:10], describe(middle + 60 * SECOND)[:16]
        for name in (spec.start, spec.end):
            for form in (day, f"{day}T00:00", f"{day}T00:00:00", minute, f"{minute}:00"):
                yield {name: form}


def _read_over_days(run: WorkflowRun) -> None:
    own, spec, now = run.own, run.own.range, run.call.now
    if spec is None:
        return
    end = now - 60 * SECOND
    start = end - 45 * DAY
    rows = _read_all_pages(run, **write_bounds(spec, start, end))
    run.send(**_largest(own), **write_bounds(spec, start, start + 13 * DAY))
    # Bounds of which it is not known in which zone they are select with certainty only far inside.
    pad = 36 * HOUR if spec.zone == "any" else 60 * SECOND
    pad = max(pad, DAY) if spec.unit == "day-month-year" else pad
    spans = []
    for row in rows:
        pointers = (spec.over or spec.begin, spec.over or spec.finish)
        begin, finish = (read_time(at(row, pointer), spec.row_unit) for pointer in pointers)
        if begin is not None and finish is not None and finish + pad < end:
            spans.append((begin - pad, finish + pad))
    spans.sort()
    for start, finish in choose_days(spans):
        for first in dict.fromkeys((start, min(start, finish - 3 * DAY))):
            run.send(**_largest(own), **write_bounds(spec, first, finish))
    # More than a year, to a row before which there are few.
    for finish in [finish for _, finish in spans[:50][-1:]]:
        _read_all_pages(run, 3, **write_bounds(spec, finish - _longest(spec) * DAY, finish))
        run.send(**_largest(own), **write_bounds(spec, spans[0][0], finish))


def _read_all_pages(run: WorkflowRun, most: int = 8, **bounds: Any) -> list[Any]:
    """The rows of a list on all of its pages, as far as they are few."""
    own, spec = run.own, run.own.pagination
    page, largest = _read_largest(own, lambda **more: run.send(**bounds, **more))
    rows = at(page.response_body, own.rows or "")
    rows = list(rows) if isinstance(rows, list) else []
    last = at(page.response_body, spec.last) if spec and spec.last else None
    if spec and type(last) is int:
        for number in range(spec.first_page + 1, min(last, most) + 1):
            rows += run.read_rows(**bounds, **_page(spec, number, largest.get(spec.per_page)))
    return rows


def _list_comparisons(traits: ApiTraits, own: Traits) -> Iterator[Workflow]:
    """The workflows of totals: days and ranges by the first arguments, and by others beside."""
    tries = own.totals.tries or own.tries if own.totals else ()
    if own.range is None or not tries:
        return
    first, *others = tries
    steps = _sum_up(own.range)
    yield _workflow(traits, own, "in-parts", "days, and ranges that have them", steps, first)
    if own.rows is None:
        yield _workflow(traits, own, "over-days", _OVER_DAYS, _sum_up_days(own.range), first)
    for other in others:
        values = [str(value) for key, value in other.items() if value != first.get(key)]
        name = re.sub("[^a-z0-9]+", "-", "-".join(("beside", *values)).lower()).strip("-")
        sentence = f"four ranges, each for {' and '.join(values)} too".translate(_BRACES)
        yield _workflow(traits, own, name, sentence, steps, first, other)


def _sum_up(spec: Range) -> Steps:
    """Requests ranges that are over in every time zone."""

    def steps(run: WorkflowRun) -> None:
        ranges = [(-6, -2), (-8, -2), (-14, -2), (-20, -2)]
        if not run.others:
            ranges += [(day, day) for day in range(-8, -1)]
            # A long one, and what it has besides the last of those above.
            ranges += [(-2 - min(90, _longest(spec)), -23), (-2 - _longest(spec), -2)]
        for first, last in ranges:
            start, end = (run.call.now + day * DAY for day in (first, last))
            for arguments in (run.arguments, *run.others):
                run.send(**{**arguments, **write_bounds(spec, start, end)})

    return steps


def _sum_up_days(spec: Range) -> Steps:
    """Requests days that are easily taken for others, alone and at the end of a range."""

    def steps(run: WorkflowRun) -> None:
        past = (run.call.now - back * DAY for back in range(3, 1_500))
        for day, _ in choose_days((day, day) for day in past):
            for first, last in ((-2, -2), (0, 0), (-2, 0)):
                run.send(**write_bounds(spec, day + first * DAY, day + last * DAY))

    return steps


# Writes


def _create(spec: Creation, traits: ApiTraits) -> Steps:
    target = traits.operations[spec.in_]

    def steps(run: WorkflowRun) -> None:
        own, send = run.own, run.send
        shared = {parameter.name for parameter in target.operation.parameters}
        place = {key: value for key, value in run.arguments.items() if key in shared}

        def read(**other: Any) -> None:
            _read_end(target, lambda **more: run.call(spec.in_, **{**place, **other, **more}))

        read()
        bodies = own.operation.body_examples
        for body in bodies:
            send(body=body)
            read()
        for body in bodies[:1]:
            # The same write twice running; the list of something else stays as it is.
            for other in run.elsewhere[:1]:
                read(**other)
            send(body=body)
            send(body=body)
            for other in run.elsewhere[:1]:
                read(**other)
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
