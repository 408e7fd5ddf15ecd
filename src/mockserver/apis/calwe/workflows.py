"""Short sequences of requests in which the invariants of the session log find something to judge."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.invariant import Caller, Interaction, workflow

_WHOLE = 1000
"""The greatest `per_page`: a log of no more entries is on one page."""

_OPEN = (
    *("ENTERED", "TEMPORARILY_LEFT", "ENTERED", "LEFT"),
    *("CANCEL_REQUEST", "ENTERED", "SESSION_PERIOD", "LEFT"),
)
"""What can happen in a session that goes on."""

_TYPES = (*dict.fromkeys(_OPEN), "ENDED", "CANCELLED")


@workflow("busy_session")
def a_log_in_pages(call: Caller, ids: Mapping[str, str]) -> None:
    """A long log as one page, as three, as five, and by default."""
    session = ids["busy_session"]
    total = _total(call("listSessionLogs", id=session, per_page=_WHOLE))
    for count in (3, 5):
        size = max(1, -(-total // count))
        for page in range(1, count + 1):
            call("listSessionLogs", id=session, per_page=size, page=page)
    call("listSessionLogs", id=session)


@workflow("open_session")
def a_log_read_again(call: Caller, ids: Mapping[str, str]) -> None:
    """The log of a session that goes on, three times, and entry by entry."""
    session = ids["open_session"]
    for _ in range(3):
        call("listSessionLogs", id=session)
    for page in (1, 2):
        call("listSessionLogs", id=session, per_page=1, page=page)


@workflow("ended_session")
def an_ended_log_read_again(call: Caller, ids: Mapping[str, str]) -> None:
    """The log of a session that has ended, three times, from its first to its last page."""
    session = ids["ended_session"]
    for _ in range(3):
        total = _total(call("listSessionLogs", id=session, per_page=_WHOLE))
    call("listSessionLogs", id=session, per_page=2)
    call("listSessionLogs", id=session, per_page=2, page=max(1, -(-total // 2)))


@workflow("open_session")
def pages_past_the_end(call: Caller, ids: Mapping[str, str]) -> None:
    """Pages that a log does not reach."""
    session = ids["open_session"]
    total = _total(call("listSessionLogs", id=session, per_page=_WHOLE))
    call("listSessionLogs", id=session, per_page=_WHOLE, page=2)
    call("listSessionLogs", id=session, per_page=1, page=total + 1)
    call("listSessionLogs", id=session, page=1_000_000)


@workflow("empty_session")
def an_empty_log(call: Caller, ids: Mapping[str, str]) -> None:
    """A log without entries, and the page after its only one."""
    session = ids["empty_session"]
    call("listSessionLogs", id=session)
    call("listSessionLogs", id=session, per_page=1, page=2)
    call("listSessionLogs", id=session)


@workflow("missing_session")
def an_unknown_session(call: Caller, ids: Mapping[str, str]) -> None:
    """The log of a session that is not there, again and again."""
    session = ids["missing_session"]
    call("listSessionLogs", id=session)
    call("listSessionLogs", id=session, per_page=1, page=2)
    call("listSessionLogs", id=session)


@workflow("open_session")
def paging_that_is_refused(call: Caller, ids: Mapping[str, str]) -> None:
    """Pages that are no numbers, or below the first."""
    session = ids["open_session"]
    call("listSessionLogs", id=session, per_page=0)
    call("listSessionLogs", id=session, page=0)
    call("listSessionLogs", id=session, per_page="many", page="first")
    call("listSessionLogs", id=session)


@workflow("shared_session")
def a_log_from_both_sides(call: Caller, ids: Mapping[str, str]) -> None:
    """One log as its customer and as its coach read it."""
    session = ids["shared_session"]
    call("listSessionLogs", id=session, per_page=_WHOLE)
    call("listCoachSessionLogs", id=session, per_page=_WHOLE)
    call("listCoachSessionLogs", id=session, per_page=7)
    call("listCoachSessionLogs", id=session, per_page=7, page=2)
    call("listSessionLogs", id=session, per_page=7, page=2)


@workflow("writable_session", writes=True)
def coming_and_going(call: Caller, ids: Mapping[str, str]) -> None:
    """Each entry that leaves a session open, and the log after it."""
    session = ids["writable_session"]
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for action in _OPEN:
        call("createSessionLog", id=session, body={"action_type": action})
        call("listSessionLogs", id=session, per_page=_WHOLE)


@workflow("writable_session", writes=True)
def entries_that_are_refused(call: Caller, ids: Mapping[str, str]) -> None:
    """Types that are none of the seven, and the log after them."""
    session = ids["writable_session"]
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for wrong in ("INVALID_TYPE", "entered", "", None, 1):
        call("createSessionLog", id=session, body={"action_type": wrong})
    call("createSessionLog", id=session, body={})
    call("listSessionLogs", id=session, per_page=_WHOLE)


@workflow("session_to_end", writes=True)
def ending_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is ended, and every entry after that."""
    _close(call, ids["session_to_end"], "ENDED")


@workflow("session_to_cancel", writes=True)
def cancelling_a_session(call: Caller, ids: Mapping[str, str]) -> None:
    """A session that is cancelled, and every entry after that."""
    _close(call, ids["session_to_cancel"], "CANCELLED")


@workflow("ended_session", writes=True)
def entries_after_the_end(call: Caller, ids: Mapping[str, str]) -> None:
    """Entries in a session that ended long ago."""
    session = ids["ended_session"]
    call("listSessionLogs", id=session, per_page=_WHOLE)
    for action in ("ENTERED", "ENDED", "SESSION_PERIOD"):
        call("createSessionLog", id=session, body={"action_type": action})
    call("listSessionLogs", id=session, per_page=_WHOLE)


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


def _total(seen: Interaction) -> int:
    """How many entries a list says that the log has; 1 where it says nothing that can be used."""
    data = seen.answer.get("data") if isinstance(seen.answer, dict) else None
    total = data.get("total") if isinstance(data, dict) else None
    return total if type(total) is int and 0 < total <= _WHOLE else 1
