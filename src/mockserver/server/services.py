"""Calls of operations, and the APIs as they are served: their contexts, and who may call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Event
from typing import Any

from msgspec import Struct
from starlette.types import Scope

from mockserver.api import Api
from mockserver.contract import (
    SAFE_METHODS,
    Operation,
    Request,
    ValidatedRequest,
    Violation,
    is_authenticated,
    read_credentials,
    write_credential,
)
from mockserver.errors import HttpError
from mockserver.journal import Journal
from mockserver.sandbox import DEFAULT, REFUSED_TOKEN, Sandboxes, World, open_session
from mockserver.server.checks import Checks
from mockserver.server.control import ControlContext, ServerContext
from mockserver.server.middleware.journal import get_notes
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.preference import get_preference

CALL = "mockserver.call"
"""The key of the call in an ASGI scope and in a WSGI environ."""


@dataclass
class Call:
    """One request to one operation.

    `source` says where the response comes from: a `handler`, an `example`, `synthesised` from the
    schema, or a `refusal` by the server; it `is_preferred` where the client chose it. `context` and
    `arguments` are set when the handler runs, the event `is_cancelled` when the client has left
    before that is done. It `may_block` for as long as documents are copied. `violations` are those
    of the request that are told, warnings included; it `is_lenient` where the handler runs in spite
    of some. `told` are the header fields that say where the response comes from.
    """

    api: Api
    operation: Operation
    request: Request
    path_values: Mapping[str, str]
    scope: Scope
    url: str
    context: Any = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    may_block: bool = False
    source: str = "refusal"
    is_preferred: bool = False
    is_lenient: bool = False
    violations: list[Violation] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def sandbox(self) -> str:
        return get_sandbox_name(self.scope)

    @cached_property
    def is_cancelled(self) -> Event:
        return Event()

    def validate(self) -> ValidatedRequest:
        """The request, validated by the contract: before a transaction, in which others wait."""
        return self.api.validator.validate_request(self.operation, self.request, self.path_values)

    @property
    def is_writing(self) -> bool:
        preference = get_preference(self.scope)
        if preference.of_response:
            return preference.dynamic  # such a response changes nothing, but that one is counted
        return self.operation.method not in SAFE_METHODS


class Service(Struct, frozen=True):
    """An API as it is served.

    `open_context` opens what its handlers work with, for the length of one transaction. `authorise`
    raises an HttpError for a call that is not allowed. `runs_in_thread`: its handlers may take
    long, so that those that are not public run in a thread, and others are served meanwhile.
    `separate` copies the documents of an API that a sandbox shares, before the first write to them.
    `without_store` are operations that never use the store, and so respond without it.
    """

    api: Api
    open_context: Callable[[Call], AbstractContextManager[Any]]
    authorise: Callable[[Call], None]
    separate: Callable[[str, str, Callable[[], bool]], None]
    runs_in_thread: bool = False
    without_store: frozenset[str] = frozenset()


def make_vendor_service(api: Api, sandboxes: Sandboxes) -> Service:
    """A vendor's API: the context of its handlers is the world of the sandbox."""

    def open_world(call: Call) -> AbstractContextManager[World]:
        return sandboxes.open(
            call.sandbox,
            api.name,
            writing=call.is_writing,
            url=call.url,
            may_block=call.may_block,
        )

    return Service(api, open_world, _authenticate, partial(sandboxes.separate, "sandbox"))


def make_control_service(
    api: Api, sandboxes: Sandboxes, server: ServerContext, journal: Journal, checks: Checks
) -> Service:
    """The control API: `control_access` has authorised its calls already."""

    @contextmanager
    def open_context(call: Call) -> Iterator[ControlContext]:
        # A public operation uses no sandbox, and accepts any name of one.
        sandbox = call.sandbox if call.operation.security else DEFAULT
        is_cancelled = call.is_cancelled.is_set
        with open_session(
            sandboxes,
            sandbox,
            writing=call.is_writing,
            may_block=call.may_block,
            is_cancelled=is_cancelled,
        ) as session:
            yield ControlContext(session, server, journal, checks)

    return Service(
        api,
        open_context,
        lambda _: None,
        partial(sandboxes.separate, "sandbox"),
        runs_in_thread=True,
        without_store=frozenset({"getHealth", "listApis"}),
    )


def _authenticate(call: Call) -> None:
    tokens = call.context.tokens
    credentials = read_credentials(call.api.contract, call.operation, call.request)
    if not is_authenticated(call.operation, credentials, tokens.accepts, required=tokens.required):
        get_notes(call.scope).problem = _explain_credentials(call, credentials)
        raise HttpError(401)


def _explain_credentials(call: Call, credentials: Mapping[str, str]) -> str:
    """Why the credentials of a request are not enough; they are not shown."""
    schemes, tokens = call.api.contract.security_schemes, call.context.tokens
    hint = f"Any is accepted but '{REFUSED_TOKEN}'"
    if tokens.valid is not None:
        hint = "The scenario of the world lists those that are accepted, as `tokens`"
    refused = next((name for name, it in credentials.items() if not tokens.accepts(it)), None)
    if refused is None:
        names = sorted({name for alternative in call.operation.security for name in alternative})
        wanted = " or ".join(_describe_place(schemes[name]) for name in names)
        sent, fault = call.request.headers.get("authorization"), "no credential was sent"
        if sent is not None and all(schemes[name]["type"] == "http" for name in names):
            form = "has another form" if sent.strip() else "is empty"
            fault = f"the header 'Authorization' {form}"
        return f"{fault}. The operation takes one in {wanted}. {hint}"
    value, place = credentials[refused], _describe_place(schemes[refused]).partition(",")[0]
    if value == REFUSED_TOKEN:
        return (
            f"the credential in {place} is '{REFUSED_TOKEN}', which every API of the mock refuses, "
            "so that a client can test it"
        )
    fault = "not accepted" if value.strip() else "empty"
    return f"the credential in {place} is {fault}. {hint}"


def _describe_place(scheme: Mapping[str, Any]) -> str:
    location, name, written = write_credential(scheme, "...")
    kind = {"query": "query parameter"}.get(location, location)
    example = "" if written == "..." else f", as '{written}'"
    return f"the {kind} '{name}'{example}"
