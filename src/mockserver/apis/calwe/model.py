"""Sessions and their logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.apis.calwe import wire
from mockserver.clock import format_moment, parse_moment, to_datetime
from mockserver.contract import Violation
from mockserver.errors import Fact, Refusal
from mockserver.kind import NAME, TEXT, Kind, closed_object, has_value
from mockserver.sandbox import World
from mockserver.store import Document

_USES = {
    "PENDING": "nobody has entered yet",
    "IN_PROGRESS": "takes entries, can be ended or cancelled",
    "COMPLETED": "has ended, refuses entries",
    "CANCELLED": "was cancelled, refuses entries",
    "END-REQUEST-PENDING": "its end is requested, takes entries",
}
STATUSES = tuple(_USES)
CLOSED = frozenset({"COMPLETED", "CANCELLED"})
CLOSING = {"ENDED": "COMPLETED", "CANCELLED": "CANCELLED"}
"""The actions that close a session, and the status that each gives it."""

SESSION = Kind(
    name="session",
    schema=closed_object(
        {
            "id": {**TEXT, "pattern": r"^[^\x00-\x1f\x7f/]+$"},
            "status": {"type": "string", "enum": list(STATUSES)},
            "customer": NAME,
            "coach": NAME,
        },
        required=["id", "status"],
    ),
    key=lambda body: body["id"],
    label="customer",
    open_as=lambda it: "" if it["status"] in CLOSED else f"its status is {it['status']}",
    uses={
        **{f"{status}: {use}": has_value("status", status) for status, use in _USES.items()},
        "a log of more than 30 entries": lambda session, documents, _: (
            documents.get_size("entry", session.key) > 30
        ),
        "a log without entries": lambda session, documents, _: (
            documents.get_size("entry", session.key) == 0
        ),
    },
)

ENTRY = Kind(
    name="entry",
    schema=closed_object(
        {
            "session": TEXT,
            "at": {"type": "string", "format": "date-time"},
            "action_type": {"type": "string", "enum": list(wire.TEXTS)},
            "text": {"type": "string", "enum": list(wire.TEXTS.values())},
        },
        required=["session", "at", "action_type"],
    ),
    owner=lambda body: body["session"],
    parent="session",
    at=lambda body: parse_moment(body["at"]),
    moments={"at": format_moment},
    ends=lambda body: body["action_type"] in CLOSING,
    may_follow=lambda body: body["action_type"] == "SESSION_PERIOD",
)

KINDS = (SESSION, ENTRY)


def get_session(world: World, id: str) -> Document:
    """The session of that id. Raises Refused, 404, when there is none."""
    document = world.documents.get("session", id)
    if document is None:
        raise wire.refuse(404, wire.SESSION_NOT_FOUND).because(Fact("session", id))
    return document


def page_entries(
    world: World, session: Document, page: int, per_page: int
) -> tuple[list[Document], int]:
    """A page of a session's log, oldest first, and how many entries the whole log has."""
    return world.documents.list_page("entry", session.key, (page - 1) * per_page, per_page)


def append_entry(world: World, session: Document, action_type: str) -> Document:
    """Log an action now. Ending or cancelling closes the session and logs its period.

    Raises Refused, 422, when the session is closed.
    """
    if session.body["status"] in CLOSED:
        status = Fact("session", session.key, f"its status is {session.body['status']}")
        raise wire.refuse(422, wire.SESSION_ENDED).because(status)
    logged = _append(world, session, action_type)
    if action_type in CLOSING:
        set_status(world, session, CLOSING[action_type])
        _append(world, session, "SESSION_PERIOD")
    return logged


def set_status(world: World, session: Document, status: str) -> None:
    """Give a session a status."""
    world.documents.replace(SESSION.document({**session.body, "status": status}))


def build_entry(session_id: str, action_type: str, at: int) -> Document:
    """An entry of a session's log; its text is the one that belongs to its action."""
    moment = to_datetime(at).isoformat()
    return ENTRY.document({"session": session_id, "at": moment, "action_type": action_type})


def refuse_invalid(
    world: World, arguments: Mapping[str, Any], violations: Sequence[Violation]
) -> Refusal:
    """What an invalid request gets: an unknown session is said before anything else is checked."""
    get_session(world, arguments.get("id", ""))
    return wire.refuse_invalid(violations)


def _append(world: World, session: Document, action_type: str) -> Document:
    document = build_entry(session.key, action_type, world.now)
    world.documents.append(document)
    return document
