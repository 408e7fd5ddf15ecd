"""Events of a session: people come and go, and the vendor logs it."""

from __future__ import annotations

from mockserver.apis.calwe import model
from mockserver.errors import EventError
from mockserver.event import get_subject
from mockserver.sandbox import World
from mockserver.store import Document


def enter(world: World, session: str) -> None:
    """The customer enters the session; one that was pending is in progress from then on."""
    document = _get_open_session(world, session)
    model.append_entry(world, document, "ENTERED")
    if document.body["status"] == "PENDING":
        model.set_status(world, document, "IN_PROGRESS")


def leave(world: World, session: str, temporarily: bool = False) -> None:
    """The customer leaves the session, for good or for a while."""
    model.append_entry(
        world, _get_open_session(world, session), "TEMPORARILY_LEFT" if temporarily else "LEFT"
    )


def end(world: World, session: str) -> None:
    """The session ends; its period is recorded."""
    model.append_entry(world, _get_open_session(world, session), "ENDED")


def cancel(world: World, session: str) -> None:
    """The session is cancelled; its period is recorded."""
    model.append_entry(world, _get_open_session(world, session), "CANCELLED")


def request_end(world: World, session: str) -> None:
    """Somebody asks for the session to be ended; nothing is logged yet."""
    model.set_status(world, _get_open_session(world, session), "END-REQUEST-PENDING")


def _get_open_session(world: World, id: str) -> Document:
    document = get_subject(world, "session", id)
    if document.body["status"] in model.CLOSED:
        raise EventError(f"the session '{id}' is {document.body['status']}; its log is closed")
    return document
