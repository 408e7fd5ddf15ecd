"""One call of an operation: security, request validation, handler, response validation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from inspect import isasyncgenfunction
from threading import Event
from typing import BinaryIO, TypeVar, cast

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.api import Api, Handler
from mockserver.contract import (
    Headers,
    Operation,
    Request,
    Response,
    Unmatched,
    ValidatedRequest,
)
from mockserver.errors import (
    CancelledError,
    HttpError,
    Refusal,
    StoreBusyError,
    StoreError,
    WouldBlockError,
)
from mockserver.fault import FaultRequest, read_rules
from mockserver.mutation import Mutation, apply_mutations
from mockserver.sandbox import World
from mockserver.server.bridge import make_operation_key, make_responder
from mockserver.server.framework import ROUTING_CONTEXT
from mockserver.server.middleware.journal import get_notes, note_call
from mockserver.server.middleware.request_guard import BODY_FILE
from mockserver.server.mutations import Mutations
from mockserver.server.preference import NO_PREFERENCE, Preference, get_preference
from mockserver.server.request_validation import apply_validation, format_violations
from mockserver.server.responses import ErrorResponses, make_refusal_response, send_response
from mockserver.server.services import Call, Service
from mockserver.server.sources import Sources
from mockserver.server.store_calls import StoreCalls, attempt_again
from mockserver.server.upstream.setting import read_upstreams
from mockserver.server.urls import make_link

_SIMILAR = {415: (422, 400), 422: (400,)}
"""The statuses under which a contract documents a refusal that it does not have, as for Prism."""


FAULTS_DECIDED = "mockserver.faults_decided"
"""The key in an ASGI scope that says that the rules of faults have been applied."""


UPSTREAM_DECIDED = "mockserver.upstream_decided"
"""The key in an ASGI scope that says that the mock responds, whatever upstreams there are."""


_T = TypeVar("_T")


class Dispatch:
    """Responds to every call of an operation; other requests are refused or passed on.

    A call is one transaction, which ends before the response is sent (ADR 005): a client that has
    the response finds its own writes, and a refusal undoes everything.
    """

    def __init__(
        self,
        app: ASGIApp,
        services: Iterable[Service],
        problems: ErrorResponses,
        mutations: Mutations,
        store_calls: StoreCalls,
    ) -> None:
        self._app = app
        self._store_calls = store_calls
        self._problems = problems
        self._mutations = mutations
        self._services: dict[str, Service] = {}
        self._sources: dict[str, Sources] = {}
        self._responders: dict[str, dict[str, Callable[[Call], Response]]] = {}
        self._streams: dict[str, dict[str, Handler]] = {}
        for service in services:
            api = service.api
            self._sources[api.name] = Sources(api)
            responders = self._responders[api.name] = {}
            streams = self._streams[api.name] = {}
            for operation in api.contract.operations:
                self._services[make_operation_key(api, operation.id)] = service
                responders[operation.id] = make_responder(api, operation)
                handler = api.find_handler(operation)
                if handler and isasyncgenfunction(handler):
                    streams[operation.id] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError for an API's path that has no operation, and WorldHasFaults."""
        key = scope["extensions"][ROUTING_CONTEXT].get("operation_id")
        if key is None:
            path = scope["path"]
            # Flask treats a path that begins with two slashes like one that begins with one.
            error = self._problems.make_unrouted_error(path)
            is_of_api = self._problems.find_api(path) or error.status == 405
            if is_of_api or path.startswith("//"):
                raise error
            await self._app(scope, receive, send)
            return
        service = self._services[key]
        path = scope["path"][len(service.api.contract.base) :]
        found = service.api.contract.match(scope["method"], path)
        if isinstance(found, Unmatched):  # a more concrete path, which has other methods
            raise self._problems.make_unrouted_error(scope["path"])
        body: bytes = (await receive())["body"]
        call = _make_call(service.api, found, scope, body)
        note_call(scope, call.api, call.operation.id)
        if handler := self._streams[call.api.name].get(call.operation.id):
            await _stream(service, call, handler, receive, send)
            return
        await send_response(await self._respond(service, call, receive), send)

    async def _respond(self, service: Service, call: Call, receive: Receive) -> Response:
        response = await self._call(
            partial(self._run_unmutated, service, call), service, call, receive
        )
        if not isinstance(response, Response):
            response = await self._mutate(response, service, call, receive)
        return _add_mock_headers(call, response)

    async def _call(
        self, run: Callable[[], _T], service: Service, call: Call, receive: Receive
    ) -> _T:
        """The result of `run`, which is called again if documents have to be copied first."""
        if call.operation.id in service.without_store:
            return run()
        try:
            if service.runs_in_thread and call.operation.security:
                return await _run_in_thread(run, call, receive)
            return await self._store_calls.attempt(
                run, is_writing=call.is_writing, is_spare=service.runs_in_thread
            )
        except WouldBlockError as error:
            shared = error.sandbox, error.api

        def run_again() -> _T:
            service.separate(*shared, call.is_cancelled.is_set)
            call.may_block = True  # if others have come to share it meanwhile
            return run()

        return await _run_in_thread(run_again, call, receive)

    def _run_unmutated(self, service: Service, call: Call) -> Response | list[Mutation]:
        """The response, or the mutations that are on."""
        validated = call.validate()
        try:
            with service.open_context(call) as call.context:
                if isinstance(call.context, World):  # the control API has no mutations
                    if call.context.upstreams:
                        require_no_upstream(call.scope, call.api, call.context.upstreams)
                    if call.context.faults and _is_matched_by_faults(call, call.context):
                        raise WorldHasFaults(call.request.body)
                    of_world = call.context.mutations
                    mutations = self._mutations.find(call.api, [call.operation.id], of_world)
                    if mutations:
                        return mutations
                response = self._run(service, call, validated)
        except _Rollback as rollback:
            return rollback.response
        except Refusal as refusal:
            return _make_refusal_response(call, refusal)
        _note_world(call)
        return response

    async def _mutate(
        self, mutations: list[Mutation], service: Service, call: Call, receive: Receive
    ) -> Response:
        """The response after the mutations, each of whose requests is one transaction."""

        async def send(request: Request, keeps: bool) -> Response:
            again = replace(call, request=request)
            transact = partial(self._transact, service, again, keeps=keeps)
            return await self._call(transact, service, again, receive)

        return await apply_mutations(mutations, send)(call.request, True)

    def _transact(self, service: Service, call: Call, *, keeps: bool) -> Response:
        validated = call.validate()
        try:
            with service.open_context(call) as call.context:
                response = self._run(service, call, validated)
                if not keeps:
                    raise _Rollback(response)
        except _Rollback as rollback:
            return rollback.response
        except Refusal as refusal:
            return _make_refusal_response(call, refusal)
        _note_world(call)
        return response

    def _run(self, service: Service, call: Call, validated: ValidatedRequest) -> Response:
        """The successful response. Raises Refusal, which undoes the transaction."""
        sources = self._sources[call.api.name]
        try:
            service.authorise(call)
            apply_validation(call, validated)
        except HttpError as error:
            others = _SIMILAR.get(error.status, ())
            if refusal := sources.find_refusal(call, error.status, *others):
                raise _Rollback(_finish(call, refusal)) from error
            raise call.api.refuse(error) from error
        except Refusal as refusal:
            # Like Prism: of several examples of a refusal, the client may choose.
            preference = get_preference(call.scope)
            if not (preference.example and preference.code == refusal.status):
                raise
        response = sources.make_preferred(call)
        call.is_preferred = response is not None
        if response is None and call.operation in call.api.unhandled:
            response = sources.make_of_contract(call)
        if response is None:
            call.source = "handler"
            return self._call_handler(call, sources)
        return _finish(call, response)

    def _call_handler(self, call: Call, sources: Sources) -> Response:
        """The response of the handler.

        Where it cannot serve a request that breaks the contract, the response of success is made of
        the contract, and nothing is written.
        """
        try:
            return _finish(call, self._responders[call.api.name][call.operation.id](call))
        except _PASSED:
            raise
        except Exception as error:
            if not call.is_lenient:
                raise
            raise _Rollback(_finish(call, sources.make_of_contract(call))) from error


