"""Sequences of requests in which the invariants of the sessions apply.

Bounds are laid through what the deployment has, so that sessions cross them wherever it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.clock import SECOND, parse_moment, to_datetime
from mockserver.errors import SettingError
from mockserver.invariant import Caller, workflow

_LIST = "listSessions"
_HOUR = 3600 * SECOND
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class _Finished:
    """A session that is over: its id, and from when to when it went."""

    id: int
    login: int
    logout: int

    def at(self, share: float) -> int:
        """The moment at which such a share of it was over."""
        return self.login + round((self.logout - self.login) * share)


@workflow()
def bounds_through_sessions(call: Caller, _: Mapping[str, str]) -> None:
    """Bounds through the longest sessions, and then close around what was done in them."""
    for session in _longest(call(_LIST).response_body)[:3]:
        start, end = session.at(0.25), session.at(0.75)
        begun = _shown(call(_LIST, start=_bound(start)).response_body, session.id, "loginDate")
        ended = _shown(call(_LIST, end=_bound(end)).response_body, session.id, "logoutDate")
        call(_LIST, start=_bound(start), end=_bound(end))
        call(_LIST, start=_bound((ended or end) - 1 * SECOND))
        call(_LIST, start=_bound(start), end=_bound((begun or start) + 1 * SECOND))


@workflow(world="ekran-touches-bounds")
def bounds_on_sessions(call: Caller, _: Mapping[str, str]) -> None:
    """Bounds exactly where sessions begin and end."""
    for session in _longest(call(_LIST).response_body)[:3]:
        call(_LIST, start=_bound(session.login), end=_bound(session.logout))
        call(_LIST, start=_bound(session.logout))
        call(_LIST, end=_bound(session.login))


@workflow()
def three_forms_of_a_bound(call: Caller, _: Mapping[str, str]) -> None:
    """The same day and the same minute as a lower and as an upper bound, in each of their forms."""
    answer = call(_LIST).response_body
    middle, (longest, *_rest) = _quarters(call, answer)[1], [*_longest(answer), None]
    # The minute after something began or ended, so that one too early or too late is seen.
    moments = (longest.login, longest.logout) if longest else (middle, middle)
    for name, moment in zip(("start", "end"), moments, strict=True):
        day, minute = _bound(middle)[:10], _bound(moment + 60 * SECOND)[:16]
        for form in (day, f"{day}T00:00", f"{day}T00:00:00", minute, f"{minute}:00"):
            call(_LIST, **{name: form})


@workflow(world="ekran-running")
def what_still_runs(call: Caller, _: Mapping[str, str]) -> None:
    """The present, with bounds behind and before it."""
    now = call.now
    call(_LIST)
    call(_LIST, start=_bound(now - _HOUR))
    call(_LIST, end=_bound(now + _DAY))
    call(_LIST, end=_bound(now - _HOUR))
    call(_LIST, start=_bound(now - 8 * _HOUR), end=_bound(now - _HOUR))
    call(_LIST, start=_bound(now + _DAY))
    call(_LIST)


def _bound(moment: int) -> str:
    """A moment to the second, as a bound is written in UTC."""
    return to_datetime(moment).isoformat()[: len("2021-04-01T12:00:00")]


def _quarters(call: Caller, answer: Any) -> tuple[int, int, int]:
    """Three moments that part the sessions into four; of the last weeks where there are none."""
    logins = sorted(login for _, login, _ in _sessions(answer))
    if not logins:
        return call.now - 21 * _DAY, call.now - 14 * _DAY, call.now - 7 * _DAY
    first, middle, last = (logins[len(logins) * n // 4] for n in (1, 2, 3))
    return first, middle, last


def _longest(answer: Any) -> list[_Finished]:
    """The sessions that are over, the longest first."""
    found = [
        _Finished(id, login, logout)
        for id, login, logout in _sessions(answer)
        if logout is not None and login < logout
    ]
    return sorted(found, key=lambda session: (session.login - session.logout, session.id))


def _shown(answer: Any, id: int, name: str) -> int | None:
    """A time of one session, in an answer that has it."""
    for item in answer if isinstance(answer, list) else ():
        if isinstance(item, dict) and item.get("sessionId") == id:
            return _moment(item.get(name))
    return None


def _sessions(answer: Any) -> Iterator[tuple[int, int, int | None]]:
    """Each session of an answer that can be read: its id, its login, and its logout if it has."""
    for item in answer if isinstance(answer, list) else ():
        match item:
            case {"sessionId": int(id), "loginDate": login, "logoutDate": logout}:
                begun = _moment(login)
                if begun is not None:
                    yield id, begun, _moment(logout)


def _moment(text: Any) -> int | None:
    try:
        return parse_moment(text) if isinstance(text, str) else None
    except SettingError:
        return None
