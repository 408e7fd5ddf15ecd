"""Infers sessions and activities from recorded exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.apis.ekran import wire
from mockserver.clock import parse_moment
from mockserver.inference import Draft, Observation, find_newest

_NOTE = "Of a session that was seen within bounds only, the bounds may have cut it."


@dataclass
class _Seen:
    """A session, and the moments of it that a response showed, with the bounds of the request."""

    body: Mapping[str, Any]
    shown: list[tuple[int | None, int | None, int, int | None]] = field(default_factory=list)


def infer(observations: Iterable[Observation], draft: Draft) -> None:
    """Put the sessions and their activities into a draft."""
    seen: dict[int, _Seen] = {}
    for it in find_newest(observations):
        start, end = (wire.parse_bound(it.arguments.get(name)) for name in ("start", "end"))
        if start is None and end is None:
            seen.clear()  # it has all sessions that there are
        for body in it.body:
            session = seen.setdefault(body["sessionId"], _Seen(body))
            logout = body["logoutDate"]
            ended = None if logout is None else parse_moment(logout)
            session.shown.append((start, end, parse_moment(body["loginDate"]), ended))
            session.body = {**session.body, **body}
    for session in seen.values():
        _add_session(session, draft)


def _add_session(session: _Seen, draft: Draft) -> None:
    """The whole session; where a bound has cut it, there is an activity."""
    login = min(shown for _, _, shown, _ in session.shown)
    open_ended = [shown for _, end, _, shown in session.shown if end is None]
    known = [shown for _, _, _, shown in session.shown if shown is not None]
    logout = open_ended[-1] if open_ended else max(known, default=None)
    activities = {shown for _, _, shown, _ in session.shown if shown != login}
    activities |= {shown for shown in known if logout is None or shown < logout}
    if not any(start is end is None for start, end, _, _ in session.shown):
        draft.note("session", _NOTE)
    draft.put(
        "session",
        {
            **session.body,
            "loginDate": wire.format_moment(login),
            "logoutDate": None if logout is None else wire.format_moment(logout),
        },
    )
    id = session.body["sessionId"]
    for at in sorted(activities):
        draft.put("activity", {"sessionId": id, "at": wire.format_moment(at)})
