"""Events of a session: a user logs in, does something, logs out."""

from __future__ import annotations

from mockserver.apis.ekran import model, wire
from mockserver.errors import EventError
from mockserver.event import get_subject
from mockserver.sandbox import World
from mockserver.store import Document


def log_in(world: World, user: int, client: str = "") -> None:
    """A user logs in; the session gets the next id, and a client's GUID if none is given."""
    id = int(world.documents.get_greatest_key("session") or 0) + 1
    guid = client or world.factory.uuid("ekran.client", user)
    world.documents.append(model.build_session(id, guid, user, world.now, None))


def act(world: World, session: int) -> None:
    """The user does something in a running session."""
    _get_running_session(world, session)
    world.documents.append(model.build_activity(session, world.now))


def log_out(world: World, session: int) -> None:
    """The user logs out; the session is finished."""
    running = _get_running_session(world, session)
    if world.documents.get_time_spans("activity", [running.key], world.now, None):
        raise EventError(f"the user did something in the session {session} after that moment")
    logout = wire.format_moment(world.now)
    world.documents.replace(model.SESSION.document({**running.body, "logoutDate": logout}))


def _get_running_session(world: World, id: int) -> Document:
    session = get_subject(world, "session", id)
    if session.until is not None:
        raise EventError(f"the session {id} is finished")
    if (session.at or 0) > world.now:
        raise EventError(f"the session {id} has not begun")
    return session
