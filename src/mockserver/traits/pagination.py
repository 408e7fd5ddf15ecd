"""Pagination: pages are cut as requested, their numbers add up, and together they are the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from mockserver.contract import ABSENT
from mockserver.traits.declarations import Pagination
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, Listing, at, show

__all__ = ["RULES", "Pages", "differences"]

_READS = 3
"""So many reads in a row with a longer list each are no coincidence."""


@dataclass(frozen=True)
class Pages:
    """A page, and earlier pages of the same list; `whole` is the list on one page."""

    now: Listing
    others: tuple[Listing, ...]
    whole: Listing | None = None


def _page(evaluation: Evaluation) -> Listing | None:
    return evaluation.listing


def _sized_page(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.requested_size is not None else None


def _reached_page(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    is_reached = listing and listing.requested_page is not None and not listing.is_past_the_end
    return listing if is_reached else None


def _page_past_the_end(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.is_past_the_end else None


def _page_of_total(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.due is not None else None


def _page_of_rows(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.total else None


def _empty_list(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.total == 0 else None


def _page_with_rows(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    return listing if listing and listing.rows and listing.first is not None else None


def _page_with_path(evaluation: Evaluation) -> Listing | None:
    listing = evaluation.listing
    is_text = listing and isinstance(at(listing.response_body, _spec(listing).path), str)
    return listing if is_text else None


def _page_with_links(evaluation: Evaluation) -> Listing | None:
    listing = _page_with_path(evaluation)
    return listing if listing and not listing.is_past_the_end and listing.page else None


def _read_again(evaluation: Evaluation) -> Pages | None:
    return _compared(evaluation, is_same_size=True)


def _cut_otherwise(evaluation: Evaluation) -> Pages | None:
    return _compared(evaluation, is_same_size=False)


def _compared(evaluation: Evaluation, *, is_same_size: bool) -> Pages | None:
    now = evaluation.listing
    if now is None:
        return None
    others = [it for it in evaluation.same_list() if (it.size == now.size) is is_same_size]
    return Pages(now, tuple(others)) if others else None


def _pages_to_the_end(evaluation: Evaluation) -> Pages | None:
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


def _chained(evaluation: Evaluation) -> Pages | None:
    """A page that was reached by the cursor of an earlier one."""
    now = evaluation.listing
    if now is None or not _spec(now).cursor or not now.first or not evaluation.of.identity:
        return None
    others = [
        it
        for it in evaluation.same_list()
        if it.first is not None and it.first + len(it.rows) <= now.first
    ]
    return Pages(now, tuple(others)) if others else None


@rule(Pagination, "per_page", "size", reads=_sized_page)
def page_size_is_as_requested(page: Listing) -> Iterator[str]:
    """The response repeats the page size of the request, and the default where it has none."""
    if page.size != page.requested_size:
        yield f"{_spec(page).size} is {page.size}, requested was {page.requested_size}"


@rule(Pagination, "current", reads=_reached_page)
def page_is_as_requested(page: Listing) -> Iterator[str]:
    """The response repeats the page of the request, as far as the list has that many."""
    if page.page != page.requested_page:
        yield f"{_spec(page).current} is {page.page}, requested was {page.requested_page}"


@rule(Pagination, "per_page", reads=_sized_page)
def page_has_no_more_rows_than_requested(page: Listing) -> Iterator[str]:
    """A page has at most as many rows as were requested."""
    size = page.requested_size
    if size is not None and len(page.rows) > size:
        yield f"it has {len(page.rows)} rows, requested were {size}"


@rule(Pagination, "total", reads=_page_of_total)
def rows_follow_from_total(page: Listing) -> Iterator[str]:
    """A page has exactly as many rows as the total, the page size and its place leave it."""
    if len(page.rows) != page.due:
        yield f"it has {len(page.rows)} rows, {page.due} are due"


@rule(Pagination, "total", "last", reads=_page_of_rows)
def last_page_follows_from_total(page: Listing) -> Iterator[str]:
    """The number of the last page is the total divided by the page size, rounded up."""
    if page.last is not None and page.total and page.size:
        due = -(-page.total // page.size) - 1 + _spec(page).first_page
        if page.last != due:
            yield f"{_spec(page).last} is {page.last}, {due} is due"


@rule(Pagination, "first_row", "last_row", reads=_page_with_rows)
def positions_frame_the_rows(page: Listing) -> Iterator[str]:
    """The response says the positions of the first and the last row of the page."""
    first = (page.first or 0) + 1
    spec = _spec(page)
    due = {spec.first_row: first, spec.last_row: first + len(page.rows) - 1}
    yield from _unlike(page, due)


@rule(Pagination, "path", reads=_page_with_path)
def path_is_that_of_the_request(page: Listing) -> Iterator[str]:
    """The URL of the list is the one of the request, without a query."""
    path = at(page.response_body, _spec(page).path)
    requested = page.seen.exchange.request.path
    if "?" in path or not unquote(path).endswith(requested):
        yield f"it is {show(path)}, requested was '{requested}'"


@rule(Pagination, "path", "links", reads=_page_with_links)
def links_lead_to_their_pages(page: Listing) -> Iterator[str]:
    """A link is the list's URL with the number of its page; null where there is no such page."""
    spec, current, last = _spec(page), page.page or 0, page.last or 0
    numbers = {
        "first": spec.first_page,
        "last": last,
        "next": current + 1 if current < last else None,
        "previous": current - 1 if current > spec.first_page else None,
    }
    yield from _unlike(page, {it: _url(page, numbers[name]) for name, it in spec.links.items()})


