"""Generators of sessions of a few users, what they did in them, some still running."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.apis.ekran import model
from mockserver.clock import SECOND
from mockserver.event import Count
from mockserver.sandbox import World
from mockserver.store import Document

_MINUTE = 60 * SECOND
_DAY = 24 * 60 * _MINUTE
_MILLISECOND = SECOND // 1000


def sessions(
    world: World,
    count: Count,
    running: int = 5,
    users: Count = Count(25),
    days: Count = Count(30),
    first_id: int = 1001,
) -> Iterator[Document]:
    """So many sessions with their activities over the last days, the last ones of them running.

    Every tenth has no activity at all.
    """
    now = world.now // _MILLISECOND * _MILLISECOND
    step = days * _DAY // count
    for n in range(count):
        chance = world.factory.random("ekran.session", n)
        id = first_id + n
        user = chance.randint(1, users)
        client = world.factory.uuid("ekran.client", user)
        login = now - (count - n) * step + chance.randrange(step) // _MILLISECOND * _MILLISECOND
        length = chance.randrange(2 * _MINUTE, 10 * 60 * _MINUTE) // _MILLISECOND * _MILLISECOND
        logout = None if n >= count - running else min(login + length, now)
        yield model.build_session(id, client, user, login, logout)
        if n % 10 != 9:
            span = (now if logout is None else logout) - login
            moments = sorted(chance.randrange(span) for _ in range(chance.randint(1, 9)))
            for moment in moments:
                yield model.build_activity(id, login + moment // _MILLISECOND * _MILLISECOND)