_PASSED = (Refusal, StoreBusyError, StoreError, CancelledError, WouldBlockError)
"""What is raised by a handler that could serve the request, or will be able to."""


class WorldHasUpstream(Exception):
    """The world of a call has an upstream for its API, to which it was not forwarded."""


def require_no_upstream(scope: Scope, api: Api, upstreams: str) -> None:
    """Raise WorldHasUpstream if one of these, as the world stores them, is due."""
    if UPSTREAM_DECIDED not in scope and read_upstreams(upstreams).get(api.name):
        raise WorldHasUpstream


def _is_matched_by_faults(call: Call, world: World) -> bool:
    """Whether rules of faults match a call, and have not been applied yet."""
    if FAULTS_DECIDED in call.scope:
        return False
    request = FaultRequest(
        api=call.api.name,
        operation=call.operation.id,
        method=call.scope["method"],
        path=call.scope["path"],
        headers=call.request.headers.fields,
    )
    return bool(read_rules(world.faults).find_matching(request, world.now, world.began))


class WorldHasFaults(Exception):
    """Rules of faults match a call that are not applied yet; `body` is the request's.

    So a request without them costs nothing: its world is opened once, and here. The body of a
    request that is forwarded is None: it was not read.
    """

    def __init__(self, body: bytes | None) -> None:
        super().__init__("The rules of faults have not been applied.")
        self.body = body


async def _run_in_thread(run: Callable[[], _T], call: Call, receive: Receive) -> _T:
    """The result of `run`, which is told when the client leaves."""
    watching = asyncio.create_task(_watch_client(receive, call.is_cancelled))
    try:
        return await attempt_again(partial(asyncio.to_thread, run))
    finally:
        watching.cancel()


