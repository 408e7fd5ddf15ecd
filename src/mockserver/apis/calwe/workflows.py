"""Sequences of requests in which the invariants of the session log apply."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.invariant import Caller, workflow

_WHOLE = 1000
"""The greatest `per_page`: a log of no more entries is on one page."""

_OPEN = (
    *("ENTERED", "TEMPORARILY_LEFT", "ENTERED", "LEFT"),
    *("CANCEL_REQUEST", "ENTERED", "SESSION_PERIOD", "LEFT"),
)
"""What can happen in a session that goes on."""

_TYPES = (*dict.fromkeys(_OPEN), "ENDED", "CANCELLED")


@workflow("open_session")
def paging_that_is_refused(call: Caller, ids: Mapping[str, str]) -> None:
    """Pages that are no numbers, or below the first."""
    session = ids["open_session"]
    call("listSessionLogs", id=session, per_page=0)
    call("listSessionLogs", id=session, page=0)
    call("listSessionLogs", id=session, per_page="many", page="first")
    call("listSessionLogs", id=session)


@workflow("writable_session", writes=True)
def coming_and_going(call: Caller, ids: Mapping[str, str]) -> None:
    """Each entry that leaves a session open, and the log after it."""
    session = ids["writable_session"]
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for action in _OPEN:
        call("createSessionLog", id=session, body={"action_type": action})
        call("listSessionLogs", id=session, per_page=_WHOLE)


@workflow("session_to_end", writes=True)
def ending_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is ended, and every entry after that."""
    _close(call, ids["session_to_end"], "ENDED")


@workflow("session_to_cancel", writes=True)
def cancelling_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is cancelled, and every entry after that."""
    _close(call, ids["session_to_cancel"], "CANCELLED")


@workflow("missing_session", writes=True)
def an_entry_in_an_unknown_session(call: Caller, ids: Mapping[str, str]) -> None:
    """An entry in a session that is not there does not make one."""
    session = ids["missing_session"]
    call("listSessionLogs", id=session)
    call("createSessionLog", id=session, body={"action_type": "ENTERED"})
    call("listSessionLogs", id=session)


@workflow("shared_session", writes=True)
def entries_from_both_sides(call: Caller, ids: Mapping[str, str]) -> None:
    """Entries by the coach and by the customer in one log."""
    session = ids["shared_session"]
    call("listCoachSessionLogs", id=session, per_page=_WHOLE)
    call("createCoachSessionLog", id=session, body={"action_type": "ENTERED"})
    call("listCoachSessionLogs", id=session, per_page=_WHOLE)
    call("listSessionLogs", id=session, per_page=_WHOLE)
    call("createSessionLog", id=session, body={"action_type": "LEFT"})
    call("listSessionLogs", id=session, per_page=_WHOLE)
    call("listCoachSessionLogs", id=session, per_page=_WHOLE)
    call("createCoachSessionLog", id=session, body={"action_type": "INVALID_TYPE"})
    call("listCoachSessionLogs", id=session, per_page=_WHOLE)


def _close(call: Caller, session: str, closing: str) -> None:
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for action in ("ENTERED", closing):
        call("createSessionLog", id=session, body={"action_type": action})
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for action in _TYPES:
        call("createSessionLog", id=session, body={"action_type": action})
    call("listSessionLogs", id=session, per_page=_WHOLE)
