"""One exchange with one operation: security, the request validated, the handler, the answer validated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from connexion.middleware.abstract import ROUTING_CONTEXT
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.contract import Headers, Operation, Request, Response
from mockserver.errors import ContractBroken, HttpError, Refusal, UnsupportedMediaType
from mockserver.mutation import Mutation, apply_mutations
from mockserver.sandbox import World
from mockserver.server.call import CALL, Call, Service
from mockserver.server.mutations import Mutations
from mockserver.server.naming import get_path_prefix
from mockserver.server.problems import ErrorResponses, HttpResponse, get_path, make_json_response
from mockserver.server.resolver import make_operation_key
from mockserver.server.socket import format_authority

__all__ = ["Dispatch"]

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"({_LABEL}(\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?")


class Dispatch:
    """Answers every call to an operation; what was routed to none is refused or passed on.

    Everything of one call happens in one transaction, which ends before the answer is sent: a
    client that has its answer finds its own writes, and a refusal leaves nothing behind.
    """

    def __init__(
        self,
        app: ASGIApp,
        services: Iterable[Service],
        problems: ErrorResponses,
        mutations: Mutations,
    ) -> None:
        self._app = app
        self._problems = problems
        self._mutations = mutations
        self._operations = {
            make_operation_key(service.api, operation.id): (service, operation)
            for service in services
            for operation in service.api.contract.operations
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises NotFound or MethodNotAllowed for an API's path that has no operation."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        key = scope["extensions"][ROUTING_CONTEXT].get("operation_id")
        if key is None:
            path = get_path(scope)
            # Flask takes a path that begins with two slashes for one that begins with one.
            if self._problems.refuses_unrouted(path) or path.startswith("//"):
                raise self._problems.make_unrouted_error(path)
            await self._app(scope, receive, send)
            return
        service, operation = self._operations[key]
        body: bytes = (await receive())["body"]
        call = _call(service.api, operation, scope, body)
        answer = await self._answer(service, call, {**scope, CALL: call}, receive)
        await answer.send(send)

    async def _answer(
        self, service: Service, call: Call, scope: Scope, receive: Receive
    ) -> HttpResponse:
        mutations: list[Mutation] = []
        try:
            with service.open_context(call) as call.context:
                mutations = self._on(call)
                if not mutations:
                    answer = await self._run(service, call, scope, receive)
        except Refusal as refusal:
            answer = _refusal(call, refusal)
        if mutations:
            answer = await self._bent(mutations, service, call, receive)
        return _with_mock_headers(call, answer)

    def _on(self, call: Call) -> list[Mutation]:
        """The mutations that are on for a call; the control API has none."""
        is_vendors = isinstance(call.context, World)
        if not is_vendors:
            return []
        return self._mutations.find(call.api, [call.operation.id], call.context.mutations)

    async def _bent(
        self, mutations: list[Mutation], service: Service, call: Call, receive: Receive
    ) -> HttpResponse:
        """The answer that comes through mutations, each request of theirs a transaction."""

        async def answering(request: Request, keeps: bool) -> Response:
            again = replace(call, request=request)
            answer = await self._kept(service, again, receive, keeps=keeps)
            return Response(answer.status, Headers(answer.headers.items()), answer.body)

        response = await apply_mutations(mutations, answering)(call.request, True)
        return HttpResponse(response.status, dict(response.headers.fields), response.body)

    async def _kept(
        self, service: Service, call: Call, receive: Receive, *, keeps: bool
    ) -> HttpResponse:
        scope = {**call.scope, CALL: call}
        try:
            with service.open_context(call) as call.context:
                answer = await self._run(service, call, scope, receive)
                if not keeps:
                    raise _Undone(answer)
        except _Undone as undone:
            return undone.answer
        except Refusal as refusal:
            return _refusal(call, refusal)
        return answer

    async def _run(
        self, service: Service, call: Call, scope: Scope, receive: Receive
    ) -> HttpResponse:
        """The answer of success; a refusal is raised as Refused, so that nothing is kept."""
        try:
            service.authorise(call)
            _read(call)
        except HttpError as error:
            raise call.api.refuse(error) from error
        answer = await _collect(self._app, scope, receive)
        _hold(call, answer)
        return answer


class _Undone(Exception):
    """Ends a transaction whose effects are not kept."""

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer


def _refusal(call: Call, refusal: Refusal) -> HttpResponse:
    answer = make_json_response(refusal.status, refusal.body, refusal.headers)
    _hold(call, answer)
    return answer


def _call(api: Api, operation: Operation, scope: Scope, body: bytes) -> Call:
    headers = Headers(_decoded(scope["headers"]))
    request = Request(
        method=scope["method"],
        path=get_path(scope)[len(api.contract.base) :],
        query=scope["query_string"].decode("ascii"),
        headers=headers,
        body=body,
    )
    return Call(
        api=api,
        operation=operation,
        request=request,
        path_values={name: str(value) for name, value in scope["path_params"].items()},
        scope=scope,
        url=_url(scope, headers),
    )


def _url(scope: Scope, headers: Headers) -> str:
    """The request's own URL without its query; a host that is none gives way to the server's."""
    host = headers.get("host") or ""
    if not _HOST.fullmatch(host):
        host = format_authority(*(scope.get("server") or ("localhost", 80)))
    path = get_path_prefix(scope) + get_path(scope)
    return f"{scope['scheme']}://{host}{quote(path, safe='/:@!$&()*+,;=~')}"


def _read(call: Call) -> None:
    reading = call.api.validator.validate_request(call.operation, call.request, call.path_values)
    if reading.violations:
        # The vendor may have something to say before it looks at the request's form.
        refusal = call.api.refuse_invalid(call.context, reading.arguments, reading.violations)
        if any(violation.code == "content-type" for violation in reading.violations):
            raise UnsupportedMediaType
        raise refusal
    call.arguments = reading.arguments


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> HttpResponse:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, *bodies = messages
    return HttpResponse(
        status=start["status"],
        headers=dict(_decoded(start["headers"])),
        body=b"".join(message.get("body", b"") for message in bodies),
    )


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        yield name.decode("latin-1"), value.decode("latin-1")


def _hold(call: Call, answer: HttpResponse) -> None:
    """Hold back an answer that breaks the contract. Raises ContractBroken."""
    response = Response(answer.status, Headers(answer.headers.items()), answer.body)
    violations = call.api.validator.validate_response(call.operation, response)
    if violations:
        raise ContractBroken(violations)


def _with_mock_headers(call: Call, answer: HttpResponse) -> HttpResponse:
    headers = {**answer.headers, "x-mock-evidence": call.operation.evidence_of(answer.status)}
    if isinstance(call.context, World):  # known here, so that nobody need look it up again
        headers |= {"x-mock-sandbox": call.sandbox, "x-mock-seed": str(call.context.factory.seed)}
    return HttpResponse(answer.status, headers, answer.body)