async def _watch_client(receive: Receive, is_cancelled: Event) -> None:
    await receive()  # the client has left, or the server ends: the body has been read before
    is_cancelled.set()


async def _stream(
    service: Service, call: Call, handler: Handler, receive: Receive, send: Send
) -> None:
    """Send what the handler yields, as server-sent events, until the client leaves."""
    watching = asyncio.create_task(_watch_client(receive, call.is_cancelled))
    try:
        with service.open_context(call) as call.context:
            apply_validation(call, call.validate())
            async with aclosing(
                handler(call.context, call.is_cancelled, **call.arguments)
            ) as parts:
                part = await anext(parts, b"")  # which raises what is wrong with the request
                fields = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
                await send({"type": "http.response.start", "status": 200, "headers": fields})
                await send({"type": "http.response.body", "body": part, "more_body": True})
                async for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
    except Refusal as refusal:
        await send_response(_make_refusal_response(call, refusal), send)
    finally:
        watching.cancel()


class _CancellableFile:
    """A file that cannot be read any more when the client has left."""

    def __init__(self, file: BinaryIO, is_cancelled: Event) -> None:
        self._file = file
        self._is_cancelled = is_cancelled

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, size: int = -1) -> bytes:
        """Raises CancelledError."""
        if self._is_cancelled.is_set():
            raise CancelledError("The client has left, or the server is stopping.")
        return self._file.read(size)


class _Rollback(Exception):
    """Undoes a transaction although its response is needed."""

    def __init__(self, response: Response) -> None:
        self.response = response


def _make_call(
    api: Api, found: tuple[Operation, Mapping[str, str]], scope: Scope, body: bytes
) -> Call:
    operation, path_values = found
    headers = Headers.decode(scope["headers"])
    request = Request(
        method=scope["method"],
        path=scope["path"][len(api.contract.base) :],
        query=scope["query_string"].decode("ascii"),
        headers=headers,
        body=body,
    )
    call = Call(
        api=api,
        operation=operation,
        request=request,
        path_values=path_values,  # as they were sent, and under the names that the contract has
        scope=scope,
        url=make_link(scope, scope["path"]),
    )
    if file := scope.get(BODY_FILE):
        stream = cast(BinaryIO, _CancellableFile(file, call.is_cancelled))
        call.request = replace(request, stream=stream)
    return call


def _note_world(call: Call) -> None:
    """Note when the call was by the clock of the world, and what it has changed."""
    if isinstance(call.context, World):
        notes = get_notes(call.scope)
        notes.sandbox, notes.world_at = call.sandbox, call.context.now
        notes.changes = call.context.documents.changes


def _make_refusal_response(call: Call, refusal: Refusal) -> Response:
    notes = get_notes(call.scope)
    notes.facts = refusal.facts
    if isinstance(call.context, World):
        notes.sandbox, notes.world_at = call.sandbox, call.context.now
    return _finish(call, make_refusal_response(refusal))


def _finish(call: Call, response: Response) -> Response:
    """The response as it is sent. Raises HttpError for one that breaks the contract."""
    # Who prefers an error that is not documented gets it; so does who breaks a contract that has
    # no refusals.
    preference = get_preference(call.scope)
    is_free = preference.code == response.status or not call.api.refuse_invalid
    if not is_free or call.operation.response(response.status):
        _require_conforming(call, response)
    call.told[:] = [("x-mock-source", call.source)]
    if preference is not NO_PREFERENCE:
        call.told += _describe_applied(preference, call)
    return response


def _describe_applied(preference: Preference, call: Call) -> Iterator[tuple[str, str]]:
    """The header fields that say what of a preference was applied."""
    names = preference.of_response if call.is_preferred else ()
    if preference.validation:
        names = (*names, "validation")
    if names:
        yield "preference-applied", preference.format_applied(*names)
    if preference.header:
        yield "vary", "Prefer"


def _require_conforming(call: Call, response: Response) -> None:
    """Raises HttpError for a response that breaks the contract."""
    violations = call.api.validator.validate_response(call.operation, response)
    if violations:
        get_notes(call.scope).violations = violations
        places = "; ".join(map(str, violations))
        raise HttpError(500, f"The response violates the contract and was not sent: {places}")


def _add_mock_headers(call: Call, response: Response) -> Response:
    fields = [("x-mock-evidence", call.operation.evidence_of(response.status))]
    if isinstance(call.context, World):  # `SandboxHeaders` need not look up the seed then
        seed = str(call.context.factory.seed)
        fields += [*call.told, ("x-mock-sandbox", call.sandbox), ("x-mock-seed", seed)]
        if call.violations:
            fields.append(("x-mock-violations", format_violations(call.violations)))
    return Response(response.status, response.headers.extended(*fields), response.body)
