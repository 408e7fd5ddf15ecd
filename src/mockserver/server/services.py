"""The APIs as they are served: what each gives its handlers in hand, and whom it admits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from mockserver.api import Api
from mockserver.contract import is_authenticated, read_credentials
from mockserver.errors import Unauthenticated
from mockserver.sandbox import DEFAULT, Sandboxes, World, open_session
from mockserver.server.call import Call, Service
from mockserver.server.control import ControlContext, ServerContext

__all__ = ["control_service", "vendor_service"]


def vendor_service(api: Api, sandboxes: Sandboxes) -> Service:
    """A vendor's API: its handlers have the world of the sandbox in hand."""

    def open_world(call: Call) -> AbstractContextManager[World]:
        return sandboxes.open(call.sandbox, api.name, writing=call.is_writing, url=call.url)

    return Service(api, open_world, _authenticate)


def control_service(api: Api, sandboxes: Sandboxes, known: ServerContext) -> Service:
    """The control API: its handlers have the session in hand, and the door has admitted the call."""

    @contextmanager
    def open_desk(call: Call) -> Iterator[ControlContext]:
        # What is given to everybody acts on no sandbox, and minds no name of one.
        sandbox = call.sandbox if call.operation.security else DEFAULT
        with open_session(sandboxes, sandbox, writing=call.is_writing) as session:
            yield ControlContext(session, known)

    return Service(api, open_desk, lambda _: None)


def _authenticate(call: Call) -> None:
    tokens = call.context.tokens
    credentials = read_credentials(call.api.contract, call.operation, call.request)
    if not is_authenticated(call.operation, credentials, tokens.accepts, required=tokens.required):
        raise Unauthenticated
