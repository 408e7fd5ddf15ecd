"""Reading: however the changelog is read, it is the same changelog.

Others may change something between two requests, and the newest stands first. A period that was
over already must be the same; any other is compared only where the totals agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from mockserver.apis.avaamo.invariants.answers import LIST, Listing, earlier, listing, marks, shown
from mockserver.invariant import Interaction, invariant

_READS = 3
"""So many reads in a row with more entries each are no coincidence."""


@invariant(
    LIST,
    evidence="documented",
    note="Others may change something in between, so that an open period may grow, but not with "
    "every read.",
)
def reading_changes_nothing(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """A period that is read again is the same."""
    breaches = _compared(now, before, lambda found, other: found.per_page == other.per_page)
    return breaches if breaches or breaches is None else _grown(now, before)


@invariant(LIST, evidence="documented")
def per_page_changes_slicing_only(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """With another `per_page` there are the same entries in the same order."""
    return _compared(now, before, lambda found, other: found.per_page != other.per_page)


@invariant(LIST, evidence="documented")
def pages_end_to_end_are_the_whole(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """All pages, laid end to end, have every entry once."""
    found = listing(now)
    if found is None or found.current != found.pages or found.pages < 2:
        return None
    pages, whole = {found.current: found}, None
    for other in earlier(before):
        if not _is_of_one(found, other) or other.total != found.total:
            continue
        if other.is_whole:
            whole = other
        elif other.per_page == found.per_page:
            pages.setdefault(other.current, other)
    if len(pages) != found.pages:
        return None
    laid = [entry for number in sorted(pages) for entry in pages[number].entries]
    return _unlaid(laid, found, whole)


@invariant(LIST, evidence="documented", note="The page calls the id a unique identifier.")
def an_id_names_one_entry(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """An id that was seen before names the same entry again."""
    found = listing(now)
    mine = _by_id(found) if found else {}
    is_known = False
    for other in earlier(before):
        for id, kept in _by_id(other).items():
            if id in mine:
                is_known = True
                if mine[id] != kept:
                    return [f"the entry {id} is {shown(mine[id])}, and was {shown(kept)}"]
    return [] if is_known else None


@invariant(LIST, evidence="documented")
def actions_add_up(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """Entries of several actions are those of each action together, with none twice or lost."""
    found = listing(now)
    if found is None or found.scope.is_latest_five or len(found.scope.actions) < 2:
        return None
    parts: dict[frozenset[str], Listing] = {}
    for other in earlier(before):
        if other.bounds == found.bounds and other.is_settled(found.scope.end):
            parts.setdefault(other.scope.actions, other)
    wanted = [frozenset({action}) for action in sorted(found.scope.actions)]
    if not parts.keys() >= set(wanted):
        return None
    return _unadded(found, [parts[action] for action in wanted])


def _compared(
    now: Interaction, before: Sequence[Interaction], is_meant: Callable[[Listing, Listing], bool]
) -> list[str] | None:
    """The first difference from an earlier list that is meant; None where there is none such."""
    found = listing(now)
    if found is None:
        return None
    others = [
        other for other in earlier(before) if _is_of_one(found, other) and is_meant(found, other)
    ]
    if not others:
        return None
    return next((breaches for other in others if (breaches := _differences(found, other))), [])


def _is_of_one(found: Listing, other: Listing) -> bool:
    """Whether the same entries were asked for, in the same words."""
    return (found.scope, found.bounds) == (other.scope, other.bounds)


def _differences(found: Listing, other: Listing) -> list[str]:
    is_over = other.is_settled(found.scope.end)
    if found.total < other.total or (is_over and found.total != other.total):
        return [f"there are {found.total} entries, and there were {other.total}"]
    if found.total != other.total:
        return []
    start = max(found.first, other.first)
    mine, its = found.entries[start - found.first :], other.entries[start - other.first :]
    for n, (entry, kept) in enumerate(zip(mine, its, strict=False)):
        if entry != kept:
            return [f"at position {start + n + 1} stands {shown(entry)}, and stood {shown(kept)}"]
    return []


def _grown(now: Interaction, before: Sequence[Interaction]) -> list[str]:
    """The breach that there are more entries with every read."""
    found = listing(now)
    if found is None:
        return []
    alike = [other.total for other in earlier(before) if _is_of_one(found, other)]
    totals = [found.total, *alike][:_READS]
    is_steady = len(totals) == _READS and all(newer > older for newer, older in pairwise(totals))
    return [f"there are more with every read: {totals[::-1]} entries"] if is_steady else []


def _unlaid(laid: list[Any], found: Listing, whole: Listing | None) -> list[str]:
    what = f"{found.pages} pages of {found.per_page}"
    ids = [id for _, id in marks(laid) or ()]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        return [f"{what} have the entry {twice[0]} {ids.count(twice[0])} times"]
    if len(laid) != found.total:
        return [f"{what} have {len(laid)} entries, and there are {found.total}"]
    if whole and marks(laid) != marks(whole.entries):
        return [f"{what} have other entries than one page of all, or in another order"]
    return []


def _by_id(found: Listing) -> dict[int, Any]:
    """What of each entry stays as it is; people and things can be renamed."""
    return {
        entry["id"]: {key: entry.get(key) for key in ("action", "timestamp", "resource")}
        for entry in found.entries
        if isinstance(entry, dict) and type(entry.get("id")) is int
    }


def _unadded(found: Listing, parts: list[Listing]) -> list[str]:
    due = sum(part.total for part in parts)
    if found.total != due:
        counts = " and ".join(str(part.total) for part in parts)
        return [f"there are {found.total} together, and {counts} by themselves"]
    if not all(listing.is_whole for listing in (found, *parts)):
        return []
    together = sorted(id for _, id in marks(found.entries) or ())
    alone = sorted(id for part in parts for _, id in marks(part.entries) or ())
    return [] if together == alone else ["the entries together are others than by themselves"]
