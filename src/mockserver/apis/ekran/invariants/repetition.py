"""The same question asked again, or in another form; and who a session belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl

from mockserver.apis.ekran.invariants.listing import (
    LIST,
    TOLERANCE,
    Listing,
    Session,
    bounds,
    few,
    read,
    shown,
    validated,
)
from mockserver.invariant import Interaction, invariant

_DAY = len("2021-04-01")
_RUNNING = "A session that ran may have ended since, and new ones may have begun."


@invariant(
    LIST,
    evidence="documented",
    note="The page documents a GET, which asks for no change (RFC 9110, section 9.2.1). "
    + _RUNNING,
)
def asked_again_nothing_has_changed(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """The same request, sent twice, lists the same sessions with the same times."""
    return _compared(now, before, lambda other: _query(other) == _query(now))


@invariant(
    LIST,
    evidence="example",
    note=f"The page's examples have both forms. {_RUNNING}",
)
def a_minute_is_its_first_second(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A bound to the minute means the same as that minute's second 00."""
    return _compared(now, before, lambda other: _forms(now, other) == "minute")


@invariant(
    LIST,
    evidence="assumed",
    note=f"The page's examples have the form, and do not say what it means. {_RUNNING}",
)
def a_day_is_its_midnight(now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
    """A bound that is a day means the same as the midnight at its start."""
    return _compared(now, before, lambda other: _forms(now, other) == "day")


def _forms(one: Interaction, other: Interaction) -> str:
    """By which form two requests differ that mean the same; empty where they do not."""
    if bounds(one) is None or bounds(one) != bounds(other):
        return ""
    pairs = [(one.arguments.get(name), other.arguments.get(name)) for name in ("start", "end")]
    lengths = {len(str(text)) for pair in pairs if pair[0] != pair[1] for text in pair}
    if not lengths:
        return ""
    return "day" if _DAY in lengths else "minute"


@lru_cache(maxsize=1024)  # every later exchange is held against it
def _query(seen: Interaction) -> list[tuple[str, str]]:
    return sorted(parse_qsl(seen.exchange.request.query, keep_blank_values=True))


def _compared(
    now: Interaction, before: Sequence[Interaction], is_same: Callable[[Interaction], bool]
) -> list[str] | None:
    listing = read(now)
    if listing is None:
        return None
    others = (read(other) for other in reversed(before) if is_same(other))
    return validated(few(_changes(other, listing)) for other in others if other is not None)


def _changes(before: Listing, now: Listing) -> Iterator[str]:
    """What is not as it was, and cannot have become so."""
    since = before.moment - TOLERANCE
    for was in before.sessions:
        session = now.by_id.get(was.id)
        if session is None:
            yield f"{was} is no longer listed"
        elif session.login != was.login:
            yield f"{was} began {shown(was.login)} and now {shown(session.login)}"
        elif session.logout != was.logout and not _may_have_gone_on(was, session, since, now.end):
            yield f"{was} ended {shown(was.logout)} and now {shown(session.logout)}"
    for session in now.sessions:
        is_recent = session.logout is None or session.logout >= since
        if session.id not in before.by_id and not is_recent:
            yield f"{session}, over {shown(session.logout)}, was not listed before"


def _may_have_gone_on(was: Session, session: Session, since: int, end: int | None) -> bool:
    """Whether a session ran at a moment, and has ended, or what is shown of it grown, since.

    One that ran may have ended earlier than it was last seen running: with its last activity.
    """
    if session.logout is None:
        return False
    if was.logout is None:
        return session.logout >= session.login
    return session.logout >= since and end is not None


@invariant(
    LIST,
    evidence="documented",
    note="The page calls them the id of the user and the GUID of the client.",
)
def a_session_keeps_its_user_and_client(
    now: Interaction, before: Sequence[Interaction]
) -> list[str] | None:
    """A session has the same `userId` and `clientGuid` in every answer."""
    listing = read(now)
    if listing is None:
        return None
    return validated(_owners(listing, other) for other in map(read, before) if other is not None)


def _owners(now: Listing, before: Listing) -> list[str] | None:
    shared = [(one, before.by_id[one.id]) for one in now.sessions if one.id in before.by_id]
    if not shared:
        return None
    return few(
        f"{one} has user {one.user} and client '{one.client:.60}', "
        f"and had {was.user} and '{was.client:.60}'"
        for one, was in shared
        if (one.user, one.client) != (was.user, was.client)
    )
