"""What the invariants read off an answer: a listing of sessions; None where its shape is another.

Moments are microseconds since the epoch, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.clock import SECOND, format_moment, parse_moment
from mockserver.errors import SettingError
from mockserver.invariant import Interaction

__all__ = [
    "LIST",
    "TIME",
    "TOLERANCE",
    "Listing",
    "Session",
    "bounds",
    "few",
    "items",
    "latest",
    "read",
    "shown",
    "validated",
]

LIST = "listSessions"

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+00:00")
"""A moment as the page's example writes it."""

TOLERANCE = 300 * SECOND
"""How far the deployment's clock and ours may be apart, an answer's way to us included."""

_FEW = 5
_LISTINGS: WeakKeyDictionary[Interaction, Listing | None] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Session:
    """A session as a listing shows it: whole, or cut at the bounds; `logout` is None for null."""

    id: int
    user: int
    client: str
    login: int
    logout: int | None

    def __str__(self) -> str:
        return f"session {self.id}"


@dataclass(frozen=True)
class Listing:
    """What was answered, and what was asked: each bound as UTC would have it, None without one."""

    start: int | None
    end: int | None
    moment: int
    sessions: tuple[Session, ...]

    @property
    def is_unbounded(self) -> bool:
        """Whether neither bound was given."""
        return self.start is None and self.end is None

    @cached_property
    def by_id(self) -> Mapping[int, Session]:
        """The sessions by their id; of one id, the last."""
        return {session.id: session for session in self.sessions}


def read(seen: Interaction) -> Listing | None:
    """The listing that a valid request was answered with; read once, however often it is asked."""
    if seen not in _LISTINGS:
        _LISTINGS[seen] = _read(seen)
    return _LISTINGS[seen]


def _read(seen: Interaction) -> Listing | None:
    asked, found = bounds(seen), items(seen)
    if asked is None or found is None:
        return None
    sessions = [session for session in map(_session, found) if session is not None]
    if len(sessions) != len(found):
        return None
    return Listing(asked[0], asked[1], seen.moment, tuple(sessions))


def bounds(seen: Interaction) -> tuple[int | None, int | None] | None:
    """The bounds of a valid request, each as UTC would have it; None where there is none."""
    if not seen.is_valid:
        return None
    start, end = seen.arguments.get("start"), seen.arguments.get("end")
    return _bound(start), _bound(end)


def _bound(text: str | None) -> int | None:
    return None if text is None else parse_moment(text)


def items(seen: Interaction) -> list[Any] | None:
    """What stands in the array of a success, whatever it is."""
    return seen.answer if seen.is_success and isinstance(seen.answer, list) else None


def latest(before: Sequence[Interaction], *given: str) -> Listing | None:
    """The last listing with these bounds and no other."""
    same = (seen for seen in reversed(before) if _given(seen) == {*given})
    return next((listing for listing in map(read, same) if listing is not None), None)


def validated(verdicts: Iterable[list[str] | None]) -> list[str] | None:
    """Many verdicts as one: None when none of them has anything to say."""
    heard = [verdict for verdict in verdicts if verdict is not None]
    return few(sentence for one in heard for sentence in one) if heard else None


def few(sentences: Iterable[str]) -> list[str]:
    """The first few of what may be thousands, which would tell no more."""
    return list(islice(dict.fromkeys(sentences), _FEW))


def shown(moment: int | None) -> str:
    """A moment as a sentence shows it."""
    return "null" if moment is None else format_moment(moment)


def _given(seen: Interaction) -> set[str]:
    return {name for name in ("start", "end") if seen.arguments.get(name) is not None}


def _session(value: Any) -> Session | None:
    match value:
        case {"sessionId": id, "userId": user, "clientGuid": str(client), **others}:
            pass
        case _:
            return None
    if type(id) is not int or type(user) is not int:
        return None
    login, logout = _moment(others.get("loginDate")), _moment(others.get("logoutDate"))
    if login is None or (logout is None and others.get("logoutDate", "") is not None):
        return None
    return Session(id, user, client, login, logout)


def _moment(text: Any) -> int | None:
    if not isinstance(text, str) or not TIME.fullmatch(text):
        return None
    try:
        return parse_moment(text)
    except SettingError:
        return None
