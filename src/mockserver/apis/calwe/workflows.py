"""Sequences of requests in which the invariants of the session log apply."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from mockserver.apis.calwe.invariants import is_refused_as_ended
from mockserver.invariant import Caller, Interaction, workflow
from mockserver.traits.listing import at

_LONGEST = 3.0
"""For so many seconds the record of a period is waited for: a queue may write it."""

_OPEN = (
    *("ENTERED", "TEMPORARILY_LEFT", "ENTERED", "LEFT"),
    *("CANCEL_REQUEST", "ENTERED", "SESSION_PERIOD", "LEFT"),
)
"""What can happen in a session that goes on."""

_TYPES = (*dict.fromkeys(_OPEN), "ENDED", "CANCELLED")


@workflow("writable_session", writes=True)
def coming_and_going(call: Caller, ids: Mapping[str, str]) -> None:
    """Each entry that leaves a session open, and the log after it."""
    session = ids["writable_session"]
    _read_log(call, session)
    for action in _OPEN:
        call("createSessionLog", id=session, body={"action_type": action})
        _read_log(call, session)


@workflow("session_to_end", writes=True)
def ending_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is ended, and every entry after that."""
    _close(call, ids["session_to_end"], "ENDED")


@workflow("session_to_cancel", writes=True)
def cancelling_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is cancelled, and every entry after that."""
    _close(call, ids["session_to_cancel"], "CANCELLED")


@workflow("ended_session", writes=True)
def a_session_that_has_ended(call: Caller, ids: Mapping[str, str]) -> None:
    """Entries in a session that has ended, and its log."""
    session = ids["ended_session"]
    for action in ("ENTERED", "SESSION_PERIOD"):
        call("createSessionLog", id=session, body={"action_type": action})
    _read_log(call, session)


@workflow("missing_session", writes=True)
def an_entry_in_an_unknown_session(call: Caller, ids: Mapping[str, str]) -> None:
    """An entry in a session that is not there does not make one."""
    session = ids["missing_session"]
    call("listSessionLogs", id=session)
    call("createSessionLog", id=session, body={"action_type": "ENTERED"})
    call("listSessionLogs", id=session)


@workflow(
    "shared_session", writes=True, operations=("listCoachSessionLogs", "createCoachSessionLog")
)
def entries_from_both_sides(call: Caller, ids: Mapping[str, str]) -> None:
    """Entries by the coach and by the customer in one log."""
    session = ids["shared_session"]
    _read_log(call, session, "listCoachSessionLogs")
    call("createCoachSessionLog", id=session, body={"action_type": "ENTERED"})
    _read_log(call, session, "listCoachSessionLogs")
    _read_log(call, session)
    call("createSessionLog", id=session, body={"action_type": "LEFT"})
    _read_log(call, session)
    _read_log(call, session, "listCoachSessionLogs")
    call("createCoachSessionLog", id=session, body={"action_type": "INVALID_TYPE"})
    _read_log(call, session, "listCoachSessionLogs")


def _read_log(call: Caller, session: str, operation: str = "listSessionLogs") -> list[Interaction]:
    """A log by default pages: the first one, and the last one where it has several."""
    pages = [call(operation, id=session)]
    last = at(pages[0].response_body, "/data/last_page")
    if type(last) is int and last > 1:
        pages.append(call(operation, id=session, page=last))
    return pages


def _close(call: Caller, session: str, closing: str) -> None:
    _read_log(call, session)
    for action in ("ENTERED", closing):
        call("createSessionLog", id=session, body={"action_type": action})
    _read_log(call, session)
    attempts = [
        call("createSessionLog", id=session, body={"action_type": action}) for action in _TYPES
    ]
    pages, waited = _read_log(call, session), 0.0
    while any(map(is_refused_as_ended, attempts)) and waited < _LONGEST and not _has_period(pages):
        Event().wait(_LONGEST / 6)
        waited += _LONGEST / 6
        pages = _read_log(call, session)


def _has_period(pages: list[Interaction]) -> bool:
    rows = [at(page.response_body, "/data/data") for page in pages]
    return any(
        at(row, "/action_type") == "SESSION_PERIOD"
        for page in rows
        if isinstance(page, list)
        for row in page
    )
