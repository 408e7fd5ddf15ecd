"""Mutations derived from traits: what a page, a row, a range or an envelope can get wrong.

What a schema gives already (rows reversed, doubled or missing, a parameter that is ignored, a write
that is lost) is derived in `mockserver.mutation`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from functools import partial
from itertools import chain
from typing import Any

from mockserver.clock import SECOND
from mockserver.contract import Request, Response
from mockserver.json_pointer import ABSENT, split_pointer
from mockserver.mutation import Flow, Mutation
from mockserver.mutation.messages import get_query, parse_body, with_body, with_json, with_query
from mockserver.mutation.mutation import (
    Breach,
    make_mutations,
    on_json,
    response_flow,
)
from mockserver.mutation.places import change_at
from mockserver.mutation.requests import list_schemes, with_credential
from mockserver.traits.declarations import ApiTraits, Pagination, Traits
from mockserver.traits.listing import at
from mockserver.traits.range_mutations import break_range, break_totals
from mockserver.traits.times import DAY, HOUR, read_time, write_time

_MOST_PAGES = 50
_OTHER_STATUS = {200: 201, 403: 401, 422: 400}


def derive_trait_mutations(traits: ApiTraits) -> Iterator[Mutation]:
    """The mutations that break what the traits of an API declare."""
    for own in traits.operations.values():
        breaches = chain(
            _break_pages(own),
            _break_rows(own),
            _break_labels(own),
            break_range(own),
            break_totals(own),
            _break_moments(own),
            _break_responses(traits, own),
        )
        yield from make_mutations(own.operation, breaches)


def _on_body(own: Traits, change: Callable[[Any], Any]) -> Callable[[Request], Flow]:
    return response_flow(on_json(change), own.operation.success)


def _put(body: Any, pointer: str, value: Any) -> Any:
    return change_at(body, tuple(split_pointer(pointer)), lambda _: value)


def _on_rows(own: Traits, change: Callable[[list[Any]], list[Any]]) -> Callable[[Request], Flow]:
    pointer = own.rows or ""
    return _on_body(own, lambda body: _put(body, pointer, change(at(body, pointer))))


# Pages


def _break_pages(own: Traits) -> Iterator[Breach]:
    trait = own.pagination
    if trait is None:
        return
    for operator, by, sentence, merge in _OTHER_PAGES:
        yield operator, trait.rows, sentence, _with_other_page(own, trait, by, merge)
    if trait.current and trait.last:

        def empty_last(body: Any) -> Any:
            is_last = at(body, trait.current) == at(body, trait.last) > trait.first_page
            return _put(body, trait.rows, []) if is_last else body

        sentence = "The last of several pages is empty."
        yield "last-page-empty", trait.rows, sentence, _on_body(own, empty_last)
    if trait.total:
        sentence = f"`{trait.total}` counts the rows of the page alone."
        flow = _on_body(own, lambda body: _put(body, trait.total, len(at(body, trait.rows))))
        yield "total-of-page", trait.total, sentence, flow
    if trait.last and trait.total and trait.size:

        def round_down(body: Any) -> Any:
            full = at(body, trait.total) // at(body, trait.size)
            return _put(body, trait.last, max(1, full))

        sentence = f"`{trait.last}` leaves out a last page that is not full."
        yield "last-page-rounded-down", trait.last, sentence, _on_body(own, round_down)
    if trait.current:
        first = trait.first_page if trait.page else 0
        sentence = f"`{trait.current}` is that of the first page on every page."
        flow = _on_body(own, lambda body: _put(body, trait.current, first))
        yield "always-first-page", trait.current, sentence, flow
    for name, link in trait.links.items():

        def lead_back(body: Any, link: str = link) -> Any:
            return _put(body, link, _renumber(trait, at(body, link), at(body, trait.current)))

        sentence = f"The link `{name}` leads to the page that has it."
        yield "link-to-itself", link, sentence, _on_body(own, lead_back)
    grows_at_end = own.order is not None and own.order.grows_at == "end"
    if grows_at_end and trait.page and trait.total and trait.current and trait.size:
        flow = _on_body(own, partial(_leave_out_newest, trait))
        yield "stale-read", trait.rows, "The row that was added last is not listed yet.", flow


_OTHER_PAGES: tuple[tuple[str, int, str, Callable[[list[Any], list[Any]], list[Any]]], ...] = (
    (
        "page-overlap",
        -1,
        "A page begins with the last row of the page before it.",
        lambda rows, before: [*before[-1:], *rows[1:]],
    ),
    (
        "page-repeated",
        -1,
        "A page has the rows of the page before it.",
        lambda rows, before: before[: len(rows)],
    ),
    (
        "page-gap",
        1,
        "The first row of a page is missing, and the first of the next page follows.",
        lambda rows, after: [*rows[1:], *after[:1]] if after else rows,
    ),
    (
        "page-too-long",
        1,
        "A page has one row of the next page too.",
        lambda rows, after: [*rows, *after[:1]],
    ),
)
"""Each with how far away the page is whose rows it takes."""


def _with_other_page(
    own: Traits, trait: Pagination, by: int, merge: Callable[[list[Any], list[Any]], list[Any]]
) -> Callable[[Request], Flow]:
    def flow(request: Request) -> Flow:
        response = yield request
        body = parse_body(response)
        if response.status != own.operation.success or not (rows := at(body, trait.rows)):
            return response
        read_page = _read_page_by_cursor if trait.style == "cursor" else _read_page_by_number
        other = yield from read_page(trait, by, request, body)
        if other is None or other.status != response.status:
            return response
        merged = merge(rows, at(parse_body(other), trait.rows))
        return response if merged == rows else with_json(response, _put(body, trait.rows, merged))

    return flow


_OtherPage = Generator[Request, Response, Response | None]
"""Requests the page before or after one, and returns its response; None where there is none."""


def _read_page_by_number(trait: Pagination, by: int, request: Request, body: Any) -> _OtherPage:
    name, first, step = trait.page, trait.first_page, 1
    if trait.style == "offset":
        rows = at(body, trait.rows)
        name, first, step = trait.offset, 0, int(get_query(request, trait.per_page) or len(rows))
    number = int(get_query(request, name) or first) + by * step
    return (yield with_query(request, **{name: str(number)})) if number >= first else None


def _read_page_by_cursor(trait: Pagination, by: int, request: Request, body: Any) -> _OtherPage:
    sent, cursor = get_query(request, trait.cursor), at(body, trait.next_cursor)
    if by > 0:
        is_last = cursor in (None, ABSENT, "")
        return None if is_last else (yield with_query(request, **{trait.cursor: str(cursor)}))
    cursor = None
    for _ in range(_MOST_PAGES if sent else 0):  # a cursor leads forward only
        page = yield with_query(request, **{trait.cursor: cursor})
        cursor = str(at(parse_body(page), trait.next_cursor))
        if cursor == sent:
            return page
    return None


def _renumber(trait: Pagination, link: Any, page: int) -> Any:
    """A link to another page of the list; null stays null."""
    return re.sub(rf"(\b{trait.page}=)\d+", rf"\g<1>{page}", link) if link else link


def _leave_out_newest(trait: Pagination, body: Any) -> Any:
    """The page as it was before the last row was added, as far as it shows that."""
    rows, total = at(body, trait.rows), at(body, trait.total)
    before = (at(body, trait.current) - trait.first_page) * at(body, trait.size)
    if not total:
        return body
    last = max(1, -(-(total - 1) // at(body, trait.size)))
    changed = {trait.total: total - 1, trait.last: last}
    if before + len(rows) == total:
        changed |= {trait.rows: rows[:-1], trait.last_row: total - 1 if rows[:-1] else None}
        changed |= {} if rows[:-1] else {trait.first_row: None}
    if link := trait.links.get("last"):
        changed[link] = _renumber(trait, at(body, link), last)
    for pointer, value in changed.items():
        body = _put(body, pointer, value) if pointer else body
    return body


# Rows


def _break_rows(own: Traits) -> Iterator[Breach]:
    identity = own.identity
    if own.rows is None or identity is None:
        return

    def copy_id(rows: list[Any]) -> list[Any]:
        return [rows[0], _put(rows[1], identity.id, at(rows[0], identity.id)), *rows[2:]]

    sentence = "The second row has the identity of the first."
    yield "same-identity", f"{own.rows}/*{identity.id}", sentence, _on_rows(own, copy_id)
    for field in identity.stable:

        def exchange(rows: list[Any], field: str = field) -> list[Any]:
            first, second = (at(row, field) for row in rows[:2])
            return [_put(rows[0], field, second), _put(rows[1], field, first), *rows[2:]]

        sentence = f"The first two rows exchange their `{field}`."
        yield "fields-exchanged", f"{own.rows}/*{field}", sentence, _on_rows(own, exchange)


def _break_labels(own: Traits) -> Iterator[Breach]:
    trait = own.labels
    if trait is None:
        return

    def exchange(row: Any) -> Any:
        value = at(row, trait.of)
        others = [text for text in trait.texts.values() if trait.find_other(value, text)]
        return _put(row, trait.text, others[0]) if others else row

    steps = tuple(split_pointer(own.row))
    flow = _on_body(own, lambda body: change_at(body, steps, exchange))
    sentence = f"`{trait.text}` is the text of another value of `{trait.of}`."
    yield "text-of-another-value", f"{own.row}{trait.text}", sentence, flow


# Times


def _break_moments(own: Traits) -> Iterator[Breach]:
    trait = own.moments
    if trait is None:
        return
    far = 4 * trait.tolerance * SECOND + HOUR

    for pointer in trait.now:
        flow = _on_body(own, partial(_shift, pointer, trait.unit, -far))
        yield "clock-behind", pointer, f"`{pointer}` is more than an hour behind.", flow
    for field in trait.past:

        def advance(rows: list[Any], field: str = field) -> list[Any]:
            return [_shift(field, trait.row_unit, 365 * DAY, rows[0]), *rows[1:]]

        sentence = f"`{field}` of the first row is a year ahead."
        yield "in-the-future", f"{own.rows}/*{field}", sentence, _on_rows(own, advance)


def _shift(pointer: str, unit: str, by: int, body: Any) -> Any:
    """The body with a time that is so many microseconds later, written as it was."""
    value = at(body, pointer)
    time = read_time(value, unit)
    if time is None:
        return body
    if isinstance(value, str):
        text = str(write_time(time + by, unit))
        is_whole = unit in ("day-month-year", "time-of-day")
        return _put(body, pointer, text if is_whole else text + value[len(text) :])
    return _put(body, pointer, value + by // (SECOND if unit == "seconds" else SECOND // 1000))


# Responses as a whole


def _break_responses(traits: ApiTraits, own: Traits) -> Iterator[Breach]:
    operation, trait = own.operation, own.envelope
    for text in operation.responses if trait and trait.status else ():
        if trait and text.isdecimal() and (not trait.statuses or int(text) in trait.statuses):
            other = _OTHER_STATUS.get(int(text), 403)
            flow = response_flow(partial(_set_status, trait.status, other), int(text))
            sentence = f"A {text} is a {other}, and says so in its body."
            yield "other-status-twice", text, sentence, flow
    if trait and trait.literal:
        sentence = "Letters beyond ASCII are escaped in the JSON."
        flow = response_flow(_escape, operation.success)
        yield "escaped-json", str(operation.success), sentence, flow
    for name in own.pure_read.any_case if own.pure_read else ():

        def has_upper_case(request: Request, name: str = name) -> bool:
            text = get_query(request, name) or ""
            return text != text.lower()

        sentence = f"`{name}` in upper case is refused."
        yield "refuse-upper-case", f"query/{name}", sentence, _refuse(own, has_upper_case)
    if own.pure_read and own.pure_read.ignores_body:
        sentence = "A request with a body is refused."
        yield "refuse-body", "", sentence, _refuse(own, lambda request: bool(request.body))
    if own.authentication and own.creation:
        status, schemes = own.authentication.status, list_schemes(traits.contract, operation)

        def write(request: Request) -> Flow:
            response = yield request
            if response.status == status:
                yield with_credential(request, schemes, "good")
            return response

        sentence = "A request without a good credential is refused, and writes all the same."
        yield "write-when-unauthenticated", "", sentence, write


def _set_status(pointer: str, status: int, response: Response) -> Response:
    return with_json(response, _put(parse_body(response), pointer, status), status)


def _escape(response: Response) -> Response:
    text = re.sub(r"[^\x00-\x7f]", lambda char: json.dumps(char[0])[1:-1], response.body.decode())
    return with_body(response, text)


def _refuse(own: Traits, condition: Callable[[Request], bool]) -> Callable[[Request], Flow]:
    """Refuses some requests that would succeed, with the first refusal that the contract shows."""
    shown = [
        (int(status), example)
        for status in ("404", "400", "422")
        if status in own.operation.responses
        for example in own.operation.responses[status].examples
    ]
    status, body = shown[0] if shown else (400, {})

    def flow(request: Request) -> Flow:
        response = yield request
        is_refused = response.status == own.operation.success and condition(request)
        return with_json(response, body, status) if is_refused else response

    return flow
