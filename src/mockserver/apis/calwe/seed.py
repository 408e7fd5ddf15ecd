"""Generators of sessions with plausible people and logs that could have happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from mockserver.apis.calwe import model
from mockserver.clock import SECOND
from mockserver.errors import EventError
from mockserver.event import Count, MomentText, Names, Shares, choose
from mockserver.sandbox import World
from mockserver.store import Document

_MINUTE = 60 * SECOND
_LONGEST = 17 * 60 * _MINUTE
"""No log lasts longer: 200 entries, at most five minutes apart."""

_LENGTHS = {1: 30, 2: 31, 3: 2, 4: 200, 6: 1}
"""The n-th session's length where pages break on it; of the others chance decides."""

_ENDINGS = {status: (action, "SESSION_PERIOD") for action, status in model.CLOSING.items()}
"""How the log of a closed session ends."""

_COMING_AND_GOING = ("ENTERED", "LEFT", "TEMPORARILY_LEFT", "CANCEL_REQUEST")
_USUAL = Shares({})
"""No shares: as it usually is."""


def sessions(
    world: World,
    count: Count,
    first_id: int = 2,
    first: MomentText = MomentText("-30d"),
    last: MomentText = MomentText("now"),
    status: Annotated[Shares, Names(model.STATUSES)] = _USUAL,
    actions: Annotated[Shares, Names(_COMING_AND_GOING)] = _USUAL,
    customer: str = "",
    locale: str = "ar_SA",
) -> Iterator[Document]:
    """Sessions in all five statuses, with logs of 0 to 200 entries between two moments.

    Among the first seven are logs of exactly 0, 30, 31, 2, 200 and 1 entries.
    """
    period = world.read_period(first, last)
    for n in range(count):
        chance = world.factory.random("calwe.status", n)
        state = choose(chance, status) if status else model.STATUSES[n % len(model.STATUSES)]
        id = str(first_id + n)
        yield model.SESSION.document(
            {
                "id": id,
                "status": state,
                "customer": customer or world.factory.name("calwe.customer", n, locale),
                "coach": world.factory.name("calwe.coach", n % 7, locale),
            }
        )
        yield from _build_log(world, id, state, n, period, actions)


def log(
    world: World,
    session: str,
    entries: Count,
    seconds: Count = Count(60),
    first: MomentText = MomentText(""),
    last: MomentText = MomentText("now"),
    status: Annotated[str, Names(model.STATUSES)] = "",
    actions: Annotated[Shares, Names(_COMING_AND_GOING)] = _USUAL,
    customer: str = "",
    coach: str = "",
) -> Iterator[Document]:
    """One session with a log, whose entries are at equal distances; the last one is now.

    They are added to a session that exists. With a first moment, they are spread from it to the
    last one.
    """
    existing = world.documents.get("session", session)
    if existing and (status or customer or coach):
        raise EventError(
            f"there is a session '{session}' already; leave out 'status', 'customer' and 'coach'"
        )
    names = {name: text for name, text in (("customer", customer), ("coach", coach)) if text}
    state = existing.body["status"] if existing else status or "IN_PROGRESS"
    if not existing:
        yield model.SESSION.document({"id": session, "status": state, **names})
    ending = () if existing else _ENDINGS.get(state, ())
    if entries < len(ending):
        raise EventError(f"a session that is {state} has at least {len(ending)} entries")
    end, step = world.read_moment(last), seconds * SECOND
    if first:
        begin, end = world.read_period(first, last)
        step = (end - begin) // max(entries - 1, 1)
    for n in range(entries):
        action = ("ENTERED", "TEMPORARILY_LEFT")[n % 2]
        if n >= entries - len(ending):
            action = ending[n - entries]
        elif actions:
            action = choose(world.factory.random("calwe.action", session, n), actions)
        yield model.build_entry(session, action, end - (entries - 1 - n) * step)


def _build_log(
    world: World, id: str, status: str, n: int, period: tuple[int, int], actions: Shares
) -> Iterator[Document]:
    """A log that fits a status: nothing yet, or coming and going, or a closing at last."""
    if status == "PENDING":
        return
    chance = world.factory.random("calwe.log", n)
    ending = _ENDINGS.get(status, ())
    length = max(len(ending), _LENGTHS.get(n) or round(chance.triangular(1, 200, 12)))
    first, last = period
    # In a short period all logs fill it, with shorter pauses.
    span = last - first
    longest = min(_LONGEST, span)
    at = first
    if span > _LONGEST:
        at = last - chance.randrange(_LONGEST, span) // _MINUTE * _MINUTE
    is_present = False
    for _ in range(length - len(ending)):
        action = "ENTERED"
        if actions:
            action = choose(chance, actions)
        elif is_present:
            number = chance.random()
            action = "LEFT" if number < 0.35 else "TEMPORARILY_LEFT"
            action = "CANCEL_REQUEST" if number < 0.05 else action
        is_present = action in ("ENTERED", "CANCEL_REQUEST")
        yield model.build_entry(id, action, at)
        at += chance.randrange(5, 300) * SECOND * longest // _LONGEST
    for action in ending:
        yield model.build_entry(id, action, at)
