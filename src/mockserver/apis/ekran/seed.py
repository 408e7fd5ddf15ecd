"""Generators of sessions of a few users, what they did in them, some still running."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.apis.ekran import model
from mockserver.clock import SECOND
from mockserver.event import Count, MomentText
from mockserver.sandbox import World
from mockserver.store import Document

_MINUTE = 60 * SECOND
_MILLISECOND = SECOND // 1000


def sessions(
    world: World,
    count: Count,
    running: int = 5,
    users: Count = Count(25),
    user: int = 0,
    first: MomentText = MomentText("-30d"),
    last: MomentText = MomentText("now"),
    first_id: int = 1001,
) -> Iterator[Document]:
    """Sessions with their activities between two moments; the last ones are running.

    Every tenth has no activity at all. They are those of so many users, or all of one.
    """
    begin, end = world.read_period(first, last)
    now = end // _MILLISECOND * _MILLISECOND
    step = max((end - begin) // count, _MILLISECOND)
    for n in range(count):
        chance = world.factory.random("ekran.session", n)
        id = first_id + n
        who = chance.randint(1, users)
        who = user or who
        client = world.factory.uuid("ekran.client", who)
        login = now - (count - n) * step + chance.randrange(step) // _MILLISECOND * _MILLISECOND
        length = chance.randrange(2 * _MINUTE, 10 * 60 * _MINUTE) // _MILLISECOND * _MILLISECOND
        logout = None if n >= count - running else min(login + length, now)
        yield model.build_session(id, client, who, login, logout)
        if n % 10 != 9:
            span = (now if logout is None else logout) - login
            moments = sorted(chance.randrange(span) for _ in range(chance.randint(1, 9)))
            for moment in moments:
                yield model.build_activity(id, login + moment // _MILLISECOND * _MILLISECOND)
