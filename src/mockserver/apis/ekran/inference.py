"""Infers sessions and activities from recorded exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from mockserver.apis.ekran import wire
from mockserver.clock import parse_moment
from mockserver.inference import Draft, Observation, find_newest

_NOTE = "Of a session that was seen within bounds only, the bounds may have cut it."


_read = lru_cache(maxsize=4_096)(parse_moment)
"""Responses show the same sessions again and again."""


class _Seen(Struct):
    """A session, and the moments that responses showed of it.

    `is_whole` if one of the requests had no bounds, and `ended` is what one without an end showed.
    """

    body: dict[str, Any] = field(default_factory=dict)
    logins: set[int] = field(default_factory=set)
    logouts: set[int] = field(default_factory=set)
    ended: int | None = None
    is_open_ended: bool = False
    is_whole: bool = False

    def add(self, body: Mapping[str, Any], *, starts: bool, ends: bool) -> None:
        """Add what a response showed; whether its request bounds the start and the end."""
        self.body |= body
        self.logins.add(_read(body["loginDate"]))
        logout = None if body["logoutDate"] is None else _read(body["logoutDate"])
        if logout is not None:
            self.logouts.add(logout)
        if not ends:
            self.ended, self.is_open_ended = logout, True
        self.is_whole = self.is_whole or not (starts or ends)


def infer(observations: Iterable[Observation], draft: Draft) -> None:
    """Put the sessions and their activities into a draft."""
    seen: dict[int, _Seen] = {}
    for it in find_newest(observations):
        starts, ends = (it.arguments.get(name) is not None for name in ("start", "end"))
        if not starts and not ends:
            listed = {body["sessionId"] for body in it.body}  # it has all that there are
            seen = {id: session for id, session in seen.items() if id in listed}
        for body in it.body:
            seen.setdefault(body["sessionId"], _Seen()).add(body, starts=starts, ends=ends)
    for id, session in seen.items():
        _add_session(id, session, draft)


def _add_session(id: int, session: _Seen, draft: Draft) -> None:
    """The whole session; where a bound has cut it, there is an activity."""
    login = min(session.logins)
    logout = session.ended if session.is_open_ended else max(session.logouts, default=None)
    if not session.is_whole:
        draft.note("session", _NOTE)
    shown = {
        "loginDate": wire.format_moment(login),
        "logoutDate": None if logout is None else wire.format_moment(logout),
    }
    draft.put("session", {**session.body, **shown})
    cut = {at for at in session.logouts if logout is None or at < logout}
    for at in sorted((session.logins - {login}) | cut):
        draft.put("activity", {"sessionId": id, "at": wire.format_moment(at)})
