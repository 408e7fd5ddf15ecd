"""The paginator: its numbers add up, and its URLs lead where they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from mockserver.apis.calwe.invariants.answers import LISTS, Page, page, paginator, shown
from mockserver.invariant import Interaction, invariant


@invariant(
    *LISTS, evidence="documented", note="The page names 30 as what holds without the parameter."
)
def per_page_is_as_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`per_page` is the number that was asked for, and 30 where none was."""
    found, asked = page(now), now.arguments.get("per_page")
    if found is None or asked is None:
        return None
    return (
        [] if found.per_page == asked else [f"per_page is {found.per_page}, and asked was {asked}"]
    )


@invariant(*LISTS, evidence="example", note="The URLs in the page's example carry `page`.")
def current_page_is_as_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`current_page` is the page that was asked for, as far as the log has that many."""
    found, asked = page(now), now.arguments.get("page")
    if found is None or asked is None or asked > found.last:
        return None
    return (
        []
        if found.current == asked
        else [f"current_page is {found.current}, and asked was {asked}"]
    )


@invariant(*LISTS, evidence="documented")
def no_more_rows_than_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A page has at most `per_page` rows."""
    found, asked = page(now), now.arguments.get("per_page")
    if found is None or asked is None:
        return None
    count = len(found.rows)
    return [] if count <= asked else [f"it has {count} rows, and asked were {asked}"]


@invariant(*LISTS, evidence="documented")
def rows_follow_from_total_and_page(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A page has exactly as many rows as `total`, `per_page` and `current_page` leave it."""
    found = page(now)
    if found is None:
        return None
    due = max(0, min(found.per_page, found.total - found.first))
    return [] if len(found.rows) == due else [f"it has {len(found.rows)} rows, and {due} are due"]


@invariant(*LISTS, evidence="documented")
def last_page_follows_from_total(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`last_page` is `total` divided by `per_page`, rounded up."""
    found = page(now)
    if found is None or found.total == 0:
        return None
    due = -(-found.total // found.per_page)
    return [] if found.last == due else [f"last_page is {found.last}, and {due} is due"]


@invariant(*LISTS, evidence="documented")
def from_and_to_frame_the_rows(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`from` and `to` are the positions in the log of a page's first and last row."""
    found, data = page(now), paginator(now) or {}
    if found is None or not found.rows or not _are_numbers(data.get("from"), data.get("to")):
        return None
    due = {"from": found.first + 1, "to": found.first + len(found.rows)}
    return [
        f"{name} is {shown(data.get(name))}, and {number} is due"
        for name, number in due.items()
        if data.get(name) != number
    ]


@invariant(*LISTS, evidence="example")
def path_is_that_of_the_log(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`path` is the URL of the log that was asked for, without a query."""
    path = (paginator(now) or {}).get("path")
    if not isinstance(path, str):
        return None
    is_own = unquote(path).endswith(now.exchange.request.path) and "?" not in path
    return [] if is_own else [f"path is '{path:.200}', and asked was '{now.exchange.request.path}'"]


@invariant(*LISTS, evidence="example", note="The example has no next and no previous page.")
def urls_lead_to_their_pages(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """The URLs are `path` with `?page=` and the number of their page; null where there is none."""
    found, data = page(now), paginator(now) or {}
    path = data.get("path")
    if found is None or not isinstance(path, str) or found.current > found.last:
        return None
    return [
        f"{name} is {shown(data[name])}, and {shown(_written(path, number))} is due"
        for name, number in _neighbours(found).items()
        if name in data and data[name] != _written(path, number)
    ]


def _neighbours(found: Page) -> dict[str, int | None]:
    return {
        "first_page_url": 1,
        "last_page_url": found.last,
        "next_page_url": found.current + 1 if found.current < found.last else None,
        "prev_page_url": found.current - 1 if found.current > 1 else None,
    }


def _written(path: str, number: int | None) -> str | None:
    return None if number is None else f"{path}?page={number}"


@invariant(*LISTS, evidence="assumed", note="Laravel does so.")
def a_page_past_the_end_is_empty(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A page past the end is named as asked, has no rows, and points back only."""
    found, data, asked = page(now), paginator(now) or {}, now.arguments.get("page")
    if found is None or asked is None or asked <= found.last:
        return None
    due: dict[str, Any] = {"current_page": asked, "data": [], "from": None, "to": None}
    due |= {"next_page_url": None, "prev_page_url": f"{data.get('path')}?page={asked - 1}"}
    return _unlike(data, due)


@invariant(*LISTS, evidence="assumed", note="Laravel does so.")
def an_empty_log_has_one_page(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A log without entries has one page, whose `from` and `to` are null."""
    found = page(now)
    if found is None or found.total:
        return None
    return _unlike(paginator(now) or {}, {"last_page": 1, "data": [], "from": None, "to": None})


def _unlike(data: dict[str, Any], due: dict[str, Any]) -> list[str]:
    return [
        f"{name} is {shown(data.get(name))}, and {shown(value)} is due"
        for name, value in due.items()
        if data.get(name) != value
    ]


def _are_numbers(*values: Any) -> bool:
    """Whether they are of the contract's types: integers, or null."""
    return all(value is None or type(value) is int for value in values)