@rule(Pagination, "total", reads=_empty_list, is_optional=True)
def empty_list_has_one_page(page: Listing) -> Iterator[str]:
    """A list without rows has one page, and no first and last row."""
    spec = _spec(page)
    due = {spec.last: spec.first_page, spec.first_row: None, spec.last_row: None}
    yield from _unlike(page, {pointer: value for pointer, value in due.items() if pointer})
    if page.rows:
        yield f"it has {len(page.rows)} rows"


@rule(Pagination, reads=_page_past_the_end, is_optional=True)
def page_past_the_end_is_empty(page: Listing) -> Iterator[str]:
    """A page past the end is numbered as requested, has no rows, and links backwards only."""
    spec, requested = _spec(page), page.requested_page or 0
    due: dict[str, Any] = {spec.current: requested, spec.first_row: None, spec.last_row: None}
    if spec.links:
        due |= {spec.links.get("next", ""): None}
        due |= {spec.links.get("previous", ""): _url(page, requested - 1)}
    due.pop("", None)
    yield from _unlike(page, due)
    if page.rows:
        yield f"it has {len(page.rows)} rows"


@rule(Pagination, reads=_read_again)
def reading_again_gives_the_same_list(pages: Pages) -> Iterator[str]:
    """A list that is read again is the same, apart from rows that somebody else adds."""
    found = next((it for other in pages.others for it in differences(pages.now, other)), None)
    totals = [page.total or 0 for page in (pages.now, *pages.others)][:_READS]
    if found:
        yield found
    elif len(totals) == _READS and all(new > old for new, old in pairwise(totals)):
        yield f"the list grows with every read: {totals[::-1]} rows"


@rule(Pagination, "per_page", reads=_cut_otherwise)
def page_size_changes_the_cut_only(pages: Pages) -> Iterator[str]:
    """With another page size the list has the same rows in the same order."""
    yield from (it for other in pages.others for it in differences(pages.now, other))


@rule(Pagination, reads=_pages_to_the_end)
def pages_together_are_the_list(pages: Pages) -> Iterator[str]:
    """All pages one after the other have every row of the list once."""
    rows = [row for page in pages.others for row in page.rows]
    identity, total = pages.now.traits.identity, pages.now.total
    ids = [show(at(row, identity.id)) for row in rows] if identity else []
    if twice := next((id for n, id in enumerate(ids) if id in ids[:n]), None):
        yield f"{len(pages.others)} pages have the row {twice} {ids.count(twice)} times"
    elif total is not None and len(rows) != total:
        yield f"{len(pages.others)} pages have {len(rows)} rows, the list has {total}"
    elif pages.whole is not None and len(rows) != len(pages.whole.rows):
        yield f"{len(pages.others)} pages have {len(rows)} rows, one page {len(pages.whole.rows)}"
    elif pages.whole is not None and rows != pages.whole.rows:
        place = next(n for n, row in enumerate(rows) if row != pages.whole.rows[n])
        yield f"row {place + 1} is {show(rows[place])}, and {show(pages.whole.rows[place])} on one page"


@rule(Pagination, "cursor", reads=_chained)
def cursor_leads_on(pages: Pages) -> Iterator[str]:
    """The page of a cursor repeats no row of the pages before it."""
    again = {id for other in pages.others for id in other.by_id} & pages.now.by_id.keys()
    yield from (f"the row {show(id)} is on it again" for id in sorted(again, key=str))


def differences(now: Listing, other: Listing) -> Iterator[str]:
    """What one reading of a list has otherwise than an earlier one, where others may add rows."""
    is_settled = other.is_settled()
    if now.total is not None and other.total is not None:
        if now.total < other.total or (is_settled and now.total != other.total):
            yield f"there are {now.total} rows, and there were {other.total}"
            return
        grows_at = now.traits.order.grows_at if now.traits.order else ""
        if now.total != other.total and grows_at != "end":
            return  # new rows have moved the others
    if now.first is None or other.first is None:
        return
    start = max(now.first, other.first)
    mine, its = now.rows[start - now.first :], other.rows[start - other.first :]
    for n, (row, was) in enumerate(zip(mine, its, strict=False)):
        if row != was:
            yield f"row {start + n + 1} is {show(row)}, and was {show(was)}"
            return


def _spec(page: Listing) -> Pagination:
    return page.traits.pagination or Pagination(style="page-number")


def _url(page: Listing, number: int | None) -> str | None:
    spec = _spec(page)
    return None if number is None else f"{at(page.response_body, spec.path)}?{spec.page}={number}"


def _unlike(page: Listing, due: dict[str, Any]) -> Iterator[str]:
    for pointer, value in due.items():
        found = at(page.response_body, pointer)
        if found is not ABSENT and found != value:
            yield f"{pointer} is {show(found)}, {show(value)} is due"


RULES = (
    page_size_is_as_requested,
    page_is_as_requested,
    page_has_no_more_rows_than_requested,
    rows_follow_from_total,
    last_page_follows_from_total,
    positions_frame_the_rows,
    path_is_that_of_the_request,
    links_lead_to_their_pages,
    empty_list_has_one_page,
    page_past_the_end_is_empty,
    reading_again_gives_the_same_list,
    page_size_changes_the_cut_only,
    pages_together_are_the_list,
    cursor_leads_on,
)
