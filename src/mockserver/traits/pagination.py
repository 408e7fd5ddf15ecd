"""Pagination: pages are cut as requested, their numbers add up, and together they are the list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from mockserver.json_pointer import ABSENT
from mockserver.traits.declarations import Pagination
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show


class Pages(Struct, frozen=True):
    """A page, and earlier pages of the same list; `whole` is the list on one page."""

    now: Listing
    others: tuple[Listing, ...]
    whole: Listing | None = None


# One page


_LARGER = "a-larger-page-size-is-as-requested"
"""The rule that takes page sizes above the default from the rule of the others."""


def _has_size(page: Listing) -> bool:
    return page.requested_size is not None


def _is_larger(page: Listing) -> bool:
    """Whether the page size of the request is above the default."""
    default, size = page.default_size, page.requested_size
    return default is not None and size is not None and size > default


@rule(
    Pagination,
    "per_page",
    "size",
    where=lambda page: (
        _has_size(page)
        and not (_LARGER in page.pagination.rules and _is_larger(page))
        and not page.is_short
    ),
)
def page_size_is_as_requested(page: Listing) -> Iterator[str]:
    """The response repeats the page size of the request, and the default where it has none."""
    yield from _compare(page, {page.pagination.size: page.requested_size}, "requested was")


@rule(Pagination, "per_page", "size", where=_is_larger, is_optional=True)
def a_larger_page_size_is_as_requested(page: Listing) -> Iterator[str]:
    """The response repeats a page size above the default too."""
    yield from _compare(page, {page.pagination.size: page.requested_size}, "requested was")


@rule(
    Pagination,
    "per_page",
    "size",
    where=lambda page: page.is_short,
    is_optional=True,
)
def page_size_is_as_requested_where_rows_are_few(page: Listing) -> Iterator[str]:
    """The response repeats the page size of the request, though it has fewer rows."""
    yield from page_size_is_as_requested.find_violations(page)


@rule(
    Pagination,
    "current",
    where=lambda page: page.requested_page is not None and not page.is_past_the_end,
)
def page_is_as_requested(page: Listing) -> Iterator[str]:
    """The response repeats the page of the request, as far as the list has that many."""
    yield from _compare(page, {page.pagination.current: page.requested_page}, "requested was")


@rule(Pagination, "per_page", where=_has_size)
def page_has_no_more_rows_than_requested(page: Listing) -> Iterator[str]:
    """A page has at most as many rows as were requested."""
    size = page.requested_size
    if size is not None and len(page.rows) > size:
        yield f"it has {len(page.rows)} rows, requested were {size}"


@rule(Pagination, "total", where=lambda page: page.due is not None and not page.is_selected)
def rows_follow_from_total(page: Listing) -> Iterator[str]:
    """A page has exactly as many rows as the total, the page size and its place leave it."""
    if len(page.rows) != page.due:
        yield f"it has {len(page.rows)} rows, {page.due} are due"


@rule(
    Pagination,
    "total",
    where=lambda page: page.due is not None and page.is_selected,
    applies=lambda own: own.filters is not None or own.range is not None,
)
def rows_follow_from_total_of_a_selection(page: Listing) -> Iterator[str]:
    """The total of a list that is filtered, or of a range, is that of the rows selected."""
    yield from rows_follow_from_total.find_violations(page)


@rule(Pagination, "total", "last", where=lambda page: page.total)
def last_page_follows_from_total(page: Listing) -> Iterator[str]:
    """The number of the last page is the total divided by the page size, rounded up."""
    if page.total and page.size:
        due = -(-page.total // page.size) - 1 + page.pagination.first_page
        yield from _compare(page, {page.pagination.last: due})


@rule(
    Pagination,
    "first_row",
    "last_row",
    where=lambda page: page.rows and page.first is not None,
)
def positions_frame_the_rows(page: Listing) -> Iterator[str]:
    """The response says the positions of the first and the last row of the page."""
    spec, first = page.pagination, (page.first or 0) + 1
    yield from _compare(page, {spec.first_row: first, spec.last_row: first + len(page.rows) - 1})


def _has_path(page: Listing) -> bool:
    return isinstance(page.at(page.pagination.path), str)


@rule(Pagination, "path", where=_has_path)
def path_is_that_of_the_request(page: Listing) -> Iterator[str]:
    """The URL of the list is the one of the request, without a query."""
    path, requested = page.at(page.pagination.path), page.interaction.exchange.request.path
    if "?" in path or not unquote(path).endswith(requested):
        yield f"it is {show(path)}, requested was '{requested}'"


@rule(
    Pagination,
    "path",
    "links",
    where=lambda page: _has_path(page) and not page.is_past_the_end and page.page,
)
def links_lead_to_their_pages(page: Listing) -> Iterator[str]:
    """A link is the list's URL with the number of its page; null where there is no such page."""
    spec, current, last = page.pagination, page.page or 0, page.last or 0
    numbers = {
        "first": spec.first_page,
        "last": last,
        "next": current + 1 if current < last else None,
        "previous": current - 1 if current > spec.first_page else None,
    }
    for name, pointer in spec.links.items():
        if name != "last" or last >= spec.first_page:  # else an empty list has no last page
            yield from _compare_link(page, pointer, numbers[name])


