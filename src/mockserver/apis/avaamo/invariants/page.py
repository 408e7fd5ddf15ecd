"""A page by itself: its numbers add up, its entries are in order, its times are of today."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mockserver.apis.avaamo.invariants.answers import LIST, clock, listing, marks, shown
from mockserver.invariant import Interaction, invariant

_TOLERANCE = 300
"""How far a clock may be off, in seconds."""


@invariant(
    LIST, evidence="documented", note="The page names 25 as what holds without the parameter."
)
def per_page_is_as_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`per_page` is the number that was asked for, and 25 where none was."""
    found, asked = listing(now), now.arguments.get("per_page")
    if found is None or asked is None:
        return None
    is_asked = found.per_page == asked
    return [] if is_asked else [f"per_page is {found.per_page}, and asked was {asked}"]


@invariant(LIST, evidence="documented")
def current_page_is_as_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`current_page` is the page that was asked for, as far as there are that many."""
    found, asked = listing(now), now.arguments.get("page")
    if found is None or asked is None or asked > found.pages:
        return None
    is_asked = found.current == asked
    return [] if is_asked else [f"current_page is {found.current}, and asked was {asked}"]


@invariant(LIST, evidence="documented")
def no_more_entries_than_asked(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A page has at most `per_page` entries."""
    found, asked = listing(now), now.arguments.get("per_page")
    if found is None or asked is None:
        return None
    count = len(found.entries)
    return [] if count <= asked else [f"it has {count} entries, and asked were {asked}"]


@invariant(LIST, evidence="documented")
def entries_follow_from_total_and_page(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """A page has exactly as many entries as the total, `per_page` and `current_page` leave it."""
    found = listing(now)
    if found is None:
        return None
    count, due = len(found.entries), max(0, min(found.per_page, found.total - found.first))
    return [] if count == due else [f"it has {count} entries, and {due} are due"]


@invariant(
    LIST,
    evidence="documented",
    note="The page's own formula has no remainder, and its vendor's samples round up.",
)
def total_pages_follow_from_total(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`total_pages` is `total_entries` divided by `per_page`, rounded up."""
    found = listing(now)
    if found is None or found.total == 0:
        return None
    due = -(-found.total // found.per_page)
    return [] if found.pages == due else [f"total_pages is {found.pages}, and {due} is due"]


@invariant(LIST, evidence="assumed", note="The vocabulary is that of a library which answers 1.")
def an_empty_changelog_has_one_page(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """Where nothing is found there is one page."""
    found = listing(now)
    if found is None or found.total:
        return None
    return [] if found.pages == 1 else [f"total_pages is {found.pages}"]


@invariant(LIST, evidence="assumed", note="The page is silent on it.")
def a_page_past_the_end_is_empty(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A page past the end is named as asked, and has no entries."""
    found, asked = listing(now), now.arguments.get("page")
    if found is None or asked is None or asked <= max(1, found.pages):
        return None
    breaches = []
    if found.current != asked:
        breaches.append(f"current_page is {found.current}, and asked was {asked}")
    if found.entries:
        breaches.append(f"it has {len(found.entries)} entries")
    return breaches


@invariant(LIST, evidence="related", note="The samples of the sibling pages are in this order.")
def the_newest_come_first(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """No entry is newer than the one before it."""
    found = _marks(now)
    if found is None:
        return None
    return [
        f"an entry of {later} follows one of {time}"
        for (time, _id), (later, _other) in pairwise(found)
        if later > time
    ][:1]


@invariant(LIST, evidence="related", note="The samples of the sibling pages are in this order.")
def of_one_second_the_greater_id_comes_first(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """Of two entries of the same second the one with the greater id comes first."""
    pairs = [pair for pair in pairwise(_marks(now) or ()) if pair[0][0] == pair[1][0]]
    if not pairs:
        return None
    return [
        f"of {time}, the entry {other} follows {id}"
        for (time, id), (_time, other) in pairs
        if other > id
    ][:1]


@invariant(LIST, evidence="documented", note="The page calls the id a unique identifier.")
def ids_are_unique(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """No id stands twice on a page."""
    ids = [id for _time, id in _marks(now) or ()]
    if not ids:
        return None
    twice = sorted({id for id in ids if ids.count(id) > 1})
    return [f"the id {twice[0]} stands on it {ids.count(twice[0])} times"] if twice else []


@invariant(LIST, evidence="documented")
def entries_are_of_the_actions_asked(
    now: Interaction, _: Sequence[Interaction]
) -> list[str] | None:
    """Only entries of the actions that were asked for are listed."""
    found = listing(now)
    actions = [action for action in map(_action, found.entries) if action] if found else []
    if found is None or not actions:
        return None
    others = sorted(set(actions) - found.scope.actions)
    asked = ", ".join(sorted(found.scope.actions))
    return [f"it has an entry of '{other:.80}', and asked were {asked}" for other in others]


@invariant(LIST, evidence="documented", note="Five minutes are borne, for clocks differ.")
def time_token_is_the_present(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """`time_token` is the moment of the answer, in seconds."""
    token = now.answer.get("time_token") if isinstance(now.answer, dict) else None
    is_number = isinstance(token, int | float) and not isinstance(token, bool)
    if not now.is_success or not is_number or token is None:
        return None
    if abs(token - clock(now)) <= _TOLERANCE:
        return []
    return [f"time_token is {shown(token)} at {clock(now):.0f}"]


@invariant(LIST, evidence="documented", note="Five minutes are borne, for clocks differ.")
def nothing_is_of_the_future(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """No entry has a timestamp that is still to come."""
    times = [time for time, _id in _marks(now) or ()]
    if not times:
        return None
    latest = max(times)
    is_past = latest <= clock(now) + _TOLERANCE
    return [] if is_past else [f"an entry is of {latest}, at {clock(now):.0f}"]


def _marks(now: Interaction) -> list[tuple[int, int]] | None:
    found = listing(now)
    return marks(found.entries) if found else None


def _action(entry: Any) -> str:
    action = entry.get("action") if isinstance(entry, dict) else None
    return action if isinstance(action, str) else ""
