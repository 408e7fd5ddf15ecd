"""What is selected, beside the listing of everything: neither bound means all sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.apis.ekran.invariants.listing import (
    LIST,
    TOLERANCE,
    Listing,
    Session,
    few,
    latest,
    read,
    shown,
    validated,
)
from mockserver.apis.ekran.invariants.zones import ANY_ZONE, UTC, Zone
from mockserver.invariant import Interaction, invariant

_KINDS = (("start",), ("end",), ("start", "end"))
_ANY = "Note 1 of the page; the bounds may be those of any time zone"


@dataclass(frozen=True, slots=True)
class _Pair:
    """The listing of everything, and one with bounds, of which either may be the later."""

    whole: Listing
    part: Listing
    is_part_later: bool

    def is_new(self, session: Session) -> bool:
        """Whether a session can have begun after the earlier of the two."""
        earlier = self.whole if self.is_part_later else self.part
        return session.login >= earlier.moment - TOLERANCE

    def was_running(self, session: Session) -> bool:
        """Whether a session of the whole listing can have run when the other one was made."""
        ended = session.logout is None or session.logout >= self.part.moment - TOLERANCE
        return not self.is_part_later and ended


def _pairs(
    now: Interaction, before: Sequence[Interaction], kinds: Iterable[tuple[str, ...]]
) -> Iterator[_Pair]:
    listing = read(now)
    if listing is None:
        return
    if listing.is_unbounded:
        parts = (latest(before, *kind) for kind in kinds)
        yield from (_Pair(listing, part, False) for part in parts if part is not None)
    elif _kind(listing) in kinds and (whole := latest(before)) is not None:
        yield _Pair(whole, listing, True)


def _kind(listing: Listing) -> tuple[str, ...]:
    given = (("start", listing.start), ("end", listing.end))
    return tuple(name for name, bound in given if bound is not None)


@invariant(
    LIST,
    evidence="documented",
    note="Note 1 of the page; a session that begins between the two requests is allowed for.",
)
def neither_bound_means_all_sessions(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """What is listed with a bound is listed without one too."""
    return validated(_unlisted(pair) for pair in _pairs(now, before, _KINDS) if pair.part.sessions)


def _unlisted(pair: _Pair) -> list[str]:
    return few(
        f"{session} is listed with a bound, and not without"
        for session in pair.part.sessions
        if session.id not in pair.whole.by_id and not (pair.is_part_later and pair.is_new(session))
    )


@invariant(LIST, evidence="documented", note=f"{_ANY}.")
def start_alone_keeps_what_begins_or_ends_after_it(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """With `start` alone every session begun after it is listed, and none that ended before it."""
    return validated(_selected(pair, ANY_ZONE) for pair in _pairs(now, before, [("start",)]))


@invariant(
    LIST,
    evidence="documented",
    note=f"{_ANY}; the table says after for this bound too, a slip of the page.",
)
def end_alone_keeps_what_begins_before_it(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """With `end` alone every session that ended before it is listed, and none begun after it."""
    return validated(_selected(pair, ANY_ZONE) for pair in _pairs(now, before, [("end",)]))


@invariant(LIST, evidence="documented", note=f"{_ANY}.")
def both_bounds_keep_what_lies_between(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """With both bounds every session between them is listed, and none that is outside."""
    return validated(_selected(pair, ANY_ZONE) for pair in _pairs(now, before, [("start", "end")]))


@invariant(LIST, evidence="assumed", note="The page names no zone for the bounds.")
def the_selection_is_exact_in_utc(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """To the second, what lies between the bounds in UTC is listed, and what does not is not."""
    return validated(_selected(pair, UTC) for pair in _pairs(now, before, _KINDS))


def _selected(pair: _Pair, zone: Zone) -> list[str] | None:
    """What is missing and what is too much; one that crosses a bound may be left out."""
    part = pair.part
    inside = [one for one in pair.whole.sessions if _lies_inside(one, part, zone)]
    outside = [one for one in pair.whole.sessions if _lies_outside(one, part, zone)]
    if not inside and not outside:
        return None
    missing = (
        f"{session}, from {shown(session.login)} to {shown(session.logout)}, is not listed "
        f"{_between(part)}"
        for session in inside
        if session.id not in part.by_id and not _is_excused(pair, session)
    )
    too_much = (
        f"{session}, from {shown(session.login)} to {shown(session.logout)}, is listed "
        f"{_between(part)}"
        for session in outside
        if session.id in part.by_id and not pair.was_running(session)
    )
    return few([*missing, *too_much])


def _lies_inside(session: Session, part: Listing, zone: Zone) -> bool:
    is_begun = part.start is None or zone.is_after(session.login, part.start)
    if part.end is None or session.logout is None:
        return is_begun and part.end is None
    return is_begun and zone.is_before(session.logout, part.end)


def _lies_outside(session: Session, part: Listing, zone: Zone) -> bool:
    is_over = session.logout is not None and zone.is_before(session.logout, part.start)
    return is_over or zone.is_after(session.login, part.end)


def _is_excused(pair: _Pair, session: Session) -> bool:
    """Whether the earlier listing could not have it yet."""
    if pair.is_part_later:
        return False
    return pair.is_new(session) or (pair.part.end is not None and pair.was_running(session))


def _between(part: Listing) -> str:
    start = f"from {shown(part.start)}" if part.start is not None else ""
    end = f"to {shown(part.end)}" if part.end is not None else ""
    return " ".join(filter(None, (start, end)))


@invariant(
    LIST,
    evidence="assumed",
    note="Notes 2 and 3 of the page say activity; the bounds are taken to be strict and in UTC.",
)
def a_session_is_cut_at_an_activity_not_at_the_bound(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """What crosses a bound shows an activity inside it, and not the bound itself."""
    return validated(_cut(pair) for pair in _pairs(now, before, _KINDS))


def _cut(pair: _Pair) -> list[str] | None:
    part = pair.part
    both = [(pair.whole.by_id[one.id], one) for one in part.sessions if one.id in pair.whole.by_id]
    begun = [cut for whole, cut in both if UTC.is_before(whole.login, part.start)]
    ended = [cut for whole, cut in both if _goes_on_after(whole, part.end)]
    if not begun and not ended:
        return None
    return few(
        [
            *(f"{one} shows {shown(one.login)}" for one in begun if one.login == part.start),
            *(f"{one} shows {shown(one.logout)}" for one in ended if one.logout == part.end),
        ]
    )


@invariant(
    LIST,
    evidence="assumed",
    note="The page says before, and a session begun with `start` is not; in UTC.",
)
def what_fills_the_bounds_is_listed_whole(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A session that begins with `start` or ends with `end` does not cross it, and is not cut."""
    return validated(_filling(pair) for pair in _pairs(now, before, _KINDS))


def _filling(pair: _Pair) -> list[str] | None:
    part = pair.part
    filling = [session for session in pair.whole.sessions if _fills(session, part)]
    if not filling:
        return None
    return few(
        f"{session}, from {shown(session.login)} to {shown(session.logout)}, is not listed so "
        f"{_between(part)}"
        for session in filling
        if part.by_id.get(session.id) != session and not pair.was_running(session)
    )


def _fills(session: Session, part: Listing) -> bool:
    if session.logout is None or session.login == session.logout:
        return False
    begins, ends = session.login == part.start, session.logout == part.end
    has_begun = begins or part.start is None or UTC.is_after(session.login, part.start)
    has_ended = ends or part.end is None or UTC.is_before(session.logout, part.end)
    return (begins or ends) and has_begun and has_ended


def _goes_on_after(whole: Session, end: int | None) -> bool:
    return end is not None and (whole.logout is None or UTC.is_after(whole.logout, end))