@rule(Pagination, "total", where=lambda page: page.total == 0, is_optional=True)
def empty_list_has_one_page(page: Listing) -> Iterator[str]:
    """A list without rows has one page, and no first and last row."""
    spec = page.pagination
    due = {spec.last: spec.first_page, spec.first_row: None, spec.last_row: None}
    yield from _compare(page, due)
    if page.rows:
        yield f"it has {len(page.rows)} rows"


@rule(Pagination, where=lambda page: page.is_past_the_end, is_optional=True)
def page_past_the_end_is_empty(page: Listing) -> Iterator[str]:
    """A page past the end is numbered as requested, has no rows, and links backwards only."""
    spec, requested = page.pagination, page.requested_page or 0
    due: dict[str, Any] = {spec.current: requested, spec.first_row: None, spec.last_row: None}
    due[spec.links.get("next", "")] = None
    yield from _compare(page, due)
    if "previous" in spec.links:
        yield from _compare_link(page, spec.links["previous"], requested - 1)
    if page.rows:
        yield f"it has {len(page.rows)} rows"


def _compare_link(page: Listing, pointer: str, number: int | None) -> Iterator[str]:
    """What is wrong with a link to a page, whose query may have other parameters too."""
    spec, shown = page.pagination, page.at(pointer)
    if number is not None and isinstance(shown, str):
        path, _, query = shown.partition("?")
        sent = parse_qs(query.partition("#")[0], keep_blank_values=True)
        if path == page.at(spec.path) and sent.get(spec.page) == [str(number)]:
            return
    due = None if number is None else f"{page.at(spec.path)}?{spec.page}={number}"
    yield from _compare(page, {pointer: due})


def _compare(page: Listing, due: dict[str, Any], verb: str = "") -> Iterator[str]:
    """What is not as it must be, of the places that are named and that the response has."""
    for pointer, value in due.items():
        shown = page.at(pointer) if pointer else ABSENT
        if shown is not ABSENT and shown != value:
            expected = f"{verb} {show(value)}" if verb else f"{show(value)} is due"
            yield f"{pointer} is {show(shown)}, {expected}"


# Several pages


def _read_pages(evaluation: Evaluation, *, is_same_size: bool) -> Pages | None:
    """The earlier pages of the list, of the same size or of another one."""
    now, others = evaluation.listing, evaluation.same_list()
    alike = tuple(page for page in others if now and (page.size == now.size) is is_same_size)
    return Pages(now, alike) if now and alike else None


