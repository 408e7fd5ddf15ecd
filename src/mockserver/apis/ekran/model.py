"""Sessions: which ones a range selects, and how it clips them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.apis.ekran import wire
from mockserver.clock import parse_moment
from mockserver.kind import Kind, closed_object
from mockserver.sandbox import World
from mockserver.store import Document


def _check_order(session: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    login, logout = session["loginDate"], session["logoutDate"]
    if logout is not None and parse_moment(logout) < parse_moment(login):
        yield "logoutDate", f"'{logout}' is before '{login}'"


SESSION = Kind(
    name="session",
    # Ids count from 1 here: the contract allows any, and the next one must be found by its size.
    schema={
        "allOf": [
            {"$ref": "#/components/schemas/Session"},
            {"properties": {"sessionId": {"minimum": 1}}},
        ]
    },
    key=lambda body: str(body["sessionId"]),
    at=lambda body: parse_moment(body["loginDate"]),
    until=lambda body: None if body["logoutDate"] is None else parse_moment(body["logoutDate"]),
    moments={"loginDate": wire.format_moment, "logoutDate": wire.format_moment},
    check=_check_order,
    is_past=True,
    uses={
        "running: can act and log out": lambda session, _, __: session.until is None,
        "finished, with activities": lambda session, documents, _: (
            session.until is not None and documents.get_size("activity", session.key) > 0
        ),
        "without activities": lambda session, documents, _: (
            not documents.get_size("activity", session.key)
        ),
    },
)

ACTIVITY = Kind(
    name="activity",
    schema=closed_object(
        {
            "sessionId": {"type": "integer", "format": "int32"},
            "at": {"type": "string", "format": "date-time"},
        },
        required=["sessionId", "at"],
    ),
    owner=lambda body: str(body["sessionId"]),
    parent="session",
    at=lambda body: parse_moment(body["at"]),
    moments={"at": wire.format_moment},
    is_past=True,
)

KINDS = (SESSION, ACTIVITY)


def list_sessions(world: World, start: int | None, end: int | None) -> list[dict[str, Any]]:
    """The sessions that touch a range, clipped to what was done inside it.

    Notes 1 to 3 of the document: a session begun before `start` begins with its first activity
    after it, one finished after `end`, or running, ends with its last activity before it. One that
    crosses a bound and has no activity inside is left out.
    """
    found = world.documents.list_overlapping("session", "", start, end)
    if start is not None or end is not None:
        found = list(_clip(world, found, start, end))
    bodies = [session.body for session in found]
    return sorted(bodies, key=lambda body: (body["loginDate"], body["sessionId"]))


def _clip(
    world: World, found: Sequence[Document], start: int | None, end: int | None
) -> Iterator[Document]:
    """The sessions that were active inside a range, with what was done there as their bounds."""
    crossing = [
        session.key
        for session in found
        if _begins_before(session, start) or _goes_on_after(session, end)
    ]
    inside = world.documents.get_time_spans("activity", crossing, start, end) if crossing else {}
    for session in found:
        begins, goes_on = _begins_before(session, start), _goes_on_after(session, end)
        if begins or goes_on:
            if session.key not in inside:
                continue
            first, last = map(wire.format_moment, inside[session.key])
            if begins:
                session.body["loginDate"] = first
            if goes_on:
                session.body["logoutDate"] = last
        yield session


def build_session(id: int, client: str, user: int, login: int, logout: int | None) -> Document:
    """A session from one moment to another, or still running."""
    return SESSION.document(
        {
            "clientGuid": client,
            "logoutDate": None if logout is None else wire.format_moment(logout),
            "loginDate": wire.format_moment(login),
            "sessionId": id,
            "userId": user,
        }
    )


def build_activity(session_id: int, at: int) -> Document:
    """Something that a user did in a session."""
    return ACTIVITY.document({"sessionId": session_id, "at": wire.format_moment(at)})


def _begins_before(session: Document, start: int | None) -> bool:
    return start is not None and (session.at or 0) < start


def _goes_on_after(session: Document, end: int | None) -> bool:
    return end is not None and (session.until is None or session.until > end)
