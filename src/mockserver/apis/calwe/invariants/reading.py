"""Reading: however a log is read, it is the same log, and it stays as it is.

Others may add entries between two requests. A log is in the order of time, so that they stand at
its end: what stood at a position stays there, and that is what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from mockserver.apis.calwe.invariants.answers import (
    ALL,
    LISTS,
    Page,
    about_the_same,
    is_coach,
    page,
    shown,
    since_last_write,
)
from mockserver.invariant import Interaction, invariant

_READS = 3
"""So many reads in a row with a longer log each are no coincidence."""


@invariant(
    *LISTS,
    evidence="documented",
    note="Others may add entries in between, so that a log may grow, but not with every read.",
)
def reading_changes_nothing(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """A log that is read again is the same log."""

    def is_alike(earlier: Interaction) -> bool:
        return now.operation.id == earlier.operation.id and _size(now) == _size(earlier)

    breaches = _compared(now, before, is_alike)
    return breaches if breaches or breaches is None else _grown(now, before)


@invariant(*LISTS, evidence="documented")
def per_page_changes_slicing_only(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """With another `per_page` a log has the same entries in the same order, and no fewer."""

    def is_sliced_otherwise(earlier: Interaction) -> bool:
        return now.operation.id == earlier.operation.id and _size(now) != _size(earlier)

    return _compared(now, before, is_sliced_otherwise)


@invariant(*LISTS, evidence="related", note="The Mentor page mirrors the customer's page.")
def coach_and_customer_read_the_same_log(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """The coach's path leads to the same log as the customer's."""
    return _compared(now, before, lambda earlier: is_coach(now) != is_coach(earlier))


@invariant(*LISTS, evidence="documented")
def pages_end_to_end_are_the_log(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """All pages, laid end to end, are the log as one large page shows it."""
    found = page(now)
    if found is None or not found.is_last or found.last == 1:
        return None
    pages, whole = {found.current: found}, None
    for seen in since_last_write(now, before):
        earlier = page(seen)
        if earlier is None or seen.operation.id != now.operation.id or earlier.total != found.total:
            continue
        if earlier.is_whole:
            whole = earlier
        elif earlier.per_page == found.per_page:
            pages.setdefault(earlier.current, earlier)
    if whole is None or len(pages) != found.last:
        return None
    laid = [row for number in sorted(pages) for row in pages[number].rows]
    if laid == whole.rows:
        return []
    return [f"{found.last} pages of {found.per_page} have {_unlike(laid, whole.rows)}"]


@invariant(
    *ALL, evidence="documented", note="Somebody else may make or remove a session in between."
)
def session_stays_known_or_unknown(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A session that was not found stays so, and one that was found is found again."""
    status = next(
        (
            seen.status
            for seen in about_the_same(now, before)
            if _is_told(seen) and is_coach(seen) == is_coach(now)
        ),
        None,
    )
    if status is None or not _is_told(now):
        return None
    is_same = (status == 404) == (now.status == 404)
    return [] if is_same else [f"it is answered {now.status}, and was answered {status} before"]


def _is_told(seen: Interaction) -> bool:
    """Whether an answer tells that there is a session, or that there is none."""
    return seen.is_admitted and (seen.is_success or seen.status == 404)


def _size(seen: Interaction) -> int | None:
    found = page(seen)
    return found.per_page if found else None


def _compared(
    now: Interaction, before: Sequence[Interaction], is_meant: Callable[[Interaction], bool]
) -> list[str] | None:
    """The first difference from an earlier list that is meant; None where there is none such."""
    found = page(now)
    if found is None:
        return None
    earlier = [
        other
        for seen in since_last_write(now, before)
        if (other := page(seen)) is not None and is_meant(seen)
    ]
    if not earlier:
        return None
    return next((breaches for other in earlier if (breaches := _differences(found, other))), [])


def _differences(found: Page, earlier: Page) -> list[str]:
    if found.total < earlier.total:
        return [f"the log has {found.total} entries, and had {earlier.total}"]
    start = max(found.first, earlier.first)
    mine, its = found.rows[start - found.first :], earlier.rows[start - earlier.first :]
    for n, (row, other) in enumerate(zip(mine, its, strict=False)):
        if row != other:
            return [f"at position {start + n + 1} stands {shown(row)}, and stood {shown(other)}"]
    return []


def _grown(now: Interaction, before: Sequence[Interaction]) -> list[str]:
    """The breach that a log grows with every read of it."""
    lists = (now, *since_last_write(now, before))
    totals = [found.total for seen in lists if (found := page(seen))][:_READS]
    is_steady = len(totals) == _READS and all(newer > older for newer, older in pairwise(totals))
    return [f"the log grows with every read: {totals[::-1]} entries"] if is_steady else []


def _unlike(laid: list[object], whole: list[object]) -> str:
    if len(laid) != len(whole):
        return f"{len(laid)} entries, and the log has {len(whole)}"
    place = next(n for n, row in enumerate(laid) if row != whole[n])
    return f"{shown(laid[place])} at position {place + 1}, where the log has {shown(whole[place])}"