@rule(Pagination, reads=partial(_read_pages, is_same_size=True))
def reading_again_gives_the_same_list(pages: Pages) -> Iterator[str]:
    """A list that is read again is the same, apart from rows that somebody else adds."""
    # Growth alone is no violation, for others may write between any two reads. It is one where the
    # range was over at the earlier read (`is_settled`).
    yield from islice(find_differences(pages), 1)


@rule(Pagination, "per_page", reads=partial(_read_pages, is_same_size=False))
def page_size_changes_the_cut_only(pages: Pages) -> Iterator[str]:
    """With another page size the list has the same rows in the same order."""
    yield from find_differences(pages)


def _read_pages_to_the_end(evaluation: Evaluation) -> Pages | None:
    """All pages of one size, the last one first read now; None where one is missing."""
    now = evaluation.listing
    if now is None or not now.is_last or not now.first:
        return None
    pages, whole = {now.first: now}, None
    for other in evaluation.same_list():
        if other.total != now.total or other.first is None:
            continue
        if other.is_whole and other.first == 0:
            whole = whole or other
        elif other.size == now.size:
            pages.setdefault(other.first, other)
    chain, position = [], 0
    while position in pages and position <= now.first:
        chain.append(pages[position])
        if position == now.first:
            return Pages(now, tuple(chain), whole)
        position += max(1, len(pages[position].rows))
    return None


@rule(Pagination, reads=_read_pages_to_the_end)
def pages_together_are_the_list(pages: Pages) -> Iterator[str]:
    """All pages one after the other have every row of the list once."""
    rows = [row for page in pages.others for row in page.rows]
    identity, total, whole = pages.now.traits.identity, pages.now.total, pages.whole
    ids = [show(at(row, identity.id)) for row in rows] if identity else []
    if twice := next((id for n, id in enumerate(ids) if id in ids[:n]), None):
        yield f"{len(pages.others)} pages have the row {twice} {ids.count(twice)} times"
    elif total is not None and len(rows) != total:
        yield f"{len(pages.others)} pages have {len(rows)} rows, the list has {total}"
    elif whole is not None and len(rows) != len(whole.rows):
        yield f"{len(pages.others)} pages have {len(rows)} rows, one page {len(whole.rows)}"
    elif whole is not None and rows != whole.rows:
        place = next(n for n, row in enumerate(rows) if row != whole.rows[n])
        yield f"row {place + 1} is {show(rows[place])}, and {show(whole.rows[place])} on one page"


def _read_chained(evaluation: Evaluation) -> Pages | None:
    """A page that was reached by the cursor of an earlier one."""
    now = evaluation.listing
    if now is None or not now.pagination.cursor or not now.first or not evaluation.of.identity:
        return None
    others = [
        page
        for page in evaluation.same_list()
        if page.first is not None and page.first + len(page.rows) <= now.first
    ]
    return Pages(now, tuple(others)) if others else None


@rule(Pagination, "cursor", reads=_read_chained)
def cursor_leads_on(pages: Pages) -> Iterator[str]:
    """The page of a cursor repeats no row of the pages before it."""
    again = {id for other in pages.others for id in other.by_id} & pages.now.by_id.keys()
    yield from (f"the row {show(id)} is on it again" for id in sorted(again, key=str))


def find_differences(pages: Pages) -> Iterator[str]:
    """What a reading of a list has otherwise than earlier ones, where others may add rows."""
    now = pages.now
    for other in pages.others:
        if now.total is not None and other.total is not None and now.total != other.total:
            if now.total < other.total or other.is_settled():
                yield f"there are {now.total} rows, and there were {other.total}"
                continue
            if now.grows_at != "end":
                continue  # new rows have moved the others
        if now.first is None or other.first is None:
            continue
        start = max(now.first, other.first)
        pairs = zip(now.rows[start - now.first :], other.rows[start - other.first :], strict=False)
        for n, (row, before) in enumerate(pairs, start + 1):
            if row != before:
                yield f"row {n} is {show(row)}, and was {show(before)}"
                break
