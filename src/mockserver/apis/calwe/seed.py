"""Generators of sessions with plausible people and logs that could have happened."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.apis.calwe import model
from mockserver.clock import SECOND
from mockserver.event import Count
from mockserver.sandbox import World
from mockserver.store import Document

_MINUTE = 60 * SECOND
_DAY = 24 * 60 * _MINUTE
_LONGEST = 17 * 60 * _MINUTE
"""No log lasts longer: 200 entries, at most five minutes apart."""

_LENGTHS = {1: 30, 2: 31, 3: 2, 4: 200, 6: 1}
"""The n-th session's length where pages break on it; of the others chance decides."""

_ENDINGS = {status: (action, "SESSION_PERIOD") for action, status in model.CLOSING.items()}
"""How the log of a closed session ends."""


def sessions(
    world: World, count: Count, first_id: int = 2, locale: str = "ar_SA", days: Count = Count(30)
) -> Iterator[Document]:
    """So many sessions in all five statuses, with logs of 0 to 200 entries in the last days.

    Among the first seven are logs of exactly 0, 30, 31, 2, 200 and 1 entries.
    """
    for n in range(count):
        status = model.STATUSES[n % len(model.STATUSES)]
        id = str(first_id + n)
        yield model.SESSION.document(
            {
                "id": id,
                "status": status,
                "customer": world.factory.name("calwe.customer", n, locale),
                "coach": world.factory.name("calwe.coach", n % 7, locale),
            }
        )
        yield from _build_log(world, id, status, n, days)


def log(
    world: World, session: str, entries: Count, seconds: Count = Count(60)
) -> Iterator[Document]:
    """One session with a log of so many entries, so many seconds apart, the last one now."""
    yield model.SESSION.document({"id": session, "status": "IN_PROGRESS"})
    for n in range(entries):
        action = "ENTERED" if n % 2 == 0 else "TEMPORARILY_LEFT"
        at = world.now - (entries - 1 - n) * seconds * SECOND
        yield model.build_entry(session, action, at)


def _build_log(world: World, id: str, status: str, n: int, days: int) -> Iterator[Document]:
    """A log that fits a status: nothing yet, or coming and going, or a closing at last."""
    if status == "PENDING":
        return
    chance = world.factory.random("calwe.log", n)
    ending = _ENDINGS.get(status, ())
    length = max(len(ending), _LENGTHS.get(n) or round(chance.triangular(1, 200, 12)))
    at = world.now - chance.randrange(_LONGEST, days * _DAY) // _MINUTE * _MINUTE
    is_present = False
    for _ in range(length - len(ending)):
        action = "ENTERED"
        if is_present:
            number = chance.random()
            action = "LEFT" if number < 0.35 else "TEMPORARILY_LEFT"
            action = "CANCEL_REQUEST" if number < 0.05 else action
        is_present = action in ("ENTERED", "CANCEL_REQUEST")
        yield model.build_entry(id, action, at)
        at += chance.randrange(5, 300) * SECOND
    for action in ending:
        yield model.build_entry(id, action, at)
