"""Short sequences of requests in which the laws of the session log find something to judge."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.law import Ask, Seen, experiment

_WHOLE = 1000
"""The greatest `per_page`: a log of no more entries is on one page."""

_OPEN = (
    *("ENTERED", "TEMPORARILY_LEFT", "ENTERED", "LEFT"),
    *("CANCEL_REQUEST", "ENTERED", "SESSION_PERIOD", "LEFT"),
)
"""What can happen in a session that goes on."""

_TYPES = (*dict.fromkeys(_OPEN), "ENDED", "CANCELLED")


@experiment("busy_session")
def a_log_in_pages(ask: Ask, known: Mapping[str, str]) -> None:
    """A long log as one page, as three, as five, and by default."""
    session = known["busy_session"]
    total = _total(ask("listSessionLogs", id=session, per_page=_WHOLE))
    for count in (3, 5):
        size = max(1, -(-total // count))
        for page in range(1, count + 1):
            ask("listSessionLogs", id=session, per_page=size, page=page)
    ask("listSessionLogs", id=session)


@experiment("open_session")
def a_log_read_again(ask: Ask, known: Mapping[str, str]) -> None:
    """The log of a session that goes on, three times, and entry by entry."""
    session = known["open_session"]
    for _ in range(3):
        ask("listSessionLogs", id=session)
    for page in (1, 2):
        ask("listSessionLogs", id=session, per_page=1, page=page)


@experiment("ended_session")
def an_ended_log_read_again(ask: Ask, known: Mapping[str, str]) -> None:
    """The log of a session that has ended, three times, from its first to its last page."""
    session = known["ended_session"]
    for _ in range(3):
        total = _total(ask("listSessionLogs", id=session, per_page=_WHOLE))
    ask("listSessionLogs", id=session, per_page=2)
    ask("listSessionLogs", id=session, per_page=2, page=max(1, -(-total // 2)))


@experiment("open_session")
def pages_past_the_end(ask: Ask, known: Mapping[str, str]) -> None:
    """Pages that a log does not reach."""
    session = known["open_session"]
    total = _total(ask("listSessionLogs", id=session, per_page=_WHOLE))
    ask("listSessionLogs", id=session, per_page=_WHOLE, page=2)
    ask("listSessionLogs", id=session, per_page=1, page=total + 1)
    ask("listSessionLogs", id=session, page=1_000_000)


@experiment("empty_session")
def an_empty_log(ask: Ask, known: Mapping[str, str]) -> None:
    """A log without entries, and the page after its only one."""
    session = known["empty_session"]
    ask("listSessionLogs", id=session)
    ask("listSessionLogs", id=session, per_page=1, page=2)
    ask("listSessionLogs", id=session)


@experiment("missing_session")
def an_unknown_session(ask: Ask, known: Mapping[str, str]) -> None:
    """The log of a session that is not there, again and again."""
    session = known["missing_session"]
    ask("listSessionLogs", id=session)
    ask("listSessionLogs", id=session, per_page=1, page=2)
    ask("listSessionLogs", id=session)


@experiment("open_session")
def paging_that_is_refused(ask: Ask, known: Mapping[str, str]) -> None:
    """Pages that are no numbers, or below the first."""
    session = known["open_session"]
    ask("listSessionLogs", id=session, per_page=0)
    ask("listSessionLogs", id=session, page=0)
    ask("listSessionLogs", id=session, per_page="many", page="first")
    ask("listSessionLogs", id=session)


@experiment("shared_session")
def a_log_from_both_sides(ask: Ask, known: Mapping[str, str]) -> None:
    """One log as its customer and as its coach read it."""
    session = known["shared_session"]
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    ask("listCoachSessionLogs", id=session, per_page=_WHOLE)
    ask("listCoachSessionLogs", id=session, per_page=7)
    ask("listCoachSessionLogs", id=session, per_page=7, page=2)
    ask("listSessionLogs", id=session, per_page=7, page=2)


@experiment("writable_session", writes=True)
def coming_and_going(ask: Ask, known: Mapping[str, str]) -> None:
    """Each entry that leaves a session open, and the log after it."""
    session = known["writable_session"]
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    for action in _OPEN:
        ask("createSessionLog", id=session, body={"action_type": action})
        ask("listSessionLogs", id=session, per_page=_WHOLE)


@experiment("writable_session", writes=True)
def entries_that_are_refused(ask: Ask, known: Mapping[str, str]) -> None:
    """Types that are none of the seven, and the log after them."""
    session = known["writable_session"]
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    for wrong in ("INVALID_TYPE", "entered", "", None, 1):
        ask("createSessionLog", id=session, body={"action_type": wrong})
    ask("createSessionLog", id=session, body={})
    ask("listSessionLogs", id=session, per_page=_WHOLE)


@experiment("session_to_end", writes=True)
def ending_a_session(ask: Ask, known: Mapping[str, str]) -> None:
    """A session that is ended, and every entry after that."""
    _close(ask, known["session_to_end"], "ENDED")


@experiment("session_to_cancel", writes=True)
def cancelling_a_session(ask: Ask, known: Mapping[str, str]) -> None:
    """A session that is cancelled, and every entry after that."""
    _close(ask, known["session_to_cancel"], "CANCELLED")


@experiment("ended_session", writes=True)
def entries_after_the_end(ask: Ask, known: Mapping[str, str]) -> None:
    """Entries in a session that ended long ago."""
    session = known["ended_session"]
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    for action in ("ENTERED", "ENDED", "SESSION_PERIOD"):
        ask("createSessionLog", id=session, body={"action_type": action})
    ask("listSessionLogs", id=session, per_page=_WHOLE)


@experiment("missing_session", writes=True)
def an_entry_in_an_unknown_session(ask: Ask, known: Mapping[str, str]) -> None:
    """An entry in a session that is not there does not make one."""
    session = known["missing_session"]
    ask("listSessionLogs", id=session)
    ask("createSessionLog", id=session, body={"action_type": "ENTERED"})
    ask("listSessionLogs", id=session)


@experiment("shared_session", writes=True)
def entries_from_both_sides(ask: Ask, known: Mapping[str, str]) -> None:
    """Entries by the coach and by the customer in one log."""
    session = known["shared_session"]
    ask("listCoachSessionLogs", id=session, per_page=_WHOLE)
    ask("createCoachSessionLog", id=session, body={"action_type": "ENTERED"})
    ask("listCoachSessionLogs", id=session, per_page=_WHOLE)
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    ask("createSessionLog", id=session, body={"action_type": "LEFT"})
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    ask("listCoachSessionLogs", id=session, per_page=_WHOLE)
    ask("createCoachSessionLog", id=session, body={"action_type": "INVALID_TYPE"})
    ask("listCoachSessionLogs", id=session, per_page=_WHOLE)


def _close(ask: Ask, session: str, closing: str) -> None:
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    for action in ("ENTERED", closing):
        ask("createSessionLog", id=session, body={"action_type": action})
    ask("listSessionLogs", id=session, per_page=_WHOLE)
    for action in _TYPES:
        ask("createSessionLog", id=session, body={"action_type": action})
    ask("listSessionLogs", id=session, per_page=_WHOLE)


def _total(seen: Seen) -> int:
    """How many entries a list says that the log has; 1 where it says nothing that can be used."""
    data = seen.answer.get("data") if isinstance(seen.answer, dict) else None
    total = data.get("total") if isinstance(data, dict) else None
    return total if type(total) is int and 0 < total <= _WHOLE else 1
