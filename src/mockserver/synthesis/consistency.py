"""What the traits of an operation say of a response beyond its schema, applied to a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.json_pointer import ABSENT, split_pointer
from mockserver.mutation.places import change_at
from mockserver.traits import Traits
from mockserver.traits.declarations import Labels, Order, Pagination, Range
from mockserver.traits.listing import at

_GREATEST = 1_000_000
"""No page of a greater number, and no page with more rows, has rows."""


def make_consistent(
    traits: Traits, status: int, value: Any, arguments: Mapping[str, Any], url: str
) -> Any:
    """A value in which the envelope, the rows and the page agree with each other.

    `arguments` are those of the request, `url` is its URL without the query.
    """
    if traits.envelope:
        value = _put(value, traits.envelope.status, status)
        value = _put(value, traits.envelope.success, status < 400)
    if status != traits.operation.success:
        return value
    if traits.labels:
        value = _label_rows(traits.labels, traits.row, value)
    if traits.range:
        value = _order_times(traits.range, traits.row, value)
    if traits.order:
        value = _sort_rows(traits.order, value)
    if traits.pagination:
        value = _number_page(traits.pagination, value, arguments, url)
    return value


def _put(value: Any, pointer: str, replacement: Any) -> Any:
    """The value with another one at a place, where it has one of the same type, or null."""
    known = at(value, pointer) if pointer else ABSENT
    fits = known is None or type(known) is type(replacement) or replacement is None
    if known is ABSENT or not fits:
        return value
    return change_at(value, _split(pointer), lambda _: replacement)


def _label_rows(labels: Labels, row: str, value: Any) -> Any:
    def label(item: Any) -> Any:
        text = labels.texts.get(str(at(item, labels.of)))
        return item if text is None else _put(item, labels.text, text)

    return change_at(value, _split(row), label)


def _sort_rows(order: Order, value: Any) -> Any:
    rows = at(value, order.rows)
    if not isinstance(rows, list):
        return value
    rows = list(rows)
    for pointer in reversed(order.by):
        field = pointer.removeprefix("-")
        keys = [at(row, field) for row in rows]
        if len({type(key) for key in keys}) != 1 or not isinstance(keys[0], str | int | float):
            return value
        ordered = sorted(range(len(rows)), key=keys.__getitem__, reverse=pointer[0] == "-")
        rows = [rows[n] for n in ordered]
    return _put_rows(value, order.rows, rows)


def _put_rows(value: Any, pointer: str, rows: list[Any]) -> Any:
    """The value with other rows; it may be a list of rows itself."""
    return change_at(value, _split(pointer), lambda _: rows)


def _split(pointer: str) -> tuple[str, ...]:
    return tuple(split_pointer(pointer)) if pointer else ()


def _order_times(trait: Range, row: str, value: Any) -> Any:
    """The value with intervals that end after they begin."""

    def order(item: Any) -> Any:
        begin, finish = at(item, trait.begin), at(item, trait.finish)
        if isinstance(begin, str) and isinstance(finish, str) and begin > finish:
            item = _put(_put(item, trait.begin, finish), trait.finish, begin)
        return item

    return change_at(value, _split(row), order) if trait.begin and trait.finish else value


def _number_page(trait: Pagination, value: Any, arguments: Mapping[str, Any], url: str) -> Any:
    rows = at(value, trait.rows)
    if not isinstance(rows, list):
        return value
    size = _read(arguments, trait.per_page, max(len(rows), 1))
    page = _read(arguments, trait.page, trait.first_page)
    before = (page - trait.first_page) * size if trait.page else _read(arguments, trait.offset, 0)
    if before > _GREATEST:
        rows, total = [], len(rows)
    else:
        rows = rows[:size]
        total = max(before, 0) + len(rows)
    pages = max(1, -(-total // max(size, 1)))
    last = trait.first_page + pages - 1
    current = page if trait.page else before
    value = _put_rows(value, trait.rows, rows)
    present = {
        trait.total: total,
        trait.current: current,
        trait.size: size,
        trait.last: last,
        trait.first_row: before + 1 if rows else None,
        trait.last_row: before + len(rows) if rows else None,
        trait.next_cursor: None,
        trait.path: url,
    }
    for pointer, replacement in present.items():
        value = _put(value, pointer, replacement)
    numbers = {"first": trait.first_page, "last": last, "next": None, "previous": None}
    if trait.page and current > trait.first_page:
        numbers["previous"] = current - 1
    for name, pointer in trait.links.items() if trait.page else ():
        number = numbers.get(name)
        link = None if number is None else f"{url}?{trait.page}={number}"
        value = _put(value, pointer, link)
    return value


def _read(arguments: Mapping[str, Any], name: str, default: int) -> int:
    value = arguments.get(name)
    return value if type(value) is int else default
